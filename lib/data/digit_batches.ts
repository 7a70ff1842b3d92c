/** Batches for the MNIST networks: real digits for D, noise for G, both with labels if wanted. */
import {
  check,
  checkOptions,
  flag,
  instanceOf,
  type Kinds,
  list,
  wholeNumber,
} from "../check/mod.ts";
import { Batches, type BatchesState } from "./batches.ts";
import { joinColumns } from "./columns.ts";
import {
  checkLabels,
  checkSet,
  CLASSES,
  labelsOf,
  MNIST_CLASSES,
  type MnistSet,
  oneHot,
  pixelsOf,
} from "./mnist_set.ts";
import { defaultRandom, Random, type RandomState } from "./random.ts";

/** Options of {@linkcode DigitBatches}. */
export interface DigitBatchesOptions {
  /** Number of rows per batch. */
  readonly batchSize: number;
  /** Random generator of the order, the noise and the labels. */
  readonly rng?: Random;
  /**
   * True if every row ends with its label as `classes` numbers, of which one is 1 and the others 0;
   * false by default.
   */
  readonly labelled?: boolean;
}

/** Options of {@linkcode NoiseBatches}. */
export interface NoiseBatchesOptions extends DigitBatchesOptions {
  /** Number of standard normal numbers at the start of each row. */
  readonly latentSize: number;
  /** Number of classes, that is, of different labels; 10 by default. */
  readonly classes?: number;
  /**
   * Labels to draw from, for example those of the real digits, so that each label is as frequent as
   * there. By default every label from 0 to `classes - 1` is equally likely.
   */
  readonly labels?: ArrayLike<number>;
}

const SIZE = wholeNumber({ from: 1 });
/** Maximum number of numbers in a batch. A larger batch, above 1 GiB, must be a mistake. */
const MOST_NUMBERS = 2 ** 28;
const NUMBERS = wholeNumber({ to: MOST_NUMBERS });

const KINDS: Kinds<DigitBatchesOptions> = {
  batchSize: SIZE,
  rng: instanceOf(Random),
  labelled: flag,
};

const NOISE_KINDS: Kinds<NoiseBatchesOptions> = {
  ...KINDS,
  latentSize: SIZE,
  classes: CLASSES,
  labels: list,
};

/**
 * Batches of digits in random order. Each epoch has a new order and leaves out the digits that do
 * not fill a batch.
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
   * Starts at the first batch of the first epoch.
   *
   * @throws {TypeError} if `set` is not a set of digits, or an option is unknown or has the wrong
   * type.
   * @throws {RangeError} if the batch size is not a whole number from 1 to the number of digits.
   */
  constructor(set: MnistSet, options: DigitBatchesOptions) {
    const task = "make batches of digits";
    checkSet(task, set);
    checkOptions(task, options, { kinds: KINDS, required: ["batchSize"] });
    const { labelled = false, ...others } = options;
    this.#set = set;
    this.#batches = new Batches(set.count, { ...others, last: "drop" });
    this.#labelled = labelled;
  }

  /** Number of batches per epoch. */
  get perEpoch(): number {
    return this.#batches.perEpoch;
  }

  /**
   * Returns the next batch: `[batchSize, 784]` pixels in [0, 1], or `[batchSize, 784 + classes]`
   * with labels.
   */
  next(): Float32Array {
    const positions = this.#batches.next();
    const pixels = pixelsOf(this.#set, positions);
    if (!this.#labelled) return pixels;
    const { classes = MNIST_CLASSES } = this.#set;
    const labels = oneHot(labelsOf(this.#set, positions), { classes });
    return joinColumns(pixels, labels, { rows: positions.length });
  }

  /** Returns the position in the data, for `restore`. */
  state(): BatchesState {
    return this.#batches.state();
  }

  /**
   * Continues from a position in the data that `state` returned.
   *
   * @throws {TypeError | RangeError} if the position belongs to other data or other batch sizes;
   * then nothing has changed.
   */
  restore(state: BatchesState): void {
    this.#batches.restore(state);
  }
}

/** Batches of inputs for a generator: standard normal noise and, if wanted, a random label in each row. */
export class NoiseBatches {
  /** Number of noise values per row. */
  readonly latentSize: number;
  readonly #batchSize: number;
  readonly #labelled: boolean;
  readonly #classes: number;
  readonly #labels: Uint8Array;
  readonly #rng: Random;

  /**
   * Starts a separate stream at the current state of `rng`. Later draws from `rng` do not change
   * it.
   *
   * @throws {TypeError} if an option is unknown or has the wrong type.
   * @throws {RangeError} if a size is not a whole number from 1 on, a batch is too large, or
   * `labels` is empty.
   */
  constructor(options: NoiseBatchesOptions) {
    const task = "make noise";
    checkOptions(task, options, { kinds: NOISE_KINDS, required: ["batchSize", "latentSize"] });
    const { batchSize, latentSize, labelled = false, rng = defaultRandom() } = options;
    const { classes = MNIST_CLASSES, labels = every(classes) } = options;
    checkLabels(task, labels, classes);
    if (labels.length === 0) throw new RangeError(`Cannot ${task}: expected labels, got none`);
    const size = batchSize * (latentSize + classes);
    if (size > MOST_NUMBERS) {
      throw new RangeError(`Cannot ${task}: expected up to ${MOST_NUMBERS} numbers, got ${size}`);
    }
    this.latentSize = latentSize;
    this.#batchSize = batchSize;
    this.#labelled = labelled;
    this.#classes = classes;
    this.#labels = Uint8Array.from(labels);
    this.#rng = Random.from(rng.state());
  }

  /**
   * Returns the next batch: `[batchSize, latentSize]`, or `[batchSize, latentSize + classes]` with
   * labels.
   */
  next(): Float32Array {
    if (!this.#labelled) return this.#noise(this.#batchSize);
    const labels = Uint8Array.from(
      { length: this.#batchSize },
      () => this.#labels[this.#rng.below(this.#labels.length)]!,
    );
    return this.for(labels);
  }

  /**
   * Returns noise with the given labels, `[digits, latentSize + classes]`.
   *
   * @throws {TypeError | RangeError} if a digit is not a whole number from 0 to `classes - 1`.
   */
  for(digits: ArrayLike<number>): Float32Array {
    const rows = oneHot(digits, { classes: this.#classes });
    if (digits.length === 0) return rows;
    return joinColumns(this.#noise(digits.length), rows, { rows: digits.length });
  }

  /**
   * Returns the same `count` rows of noise for every label,
   * `[classes * count, latentSize + classes]`, label 0 first.
   *
   * @throws {TypeError | RangeError} if `count` is not a whole number from 1 on, or the result
   * would be too large.
   */
  forEveryLabel(count: number): Float32Array {
    const task = "make noise";
    check(task, { count }, SIZE);
    const rows = this.#classes * count;
    check(task, { "how many numbers": rows * (this.latentSize + this.#classes) }, NUMBERS);
    const noise = this.#noise(count);
    const repeated = Float32Array.from(
      { length: rows * this.latentSize },
      (_, i) => noise[i % noise.length]!,
    );
    const labels = Uint8Array.from({ length: rows }, (_, row) => Math.floor(row / count));
    return joinColumns(repeated, oneHot(labels, { classes: this.#classes }), { rows });
  }

  #noise(rows: number): Float32Array {
    return this.#rng.fillNormal(new Float32Array(rows * this.latentSize));
  }

  /** Returns the state of the stream, for `restore`. */
  state(): RandomState {
    return this.#rng.state();
  }

  /**
   * Continues a stream from a state that `state` returned.
   *
   * @throws {TypeError} if it is not the state of a stream; then nothing has changed.
   */
  restore(state: RandomState): void {
    this.#rng.restore(state);
  }
}

/** Lists all labels from 0 to `classes - 1`. */
function every(classes: number): Uint8Array {
  return Uint8Array.from({ length: classes }, (_, label) => label);
}
