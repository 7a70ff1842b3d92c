/**
 * The passes in the order in which they run, and a check of their last result.
 * @module
 */
import { checkProgram } from "../program/check.ts";
import type { FusedProgram, SimpleProgram, TracedProgram } from "../program/program.ts";
import { removeAliases } from "./alias.ts";
import { shareCommon } from "./common.ts";
import { removeDeadCode } from "./dead.ts";
import { foldConstants } from "./fold.ts";
import { fuseLoops } from "./fuse.ts";

/** The program with less to do and without views, its equations otherwise as they were traced. */
export function simplify(traced: TracedProgram): SimpleProgram {
  const stored = removeDeadCode(removeAliases(foldConstants(traced)));
  return checkProgram(removeDeadCode(shareCommon(stored)));
}

/** The program with loops. */
export function fuse(simple: SimpleProgram): FusedProgram {
  return checkProgram(fuseLoops(simple));
}
