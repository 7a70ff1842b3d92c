/** Losses: values, gradients, balance. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import {
  binaryCrossEntropy,
  binaryCrossEntropyFromLogits,
  Discriminator,
  Generator,
  hinge,
  linear,
  type Loss,
  type LossName,
  meanSquaredError,
  wasserstein,
} from "../../lib/nn/mod.ts";
import { losses, lossOf } from "../../lib/nn/losses.ts";

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

Deno.test("binaryCrossEntropyFromLogits is binaryCrossEntropy of the sigmoid, exact where that is not", () => {
  for (const logit of [-3, -0.5, 0, 0.5, 3]) {
    for (const target of [0, 0.9, 1]) {
      const p = 1 / (1 + Math.exp(-logit));
      const { value, slope } = evaluate(binaryCrossEntropyFromLogits, logit, target);
      assertClose(value, evaluate(binaryCrossEntropy, p, target).value);
      assertClose(slope, p - target);
    }
  }
  assertClose(evaluate(binaryCrossEntropyFromLogits, -80, 1).value, 80);
  assertClose(evaluate(binaryCrossEntropyFromLogits, -80, 1).slope, -1); // it does not vanish
  assertClose(evaluate(binaryCrossEntropyFromLogits, 0, 1).value, Math.LN2);
});

Deno.test("hinge stops rewarding scores beyond 1 and -1; its generator always wants a higher one", () => {
  assert.deepEqual(evaluate(hinge, 0.5, 1), { value: 0.5, slope: -1 });
  assert.deepEqual(evaluate(hinge, 2, 1), { value: 0, slope: -0 });
  assert.deepEqual(evaluate(hinge, -0.5, 0), { value: 0.5, slope: 1 });
  assert.deepEqual(evaluate(hinge, -2, 0), { value: 0, slope: 0 });
  const generator: Loss = { ...hinge, compute: hinge.computeForGenerator! };
  assert.deepEqual(evaluate(generator, 7, 1), { value: -7, slope: -1 });
});

Deno.test("wasserstein is the score of generated minus that of real samples", () => {
  assert.deepEqual(evaluate(wasserstein, 3, 1), { value: -3, slope: -1 });
  assert.deepEqual(evaluate(wasserstein, 3, 0), { value: 3, slope: 1 });
});

Deno.test("a generator descends the loss that is meant for it", () => {
  for (const name of Object.keys(losses) as LossName[]) {
    const D = new Discriminator({ model: tf.sequential({ layers: [linear(2, 1)] }), loss: name });
    const G = new Generator({ model: tf.sequential({ layers: [linear(1, 2)] }) });
    const { answers, compute, computeForGenerator = compute } = lossOf(name);
    if (answers === "probability") continue; // the script's, tested against PyTorch
    const score = D.forward(G.forward([1]))[0]!;
    const expected = evaluate({ ...lossOf(name), compute: computeForGenerator }, score, 1);
    assertClose(G.train(D, [1], [1]), expected.value);
  }
});

Deno.test("every loss has a name, a paper, and its value where D cannot tell", () => {
  for (const [name, loss] of Object.entries(losses)) {
    assert(loss.name.length > 0 && /\d{4}/.test(loss.reference), name);
    const undecided = loss.answers === "probability" ? 0.5 : 0;
    for (const target of [0, 1]) {
      assertClose(evaluate(loss, undecided, target).value, loss.equilibrium);
    }
  }
});

Deno.test("lossOf() accepts names and losses, and lists the names in its error", () => {
  assert.equal(lossOf("mse"), meanSquaredError);
  assert.equal(lossOf(hinge), hinge);
  for (const wrong of ["lsgan", "toString"]) {
    assert.throws(() => lossOf(wrong as LossName), {
      name: "RangeError",
      message:
        'Cannot choose a loss: expected loss to be one of "mse", "bce", "non-saturating", "hinge", ' +
        '"wasserstein" or a loss, an object with compute(outputs, targets), got the string ' +
        `"${wrong}"`,
    });
  }
});
