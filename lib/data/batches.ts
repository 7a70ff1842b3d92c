/** Which samples are learnt from next: every epoch all of them, in another random order. */
import { check, checkOptions, instanceOf, type Kinds, oneOf, wholeNumber } from "../check/mod.ts";
import { defaultRandom, Random, RANDOM_STATE, type RandomState } from "./random.ts";

/** Options of `Batches`. */
export interface BatchesOptions {
  /** How many samples a batch has. */
  readonly batchSize: number;
  /** Where the orders come from; its seed and labels matter, not how much was drawn from it. */
  readonly rng?: Random;
  /**
   * What happens to the samples of an epoch that do not fill a batch: they are left out (other ones
   * each epoch), so that every batch has one shape, or they make a smaller batch.
   */
  readonly last?: "drop" | "keep";
}

/** A position in the data, as plain data that survives JSON. */
export interface BatchesState {
  /** How many samples there are. */
  readonly count: number;
  /** How many samples a batch has. */
  readonly batchSize: number;
  /** What happens to an epoch's rest. */
  readonly last: "drop" | "keep";
  /** Epochs that are over. */
  readonly epoch: number;
  /** Batches of this epoch that were given out. */
  readonly batch: number;
  /** Where the orders come from. */
  readonly rng: RandomState;
}

/** An epoch's order is an Int32Array. */
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
 * Positions of samples, batch after batch, without end.
 *
 * An epoch's order depends on the generator's seed and the epoch's number alone, so a position in
 * the data is two numbers, and a run that goes on from them sees the same batches.
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
  /** How many samples there are. */
  readonly count: number;
  /** How many samples a batch has. */
  readonly batchSize: number;
  /** What happens to an epoch's rest. */
  readonly last: "drop" | "keep";
  /** How many batches an epoch has. */
  readonly perEpoch: number;
  #rng: Random;
  #epoch = 0;
  #batch = 0;
  #order: Int32Array | undefined;

  /**
   * Begins with the first batch of the first epoch.
   *
   * @throws {TypeError} if an option is not known or of another kind.
   * @throws {RangeError} if the sizes are not whole numbers from 1 on, or no batch can be filled.
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

  /** Epochs that are over. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Batches of this epoch that were given out. */
  get batch(): number {
    return this.#batch;
  }

  /** The positions of the next batch's samples, from 0 to `count - 1`, `[batchSize]`. */
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

  /** The position in the data. */
  state(): BatchesState {
    const { count, batchSize, last, epoch, batch } = this;
    return { count, batchSize, last, epoch, batch, rng: this.#rng.state() };
  }

  /**
   * Goes on from a position in the data, in the orders of the run that it comes from.
   *
   * @throws {TypeError | RangeError} if it is one of other data or batches, or none; then nothing has
   * changed.
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
