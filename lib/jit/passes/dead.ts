/**
 * Removes dead code: equations and constants that no result and no variable depends on.
 * @module
 */
import { operandsOf, resultsOf } from "../program/equation.ts";
import type { Program } from "../program/program.ts";

/** The program with only what its results need. */
export function removeDeadCode(program: Program): Program {
  const results = [...program.outputs, ...program.assigns.map(({ value }) => value)];
  const live = new Set(results.map(({ source }) => source.id));
  const equations = program.equations.toReversed().filter((equation) => {
    if (!resultsOf(equation).some(({ id }) => live.has(id))) return false;
    operandsOf(equation).forEach(({ source }) => live.add(source.id));
    return true;
  });
  const constants = program.constants.filter(({ out }) => live.has(out.id));
  return program.with({ equations: equations.reverse(), constants });
}
