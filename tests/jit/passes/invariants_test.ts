/** Random programs after each pass: every invariant holds. */
import fc from "fast-check";
import { removeAliases } from "../../../lib/jit/passes/alias.ts";
import { shareCommon } from "../../../lib/jit/passes/common.ts";
import { removeDeadCode } from "../../../lib/jit/passes/dead.ts";
import { foldConstants } from "../../../lib/jit/passes/fold.ts";
import { fuseLoops } from "../../../lib/jit/passes/fuse.ts";
import { checkProgram } from "../../../lib/jit/program/check.ts";
import { tracedPrograms } from "../program/random_equations.ts";

Deno.test("every pass leaves a good program", () => {
  fc.assert(
    fc.property(tracedPrograms, (traced) => {
      const folded = checkProgram(foldConstants(checkProgram(traced)));
      const stored = checkProgram(removeDeadCode(checkProgram(removeAliases(folded))));
      const shared = checkProgram(removeDeadCode(checkProgram(shareCommon(stored))));
      checkProgram(fuseLoops(shared));
    }),
    { numRuns: 300, seed: 3 },
  );
});
