/** Layers have the initial weights of PyTorch. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { linear } from "../../lib/nn/mod.ts";

Deno.test("linear() starts uniform in ±1/sqrt(inputs), weights and biases", () => {
  const model = tf.sequential({ layers: [linear(100, 200, { rng: new Random(1) })] });
  for (const weight of model.getWeights()) {
    const values = [...weight.dataSync()].sort((a, b) => a - b);
    const at = (share: number) => values[Math.floor(share * (values.length - 1))]!;
    assert(at(0) >= -0.1 && at(1) <= 0.1);
    assert(at(0) < -0.095 && at(1) > 0.095);
    assert(Math.abs(at(0.25) + 0.05) < 0.012 && Math.abs(at(0.75) - 0.05) < 0.012);
  }
});

Deno.test("linear() repeats with the seed and differs from layer to layer", () => {
  const weights = (rng: Random) => {
    const layers = [linear(4, 4, { rng }), linear(4, 4, { rng })];
    return tf.sequential({ layers }).getWeights().map((weight) => [...weight.dataSync()].join());
  };
  assert.deepEqual(weights(new Random(1)), weights(new Random(1)));
  assert.equal(new Set([...weights(new Random(1)), ...weights(new Random(2))]).size, 8);
});

Deno.test("linear() refuses wrong sizes", () => {
  assert.throws(() => linear(0, 3), {
    name: "RangeError",
    message: "Cannot make a linear layer: expected inputs to be a whole number from 1 on, got 0",
  });
  assert.throws(() => linear(4, 1.5), { message: /expected units .* got 1.5/ });
});
