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

/** Simplifies a program: less work and no views. The equations stay in the order in which they were traced. */
export function simplify(traced: TracedProgram): SimpleProgram {
  const stored = removeDeadCode(removeAliases(foldConstants(traced)));
  return checkProgram(removeDeadCode(shareCommon(stored)));
}

/** Fuses a program's equations into loops. */
export function fuse(simple: SimpleProgram): FusedProgram {
  return checkProgram(fuseLoops(simple));
}
