/**
 * Programs as text: one equation per line, with values as `%id` and types as `f32[64, 200]`.
 *
 * The text says everything that is computed, so that different programs have different texts: sizes,
 * strides, padding and attributes, and types where they are not float32. An access is shown where it
 * is not the whole value in order: `[3 + 2·3, 3·1]` begins at element 3, has the shape `[2, 3]` and
 * the strides 3 and 1.
 * @module
 */
import { type Access, isDense, sameShape } from "./access.ts";
import type { DType, Values } from "./dtype.ts";
import {
  type ConstantVar,
  type ConvGeometry,
  type Equation,
  type LoopEquation,
  type Operand,
  resultsOf,
  type StandaloneEquation,
  type Var,
} from "./equation.ts";
import type { Program } from "./program.ts";

const SHORT: Readonly<Record<DType, string>> = { float32: "f32", int32: "i32", bool: "bool" };

/** Writes a program as text. */
export function printProgram(program: Program): string {
  const scalars = new Map(program.constants.filter(isScalar).map((c) => [c.out.id, c]));
  const printer = new Printer(scalars);
  const arrays = program.constants.filter((constant) => !isScalar(constant));
  return [
    `program (${program.inputs.map(printVar).join(", ")}) {`,
    ...program.variables.map((v, i) => `  ${printVar(v)} = variable ${i}`),
    ...arrays.map(({ out, values }) => `  ${printVar(out)} = constant ${printValues(values)}`),
    ...program.equations.flatMap((equation) => printer.equation(equation)),
    ...program.assigns.map((a) => `  variable ${a.variable} := ${printer.operand(a.value)}`),
    `  return (${program.outputs.map((o) => printer.operand(o)).join(", ")})`,
    "}",
  ].join("\n");
}

/** Writes an equation's work and the types of its results as text, without the numbers of the results. */
export function printWork(equation: Exclude<Equation, LoopEquation>): string {
  const types = resultsOf(equation).map(({ dtype, shape }) => printType(dtype, shape));
  return `${types.join(", ")} = ${new Printer().work(equation)}`;
}

/** Writes a value with its type: `%7:f32[64, 200]`. */
export function printVar({ id, dtype, shape }: Var): string {
  return `%${id}:${printType(dtype, shape)}`;
}

/** Writes a type: `f32[64, 200]`. */
function printType(dtype: DType, shape: readonly number[]): string {
  return `${SHORT[dtype]}${printList(shape)}`;
}

function printList(list: readonly number[]): string {
  return `[${list.join(", ")}]`;
}

/** Tells whether a constant has no dimensions: then it is written where it is read. */
function isScalar({ out }: ConstantVar): boolean {
  return out.shape.length === 0;
}

class Printer {
  constructor(readonly scalars: ReadonlyMap<number, ConstantVar> = new Map()) {}

  /** Writes an operand. A number that is repeated up to `shape` is written as the number alone. */
  operand(operand: Operand, shape: readonly number[] = []): string {
    const { source } = operand;
    const scalar = this.scalars.get(source.id);
    if (!scalar) return `%${source.id}${printAccess(operand, source.shape)}`;
    const access = isRepeated(operand, shape) ? "" : printAccess(operand, []);
    return printNumber(scalar.values[0]!, scalar.out.dtype) + access;
  }

  operands(operands: readonly Operand[], shape?: readonly number[]): string {
    return operands.map((operand) => this.operand(operand, shape)).join(", ");
  }

  equation(equation: Equation): string[] {
    if (equation.op === "loop") return this.loop(equation);
    return [`  ${resultsOf(equation).map(printVar).join(", ")} = ${this.work(equation)}`];
  }

  work(equation: Exclude<Equation, LoopEquation>): string {
    switch (equation.op) {
      case "map":
        return `${equation.fn} ${this.operands(equation.inputs, equation.out.shape)}`;
      case "reduce":
        return `${equation.fn} ${this.operands(equation.inputs)} over ${printList(equation.axes)}`;
      case "view":
        return `${equation.name} ${this.operands(equation.inputs, equation.out.shape)}`;
      default:
        return this.standalone(equation);
    }
  }

  standalone(equation: StandaloneEquation): string {
    const inputs = this.operands(equation.inputs);
    switch (equation.op) {
      case "matmul": {
        const [a, b] = equation.inputs.map((operand) => this.operand(operand));
        return `matmul ${a}${equation.transposeA ? "ᵀ" : ""} ${b}${equation.transposeB ? "ᵀ" : ""}`;
      }
      case "conv":
        return `${equation.kind} ${inputs}, ${printGeometry(equation.geometry)}`;
      case "pool":
        return `${equation.kind}Pool ${inputs}, ${printGeometry(equation.geometry)}`;
      case "poolGradient":
        return `${equation.kind}PoolGradient ${inputs}, ${printGeometry(equation.geometry)}`;
      case "assemble": {
        const { begins, fill, out } = equation;
        const parts = equation.inputs.map((part, i) =>
          `${this.operand(part)} at ${printList(begins[i]!)}`
        );
        return `assemble ${parts.join(", ")}, else ${printNumber(fill, out.dtype)}`;
      }
      case "draw": {
        const { distribution, parameters, stream } = equation;
        return `${distribution}${printAttribute(parameters)} stream ${stream} of ${inputs}`;
      }
      case "gather":
      case "segmentSum":
        return `${equation.op} ${inputs}`;
      case "kernel": {
        const { name, inputNames, attrs } = equation;
        const named = equation.inputs.map((x, i) => `${inputNames[i]}: ${this.operand(x)}`);
        return `kernel ${name}(${named.join(", ")}) ${printAttribute(attrs)}`;
      }
      default:
        return equation satisfies never;
    }
  }

  loop({ shape, inputs, body, stores, reductions }: LoopEquation): string[] {
    const name = (value: number) =>
      value < inputs.length ? this.operand(inputs[value]!, shape) : `t${value - inputs.length}`;
    const steps = body.map(({ fn, args, dtype }, i) => {
      const typed = dtype === "float32" ? fn : `${fn}.${SHORT[dtype]}`;
      return `    t${i} = ${typed} ${args.map(name).join(", ")}`;
    });
    const folds = reductions.map(({ fn, value, reduced, out }) => {
      const axes = reduced.flatMap((is, d) => is ? [d] : []);
      return `    ${printVar(out)} = ${fn} ${name(value)} over ${printList(axes)}`;
    });
    const writes = stores.map(({ value, out }) => `    ${printVar(out)} = ${name(value)}`);
    return [`  for ${printList(shape)} {`, ...steps, ...writes, ...folds, "  }"];
  }
}

/** Tells whether a number is read at every index of a shape. */
function isRepeated({ shape, offset, strides }: Access, to: readonly number[]): boolean {
  return offset === 0 && sameShape(shape, to) && strides.every((stride) => stride === 0);
}

function printAccess(access: Access, sourceShape: readonly number[]): string {
  const { shape, offset, strides } = access;
  if (isDense(access)) return sameShape(shape, sourceShape) ? "" : printList(shape);
  const dims = shape.map((n, d) => `${n}·${strides[d]}`).join(", ");
  return `[${offset === 0 ? "" : `${offset} + `}${dims || "0"}]`;
}

function printGeometry(g: ConvGeometry): string {
  return [
    `images ${printList([g.batch, g.inHeight, g.inWidth, g.inChannels])}`,
    `windows ${printList([g.filterHeight, g.filterWidth])}`,
    `strides ${printList([g.strideHeight, g.strideWidth])}`,
    `dilations ${printList([g.dilationHeight, g.dilationWidth])}`,
    `padding ${printList([g.padTop, g.padLeft])}`,
    `result ${printList([g.outHeight, g.outWidth, g.outChannels])}`,
  ].join(" ");
}

/** Writes a number with its type, which is left out for floats. */
function printNumber(x: number, dtype: DType): string {
  return dtype === "float32" ? printFloat(x) : `${x}:${SHORT[dtype]}`;
}

/** Writes a float as short as its precision allows. */
function printFloat(x: number): string {
  if (Object.is(x, -0)) return "-0";
  for (let digits = 1; digits < 9; digits++) {
    const text = x.toPrecision(digits);
    if (Math.fround(Number(text)) === x) return String(Number(text));
  }
  return String(x);
}

/** The largest number of values of a constant that are all shown; of more, the first ones and a checksum are shown. */
const MOST_VALUES = 8;

function printValues(values: Values): string {
  const print = values instanceof Float32Array ? printFloat : String;
  const shown = Array.from(values.subarray(0, MOST_VALUES), (x) => print(x)).join(", ");
  if (values.length <= MOST_VALUES) return shown;
  return `${shown}, … (${values.length} values, checksum ${checksum(values)})`;
}

/** Computes 64 bits of two multiplicative hashes. */
function checksum(values: Values): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (const byte of new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul((b << 13 | b >>> 19) ^ byte, 0x5bd1e995);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

/** Writes an attribute of a kernel, which may be anything. */
function printAttribute(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(printAttribute).join(", ")}]`;
  if (ArrayBuffer.isView(value)) {
    const items = Array.from(value as unknown as ArrayLike<number>);
    return `${value.constructor.name}${printAttribute(items)}`;
  }
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${printAttribute(item)}`);
  return `{${entries.join(", ")}}`;
}
