/**
 * Programs as text: one equation a line, values as `%id`, types as `f32[64, 200]`.
 * @module
 */
import { type Access, isDense, sameShape } from "./access.ts";
import type { DType } from "./dtype.ts";
import type {
  ConstantVar,
  Equation,
  LoopEquation,
  Operand,
  ProgramParts,
  Var,
} from "./equation.ts";

const SHORT: Readonly<Record<DType, string>> = { float32: "f32", int32: "i32", bool: "bool" };

/** The text of a program. */
export function printProgram(program: ProgramParts): string {
  const scalars = new Map(program.constants.filter(isScalar).map((c) => [c.out.id, c]));
  const printer = new Printer(scalars);
  const used = program.constants.filter((constant) => !isScalar(constant));
  return [
    `program (${program.inputs.map(printVar).join(", ")}) {`,
    ...program.variables.map((v, i) => `  ${printVar(v)} = variable ${i}`),
    ...used.map(({ out }) => `  ${printVar(out)} = constant`),
    ...program.equations.flatMap((equation) => printer.equation(equation)),
    ...program.assigns.map((a) => `  variable ${a.variable} := ${printer.operand(a.value)}`),
    `  return (${program.outputs.map((o) => printer.operand(o)).join(", ")})`,
    "}",
  ].join("\n");
}

/** A value with its type: `%7:f32[64, 200]`. */
export function printVar({ id, dtype, shape }: Var): string {
  return `%${id}:${printType(dtype, shape)}`;
}

/** A type: `f32[64, 200]`. */
export function printType(dtype: DType, shape: readonly number[]): string {
  return `${SHORT[dtype]}[${shape.join(", ")}]`;
}

function isScalar({ values }: ConstantVar): boolean {
  return values.length === 1;
}

/** Writes a number as short as its single precision allows. */
function printNumber(x: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = x.toPrecision(digits);
    if (Math.fround(Number(text)) === x) return String(Number(text));
  }
  return String(x);
}

class Printer {
  constructor(readonly scalars: ReadonlyMap<number, ConstantVar>) {}

  operand(operand: Operand): string {
    const { source } = operand;
    const scalar = this.scalars.get(source.id);
    if (scalar) return printNumber(scalar.values[0]!);
    return `%${source.id}${printAccess(operand, source.shape)}`;
  }

  operands(operands: readonly Operand[]): string {
    return operands.map((operand) => this.operand(operand)).join(", ");
  }

  equation(equation: Equation): string[] {
    if (equation.op === "loop") return this.loop(equation);
    const outs = equation.op === "kernel" ? equation.outs : [equation.out];
    return [`  ${outs.map(printVar).join(", ")} = ${this.work(equation)}`];
  }

  work(equation: Exclude<Equation, LoopEquation>): string {
    switch (equation.op) {
      case "map":
        return `${equation.fn} ${this.operands(equation.inputs)}`;
      case "reduce":
        return `${equation.fn} ${this.operand(equation.input)} over [${equation.axes.join(", ")}]`;
      case "view":
        return `${equation.name} ${this.operand(equation.input)}`;
      case "matmul": {
        const [a, b] = [this.operand(equation.a), this.operand(equation.b)];
        return `matmul ${a}${equation.transposeA ? "ᵀ" : ""} ${b}${equation.transposeB ? "ᵀ" : ""}`;
      }
      case "conv":
        return `${equation.kind} ${this.operand(equation.a)} ${this.operand(equation.b)}`;
      case "nest":
        return `${equation.name} ${this.operands(equation.inputs)}`;
      case "kernel":
        return `kernel ${equation.name}(${this.operands(equation.inputs)})`;
      default:
        return equation satisfies never;
    }
  }

  loop({ shape, reads, body, stores, reductions }: LoopEquation): string[] {
    const name = (value: number) =>
      value < reads.length ? this.operand(reads[value]!) : `t${value - reads.length}`;
    const steps = body.map(({ fn, args }, i) => `    t${i} = ${fn} ${args.map(name).join(", ")}`);
    const folds = reductions.map(({ fn, value, reduced, out }) => {
      const axes = reduced.flatMap((is, d) => is ? [d] : []);
      return `    ${printVar(out)} = ${fn} ${name(value)} over [${axes.join(", ")}]`;
    });
    const writes = stores.map(({ value, out }) => `    ${printVar(out)} = ${name(value)}`);
    return [`  for [${shape.join(", ")}] {`, ...steps, ...writes, ...folds, "  }"];
  }
}

function printAccess(access: Access, sourceShape: readonly number[]): string {
  if (isDense(access)) {
    return sameShape(access.shape, sourceShape) ? "" : `[${access.shape.join(", ")}]`;
  }
  const offset = access.offset === 0 ? "" : `${access.offset} + `;
  return `[${offset}${access.shape.map((n, d) => `${n}·${access.strides[d]}`).join(", ")}]`;
}
