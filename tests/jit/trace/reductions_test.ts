/** Reductions over some axes while recording: deferred results have the shape that eager ones have. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../../lib/jit/mod.ts";

for (const name of ["max", "min", "sum", "mean", "prod"] as const) {
  Deno.test(`jit() of ${name} over one axis inside other kernels is what it is without`, () => {
    const x = tf.tensor2d([[1, 5, 2], [4, 3, 0.5]]);
    for (const keepDims of [true, false]) {
      const fn = (x: tf.Tensor) =>
        tf.relu(tf.exp(x)[name](1, keepDims).reshape([2]).neg().add(100));
      const compiled = jit(fn, { rehearse: true });
      const wanted = [...fn(x).dataSync()];
      for (let call = 0; call < 4; call++) {
        [...compiled(x).dataSync()].forEach((value, i) => {
          assert(Math.abs(value - wanted[i]!) < 1e-3, `${value}, not ${wanted[i]}`);
        });
      }
    }
  });
}

Deno.test("jit() of a softmax cross-entropy and its gradient is what it is without", () => {
  const labels = tf.tensor2d([[1, 0, 0], [0, 0, 1]]);
  const logits = tf.tensor2d([[0.5, 2, -1], [3, 0, 1]]);
  const fn = (x: tf.Tensor) =>
    tf.grad((x) => tf.losses.softmaxCrossEntropy(labels, x) as tf.Scalar)(x);
  const compiled = jit(fn, { rehearse: true });
  const wanted = [...fn(logits).dataSync()];
  for (let call = 0; call < 4; call++) {
    [...compiled(logits).dataSync()].forEach((value, i) =>
      assert(Math.abs(value - wanted[i]!) < 1e-6)
    );
  }
});
