/** Where a compiled function may give other numbers than plain TensorFlow.js: each class, as narrow as it is. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";

await tf.setBackend("cpu");

type Fn = (...args: tf.Tensor[]) => tf.Tensor;

/** What a function gives, compiled from its first call on, and plainly. */
function both(fn: Fn, ...args: tf.Tensor[]): { compiled: number[]; plain: number[] } {
  const step = jit(fn, { rehearse: true });
  const [compiled, plain] = [step(...args), fn(...args)].map((result) => [...result.dataSync()]);
  step.dispose();
  return { compiled: compiled!, plain: plain! };
}

const ints = (...values: number[]) => tf.tensor1d(values, "int32");

Deno.test("jit() multiplies int32 modulo 2^32, where plain TensorFlow.js rounds products beyond 2^53", () => {
  const [a, b] = [ints(2 ** 31 - 1, 94906267, 3), ints(2 ** 31 - 1, 94906267, 5)];
  const { compiled, plain } = both(tf.mul, a, b);
  assert.deepEqual(compiled, [1, Math.imul(94906267, 94906267), 15]);
  assert.deepEqual(plain, [0, Math.imul(94906267, 94906267) - 1, 15]);
});

Deno.test("jit() rounds int32 beyond 2^24 when it becomes float32, plain TensorFlow.js at the next operation", () => {
  const fn: Fn = (x) => tf.sub(tf.cast(x, "float32"), 3);
  const { compiled, plain } = both(fn, ints(2 ** 24 + 1, 2 ** 24, -5));
  assert.deepEqual(compiled, [2 ** 24 - 3, 2 ** 24 - 3, -8]);
  assert.deepEqual(plain, [2 ** 24 - 2, 2 ** 24 - 3, -8]);
});

Deno.test("jit() keeps int32 in int32, where plain TensorFlow.js leaves floats there", () => {
  const fn: Fn = (x) => tf.div(tf.cast(tf.square(x), "float32"), 2);
  const { compiled, plain } = both(fn, ints(65536, -3));
  assert.deepEqual(compiled, [0, 4.5]);
  assert.deepEqual(plain, [2 ** 31, 4.5]);
});

Deno.test("jit() multiplies weights of a convolution with the zeros around an image too", () => {
  const [image, weights] = [tf.ones([1, 3, 3, 1]), tf.tensor4d([1, Infinity, 2, 3], [2, 2, 1, 1])];
  const convolved: Fn = (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same");
  const { compiled, plain } = both(convolved, image, weights);
  // The infinite weight lies on the zeros in the last column.
  const want = plain.map((value, i) => i % 3 === 2 ? NaN : value);
  assert(plain.every((value) => !Number.isNaN(value)));
  assert.deepEqual(compiled, want);
});

Deno.test("jit() begins a product with its first term, so that the sign of 0 may be another one", () => {
  const { compiled, plain } = both(
    (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D),
    tf.tensor2d([-1], [1, 1]),
    tf.tensor2d([0, 2], [1, 2]),
  );
  assert(Object.is(plain[0], 0) && compiled[0] === 0);
  assert.equal(compiled[1], -2);
});

Deno.test("jit() takes 0 for larger than -0, where plain TensorFlow.js takes the first of them", () => {
  const x = tf.tensor2d([-0, 0, 0, -0], [2, 2]);
  const largest = both((a) => tf.max(a, 1), x);
  assert.deepEqual(largest, { compiled: [0, 0], plain: [-0, 0] });
  const smallest = both((a) => tf.min(a, 1), x);
  assert.deepEqual(smallest, { compiled: [-0, -0], plain: [-0, 0] });
});

Deno.test("jit() rounds -0.5 to -0, plain TensorFlow.js to 0", () => {
  const { compiled, plain } = both((x) => tf.round(x), tf.tensor1d([-0.5, 0.5, -1.5, -0.3]));
  assert.deepEqual(compiled, [-0, 0, -2, -0]);
  assert.deepEqual(plain, [0, 0, -2, -0]);
});
