import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { jit } from "../../../lib/jit/mod.ts";

await tf.setBackend("cpu");

/** Numbers with both zeros, and values that are not finite. */
function numbers(length: number): Float32Array {
  const special = [-0, 0, Infinity, -Infinity, NaN];
  return Float32Array.from({ length }, (_, i) => i < 5 ? special[i]! : (i % 17 - 8) / 4);
}

/** Multiplies and compares with plain TensorFlow.js bit by bit; returns the text of the program. */
function checkProduct(
  [left, right]: readonly [number[], number[]],
  [transposeA, transposeB]: readonly [boolean, boolean],
): string {
  const [x, y] = [left, right].map((shape) =>
    tf.tensor(numbers(tf.util.sizeFromShape(shape)), shape)
  ) as [tf.Tensor, tf.Tensor];
  const product = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, transposeA, transposeB);
  const step = jit(product, { rehearse: true });
  const [found, expected] = [step(x, y), product(x, y)];
  assert.deepEqual(found.shape, expected.shape);
  assert.deepEqual(found.dataSync(), expected.dataSync());
  const { program } = step;
  step.dispose();
  tf.dispose([x, y, found, expected]);
  return program;
}

Deno.test("jit() computes products of one term elementwise, with the bits of TensorFlow.js", () => {
  const shapes = { left: [[64, 1], [1, 64]], right: [[1, 80], [80, 1]] };
  for (const transposeA of [0, 1] as const) {
    for (const transposeB of [0, 1] as const) {
      const pair = [shapes.left[transposeA]!, shapes.right[transposeB]!] as const;
      const flags = [transposeA === 1, transposeB === 1] as const;
      assert.doesNotMatch(checkProduct(pair, flags), /matmul/);
      const batches = pair.map((shape) => [3, ...shape]) as [number[], number[]];
      assert.doesNotMatch(checkProduct(batches, flags), /matmul/);
    }
  }
  assert.doesNotMatch(checkProduct([[1, 64, 1], [3, 1, 80]], [false, false]), /matmul/);
});

Deno.test("jit() leaves small products and sums of several terms to products", () => {
  assert.match(checkProduct([[16, 1], [1, 20]], [false, false]), /matmul/);
  assert.match(checkProduct([[4096, 1], [1, 3]], [false, false]), /matmul/);
});
