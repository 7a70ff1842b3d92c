/** Seeded generator of random numbers. Everything random in this project draws from it. */
import {
  check,
  describeValue,
  finiteNumber,
  instanceOf,
  type Kind,
  list,
  text,
  union,
  wholeNumber,
} from "../check/mod.ts";
import { drawNormal } from "./normal.ts";

/** Step of uniform numbers. Multiples of 2^-24 are exact in float32 and never round up to 1. */
const UNIT = 2 ** -24;

/**
 * Mixes the bits of a word (finalizer of MurmurHash3): every bit of the input changes every bit of
 * the output.
 */
function mix32(word: number): number {
  let h = word >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Derives four words from a key and other words; each of them depends on all the inputs. */
function deriveKey(key: Uint32Array, words: Iterable<number>): Uint32Array {
  const derived = Uint32Array.from(key);
  const absorb = (word: number) => {
    for (let i = 0; i < 4; i++) {
      // Each lane also takes its left neighbour, so that after four rounds every word has reached
      // all lanes.
      derived[i] = mix32(derived[i]! ^ Math.imul(word + i + 1, 0x9e3779b1) ^ derived[(i + 3) % 4]!);
    }
  };
  for (const word of words) absorb(word);
  for (let round = 0; round < 4; round++) absorb(round);
  if (derived.every((word) => word === 0)) derived[0] = 1; // xoshiro cannot leave the state of zeros
  return derived;
}

/** State of a stream, as plain data that JSON can store. */
export interface RandomState {
  /** Four words that the stream started with; `split` derives other streams from them. */
  readonly key: readonly number[];
  /** Four words from which the next number is computed. */
  readonly words: readonly number[];
}

/** Tells whether a value is an array of four 32-bit words, not all zero: the allowed states of xoshiro. */
function areWords(words: unknown): words is readonly [number, number, number, number] {
  return Array.isArray(words) && words.length === 4 && words.some((word) => word !== 0) &&
    words.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32);
}

/** Kind of states of a stream. */
export const RANDOM_STATE: Kind = {
  expected: "key and words of four whole numbers below 2^32 each, not all zero",
  fault: (state) => {
    const { key, words } = Object(state) as Partial<RandomState>;
    return areWords(key) && areWords(words) ? undefined : "type";
  },
};

const SEED = wholeNumber({ from: 0 });
const BOUND = wholeNumber({ from: 1, to: 2 ** 32 });
const FINITE = finiteNumber();
const LABEL = union(text, FINITE);
const NOISE = union(instanceOf(Float32Array), instanceOf(Float64Array));

/** Tasks in errors, as the words that follow "Cannot". */
const TASK = { uniform: "draw a uniform number", normal: "draw a normal number" } as const;

/**
 * Stream of random numbers; the same seed gives the same numbers.
 *
 * The generator is xoshiro128++ (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021). `split` makes independent streams, so that, for example, one more draw of
 * noise does not change the initial weights.
 *
 * ```ts
 * import { Random } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const data = new Random(1).split("data");
 * const again = new Random(1).split("data");
 * assert.equal(data.uniform(0.9, 1.1), again.uniform(0.9, 1.1));
 * ```
 */
export class Random {
  readonly #key: Uint32Array;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /**
   * Starts the stream of a seed, a whole number from 0 to 2^53 - 1.
   *
   * @throws {TypeError | RangeError} for any other seed.
   */
  constructor(seed: number) {
    check("seed a random generator", { seed }, SEED);
    this.#key = deriveKey(new Uint32Array(4), [seed >>> 0, Math.floor(seed / 2 ** 32)]);
    [this.#a, this.#b, this.#c, this.#d] = this.#key as unknown as [number, number, number, number];
  }

  /**
   * Makes a stream that continues from a state.
   *
   * ```ts
   * import { Random } from "./mod.ts";
   * import assert from "node:assert/strict";
   *
   * const noise = new Random(1);
   * noise.normal();
   * const again = Random.from(JSON.parse(JSON.stringify(noise.state())));
   * assert.equal(again.normal(), noise.normal());
   * ```
   *
   * @throws {TypeError} if it is not the state of a stream.
   */
  static from(state: RandomState): Random {
    const random = new Random(0);
    random.restore(state);
    return random;
  }

  /** Returns the state of the stream, for `restore` and `from`. */
  state(): RandomState {
    return {
      key: [...this.#key],
      words: [this.#a, this.#b, this.#c, this.#d].map((word) => word >>> 0),
    };
  }

  /**
   * Continues from a state that `state` returned.
   *
   * @throws {TypeError} if it is not the state of a stream; then nothing has changed.
   */
  restore(state: RandomState): void {
    check("restore a random generator", { state }, RANDOM_STATE);
    const { key, words } = state;
    this.#key.set(key);
    [this.#a, this.#b, this.#c, this.#d] = words as [number, number, number, number];
  }

  /** Draws 32 random bits, as a whole number in [0, 2^32). */
  bits(): number {
    const sum = (this.#a + this.#d) | 0;
    const result = (((sum << 7) | (sum >>> 25)) + this.#a) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /**
   * Draws a number uniform in [low, high).
   *
   * @throws {TypeError | RangeError} if a bound is not a finite number, or `high` is below `low`.
   */
  uniform(low = 0, high = 1): number {
    // This comparison is the fast path: `check` would take as long as the draw.
    if (
      typeof low !== "number" || typeof high !== "number" || !(high - low < Infinity && low <= high)
    ) {
      refuseBounds(low, high);
    }
    return low + (high - low) * UNIT * (this.bits() >>> 8);
  }

  /**
   * Draws a number from the normal distribution.
   *
   * @throws {TypeError | RangeError} if the mean is not a finite number, or the standard deviation
   * is not a finite number from 0 on.
   */
  normal(mean = 0, standardDeviation = 1): number {
    if (!Number.isFinite(mean)) check(TASK.normal, { mean }, FINITE);
    if (!Number.isFinite(standardDeviation) || standardDeviation < 0) {
      check(TASK.normal, { standardDeviation }, finiteNumber({ from: 0 }));
    }
    return mean + standardDeviation * drawNormal(this);
  }

  /**
   * Fills an array with standard normal numbers and returns it, for example as noise
   * `[batch, latentSize]`.
   *
   * @throws {TypeError} if it is not a Float32Array or a Float64Array.
   */
  fillNormal<Numbers extends Float32Array | Float64Array>(noise: Numbers): Numbers {
    check("draw noise", { noise }, NOISE);
    for (let i = 0; i < noise.length; i++) noise[i] = drawNormal(this);
    return noise;
  }

  /**
   * Draws a whole number from 0 to `bound - 1`, each equally likely.
   *
   * @throws {TypeError | RangeError} if `bound` is not a whole number from 1 to 2^32.
   */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      check("draw a whole number", { bound }, BOUND);
    }
    const fair = 2 ** 32 - 2 ** 32 % bound; // bits from here on would make some remainders more likely
    let bits = this.bits();
    while (bits >= fair) bits = this.bits();
    return bits % bound;
  }

  /**
   * Shuffles items in place and returns them; every order is equally likely (Durstenfeld, 1964).
   *
   * @throws {TypeError} if `items` is not an array or a typed array.
   * @throws {RangeError} if the last item is missing, as in a sparse array.
   */
  shuffle<Items extends { readonly length: number; [position: number]: unknown }>(
    items: Items,
  ): Items {
    check("shuffle", { items }, list);
    if (items.length > 0 && !Object.hasOwn(items, items.length - 1)) {
      throw new RangeError(
        `Cannot shuffle: expected items without holes, got ${describeValue(items)}`,
      );
    }
    for (let last = items.length - 1; last > 0; last--) {
      const chosen = this.below(last + 1);
      [items[last], items[chosen]] = [items[chosen], items[last]];
    }
    return items;
  }

  /**
   * Makes an independent stream, named by a label.
   *
   * It depends only on this stream's seed and on the labels, not on how many numbers were drawn:
   * the same label always gives the same stream.
   *
   * @throws {TypeError | RangeError} if the label is neither a string nor a finite number.
   */
  split(label: string | number): Random {
    check("split a random generator", { label }, LABEL);
    const child = new Random(0);
    const words = [typeof label === "number" ? 1 : 2];
    for (const character of String(label)) words.push(character.codePointAt(0)!);
    child.#start(deriveKey(this.#key, words));
    return child;
  }

  #start(key: Uint32Array): void {
    this.#key.set(key);
    [this.#a, this.#b, this.#c, this.#d] = key as unknown as [number, number, number, number];
  }
}

function refuseBounds(low: unknown, high: unknown): never {
  check(TASK.uniform, { low, high }, FINITE);
  throw new RangeError(
    `Cannot ${TASK.uniform}: expected low up to high and a finite distance between them, ` +
      `got ${low} and ${high}`,
  );
}

let shared: Random | undefined;

/** Returns the generator that functions use if no `rng` is given. It starts from seed 0 in every process. */
export function defaultRandom(): Random {
  shared ??= new Random(0);
  return shared;
}
