/**
 * Computes what is known at the time of tracing: scalar functions of constants, and products by 1.
 * @module
 */
import {
  type ConstantVar,
  type Equation,
  type MapEquation,
  nextId,
  type Operand,
  type Program,
  type Var,
} from "../program.ts";
import { read, valuesOf } from "../rules/builder.ts";
import { evaluate } from "../scalar.ts";

/** The program with constant scalar work done and no multiplications or divisions by 1. */
export function foldConstants(program: Program): Program {
  const folding = new Folding(program);
  const equations = program.equations.flatMap((equation) => folding.visit(equation));
  return program.with({ equations, constants: [...program.constants, ...folding.made] });
}

class Folding {
  readonly made: ConstantVar[] = [];
  readonly #scalars = new Map<number, number>();
  #next: number;

  constructor(program: Program) {
    this.#next = nextId(program);
    for (const { out, values } of program.constants) {
      if (values.length === 1) this.#scalars.set(out.id, values[0]!);
    }
  }

  visit(equation: Equation): Equation[] {
    if (equation.op === "view") this.#followView(equation.input, equation.out);
    if (equation.op !== "map") return [equation];
    const known = equation.inputs.map((input) => this.#scalars.get(input.source.id));
    if (known.every((value) => value !== undefined)) return [this.#constant(equation, known)];
    return [this.#withoutOne(equation, known)];
  }

  /** All elements of a view of one number are that number. */
  #followView(input: Operand, out: Var): void {
    const value = this.#scalars.get(input.source.id);
    if (value !== undefined) this.#scalars.set(out.id, value);
  }

  #constant({ fn, out }: MapEquation, known: readonly number[]): Equation {
    const value = evaluate(fn, known, out.dtype);
    const scalar: Var = { id: this.#next++, dtype: out.dtype, shape: [] };
    this.made.push({ out: scalar, values: valuesOf(out.dtype, [value]) });
    this.#scalars.set(out.id, value);
    return repeat(scalar, out);
  }

  /** `x * 1` and `x / 1` are `x`, exactly; `x + 0` is not, for -0. */
  #withoutOne(equation: MapEquation, known: readonly (number | undefined)[]): Equation {
    const [x, y] = equation.inputs;
    const scales = equation.fn === "mul" || equation.fn === "div";
    if (scales && known[1] === 1 && x) return { ...equation, fn: "copy", inputs: [x] };
    if (equation.fn === "mul" && known[0] === 1 && y) {
      return { ...equation, fn: "copy", inputs: [y] };
    }
    return equation;
  }
}

/** A scalar repeated as the value of `out`. */
function repeat(scalar: Var, out: Var): Equation {
  const input = read(scalar, { shape: out.shape, offset: 0, strides: out.shape.map(() => 0) });
  return { op: "view", name: "broadcast", input, out };
}
