/**
 * Straight-line code for tiny programs: every element of every value is a local variable.
 *
 * Loops and calls would cost more than the work. Views, broadcasts and transposes cost nothing here.
 * @module
 */
import { elementsOf, sizeOf } from "../../program/access.ts";
import type { DType } from "../../program/dtype.ts";
import {
  isFusible,
  type MapEquation,
  type MatmulEquation,
  type Operand,
  type ReduceEquation,
  type SimpleEquation,
  type TinyEquation,
  type Var,
} from "../../program/equation.ts";
import {
  type Assign,
  resultOperands,
  type SimpleProgram,
  type TinyProgram,
} from "../../program/program.ts";
import { type Expr, f32, f64 } from "../../wasm/mod.ts";
import { vectorMath } from "../math/mod.ts";
import { constantLane, elementAddress, type Layout, loadLane, storeLane } from "./memory.ts";
import { extractLane, type Lane, scalarCode, vectorCode, withLane } from "./scalar.ts";
import type { CodeContext } from "../parts/stage.ts";

/** The largest number of elements of a value in a tiny program. */
const MOST_ELEMENTS = 128;
/** The largest number of scalar operations and copies in a tiny program. */
const MOST_OPERATIONS = 6000;
/**
 * The largest depth of an expression. A deeper one is stored in a variable, so that writing it does
 * not recurse too far.
 */
const DEEPEST = 40;

/**
 * Tells whether a program is small enough for straight-line code, and consists only of equations that have
 * scalar code.
 */
export function isTiny(program: SimpleProgram): program is TinyProgram {
  const written = [...program.outputs, ...program.assigns.map(({ value }) => value)];
  let operations = 0;
  for (const { shape } of written) {
    operations += sizeOf(shape);
    if (sizeOf(shape) > MOST_ELEMENTS) return false;
  }
  for (const equation of program.equations) {
    if (!isScalarWork(equation) || sizeOf(equation.out.shape) > MOST_ELEMENTS) return false;
    operations += operationsOf(equation);
  }
  return operations <= MOST_OPERATIONS;
}

function isScalarWork(equation: SimpleEquation): equation is TinyEquation {
  return isFusible(equation) || equation.op === "matmul";
}

function operationsOf(equation: TinyEquation): number {
  const { op, inputs: [input], out } = equation;
  if (op === "reduce") return sizeOf(input!.shape);
  if (op === "map") return sizeOf(out.shape);
  return sizeOf(out.shape) * stepsOf(equation) * 2;
}

/** Counts the products that are added for each element of the result. */
function stepsOf({ inputs: [a], transposeA }: MatmulEquation): number {
  return a.shape[transposeA ? 1 : 2]!;
}

/** The addresses of a tiny program's values and results. */
export interface UnrolledLayout extends Layout {
  /** The address of each result. */
  readonly outputs: readonly number[];
}

/** Writes a tiny program as straight-line code. */
export function emitUnrolled(
  context: CodeContext,
  program: TinyProgram,
  layout: UnrolledLayout,
): void {
  const unrolled = new Unrolled(context, program, layout);
  for (const equation of program.equations) unrolled.equation(equation);
  unrolled.results(program);
}

/** One element and how deep its expression is. */
interface Element {
  readonly lane: Lane;
  readonly depth: number;
}

interface Write {
  readonly dtype: DType;
  readonly base: number;
  readonly value: Lane;
}

class Unrolled {
  readonly #elements = new Map<number, (Element | undefined)[]>();
  readonly #uses = new Map<number, Uint32Array>();

  constructor(
    readonly context: CodeContext,
    program: TinyProgram,
    readonly layout: UnrolledLayout,
  ) {
    const read = program.equations.flatMap(({ inputs }) => inputs);
    for (const operand of [...read, ...resultOperands(program)]) this.#countUses(operand);
  }

  equation(equation: TinyEquation): void {
    switch (equation.op) {
      case "map":
        return this.#map(equation);
      case "reduce":
        return this.#reduce(equation);
      case "matmul":
        return this.#matmul(equation);
      default:
        return equation satisfies never;
    }
  }

  /** Writes the results after everything is computed, so that no variable is read too late. */
  results(program: TinyProgram): void {
    const writes = [
      ...program.outputs.flatMap((output, i) => this.#writes(output, this.layout.outputs[i]!)),
      ...program.assigns.flatMap((assign) => this.#assignWrites(program, assign)),
    ];
    for (const { dtype, base, value } of writes) {
      storeLane(this.context.f, { dtype, base, address: 0 }, value);
    }
  }

  #assignWrites(program: TinyProgram, { variable, value }: Assign): Write[] {
    return this.#writes(value, this.layout.addressOf(program.variables[variable]!));
  }

  #writes(operand: Operand, address: number): Write[] {
    const { dtype } = operand.source;
    return this.#read(operand).map(({ lane }, i) => ({
      dtype,
      base: address + i * (dtype === "bool" ? 1 : 4),
      value: this.#named(lane),
    }));
  }

  #countUses(operand: Operand): void {
    const { id, shape } = operand.source;
    const counts = this.#uses.get(id) ?? new Uint32Array(sizeOf(shape));
    for (const element of elementsOf(operand)) counts[element]!++;
    this.#uses.set(id, counts);
  }

  #map({ fn, inputs, out }: MapEquation): void {
    const operands = inputs.map((input) => this.#read(input));
    const dtype = inputs.at(-1)!.source.dtype;
    const size = sizeOf(out.shape);
    if (dtype === "float32" && fn in vectorMath) return this.#packed({ fn, out }, operands[0]!);
    for (let i = 0; i < size; i++) {
      const elements = operands.map((operand) => operand[i]!);
      const lane = scalarCode(this.context, { fn, dtype, args: elements.map(({ lane }) => lane) });
      this.#define(out, i, { lane, depth: depthOf(elements) });
    }
  }

  /** Computes a function that is a polynomial for four elements at once. */
  #packed({ fn, out }: Pick<MapEquation, "fn" | "out">, elements: readonly Element[]): void {
    for (let i = 0; i < elements.length; i += 4) {
      const group = elements.slice(i, i + 4);
      let vector: Expr<"v128"> | undefined;
      group.forEach(({ lane }, index) => vector = withLane(vector, lane as Expr<"f32">, index));
      const result = this.#named(
        vectorCode(this.context, { fn, dtype: "float32", args: [vector!] }),
      ) as Expr<"v128">;
      group.forEach((_, index) => {
        this.#define(out, i + index, { lane: extractLane(result, "float32", index), depth: 1 });
      });
    }
  }

  #reduce(equation: ReduceEquation): void {
    const { inputs: [input], axes, out } = equation;
    const elements = this.#read(input);
    const groups: Element[][] = Array.from({ length: sizeOf(out.shape) }, () => []);
    const kept = input.shape.map((_, d) => !axes.includes(d));
    let stride = 1;
    const strides = input.shape.map(() => 0);
    for (let d = kept.length - 1; d >= 0; d--) {
      if (!kept[d]) continue;
      strides[d] = stride;
      stride *= input.shape[d]!;
    }
    elementsOf({ shape: input.shape, offset: 0, strides }).forEach((group, i) => {
      groups[group]!.push(elements[i]!);
    });
    groups.forEach((group, i) => this.#define(out, i, this.#combine(equation, group)));
  }

  /**
   * Combines elements. Sums and products of floats are kept in double precision until the end, as in the
   * backend.
   */
  #combine({ fn, out }: ReduceEquation, group: readonly Element[]): Element {
    const depth = depthOf(group) + group.length;
    if (out.dtype === "float32" && (fn === "sum" || fn === "prod")) {
      const step = fn === "sum" ? f64.add : f64.mul;
      const start: Expr<"f64"> = f64.const(fn === "sum" ? 0 : 1);
      const total = group.reduce(
        (sum, { lane }) => step(sum, f64.promote(lane as Expr<"f32">)),
        start,
      );
      return { lane: f32.demote(total), depth };
    }
    const name = fn === "sum" ? "add" : fn === "prod" ? "mul" : fn;
    const lane = group.map((element) => element.lane).reduce((x, y) =>
      scalarCode(this.context, { fn: name, dtype: out.dtype, args: [x, y] })
    );
    return { lane, depth };
  }

  #matmul(equation: MatmulEquation): void {
    const { inputs: [a, b], transposeA, transposeB, out } = equation;
    const [left, right] = [this.#read(a), this.#read(b)];
    const [, m, n] = out.shape as [number, number, number];
    const k = stepsOf(equation);
    const [batchA, batchB] = [a.shape[0] === 1 ? 0 : m * k, b.shape[0] === 1 ? 0 : k * n];
    for (let i = 0; i < sizeOf(out.shape); i++) {
      const [batch, row, column] = [Math.floor(i / (m * n)), Math.floor(i / n) % m, i % n];
      const products = Array.from({ length: k }, (_, j) => {
        const x = left[batch * batchA + (transposeA ? j * m + row : row * k + j)]!;
        const y = right[batch * batchB + (transposeB ? column * k + j : j * n + column)]!;
        return f32.mul(x.lane as Expr<"f32">, y.lane as Expr<"f32">);
      });
      const lane = products.reduce((sum, product) => f32.add(sum, product));
      this.#define(out, i, { lane, depth: DEEPEST });
    }
  }

  #read(operand: Operand): Element[] {
    const { source } = operand;
    const constant = this.layout.constantOf(source);
    if (constant) {
      return elementsOf(operand).map((element) => ({
        lane: constantLane(source.dtype, constant[element]!),
        depth: 0,
      }));
    }
    const elements = this.#elements.get(source.id) ?? [];
    this.#elements.set(source.id, elements);
    return elementsOf(operand).map((element) => elements[element] ??= this.#load(source, element));
  }

  /** Loads an element that the program starts with. */
  #load(source: Var, element: number): Element {
    const base = elementAddress(this.layout, source, element);
    const lane = this.#named(loadLane({ dtype: source.dtype, base, address: 0 }));
    return { lane, depth: 0 };
  }

  #define(out: Var, index: number, { lane, depth }: Element): void {
    const elements = this.#elements.get(out.id) ?? [];
    this.#elements.set(out.id, elements);
    const once = (this.#uses.get(out.id)?.[index] ?? 0) <= 1 && depth < DEEPEST;
    elements[index] = once ? { lane, depth: depth + 1 } : { lane: this.#named(lane), depth: 0 };
  }

  #named(lane: Lane): Lane {
    return this.context.f.let(lane as Expr) as Lane;
  }
}

function depthOf(elements: readonly Element[]): number {
  return Math.max(0, ...elements.map(({ depth }) => depth));
}
