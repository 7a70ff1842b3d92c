/**
 * Computes in advance: scalar functions of constants, and products by 1.
 * @module
 */
import { permute } from "../program/access.ts";
import { type DType, valuesOf } from "../program/dtype.ts";
import type {
  ConstantVar,
  FusibleEquation,
  MapEquation,
  Operand,
  ReduceEquation,
  TracedEquation,
  Var,
  ViewEquation,
} from "../program/equation.ts";
import { nextId, type TracedProgram } from "../program/program.ts";
import { read } from "../program/builder.ts";
import { evaluate } from "../program/scalar.ts";

/** Computes the scalar work on constants in advance, and removes multiplications and divisions by 1. */
export function foldConstants(program: TracedProgram): TracedProgram {
  const folding = new Folding(program);
  const equations = program.equations.flatMap((equation) => folding.visit(equation));
  return { ...program, equations, constants: [...program.constants, ...folding.made] };
}

class Folding {
  readonly made: ConstantVar[] = [];
  readonly #scalars = new Map<number, number>();
  readonly #known = new Map<string, Var>();
  #next: number;

  constructor(program: TracedProgram) {
    this.#next = nextId(program);
    for (const { out, values } of program.constants) {
      const [first] = values;
      const isUniform = first !== undefined && values.every((value) => Object.is(value, first));
      if (isUniform) this.#scalars.set(out.id, first);
    }
  }

  visit(equation: TracedEquation): TracedEquation[] {
    if (equation.op === "view") this.#followView(equation.inputs[0], equation.out);
    if (equation.op === "reduce") return [this.#overOne(equation)];
    if (equation.op !== "map") return [equation];
    const known = equation.inputs.map((input) => this.#scalars.get(input.source.id));
    if (known.every((value) => value !== undefined)) return [this.#constant(equation, known)];
    return [this.#withoutOne(this.#withScalars(equation, known), known)];
  }

  /** Reads a value whose elements are all one number as that number. */
  #withScalars(equation: MapEquation, known: readonly (number | undefined)[]): MapEquation {
    const inputs = equation.inputs.map((input, i) => {
      const value = known[i];
      return value === undefined
        ? input
        : repeated(this.#scalar(value, input.source.dtype), equation.out);
    });
    return { ...equation, inputs };
  }

  /** Remembers that all elements of a view of one number are that number. */
  #followView(input: Operand, out: Var): void {
    const value = this.#scalars.get(input.source.id);
    if (value !== undefined) this.#scalars.set(out.id, value);
  }

  /** Replaces a reduction over one element. A sum starts at 0, which turns -0 into 0, so it becomes an addition. */
  #overOne(equation: ReduceEquation): FusibleEquation {
    const { fn, inputs: [input], axes, out } = equation;
    if (axes.some((axis) => input.shape[axis] !== 1)) return equation;
    const kept = input.shape.map((_, d) => d).filter((d) => !axes.includes(d));
    const value = read(input.source, permute(input, kept));
    if (fn !== "sum") return { op: "map", fn: "copy", inputs: [value], out };
    return {
      op: "map",
      fn: "add",
      inputs: [value, repeated(this.#scalar(0, out.dtype), out)],
      out,
    };
  }

  /** Makes a value from a number. Equal numbers share one value. */
  #scalar(value: number, dtype: DType): Var {
    const key = `${dtype} ${Object.is(value, -0) ? "-0" : value}`;
    const known = this.#known.get(key);
    if (known) return known;
    const out: Var = { id: this.#next++, dtype, shape: [] };
    this.made.push({ out, values: valuesOf(dtype, [value]) });
    this.#known.set(key, out);
    return out;
  }

  #constant({ fn, out }: MapEquation, known: readonly number[]): ViewEquation {
    const value = evaluate(fn, known, out.dtype);
    this.#scalars.set(out.id, value);
    const input = repeated(this.#scalar(value, out.dtype), out);
    return { op: "view", name: "broadcast", inputs: [input], out };
  }

  /** Replaces `x * 1` and `x / 1` by `x`, which is exact; `x + 0` is not `x` for -0. */
  #withoutOne(equation: MapEquation, known: readonly (number | undefined)[]): MapEquation {
    const [x, y] = equation.inputs;
    const scales = equation.fn === "mul" || equation.fn === "div";
    if (scales && known[1] === 1 && x) return { ...equation, fn: "copy", inputs: [x] };
    if (equation.fn === "mul" && known[0] === 1 && y) {
      return { ...equation, fn: "copy", inputs: [y] };
    }
    return equation;
  }
}

/** Reads a scalar at every index of `like`. */
function repeated(scalar: Var, like: Var): Operand {
  return read(scalar, { shape: like.shape, offset: 0, strides: like.shape.map(() => 0) });
}
