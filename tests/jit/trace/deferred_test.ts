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
