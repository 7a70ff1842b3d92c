/** Chooses the samples of each batch: every epoch uses all samples once, in a new random order. */
import { check, checkOptions, instanceOf, type Kinds, oneOf, wholeNumber } from "../check/mod.ts";
import { defaultRandom, Random, RANDOM_STATE, type RandomState } from "./random.ts";

/** Options of {@linkcode Batches}. */
export interface BatchesOptions {
  /** Number of samples per batch. */
  readonly batchSize: number;
  /**
   * Random generator of the orders. Only its seed and labels matter, not how many numbers were
   * drawn from it.
   */
  readonly rng?: Random;
  /**
   * Treatment of the last samples of an epoch, if they do not fill a batch. `"drop"`, the default,
   * leaves them out, so that all batches have one shape; each epoch leaves out different samples.
   * `"keep"` makes a smaller batch of them.
   */
  readonly last?: "drop" | "keep";
}

/** Position in the data, as plain data that JSON can store. */
export interface BatchesState {
  /** Number of samples. */
  readonly count: number;
  /** Number of samples per batch. */
  readonly batchSize: number;
  /** Treatment of the last samples of an epoch. */
  readonly last: "drop" | "keep";
  /** Number of finished epochs. */
  readonly epoch: number;
  /** Number of batches already returned in this epoch. */
  readonly batch: number;
  /** State of the random generator of the orders. */
  readonly rng: RandomState;
}

/** Allowed sizes: the order of an epoch is an Int32Array. */
const SIZE = wholeNumber({ from: 1, to: 2 ** 31 - 1 });
const LAST = oneOf(["drop", "keep"]);
const COUNTER = wholeNumber({ from: 0 });

const KINDS: Kinds<BatchesOptions> = { batchSize: SIZE, rng: instanceOf(Random), last: LAST };

const STATE_KINDS: Kinds<BatchesState> = {
  count: SIZE,
  batchSize: SIZE,
  last: LAST,
  epoch: COUNTER,
  batch: COUNTER,
  rng: RANDOM_STATE,
};

/**
 * Endless sequence of batches; each batch is an array of positions of samples.
 *
 * The order of an epoch depends only on the seed of the generator and on the number of the epoch.
 * So two numbers describe the position in the data, and a run that resumes from them sees the same
 * batches.
 *
 * ```ts
 * import { Batches, Random } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const batches = new Batches(60_000, { batchSize: 64, rng: new Random(1) });
 * assert.equal(batches.perEpoch, 937); // and 32 samples are left out
 * assert.equal(batches.next().length, 64);
 * ```
 */
export class Batches {
  /** Number of samples. */
  readonly count: number;
  /** Number of samples per batch. */
  readonly batchSize: number;
  /** Treatment of the last samples of an epoch. */
  readonly last: "drop" | "keep";
  /** Number of batches per epoch. */
  readonly perEpoch: number;
  #rng: Random;
  #epoch = 0;
  #batch = 0;
  #order: Int32Array | undefined;

  /**
   * Starts at the first batch of the first epoch.
   *
   * @throws {TypeError} if an option is unknown or has the wrong type.
   * @throws {RangeError} if a size is not a whole number from 1 on, or if `last` is `"drop"` and
   * the batch size is larger than `count`.
   */
  constructor(count: number, options: BatchesOptions) {
    const task = "make batches";
    check(task, { count }, SIZE);
    checkOptions(task, options, { kinds: KINDS, required: ["batchSize"] });
    const { batchSize, rng = defaultRandom(), last = "drop" } = options;
    if (last === "drop" && batchSize > count) {
      throw new RangeError(
        `Cannot ${task}: expected a batch size of at most ${count}, as many as there are ` +
          `samples, got ${batchSize}`,
      );
    }
    this.count = count;
    this.batchSize = batchSize;
    this.last = last;
    this.perEpoch = last === "drop" ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
    this.#rng = Random.from(rng.state());
  }

  /** Number of finished epochs. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Number of batches already returned in this epoch. */
  get batch(): number {
    return this.#batch;
  }

  /** Returns the positions of the next batch, `[batchSize]`, each from 0 to `count - 1`. */
  next(): Int32Array {
    this.#order ??= this.#shuffled();
    const start = this.#batch * this.batchSize;
    const positions = this.#order.slice(start, start + this.batchSize);
    if (++this.#batch === this.perEpoch) {
      this.#batch = 0;
      this.#epoch++;
      this.#order = undefined;
    }
    return positions;
  }

  /** Returns the position in the data, for `restore`. */
  state(): BatchesState {
    const { count, batchSize, last, epoch, batch } = this;
    return { count, batchSize, last, epoch, batch, rng: this.#rng.state() };
  }

  /**
   * Continues from a position in the data that `state` returned.
   *
   * @throws {TypeError | RangeError} if it is not a position, or belongs to other data or other
   * batch sizes; then nothing has changed.
   */
  restore(state: BatchesState): void {
    const task = "restore batches";
    checkOptions(task, state, { kinds: STATE_KINDS, required: Object.keys(STATE_KINDS) });
    const { epoch, batch, rng, ...sizes } = state;
    for (const name of ["count", "batchSize", "last"] as const) {
      if (sizes[name] !== this[name]) {
        throw new RangeError(`Cannot ${task}: expected ${name} ${this[name]}, got ${sizes[name]}`);
      }
    }
    check(task, { batch }, wholeNumber({ from: 0, to: this.perEpoch - 1 }));
    this.#rng = Random.from(rng);
    this.#epoch = epoch;
    this.#batch = batch;
    this.#order = undefined;
  }

  #shuffled(): Int32Array {
    return this.#rng.split(this.#epoch).shuffle(
      Int32Array.from({ length: this.count }, (_, i) => i),
    );
  }
}
