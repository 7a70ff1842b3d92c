/** The compiler runs where TensorFlow.js runs: bundled into one file, in Deno and in Node, with the same bits. */
import assert from "node:assert/strict";
import { runPortable } from "./portable_run.ts";

Deno.test("jit() bundled into one file gives the same bits in Node as in Deno", async () => {
  const deno = await runPortable("deno");
  const node = await runPortable("node");
  assert.equal(deno.fastest.relaxedSimd, true);
  for (const trained of [deno.strict, deno.fastest, node.strict, node.fastest]) {
    assert.equal(trained.fallbacks, 0);
    assert(trained.losses.every((loss) => loss > 0 && loss < 10), String(trained.losses));
  }
  assert.notEqual(deno.strict.bits, deno.fastest.bits); // else the tier is not tried
  assert.deepEqual(node.strict, deno.strict);
  assert.deepEqual(node.fastest, node.fastest.relaxedSimd ? deno.fastest : deno.strict);
});
