/** Tests that the benchmark's TypeScript peers do the same work. */

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { largestGap, tolerance } from "./check.ts";
import { openCompiled } from "./peers/compiled.ts";
import { openJaxJs } from "./peers/jax_js.ts";
import { checkedLosses, type Open } from "./peers/serve.ts";
import { openEager } from "./peers/tfjs.ts";
import { batchSize, checkValues, type WorkloadName, workloads } from "./workloads.ts";

async function lossesOf(open: Open, name: WorkloadName): Promise<number[]> {
  await tf.setBackend("cpu");
  return await checkedLosses(name, await open(name, batchSize), checkValues(name));
}

for (const name of ["w1", "w2"] as const) {
  Deno.test(`openJaxJs() and openCompiled() lose as the eager ${name} does`, async () => {
    const eager = await lossesOf(openEager, name);
    assert.equal(eager.length, workloads[name].checkSteps * 3);
    assert.ok(eager.every((loss) => loss > 0 && loss < 1));
    assert.ok(new Set(eager).size > eager.length / 2, "expected training to move the losses");
    for (const open of [openJaxJs, openCompiled]) {
      const gap = largestGap(eager, await lossesOf(open, name));
      assert.ok(gap <= tolerance, `expected losses within ${tolerance}, got ${gap} apart`);
    }
  });
}

Deno.test("largestGap() is a part of the larger, and infinite where nothing can be compared", () => {
  assert.equal(largestGap([1, 2], [1, 4]), 0.5);
  assert.equal(largestGap([1], [1, 1]), Infinity);
  assert.equal(largestGap([1], [NaN]), Infinity);
});

Deno.test("checkValues() is the same each time, within PyTorch's initial bounds", () => {
  const values = checkValues("w1");
  assert.deepEqual(values, checkValues("w1"));
  assert.ok(values.subarray(0, 15).every((weight) => Math.abs(weight) <= 0.5));
  assert.equal(values.length, 19 + 22 + 4 * workloads.w1.checkSteps);
});
