/** Networks whose layers draw noise in training: compiled, seeded, and without noise in `forward`. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { Discriminator, Generator, linear } from "../../lib/nn/mod.ts";
import { drawsNoise } from "../../lib/nn/noise.ts";

await tf.setBackend("cpu");

const L = tf.layers;

/** Layers that draw noise, with 4 values per sample. */
const NOISY: Record<string, () => tf.layers.Layer[]> = {
  dropout: () => [L.dropout({ rate: 0.4 })],
  gaussianNoise: () => [L.gaussianNoise({ stddev: 0.5 })],
  gaussianDropout: () => [L.gaussianDropout({ rate: 0.4 })],
  alphaDropout: () => [L.alphaDropout({ rate: 0.4 })],
  spatialDropout1d: () => [
    L.reshape({ targetShape: [2, 2] }),
    L.spatialDropout1d({ rate: 0.4 }),
    L.flatten(),
  ],
  "dropout in a nested model": () => [
    tf.sequential({ layers: [L.dropout({ rate: 0.4, inputShape: [4] })] }),
  ],
  "dropout of an LSTM": () => [
    L.reshape({ targetShape: [2, 2] }),
    L.lstm({ units: 4, dropout: 0.4, recurrentDropout: 0.2 }),
  ],
};

function discriminator(
  layers: () => tf.layers.Layer[],
  seed?: number,
  optimizer: tf.Optimizer = tf.train.sgd(0.1),
): Discriminator {
  const weights = new Random(9);
  const model = tf.sequential({
    layers: [
      linear(4, 4, { activation: "sigmoid", rng: weights }),
      ...layers(),
      L.dense({ units: 1, activation: "sigmoid", kernelInitializer: "ones" }),
    ],
  });
  // The layers in between have weights of their own.
  model.setWeights(model.getWeights().map((w) => tf.tensor(values(w.shape), w.shape)));
  return new Discriminator({
    model,
    optimizer,
    ...(seed !== undefined && { rng: new Random(seed) }),
  });
}

function values(shape: readonly number[]): Float32Array {
  const rng = new Random(4);
  const size = shape.reduce((product, n) => product * n, 1);
  return Float32Array.from({ length: size }, () => rng.uniform(-1, 1));
}

const REAL = [1, 0, 1, 0, 0.9, 0.1, 0.9, 0.1];

function lossesOf(D: Discriminator, steps = 6): number[] {
  return Array.from({ length: steps }, () => D.train(REAL, [1, 1]));
}

for (const [name, layers] of Object.entries(NOISY)) {
  Deno.test(`Discriminator with ${name} trains compiled, the same for the same seed`, () => {
    const [first, again, other] = [1, 1, 2].map((seed) => lossesOf(discriminator(layers, seed)));
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, other);
    assert(first!.every(Number.isFinite));
  });

  Deno.test(`Discriminator with ${name} answers without noise`, () => {
    const D = discriminator(layers, 1);
    D.train(REAL, [1, 1]);
    const calls = D.noise.state().calls;
    assert.deepEqual(D.forward(REAL), D.forward(REAL));
    assert.equal(D.noise.state().calls, calls);
  });
}

Deno.test("Discriminator draws different noise in each network without an rng", () => {
  const [first, other] = [1, 2].map(() => lossesOf(discriminator(NOISY["dropout"]!)));
  assert.notDeepEqual(first, other);
});

Deno.test("Discriminator learns the pattern through dropout", () => {
  const D = discriminator(NOISY["dropout"]!, 3, tf.train.adam(0.01));
  for (let step = 0; step < 1000; step++) {
    D.train(REAL, [1, 1]);
    D.train([0.5, 0.5, 0.4, 0.6, 0.1, 0.9, 0.2, 0.8], [0, 0]);
  }
  const [real, fake] = [D.forward([1, 0, 1, 0])[0]!, D.forward([0.1, 0.9, 0.3, 0.7])[0]!];
  assert(real > 0.6 && fake < 0.4, `${real} ${fake}`);
});

Deno.test("Generator learns through a discriminator with dropout, from its own noise", () => {
  const run = (seed: number) => {
    const D = discriminator(NOISY["dropout"]!, 5);
    const G = new Generator({ rng: new Random(seed) });
    const before = D.noise.state();
    const losses = Array.from({ length: 5 }, () => G.train(D, [0.5, 0.3], [1, 1]));
    assert.deepEqual(D.noise.state(), before);
    assert.equal(G.noise.state().calls, 5);
    return losses;
  };
  assert.deepEqual(run(1), run(1));
});

Deno.test("Discriminator refuses an rng where neither weights nor layers take numbers from it", () => {
  const model = tf.sequential({ layers: [linear(4, 1)] });
  assert.throws(() => new Discriminator({ model, rng: new Random(1) }), /^TypeError: .*draw noise/);
});

Deno.test("Discriminator with dropout trains as plain TensorFlow.js too", () => {
  const model = tf.sequential({
    layers: [linear(4, 4), L.dropout({ rate: 0.4 }), L.dense({ units: 1, activation: "sigmoid" })],
  });
  const D = new Discriminator({ model, compile: false });
  assert(lossesOf(D).every(Number.isFinite));
  assert.equal(D.noise.state().calls, 0);
});

Deno.test("drawsNoise() says no for layers whose rates of dropout are 0", () => {
  const still = [L.dense({ units: 1 }), L.lstm({ units: 1, dropout: 0, recurrentDropout: 0 })];
  assert.deepEqual(still.map(drawsNoise), [false, false]);
  assert.equal(drawsNoise(L.lstm({ units: 1, recurrentDropout: 0.1 })), true);
});
