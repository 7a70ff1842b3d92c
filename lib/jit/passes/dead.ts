/**
 * Removes dead code: equations and constants that no result and no variable depends on.
 * @module
 */
import { type Equation, resultsOf } from "../program/equation.ts";
import { type Program, resultOperands } from "../program/program.ts";

/** Removes from a program what its results do not need. */
export function removeDeadCode<E extends Equation>(program: Program<E>): Program<E> {
  const live = new Set(resultOperands(program).map(({ source }) => source.id));
  const equations = program.equations.toReversed().filter((equation) => {
    if (!resultsOf(equation).some(({ id }) => live.has(id))) return false;
    equation.inputs.forEach(({ source }) => live.add(source.id));
    return true;
  });
  const constants = program.constants.filter(({ out }) => live.has(out.id));
  return { ...program, equations: equations.reverse(), constants };
}
