/**
 * Removal of repeated work: equations that compute the same from the same values are computed once.
 * @module
 */
import { type Operand, resultsOf, type SimpleEquation, type Var } from "../program/equation.ts";
import { printWork } from "../program/print.ts";
import type { SimpleProgram } from "../program/program.ts";
import { read } from "../program/builder.ts";
import { replaceOperands, replaceResults } from "./replace.ts";

/**
 * Removes repeated work from a program. Does not change ordinary kernels, because they may have
 * side effects.
 */
export function shareCommon(program: SimpleProgram): SimpleProgram {
  const same = new Map<number, Var>();
  const seen = new Map<string, readonly Var[]>();
  const redirect = (operand: Operand): Operand => {
    const source = same.get(operand.source.id);
    return source ? read(source, operand) : operand;
  };
  const equations = program.equations.flatMap((equation): SimpleEquation[] => {
    const updated = replaceOperands(equation, redirect);
    if (updated.op === "kernel") return [updated];
    const key = printWork(updated);
    const known = seen.get(key);
    if (!known) {
      seen.set(key, resultsOf(updated));
      return [updated];
    }
    resultsOf(updated).forEach((value, i) => same.set(value.id, known[i]!));
    return [];
  });
  return { ...program, equations, ...replaceResults(program, redirect) };
}
