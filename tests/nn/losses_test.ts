/** Losses: values, gradients, balance. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { binaryCrossEntropy, type Loss, meanSquaredError } from "../../lib/nn/mod.ts";

function evaluate(loss: Loss, output: number, target: number): { value: number; slope: number } {
  return tf.tidy(() => {
    const at = tf.tensor2d([[output]]);
    const { value, grad } = tf.valueAndGrad((y: tf.Tensor) =>
      loss.compute(y, tf.tensor2d([[target]]))
    )(at);
    return { value: value.dataSync()[0]!, slope: grad.dataSync()[0]! };
  });
}

function assertClose(actual: number, expected: number): void {
  assert(
    Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected)),
    `${actual} ≠ ${expected}`,
  );
}

Deno.test("meanSquaredError is the mean of squares over batch and units", () => {
  const loss = tf.tidy(() =>
    meanSquaredError.compute(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[0, 2], [3, 1]]))
      .dataSync()
  );
  assert.deepEqual([...loss], [(1 + 9) / 4]);
});

Deno.test("binaryCrossEntropy is -log of the probability of the target", () => {
  for (const p of [0.01, 0.25, 0.5, 0.9]) {
    assertClose(evaluate(binaryCrossEntropy, p, 1).value, -Math.log(p));
    assertClose(evaluate(binaryCrossEntropy, p, 0).value, -Math.log(1 - p));
    assertClose(evaluate(binaryCrossEntropy, p, 1).slope, -1 / p);
    assertClose(evaluate(binaryCrossEntropy, p, 0).slope, 1 / (1 - p));
  }
});

Deno.test("binaryCrossEntropy stays finite where the answer is certain and wrong, or certain and right", () => {
  for (const [output, target] of [[0, 1], [1, 0], [0, 0], [1, 1]] as const) {
    const { value, slope } = evaluate(binaryCrossEntropy, output, target);
    assert(
      Number.isFinite(value) && Number.isFinite(slope),
      `${output} for ${target}: ${value}, ${slope}`,
    );
    assertClose(value, output === target ? 0 : 126 * Math.LN2);
  }
});

Deno.test("equilibrium is the loss of the answer 1/2, for either target", () => {
  for (const loss of [meanSquaredError, binaryCrossEntropy]) {
    assertClose(evaluate(loss, 0.5, 1).value, loss.equilibrium);
    assertClose(evaluate(loss, 0.5, 0).value, loss.equilibrium);
  }
});
