/** Trains the network of the book that the script comes from, as a comparison for notebook 03. */

import * as tf from "@tensorflow/tfjs";
import { DigitBatches, type Mnist, NoiseBatches, Random } from "../../../lib/data/mod.ts";
import { Discriminator, Generator, linear } from "../../../lib/nn/mod.ts";
import type { Figures } from "./draws.ts";

/** Options of the training of the book's network. */
export interface BookOptions {
  /** Seed of weights, order and noise. */
  readonly seed: number;
  /** Number of digits in a batch; 1 in the book. */
  readonly batchSize: number;
  /** Numbers of seconds of training after which it is judged, in rising order. */
  readonly seconds: readonly number[];
  /** Measures the generator. */
  readonly measure: (artist: Generator) => Promise<Figures[]>;
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

/** Trains the book's network and measures it after some seconds; returns the number of steps at each time. */
export async function judgeBook(
  mnist: Mnist,
  { seed, batchSize, seconds, measure }: BookOptions,
): Promise<{ steps: number; draws: Figures[] }[]> {
  const rng = new Random(seed);
  const print = () => {};
  const D = new Discriminator({ ...network(784, 1, rng.split("D")), loss: "bce", print });
  const G = new Generator({ ...network(LATENT, 784, rng.split("G")), keepOutputs: false, print });
  const digits = new DigitBatches(mnist.train, { batchSize, rng: rng.split("digits") });
  const noise = new NoiseBatches({ batchSize, latentSize: LATENT, rng: rng.split("noise") });
  const [real, generated] = [new Float32Array(batchSize).fill(1), new Float32Array(batchSize)];
  const found: { steps: number; draws: Figures[] }[] = [];
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
    found.push({ steps: G.counter, draws: await measure(G) });
  }
  return found;
}
