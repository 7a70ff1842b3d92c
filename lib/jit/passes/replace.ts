/**
 * Rebuilds equations with other operands: the one place that knows where each kind keeps them.
 * @module
 */
import type { Equation, Operand } from "../program/equation.ts";
import type { Program } from "../program/program.ts";

/** The equation with every operand replaced. */
export function replaceOperands(
  equation: Equation,
  replace: (operand: Operand) => Operand,
): Equation {
  switch (equation.op) {
    case "map":
    case "nest":
    case "kernel":
      return { ...equation, inputs: equation.inputs.map(replace) };
    case "reduce":
    case "view":
      return { ...equation, input: replace(equation.input) };
    case "matmul":
    case "conv":
      return { ...equation, a: replace(equation.a), b: replace(equation.b) };
    case "loop":
      return { ...equation, reads: equation.reads.map(replace) };
    default:
      return equation satisfies never;
  }
}

/** The results and assignments of a program with every operand replaced. */
export function replaceResults(
  program: Program,
  replace: (operand: Operand) => Operand,
): Pick<Program, "outputs" | "assigns"> {
  return {
    outputs: program.outputs.map(replace),
    assigns: program.assigns.map((assign) => ({ ...assign, value: replace(assign.value) })),
  };
}
