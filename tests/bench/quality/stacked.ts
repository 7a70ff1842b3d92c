/**
 * Stacked MNIST: three digits in one image, as its red, green and blue. The data have 1,000 modes,
 * one for each row of three digits (Lin et al., "PacGAN", 2018). The networks, losses and steps are
 * those of notebook 03, without groups and with a stronger penalty.
 */

import * as tf from "@tensorflow/tfjs";
import { type Mnist, MNIST_PIXELS, NoiseBatches, pixelsOf, Random } from "../../../lib/data/mod.ts";
import type { Classifier } from "../../../lib/metrics/mod.ts";
import * as nn from "../../../lib/nn/mod.ts";

/** Number of digits in an image. */
const DIGITS = 3;

/** Number of modes. */
export const MODES = 10 ** DIGITS;

/** Number of images in a batch, and of noise values for each, as in notebook 03. */
const [BATCH, LATENT] = [64, 16];

/** Number of images that are read at once. */
const SLICE = 100;

/** Options of the training of the stacked networks. */
export interface StackedOptions {
  /** Seed of weights, digits and noise. */
  readonly seed: number;
  /** Seconds of training. */
  readonly seconds: number;
  /** Number of images that are drawn afterwards. */
  readonly count: number;
  /** Number of channels of the networks; 32, as in the notebook, by default. */
  readonly channels?: number;
  /** Classifier that names each digit. */
  readonly classifier: Classifier;
}

/** What a generator of stacked digits has learnt. */
export interface StackedResult {
  /** Number of training steps. */
  readonly steps: number;
  /** Number of modes with at least one image. */
  readonly found: number;
  /** Kullback-Leibler divergence of the modes' shares from equal shares, in nats. */
  readonly divergence: number;
}

/** Mixes rows of single digits, `[3 rows, 784]`, into images of three values per pixel, `[rows, 2352]`. */
export function stack(digits: Float32Array): Float32Array {
  const images = new Float32Array(digits.length);
  for (let i = 0; i < images.length; i++) {
    const pixel = Math.floor(i / DIGITS) % MNIST_PIXELS;
    const row = Math.floor(i / (DIGITS * MNIST_PIXELS));
    images[i] = digits[(DIGITS * row + i % DIGITS) * MNIST_PIXELS + pixel]!;
  }
  return images;
}

/** Takes images of three values per pixel apart: the inverse of `stack`. */
export function unstack(images: Float32Array): Float32Array {
  const digits = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) {
    const pixel = Math.floor(i / DIGITS) % MNIST_PIXELS;
    const row = Math.floor(i / (DIGITS * MNIST_PIXELS));
    digits[(DIGITS * row + i % DIGITS) * MNIST_PIXELS + pixel] = images[i]!;
  }
  return digits;
}

/** Counts the modes of labels, `[3 images]`, and measures how unequal their shares are. */
export function modesOf(labels: ArrayLike<number>): Omit<StackedResult, "steps"> {
  const counts = new Float64Array(MODES);
  const images = labels.length / DIGITS;
  for (let i = 0; i < images; i++) {
    const [hundreds, tens, ones] = [0, 1, 2].map((digit) => labels[DIGITS * i + digit]!);
    counts[100 * hundreds! + 10 * tens! + ones!]! += 1;
  }
  const shares = [...counts].filter((count) => count > 0).map((count) => count / images);
  return {
    found: shares.length,
    divergence: shares.reduce((sum, share) => sum + share * Math.log(share * MODES), 0),
  };
}

/** Draws digits of the training images with replacement, `[3 rows, 784]`. */
function randomDigits(
  { train }: Mnist,
  { rows, rng }: { rows: number; rng: Random },
): Float32Array {
  return pixelsOf(train, Int32Array.from({ length: DIGITS * rows }, () => rng.below(train.count)));
}

/** Names the digits of generated images, `[3 images]`. */
async function readStacked(
  artist: nn.Generator,
  { classifier, count, rng }: { classifier: Classifier; count: number; rng: Random },
): Promise<Uint8Array> {
  const labels = new Uint8Array(DIGITS * count);
  for (let start = 0; start < count; start += SLICE) {
    const rows = Math.min(SLICE, count - start);
    const noise = rng.fillNormal(new Float32Array(rows * artist.inputSize));
    const read = await classifier.read(unstack(artist.forward(noise)));
    labels.set(read.labels, DIGITS * start);
  }
  return labels;
}

/** Trains the networks of notebook 03 on stacked digits for some seconds, and counts the modes. */
export async function judgeStacked(
  mnist: Mnist,
  { seed, seconds, count, channels = 32, classifier }: StackedOptions,
): Promise<StackedResult> {
  const rng = new Random(seed);
  const shape = { channels, colours: DIGITS };
  const adam = () => tf.train.adam(2e-3, 0.5, 0.9);
  const D = new nn.Discriminator({
    model: nn.mnistDiscriminator({ ...shape, rng: rng.split("D") }),
    loss: "non-saturating",
    penalty: nn.r1({ gamma: 5, every: 4 }),
    optimizer: adam(),
    print: () => {},
  });
  const model = nn.mnistGenerator({ ...shape, latentSize: LATENT, rng: rng.split("G") });
  const G = new nn.Generator({ model, optimizer: adam(), keepOutputs: false, print: () => {} });
  const average = new nn.MovingAverage(G.model, { decay: 0.9995, warmUp: 500 });
  const digits = rng.split("digits");
  const noise = new NoiseBatches({ batchSize: BATCH, latentSize: LATENT, rng: rng.split("noise") });
  const [real, generated] = [new Float32Array(BATCH).fill(1), new Float32Array(BATCH)];
  const start = performance.now();
  while (performance.now() - start < 1000 * seconds) {
    D.train(stack(randomDigits(mnist, { rows: BATCH, rng: digits })), real);
    D.train(G.forward(noise.next()), generated);
    G.train(D, noise.next(), real);
    average.update();
  }
  const artist = new nn.Generator({ model: average.model });
  const labels = await readStacked(artist, { classifier, count, rng: rng.split("judged") });
  return { steps: G.counter, ...modesOf(labels) };
}
