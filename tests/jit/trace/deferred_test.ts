/** A rehearsal computes next to nothing, and the right values where it must. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { cpuKernel, replace } from "../../../lib/jit/trace/backend.ts";
import { rehearse } from "../../../lib/jit/trace/record.ts";
import { flatten } from "../../../lib/jit/trace/tree.ts";

await tf.setBackend("cpu");

/** How often a kernel runs while a function is rehearsed. */
function runsOf(kernel: string, fn: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): number {
  let runs = 0;
  const restore = replace(cpuKernel(kernel), "kernelFunc", (run) => (call) => {
    runs++;
    return run(call);
  });
  try {
    rehearse(fn as (...args: never[]) => tf.Tensor, flatten([x], "argument"));
  } finally {
    restore();
  }
  return runs;
}

Deno.test("rehearse() runs no product, and none whose values nobody reads", () => {
  const x = tf.ones([3, 3]);
  assert.equal(runsOf("BatchMatMul", (a) => tf.matMul(a, a).relu(), x), 0);
  assert.equal(runsOf("Exp", (a) => tf.grad((b) => tf.exp(b).sum())(a), x), 0);
  x.dispose();
});

const images = (x: tf.Tensor) => tf.reshape(x, [1, 4, 4, 2]) as tf.Tensor4D;
const filter = tf.ones([2, 2, 2, 1]) as tf.Tensor4D;
const gradient = (fn: (x: tf.Tensor4D) => tf.Tensor) => (x: tf.Tensor) =>
  tf.grad((y: tf.Tensor) => fn(images(y)).square().sum())(x);

/** What each kind of kernel is asked for in a training step. */
const IN_STEPS: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  Add: (x) => tf.add(x, x),
  ArgMax: (x) => tf.argMax(x),
  AvgPool: (x) => tf.avgPool(images(x), 2, 1, "valid"),
  AvgPoolGrad: gradient((x) => tf.avgPool(x, 2, 2, "valid")),
  BatchMatMul: (x) => tf.matMul(x.reshape([4, 8]), x.reshape([8, 4])),
  Cast: (x) => tf.cast(x, "int32"),
  Concat: (x) => tf.concat([x, x]),
  Conv2D: (x) => tf.conv2d(images(x), filter, 1, "same"),
  Conv2DBackpropFilter: (x) =>
    tf.grad((f) => tf.conv2d(images(x), f as tf.Tensor4D, 1, "same"))(filter),
  Conv2DBackpropInput: gradient((x) => tf.conv2d(x, filter, 1, "valid")),
  DepthwiseConv2dNative: (x) => tf.depthwiseConv2d(images(x), filter, 1, "same"),
  DepthwiseConv2dNativeBackpropFilter: (x) =>
    tf.grad((f) => tf.depthwiseConv2d(images(x), f as tf.Tensor4D, 1, "same"))(filter),
  DepthwiseConv2dNativeBackpropInput: gradient((x) => tf.depthwiseConv2d(x, filter, 1, "valid")),
  Elu: (x) => tf.elu(x),
  EluGrad: gradient(tf.elu),
  GatherV2: (x) => tf.gather(x, tf.tensor1d([1, 0], "int32")),
  Greater: (x) => tf.greater(x, 0),
  MaxPool: (x) => tf.maxPool(images(x), [2, 1], 1, "valid"),
  MaxPoolGrad: gradient((x) => tf.maxPool(x, 2, 2, "valid")),
  Max: (x) => tf.max(x),
  Mean: (x) => tf.mean(x),
  OneHot: (x) => tf.oneHot(tf.cast(x, "int32"), 3),
  Pack: (x) => tf.stack([x, x]),
  PadV2: (x) => tf.pad(x, [[1, 1]]),
  Prelu: (x) => tf.prelu(x, tf.scalar(0.5)),
  ResizeBilinear: (x) => tf.image.resizeBilinear(images(x), [7, 5]),
  ResizeNearestNeighbor: (x) => tf.image.resizeNearestNeighbor(images(x), [7, 5]),
  ResizeNearestNeighborGrad: gradient((x) => tf.image.resizeNearestNeighbor(x, [7, 5])),
  Select: (x) => tf.where(tf.greater(x, 0), x, tf.neg(x)),
  Sigmoid: (x) => tf.sigmoid(x),
  Slice: (x) => tf.slice(x, 1, 3),
  Softmax: (x) => tf.softmax(x),
  SplitV: (x) => tf.split(x, 2)[0]!,
  Sum: (x) => tf.sum(x),
  Tile: (x) => tf.tile(x, [2]),
  Transpose: (x) => tf.transpose(x.reshape([4, 8])),
  UnsortedSegmentSum: (x) =>
    tf.grad((y: tf.Tensor) => tf.gather(y, tf.tensor1d([1, 1], "int32")).square().sum())(x),
};
for (const [kernel, fn] of Object.entries(IN_STEPS)) {
  Deno.test(`rehearse() records ${kernel} of floats and does not compute it`, () => {
    const x = tf.ones([32]);
    const flat = flatten([x], "argument");
    const { kernels } = rehearse(fn as (...args: never[]) => tf.Tensor, flat);
    assert(kernels.some(({ name }) => name === kernel), kernels.map(({ name }) => name).join());
    assert.equal(runsOf(kernel, fn, x), 0);
    x.dispose();
  });
}

Deno.test("rehearse() computes what a kernel without a shape rule reads, once", () => {
  const x = tf.tensor1d([1, 2, 2]);
  const fn = (a: tf.Tensor) => {
    const twice = a.mul(2);
    const { values, indices } = tf.unique(twice); // its shape depends on the values
    assert.deepEqual(values.shape, [2]);
    twice.dispose();
    return tf.concat([values, indices.cast("float32")]);
  };
  assert.equal(runsOf("Multiply", fn, x), 1);
  x.dispose();
});

Deno.test("rehearse() leaves values that are right for a tensor that the function kept", () => {
  let kept: tf.Tensor | undefined;
  const x = tf.tensor1d([1, 2]);
  rehearse(
    ((a: tf.Tensor) => {
      const b = a.add(1);
      kept = tf.keep(b.mul(b));
      b.dispose();
      return kept;
    }) as (...args: never[]) => tf.Tensor,
    flatten([x], "argument"),
  );
  assert.deepEqual([...kept!.dataSync()], [4, 9]);
  tf.dispose([x, kept!]);
});
