/** A DCGAN with batch normalization in both networks learns very small digits. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { MNIST_SIDE, Random } from "../../lib/data/mod.ts";
import { Discriminator, Generator } from "../../lib/nn/mod.ts";
import { smallMnist } from "../metrics/small_mnist.ts";

const SIDE = 8, SIZE = SIDE * SIDE, LATENT = 8, BATCH = 16;

/** Reduces digits of 28 x 28 pixels in a frame of 2: each 4 x 4 pixels become their mean. */
function shrink(digit: Uint8Array): number[] {
  return Array.from({ length: SIZE }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < 16; i++) {
      const row = 4 * Math.floor(at / SIDE) + Math.floor(i / 4) - 2;
      const column = 4 * (at % SIDE) + i % 4 - 2;
      const inside = [row, column].every((place) => place >= 0 && place < MNIST_SIDE);
      if (inside) sum += digit[row * MNIST_SIDE + column]!;
    }
    return sum / (16 * 255);
  });
}

/** Makes the layers of Radford et al. (2016), but fewer and narrower. */
function makeNetworks(rng: Random, compile: boolean) {
  const seeded = () => ({
    kernelInitializer: tf.initializers.randomNormal({ stddev: 0.1, seed: rng.bits() }),
  });
  const convolution = { kernelSize: 4, strides: 2, padding: "same" } as const;
  const norm = () => tf.layers.batchNormalization({ momentum: 0.8 });
  const leaky = () => tf.layers.leakyReLU({ alpha: 0.2 });
  const discriminator = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [SIDE, SIDE, 1], filters: 8, ...convolution, ...seeded() }),
      leaky(),
      tf.layers.conv2d({ filters: 16, ...convolution, ...seeded() }),
      norm(),
      leaky(),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1, ...seeded() }),
    ],
  });
  const generator = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [LATENT], units: 64, ...seeded() }),
      norm(),
      tf.layers.reLU(),
      tf.layers.reshape({ targetShape: [2, 2, 16] }),
      tf.layers.conv2dTranspose({ filters: 8, ...convolution, ...seeded() }),
      norm(),
      tf.layers.reLU(),
      tf.layers.conv2dTranspose({ filters: 1, ...convolution, activation: "sigmoid", ...seeded() }),
    ],
  });
  const options = () => ({ optimizer: tf.train.adam(5e-3, 0.5), compile });
  const D = new Discriminator({ model: discriminator, loss: "non-saturating", ...options() });
  const G = new Generator({ model: generator, keepOutputs: false, ...options() });
  return { D, G };
}

/** Finds the most similar of some digits, and the mean squared difference of a pixel from it. */
function nearest(image: ArrayLike<number>, digits: readonly number[][]) {
  let best = { distance: Infinity, index: -1 };
  digits.forEach((digit, index) => {
    const distance = digit.reduce((sum, ink, i) => sum + (ink - image[i]!) ** 2, 0) / SIZE;
    if (distance < best.distance) best = { distance, index };
  });
  return best;
}

for (const [how, steps] of [["compiled", 400], ["plain", 60]] as const) {
  Deno.test(`a DCGAN with batch normalization in both networks learns small digits, ${how}`, async () => {
    const { train, test } = await smallMnist(400, 40);
    const digitsOf = (set: typeof train) =>
      Array.from(
        { length: set.count },
        (_, i) => shrink(set.images.subarray(i * 784, (i + 1) * 784)),
      );
    const digits = digitsOf(train);
    const rng = new Random(1);
    const { D, G } = makeNetworks(rng, how === "compiled");
    const noise = (rows: number) => rng.fillNormal(new Float32Array(rows * LATENT));
    const judge = () => {
      const images = G.forward(noise(40));
      const found = Array.from(
        { length: 40 },
        (_, i) => nearest(images.subarray(i * SIZE, (i + 1) * SIZE), digits),
      );
      const distance = found.reduce((sum, one) => sum + one.distance, 0) / 40;
      return { distance, kinds: new Set(found.map(({ index }) => train.labels[index])).size };
    };
    const real = digitsOf(test).reduce((sum, d) => sum + nearest(d, digits).distance, 0) / 40;
    const before = judge();
    const ones = new Array(BATCH).fill(1), zeros = new Array(BATCH).fill(0);
    for (let i = 0; i < steps; i++) {
      const batch = Array.from({ length: BATCH }, () => digits[Math.floor(rng.uniform() * 400)]!);
      D.train(batch.flat(), ones);
      D.train(G.forward(noise(BATCH)), zeros);
      G.train(D, noise(BATCH), ones);
    }
    const after = judge();
    assert(before.distance > 10 * real);
    assert(after.distance < 2 * real, `${after.distance}, of real digits ${real}`);
    assert(after.kinds >= 5, `${after.kinds} kinds of digits`);
  });
}
