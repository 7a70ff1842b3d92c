/**
 * The typed program that a traced function becomes.
 *
 * Every pass takes a program and returns a new one; `toString` is what tests compare.
 * @module
 */
import {
  type Assign,
  type ConstantVar,
  type Equation,
  type Operand,
  type ProgramParts,
  resultsOf,
  type Var,
} from "./equation.ts";
import { printProgram } from "./print.ts";

/** A traced function; prints readably. */
export class Program implements ProgramParts {
  /** One value for each tensor among the arguments. */
  readonly inputs: readonly Var[];
  /** The value of each variable when the program starts. */
  readonly variables: readonly Var[];
  /** The values known at the time of tracing. */
  readonly constants: readonly ConstantVar[];
  /** The work, each step after those it reads. */
  readonly equations: readonly Equation[];
  /** The results, dense. */
  readonly outputs: readonly Operand[];
  /** The variables that change, at the very end and all at once. */
  readonly assigns: readonly Assign[];

  /** Makes a program of its parts. */
  constructor(parts: ProgramParts) {
    this.inputs = parts.inputs;
    this.variables = parts.variables;
    this.constants = parts.constants;
    this.equations = parts.equations;
    this.outputs = parts.outputs;
    this.assigns = parts.assigns;
  }

  /** The same program with some parts replaced. */
  with(parts: Partial<ProgramParts>): Program {
    return new Program({ ...this, ...parts });
  }

  /** The program as text, one equation a line. */
  toString(): string {
    return printProgram(this);
  }
}

/** The first number that no value of the program has. */
export function nextId(program: Program): number {
  let highest = -1;
  const see = ({ id }: Var) => highest = Math.max(highest, id);
  [...program.inputs, ...program.variables].forEach(see);
  program.constants.forEach(({ out }) => see(out));
  program.equations.forEach((equation) => resultsOf(equation).forEach(see));
  return highest + 1;
}
