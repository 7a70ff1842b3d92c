/**
 * Trains a classifier on randomly shifted images. The learning rate rises quickly and then falls
 * slowly to 0.
 */
import {
  Batches,
  classesOf,
  labelsOf,
  type Mnist,
  MNIST_PIXELS,
  MNIST_SIDE,
  type MnistSet,
  pixelsOf,
  Random,
} from "../data/mod.ts";
import { type LoopOptions, steps } from "../train/mod.ts";
import { Classifier, type ClassifierNetwork } from "./classifier.ts";

/** Options of {@linkcode trainClassifier}. */
interface TrainClassifierOptions extends LoopOptions {
  /** Seed of the initial weights, the order and the shifts. */
  readonly seed: number;
  /** Number of passes over the training images. */
  readonly epochs: number;
  /** Architecture. */
  readonly network: ClassifierNetwork;
}

const BATCH = 100;
/** Maximum learning rate of Adam. */
const RATE = 3e-3;
/** Share of the steps during which the learning rate rises. */
const RISE = 0.05;
/** Maximum shift of an image in pixels, in each direction. */
const SHIFT = 2;

/**
 * Computes the learning rate at a share of all steps, from 0 to 1. It rises linearly, then falls
 * like half a cosine.
 */
export function rateAt(share: number): number {
  if (share < RISE) return RATE * share / RISE;
  return RATE * (1 + Math.cos(Math.PI * (share - RISE) / (1 - RISE))) / 2;
}

/** Shifts an image by whole pixels and fills the rest with paper. Writes all 784 pixels of `to`. */
function shift(
  from: Float32Array,
  { dx, dy, to }: { readonly dx: number; readonly dy: number; readonly to: Float32Array },
): void {
  to.fill(0);
  const [left, right] = [Math.max(0, -dx), MNIST_SIDE - Math.max(0, dx)];
  for (let y = Math.max(0, -dy); y < MNIST_SIDE - Math.max(0, dy); y++) {
    const row = from.subarray(y * MNIST_SIDE + left, y * MNIST_SIDE + right);
    to.set(row, (y + dy) * MNIST_SIDE + left + dx);
  }
}

/** Returns the images at some positions, each shifted randomly by up to `SHIFT` pixels. */
function shiftedPixels(set: MnistSet, positions: Int32Array, rng: Random): Float32Array {
  const pixels = pixelsOf(set, positions);
  const image = new Float32Array(MNIST_PIXELS);
  const distance = () => rng.below(2 * SHIFT + 1) - SHIFT;
  for (let start = 0; start < pixels.length; start += MNIST_PIXELS) {
    const to = pixels.subarray(start, start + MNIST_PIXELS);
    image.set(to);
    shift(image, { dx: distance(), dy: distance(), to });
  }
  return pixels;
}

/** Returns all images of a set, `[count, 784]`. */
function allPixels(set: MnistSet): Float32Array {
  return pixelsOf(set, Int32Array.from({ length: set.count }, (_, i) => i));
}

/** Measures the share of a set's images that are classified correctly. */
async function measureAccuracy(
  classifier: Classifier,
  set: MnistSet,
  options: LoopOptions,
): Promise<number> {
  const { labels } = await classifier.read(allPixels(set), options);
  return labels.reduce((right, label, i) => right + Number(label === set.labels[i]), 0) / set.count;
}

/**
 * Trains a classifier on the training images and measures its accuracy on the test images.
 *
 * @throws the signal's reason, if the signal stops the training.
 */
export async function trainClassifier(
  mnist: Mnist,
  { seed, epochs, network, ...watch }: TrainClassifierOptions,
): Promise<Classifier> {
  const { train, test } = mnist;
  const rng = new Random(seed);
  const classes = classesOf(mnist);
  const classifier = new Classifier({ rng: rng.split("weights"), classes, network });
  const batches = new Batches(train.count, {
    batchSize: Math.min(BATCH, train.count),
    rng: rng.split("order"),
  });
  const shifts = rng.split("shifts");
  const count = epochs * batches.perEpoch;
  for await (const step of steps(count, watch)) {
    const positions = batches.next();
    classifier.train(shiftedPixels(train, positions, shifts), labelsOf(train, positions), {
      learningRate: rateAt((step + 1) / count),
    });
  }
  const { signal } = watch; // the progress bar is full, and the rest takes only a second or two
  classifier.accuracy = await measureAccuracy(classifier, test, { ...(signal && { signal }) });
  return classifier;
}
