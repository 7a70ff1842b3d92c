/** What is picked by numbers that only the running program knows: nothing outside an array is touched. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../../lib/jit/mod.ts";

await tf.setBackend("cpu");

const x = tf.tensor2d([...Array(15).keys()], [5, 3]);
const int32 = (values: number[]) => tf.tensor1d(values, "int32");

for (const index of [-1, 5, -(2 ** 31), 2 ** 31 - 1]) {
  Deno.test(`jit() gather with index ${index} of 5: an error at every call, and a right answer after it`, () => {
    const step = jit((indices: tf.Tensor1D) => tf.gather(x, indices).mul(2));
    for (let call = 0; call < 4; call++) step(int32([4, 0])).dispose();
    assert.deepEqual(step.explain().fallbacks, {});
    assert.throws(() => step(int32([0, index])), {
      name: "RangeError",
      message: `Cannot gather: expected indices from 0 to 4, got ${index}`,
    });
    assert.deepEqual([...step(int32([4, 0])).dataSync()], [24, 26, 28, 0, 2, 4]);
    step.dispose();
  });
}

Deno.test("jit() gather with an index out of range: variables that change later are as they were", () => {
  const table = tf.variable(x);
  const optimizer = tf.train.adam(.1);
  const step = jit((indices: tf.Tensor1D) =>
    optimizer.minimize(() => tf.gather(table, indices).square().sum() as tf.Scalar, true, [table])
  );
  for (let call = 0; call < 4; call++) step(int32([4, 0, 4]))?.dispose();
  const before = [...table.dataSync()];
  assert.throws(() => step(int32([1, 5, 1])), RangeError);
  assert.deepEqual([...table.dataSync()], before);
  step.dispose();
  table.dispose();
  optimizer.dispose();
});

Deno.test("jit() unsortedSegmentSum leaves out what belongs to no segment", () => {
  const step = jit((ids: tf.Tensor1D) => tf.unsortedSegmentSum(x, ids, 2));
  for (const ids of [[0, 1, 0, 1, 0], [2, 1, -1, 1, 2 ** 31 - 1], [-(2 ** 31), 9, 9, 9, 9]]) {
    const want = tf.unsortedSegmentSum(x, int32(ids), 2);
    for (let call = 0; call < 4; call++) {
      assert.deepEqual([...step(int32(ids)).dataSync()], [...want.dataSync()]);
    }
  }
  assert.deepEqual(step.explain().fallbacks, {});
  step.dispose();
});

Deno.test("jit() unsortedSegmentSum keeps NaN and infinities in their segments at every call", () => {
  const values = tf.tensor2d([1, NaN, Infinity, 2, 3, 4], [3, 2]);
  for (const rehearse of [false, true]) {
    const step = jit((ids: tf.Tensor1D) => tf.unsortedSegmentSum(values, ids, 2), { rehearse });
    for (let call = 0; call < 4; call++) {
      assert.deepEqual([...step(int32([0, 0, 1])).dataSync()], [Infinity, NaN, 3, 4]);
    }
    step.dispose();
  }
});

Deno.test("jit() unsortedSegmentSum of 100,000 terms is as exact as eager", () => {
  const tenths = tf.fill([100_000, 2], .1);
  const zeros = tf.zeros([100_000], "int32") as tf.Tensor1D;
  const step = jit((terms: tf.Tensor) => tf.unsortedSegmentSum(terms, zeros, 1));
  for (let call = 0; call < 4; call++) {
    for (const sum of step(tenths).dataSync()) {
      assert.equal(sum, Math.fround(1e5 * Math.fround(.1)));
    }
  }
  step.dispose();
});
