/**
 * Programs: equations in order, with the values that they begin and end with.
 *
 * Every pass takes a program and returns a new one; its text is what tests compare.
 * @module
 */
import {
  type ConstantVar,
  type Equation,
  type FusedEquation,
  type Operand,
  resultsOf,
  type SimpleEquation,
  type TinyEquation,
  type TracedEquation,
  type Var,
} from "./equation.ts";

/** A variable's value at the end of the program. */
export interface Assign {
  /** The number of the variable in the program. */
  readonly variable: number;
  readonly value: Operand;
}

/** A program whose equations are of the kinds `E`. */
export interface Program<E extends Equation = Equation> {
  /** One value for each tensor among the arguments. */
  readonly inputs: readonly Var[];
  /** The value of each variable when the program starts. */
  readonly variables: readonly Var[];
  /** The values known at the time of tracing. */
  readonly constants: readonly ConstantVar[];
  /** The equations, each after those that it reads. */
  readonly equations: readonly E[];
  /** The results, dense. */
  readonly outputs: readonly Operand[];
  /** The new values of variables, assigned at the very end and all at once. */
  readonly assigns: readonly Assign[];
}

/** A program as it was traced. */
export type TracedProgram = Program<TracedEquation>;

/** A program without views: accesses of operands take their place. */
export type SimpleProgram = Program<SimpleEquation>;

/** A program after fusion. */
export type FusedProgram = Program<FusedEquation>;

/** A program that is emitted as straight-line code. */
export type TinyProgram = Program<TinyEquation>;

/** Lists the operands of a program's results and of its variables' new values. */
export function resultOperands({ outputs, assigns }: Program): Operand[] {
  return [...outputs, ...assigns.map(({ value }) => value)];
}

/** Finds the first number that no value of the program has. */
export function nextId(program: Program): number {
  let highest = -1;
  const see = ({ id }: Var) => highest = Math.max(highest, id);
  [...program.inputs, ...program.variables].forEach(see);
  program.constants.forEach(({ out }) => see(out));
  program.equations.forEach((equation) => resultsOf(equation).forEach(see));
  return highest + 1;
}
