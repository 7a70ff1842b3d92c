/**
 * Rebuilds equations and results with other operands.
 * @module
 */
import type { Equation, Operand } from "../program/equation.ts";
import type { Program } from "../program/program.ts";

/** Replaces every operand of an equation. */
export function replaceOperands<E extends Equation>(
  equation: E,
  replace: (operand: Operand) => Operand,
): E {
  return { ...equation, inputs: equation.inputs.map(replace) };
}

/** Replaces every operand of a program's results and assignments. */
export function replaceResults(
  program: Program,
  replace: (operand: Operand) => Operand,
): Pick<Program, "outputs" | "assigns"> {
  return {
    outputs: program.outputs.map(replace),
    assigns: program.assigns.map((assign) => ({ ...assign, value: replace(assign.value) })),
  };
}
