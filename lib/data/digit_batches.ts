/** What the MNIST networks are fed with, batch after batch: digits, noise, and the labels beside them. */
import { checkOptions, flag, instanceOf, type Kinds, list, wholeNumber } from "../check/mod.ts";
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

/** Options of `DigitBatches`. */
export interface DigitBatchesOptions {
  /** How many rows a batch has. */
  readonly batchSize: number;
  /** Where the order, the noise and the labels come from. */
  readonly rng?: Random;
  /** Whether every row ends with a label, as 10 numbers, or as many as there are classes, of which one is 1. */
  readonly labelled?: boolean;
}

/** Options of `NoiseBatches`. */
export interface NoiseBatchesOptions extends DigitBatchesOptions {
  /** How many standard normal numbers a row begins with. */
  readonly latentSize: number;
  /** How many kinds of labels there are; 10 by default. */
  readonly classes?: number;
  /**
   * Labels to draw from, each as likely as it is frequent there, such as those of the real digits; by
   * default every label from 0 to `classes - 1` is equally likely.
   */
  readonly labels?: ArrayLike<number>;
}

const SIZE = wholeNumber({ from: 1 });
/** A batch of more numbers, 1 GiB of them, is a mistake. */
const MOST_NUMBERS = 2 ** 28;

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
   * @throws {TypeError} if `set` is not a set of digits, or an option is not known or of another kind.
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

  /** How many batches an epoch has. */
  get perEpoch(): number {
    return this.#batches.perEpoch;
  }

  /** The next batch, `[batchSize, 784]` pixels in [0, 1], or `[batchSize, 784 + classes]` with labels. */
  next(): Float32Array {
    const positions = this.#batches.next();
    const pixels = pixelsOf(this.#set, positions);
    if (!this.#labelled) return pixels;
    const { classes = MNIST_CLASSES } = this.#set;
    const labels = oneHot(labelsOf(this.#set, positions), { classes });
    return joinColumns(pixels, labels, { rows: positions.length });
  }

  /** The position in the data. */
  state(): BatchesState {
    return this.#batches.state();
  }

  /**
   * Goes on from a position in the data.
   *
   * @throws {TypeError | RangeError} if it is one of other data or batches; then nothing has changed.
   */
  restore(state: BatchesState): void {
    this.#batches.restore(state);
  }
}

/** A generator's inputs: standard normal noise, and with labels one that is drawn for every row. */
export class NoiseBatches {
  /** How many numbers of noise a row has. */
  readonly latentSize: number;
  readonly #batchSize: number;
  readonly #labelled: boolean;
  readonly #classes: number;
  readonly #labels: Uint8Array;
  readonly #rng: Random;

  /**
   * Begins where `rng` is, on a stream of its own.
   *
   * @throws {TypeError} if an option is not known or of another kind.
   * @throws {RangeError} if a size is not a whole number from 1 on, a batch is too large, or there is no
   * label to draw.
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

  /** The next batch, `[batchSize, latentSize]`, or `[batchSize, latentSize + classes]` with labels. */
  next(): Float32Array {
    if (!this.#labelled) return this.#noise(this.#batchSize);
    const labels = Uint8Array.from(
      { length: this.#batchSize },
      () => this.#labels[this.#rng.below(this.#labels.length)]!,
    );
    return this.for(labels);
  }

  /**
   * Noise for digits that are asked for, `[digits, latentSize + classes]`.
   *
   * @throws {TypeError | RangeError} if one is not a whole number from 0 to `classes - 1`.
   */
  for(digits: ArrayLike<number>): Float32Array {
    const rows = oneHot(digits, { classes: this.#classes });
    if (digits.length === 0) return rows;
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

/** All labels of so many classes. */
function every(classes: number): Uint8Array {
  return Uint8Array.from({ length: classes }, (_, label) => label);
}
