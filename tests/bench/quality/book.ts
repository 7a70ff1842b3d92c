/** Trains the network of the book that the script comes from, as a comparison for notebook 03. */

import * as tf from "@tensorflow/tfjs";
import { DigitBatches, type Mnist, NoiseBatches, Random } from "../../../lib/data/mod.ts";
import type { Judge, Judgement } from "../../../lib/metrics/mod.ts";
import { Discriminator, Generator, linear } from "../../../lib/nn/mod.ts";

/** Options of the training of the book's network. */
export interface BookOptions {
  /** Seed of weights, order and noise. */
  readonly seed: number;
  /** Number of digits in a batch; 1 in the book. */
  readonly batchSize: number;
  /** Numbers of seconds of training after which it is judged, in rising order. */
  readonly seconds: readonly number[];
  /** Judge of the generated digits. */
  readonly judge: Judge;
}

const LATENT = 100;

/**
 * Makes the networks: a hidden layer of 200, LeakyReLU(0.02), layer normalisation, a sigmoid; Adam
 * with 0.0001.
 */
function network(inputs: number, outputs: number, rng: Random) {
  const layers = [
    linear(inputs, 200, { rng }),
    tf.layers.leakyReLU({ alpha: 0.02 }),
    tf.layers.layerNormalization(),
    linear(200, outputs, { rng, activation: "sigmoid" }),
  ];
  return { model: tf.sequential({ layers }), optimizer: tf.train.adam(1e-4) };
}

/** Measures 10,000 images of a generator, drawn 100 at a time. */
async function judged(G: Generator, judge: Judge, rng: Random): Promise<Judgement> {
  const images = new Float32Array(10_000 * 784);
  for (let i = 0; i < 100; i++) {
    const noise = rng.fillNormal(new Float32Array(100 * LATENT));
    images.set(G.forward(noise), i * 100 * 784);
  }
  return await judge.measure(images);
}

/** Trains the book's network and measures it after some seconds; returns the number of steps at each time. */
export async function judgeBook(
  mnist: Mnist,
  { seed, batchSize, seconds, judge }: BookOptions,
): Promise<{ steps: number; verdict: Judgement }[]> {
  const rng = new Random(seed);
  const print = () => {};
  const D = new Discriminator({ ...network(784, 1, rng.split("D")), loss: "bce", print });
  const G = new Generator({ ...network(LATENT, 784, rng.split("G")), keepOutputs: false, print });
  const digits = new DigitBatches(mnist.train, { batchSize, rng: rng.split("digits") });
  const noise = new NoiseBatches({ batchSize, latentSize: LATENT, rng: rng.split("noise") });
  const [real, generated] = [new Float32Array(batchSize).fill(1), new Float32Array(batchSize)];
  const found: { steps: number; verdict: Judgement }[] = [];
  let spent = 0;
  for (const limit of seconds) {
    while (spent < 1000 * limit) {
      const start = performance.now();
      for (let i = 0; i < 50; i++) {
        D.train(digits.next(), real);
        D.train(G.forward(noise.next()), generated);
        G.train(D, noise.next(), real);
      }
      spent += performance.now() - start;
    }
    found.push({ steps: G.counter, verdict: await judged(G, judge, rng.split("judged")) });
  }
  return found;
}
