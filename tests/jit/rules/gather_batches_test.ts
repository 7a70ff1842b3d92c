/** Gathers with a list of indices for each batch, gathers by places, and sums of whole numbers by segment: compiled. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import fc from "fast-check";
import { jit } from "../../../lib/jit/mod.ts";
import { compareWithEager } from "../compare.ts";
import { float, type Input, int, makeTensor } from "../rule.ts";

await tf.setBackend("cpu");

type Operation = (...args: tf.Tensor[]) => tf.Tensor;

/** Compares an operation with eager, rehearsed and not, and throws if an ordinary kernel runs. */
function compare(fn: Operation, inputs: readonly Input[]): void {
  const args = (call: number) => inputs.map((input, i) => makeTensor(input, 100 * call + i));
  compareWithEager(() => ({ fn }), args, { calls: 4, bound: true });
  for (const rehearse of [false, true]) {
    const step = jit(fn, { rehearse });
    for (let call = 0; call < 4; call++) step(...args(call)).dispose();
    assert.deepEqual(step.explain().fallbacks, {});
    step.dispose();
  }
}

const size = fc.integer({ min: 1, max: 4 });
const sizes = (most: number) => fc.array(size, { minLength: 0, maxLength: most });

Deno.test("jit() gather with batchDims: as eager for any shapes", () => {
  const shapes = fc.record({ batch: sizes(2), outer: sizes(2), inner: sizes(2), list: sizes(2) });
  fc.assert(
    fc.property(shapes, size, ({ batch, outer, inner, list }, length) => {
      const axis = batch.length + outer.length;
      const x = [...batch, ...outer, length, ...inner];
      for (const at of [axis, axis - x.length]) {
        compare(
          (x, i) => tf.gather(x, i as tf.Tensor1D, at, batch.length),
          [float(x), int([...batch, ...list], 0, length)],
        );
      }
    }),
    { numRuns: 20, seed: 1 },
  );
});

Deno.test("jit() gather with batchDims of int32 and bool", () => {
  for (const dtype of ["int32", "bool"] as const) {
    const x = { ...int([3, 2, 5, 3], 0, 2), dtype };
    compare((x, i) => tf.gather(x, i as tf.Tensor1D, 2, 1), [x, int([3, 4], 0, 5)]);
  }
});

Deno.test("jit() gather with batchDims: its gradient and the gradient of that", () => {
  const gradient = (axis: number): Operation => (x, i) =>
    tf.grad((x: tf.Tensor) => tf.gather(x, i as tf.Tensor1D, axis, 1).square())(x);
  const second: Operation = (x, i) => tf.grad((x: tf.Tensor) => gradient(1)(x, i).pow(3).sum())(x);
  compare(gradient(1), [float([3, 4, 2]), int([3, 5], 0, 4)]);
  compare(second, [float([3, 4, 2]), int([3, 5], 0, 4)]);
});

for (const index of [-1, 4, 2 ** 31 - 1]) {
  Deno.test(`jit() gather with batchDims refuses index ${index} of 4 in any batch`, () => {
    const x = tf.ones([3, 4, 2]);
    const step = jit((i: tf.Tensor) => tf.gather(x, i as tf.Tensor1D, 1, 1));
    const lists = (last: number) => tf.tensor2d([0, 3, 1, 2, 2, last], [3, 2], "int32");
    for (let call = 0; call < 4; call++) step(lists(0)).dispose();
    assert.throws(() => step(lists(index)), {
      name: "RangeError",
      message: `Cannot gather: expected indices from 0 to 3, got ${index}`,
    });
    step.dispose();
  });
}

Deno.test("jit() gatherND: as eager for any shapes", () => {
  const shapes = fc.record({ x: sizes(3), first: size, list: sizes(2) });
  fc.assert(
    fc.property(shapes, fc.nat(), ({ x, first, list }, pick) => {
      const shape = [first, ...x];
      const depth = 1 + pick % shape.length;
      const most = Math.min(...shape.slice(0, depth));
      const indices = int([...list, depth], 0, most);
      compare((x, i) => tf.gatherND(x, i), [float(shape), indices]);
      compare((x, i) => tf.gatherND(x, i), [int(shape), indices]);
    }),
    { numRuns: 20, seed: 2 },
  );
});

for (const place of [[0, 3], [2, 0], [-1, 1], [1, 2 ** 31 - 1], [2 ** 30, 0]]) {
  Deno.test(`jit() gatherND refuses the place ${place} of [2, 3]`, () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const step = jit((i: tf.Tensor) => tf.gatherND(x, i));
    const places = (last: number[]) => tf.tensor2d([1, 2, ...last], [2, 2], "int32");
    for (let call = 0; call < 4; call++) {
      assert.deepEqual([...step(places([0, 1])).dataSync()], [6, 2]);
    }
    assert.throws(() => step(places(place)), RangeError);
    step.dispose();
    assert.throws(() => jit((i: tf.Tensor) => tf.gatherND(x, i))(places(place)), RangeError);
  });
}

Deno.test("jit() unsortedSegmentSum of int32 and bool: floats, as eager", () => {
  const sum: Operation = (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 3);
  for (const inner of [[], [2], [2, 9]]) {
    compare(sum, [int([7, ...inner], -9, 9), int([7], -1, 4)]);
    compare(sum, [{ ...int([7, ...inner], 0, 2), dtype: "bool" }, int([7], -1, 4)]);
  }
  const large = tf.tensor1d([2 ** 24 + 1, 2, 2 ** 31 - 1, 2 ** 31 - 1, 1], "int32");
  const step = jit((ids: tf.Tensor) => sum(large, ids));
  for (let call = 0; call < 4; call++) {
    const sums = step(tf.tensor1d([0, 0, 1, 1, 1], "int32")).dataSync();
    assert.deepEqual([...sums], [2 ** 24 + 2, 2 ** 32, 0]);
  }
  step.dispose();
});
