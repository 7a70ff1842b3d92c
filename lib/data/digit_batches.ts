/** What the MNIST networks are fed with, batch after batch: digits, noise, and the labels beside them. */
import { Batches, type BatchesState } from "./batches.ts";
import {
  labelsOf,
  MNIST_CLASSES,
  MNIST_PIXELS,
  type MnistSet,
  oneHot,
  pixelsOf,
} from "./mnist_set.ts";
import { defaultRandom, Random, type RandomState } from "./random.ts";

/** How batches of digits or of noise are made. */
export interface DigitBatchesOptions {
  /** How many rows a batch has. */
  readonly batchSize: number;
  /** Where the order, the noise and the labels come from. */
  readonly rng?: Random;
  /** Whether every row ends with a digit, as 10 numbers of which one is 1. */
  readonly labelled?: boolean;
}

/** How batches of noise are made. */
export interface NoiseBatchesOptions extends DigitBatchesOptions {
  /** How many standard normal numbers a row begins with. */
  readonly latentSize: number;
}

/** @throws {RangeError} if a size is not a whole number from 1 on. */
function checkSizes(task: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(
        `Cannot ${task}: expected ${name} to be a whole number from 1 on, got ${size}`,
      );
    }
  }
}

/**
 * Rows that begin with those of `left` and end with those of `right`: `[rows, a]` and `[rows, b]` make
 * `[rows, a + b]`.
 *
 * ```ts
 * import { joinColumns } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...joinColumns([1, 2], [3, 4, 5, 6], { rows: 2 })], [1, 3, 4, 2, 5, 6]);
 * ```
 *
 * @throws {RangeError} if either is not so many rows.
 */
export function joinColumns(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  { rows }: { readonly rows: number },
): Float32Array {
  const task = "join columns";
  checkSizes(task, { rows });
  for (const { length } of [left, right]) {
    if (length % rows !== 0) {
      throw new RangeError(`Cannot ${task}: expected ${rows} whole rows, got ${length} numbers`);
    }
  }
  const [a, b] = [left.length / rows, right.length / rows];
  const joined = new Float32Array(left.length + right.length);
  for (let row = 0; row < rows; row++) {
    const start = row * (a + b);
    for (let i = 0; i < a; i++) joined[start + i] = left[row * a + i]!;
    for (let i = 0; i < b; i++) joined[start + a + i] = right[row * b + i]!;
  }
  return joined;
}

/**
 * The images of samples `[rows, 784 + 10]`, without their labels: `[rows, 784]`.
 *
 * @throws {RangeError} if they are not whole rows of that width.
 */
export function withoutLabels(samples: ArrayLike<number>): Float32Array {
  const width = MNIST_PIXELS + MNIST_CLASSES;
  if (samples.length % width !== 0) {
    throw new RangeError(
      `Cannot take labels off: expected rows of ${width} numbers, got ${samples.length} numbers`,
    );
  }
  const rows = samples.length / width;
  const images = new Float32Array(rows * MNIST_PIXELS);
  for (let i = 0; i < images.length; i++) {
    images[i] = samples[Math.floor(i / MNIST_PIXELS) * width + i % MNIST_PIXELS]!;
  }
  return images;
}

/**
 * Digits in a random order that is another one every epoch; what does not fill a batch is left out.
 *
 * ```ts
 * import { DigitBatches, loadMnist, Random } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const { test } = await loadMnist();
 * const digits = new DigitBatches(test, { batchSize: 64, rng: new Random(1) });
 * assert.equal(digits.next().length, 64 * 784);
 * ```
 */
export class DigitBatches {
  readonly #set: MnistSet;
  readonly #batches: Batches;
  readonly #labelled: boolean;

  /**
   * Begins with the first batch of the first epoch.
   *
   * @throws {RangeError} if the batch size is not a whole number from 1 to the number of digits.
   */
  constructor(set: MnistSet, { labelled = false, ...options }: DigitBatchesOptions) {
    this.#set = set;
    this.#batches = new Batches(set.count, { ...options, last: "drop" });
    this.#labelled = labelled;
  }

  /** How many batches an epoch has. */
  get perEpoch(): number {
    return this.#batches.perEpoch;
  }

  /** The next batch, `[batchSize, 784]` pixels in [0, 1], or `[batchSize, 784 + 10]` with labels. */
  next(): Float32Array {
    const positions = this.#batches.next();
    const pixels = pixelsOf(this.#set, positions);
    if (!this.#labelled) return pixels;
    const labels = oneHot(labelsOf(this.#set, positions));
    return joinColumns(pixels, labels, { rows: positions.length });
  }

  /** The position in the data. */
  state(): BatchesState {
    return this.#batches.state();
  }

  /**
   * Goes on from a position in the data.
   *
   * @throws {RangeError} if it is one of other data or batches; then nothing has changed.
   */
  restore(state: BatchesState): void {
    this.#batches.restore(state);
  }
}

/** A generator's inputs: standard normal noise, and with labels a digit drawn evenly for every row. */
export class NoiseBatches {
  /** How many numbers of noise a row has. */
  readonly latentSize: number;
  readonly #batchSize: number;
  readonly #labelled: boolean;
  readonly #rng: Random;

  /**
   * Begins where `rng` is, on a stream of its own.
   *
   * @throws {RangeError} if a size is not a whole number from 1 on.
   */
  constructor(options: NoiseBatchesOptions) {
    const { batchSize, latentSize, labelled = false, rng = defaultRandom() } = options;
    checkSizes("make noise", { batchSize, latentSize });
    this.latentSize = latentSize;
    this.#batchSize = batchSize;
    this.#labelled = labelled;
    this.#rng = Random.from(rng.state());
  }

  /** The next batch, `[batchSize, latentSize]`, or `[batchSize, latentSize + 10]` with labels. */
  next(): Float32Array {
    if (!this.#labelled) return this.#noise(this.#batchSize);
    const labels = Uint8Array.from(
      { length: this.#batchSize },
      () => this.#rng.below(MNIST_CLASSES),
    );
    return this.for(labels);
  }

  /**
   * Noise for digits that are asked for, `[digits, latentSize + 10]`.
   *
   * @throws {RangeError} if one is not a whole number from 0 to 9.
   */
  for(digits: ArrayLike<number>): Float32Array {
    const rows = oneHot(digits);
    return joinColumns(this.#noise(digits.length), rows, { rows: digits.length });
  }

  #noise(rows: number): Float32Array {
    return this.#rng.fillNormal(new Float32Array(rows * this.latentSize));
  }

  /** Where the stream is. */
  state(): RandomState {
    return this.#rng.state();
  }

  /**
   * Goes on where the stream of `state` was.
   *
   * @throws {TypeError} if it is no state of a stream; then nothing has changed.
   */
  restore(state: RandomState): void {
    this.#rng.restore(state);
  }
}
