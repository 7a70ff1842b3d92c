/**
 * The random numbers of compiled functions.
 * @module
 */
import {
  arrayOf,
  check,
  checkOptions,
  type Kind,
  type Kinds,
  wholeNumber,
} from "../../check/mod.ts";
import type { Values } from "../program/dtype.ts";

/** The state of a `NoiseSource` as plain data, which can be stored as JSON. */
export interface NoiseState {
  /** Two words of 32 bits, from a seed or chosen at random. */
  readonly key: readonly [number, number];
  /** The number of calls that have drawn. */
  readonly calls: number;
}

const SEED = wholeNumber({ from: 0, to: Number.MAX_SAFE_INTEGER });

const WORD = wholeNumber({ from: 0, to: 2 ** 32 - 1 });

const STATE: Kinds<NoiseState> = {
  key: {
    expected: "two whole numbers below 2^32",
    fault: (key) =>
      arrayOf(WORD).fault(key) ?? ((key as unknown[]).length === 2 ? undefined : "range"),
  },
  calls: SEED,
};

const WORDS: Kind = { expected: "an Int32Array of 4 words", fault: () => "type" };

/**
 * A bit that is set in the counters of rehearsed calls, so that they differ from the counters of
 * all other calls.
 */
const REHEARSED = 1 << 31;

/**
 * A source of random numbers for compiled functions.
 *
 * A number depends on the seed, on how many calls have drawn before, and on its own place in the
 * call. So the numbers are the same on every machine, and a restored source continues with the
 * numbers that would have come next. The generator is Philox 4x32-10 (Salmon, Moraes, Dror and
 * Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011), which PyTorch and TensorFlow use on
 * GPUs. Functions that share a source draw different numbers.
 *
 * @example The same noise again
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { jit, NoiseSource } from "../mod.ts";
 * await tf.setBackend("cpu");
 * const draw = () => jit(() => tf.randomNormal([3]), { noise: new NoiseSource(7) })().dataSync();
 * assert.deepEqual(draw(), draw());
 * ```
 */
export class NoiseSource {
  readonly #key = new Uint32Array(2);
  #calls = 0;

  /**
   * Starts with a seed, a whole number from 0 to 2^53 - 1; by default a random one.
   *
   * @throws {TypeError | RangeError} for any other seed.
   */
  constructor(seed?: number) {
    if (seed === undefined) crypto.getRandomValues(this.#key);
    else {
      check("seed noise", { seed }, SEED);
      this.#key.set([seed, Math.floor(seed / 2 ** 32)]);
    }
  }

  /** Returns its state. */
  state(): NoiseState {
    const [a, b] = this.#key;
    return { key: [a!, b!], calls: this.#calls };
  }

  /**
   * Restores a state.
   *
   * @throws {TypeError | RangeError} if it is not the state of a `NoiseSource`; then nothing has changed.
   */
  restore(state: NoiseState): void {
    checkOptions("restore noise", state, { kinds: STATE, required: ["key", "calls"] });
    const { key, calls } = state;
    this.#key.set(key);
    this.#calls = calls;
  }

  /** Writes the words that a call draws from, and counts the call. */
  next(words: Values): void {
    this.#write(words, 0);
    this.#calls++;
  }

  /** Writes the words that a rehearsed call draws from, without counting the call. */
  rehearse(words: Values): void {
    this.#write(words, REHEARSED);
  }

  #write(words: Values, flag: number): void {
    if (!ArrayBuffer.isView(words) || !(words instanceof Int32Array) || words.length !== 4) {
      check("draw noise", { words }, WORDS);
    }
    words[0] = this.#key[0]!;
    words[1] = this.#key[1]!;
    words[2] = this.#calls;
    words[3] = Math.floor(this.#calls / 2 ** 32) | flag;
  }
}
