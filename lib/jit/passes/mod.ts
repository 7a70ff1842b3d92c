/**
 * The passes in the order in which they run.
 * @module
 */
import { checkProgram } from "../program/check.ts";
import type { Program } from "../program/program.ts";
import { removeAliases } from "./alias.ts";
import { shareCommon } from "./common.ts";
import { removeDeadCode } from "./dead.ts";
import { foldConstants } from "./fold.ts";
import { fuseLoops } from "./fuse.ts";

/** A pass takes a program and returns a new one with the same meaning. */
export type Pass = (program: Program) => Program;

/** What makes a program smaller without changing what its equations are. */
export const SIMPLIFY: readonly Pass[] = [
  foldConstants,
  removeAliases,
  removeDeadCode,
  shareCommon,
  removeDeadCode,
];

/** What makes loops of equations. */
export const FUSE: readonly Pass[] = [fuseLoops];

/** Runs passes one after another and checks the program after each. */
export function runPasses(program: Program, passes: readonly Pass[]): Program {
  return passes.reduce((current, pass) => checkProgram(pass(current)), checkProgram(program));
}
