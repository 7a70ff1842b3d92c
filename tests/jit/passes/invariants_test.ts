/** Random programs after each pass: every invariant holds. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { removeAliases } from "../../../lib/jit/passes/alias.ts";
import { shareCommon } from "../../../lib/jit/passes/common.ts";
import { removeDeadCode } from "../../../lib/jit/passes/dead.ts";
import { foldConstants } from "../../../lib/jit/passes/fold.ts";
import { fuseLoops } from "../../../lib/jit/passes/fuse.ts";
import { fuse, simplify } from "../../../lib/jit/passes/mod.ts";
import { Builder, read } from "../../../lib/jit/program/builder.ts";
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

Deno.test("fuse() a chain of 20,000 equations that all read the first value: each link keeps its place", () => {
  const [b, length] = [new Builder(), 10_000];
  const [x, w] = [b.newVar("float32", [1, 2, 2]), b.newVar("float32", [1, 2, 2])];
  const first = b.map("sin", x);
  let last = first;
  for (let i = 0; i < length; i++) last = b.map("add", b.matmul(last, w), first);
  const { equations, constants } = b;
  const outputs = [read(last)];
  const fused = fuse(
    simplify({ inputs: [x, w], variables: [], constants, equations, outputs, assigns: [] }),
  );
  assert.deepEqual(
    fused.equations.map(({ op }) => op),
    ["loop", ...Array.from({ length }, () => ["matmul", "loop"]).flat()],
  );
});
