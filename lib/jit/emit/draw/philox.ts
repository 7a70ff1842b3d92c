/**
 * The generator Philox 4x32 with 10 rounds, on four counters at once.
 *
 * It maps a counter of four words and a key of two to four random words (Salmon, Moraes, Dror and Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", 2011). No number depends on the one before, so a program
 * draws the same numbers in any order, and in any number of threads.
 * @module
 */
import {
  type FunctionBuilder,
  i32x4,
  i64x2,
  type Local,
  v128,
  type Vector,
} from "../../wasm/mod.ts";

/** Four words of each of four counters, word by word. */
export type Words<V extends Vector = Vector> = readonly [V, V, V, V];

const ROUNDS = 10;
const MULTIPLIERS = [0xd2511f53 | 0, 0xcd9e8d57 | 0] as const;
/** The golden ratio and the square root of 3 less 1, as 32 bits behind the point. */
const KEY_STEPS = [0x9e3779b9 | 0, 0xbb67ae85 | 0] as const;

/** Writes code that turns counters into random words. */
export function philox(
  f: FunctionBuilder,
  counter: Words,
  key: readonly [Vector, Vector],
): Words<Local<"v128">> {
  const words = counter.map((word) => f.let(word)) as unknown as Words<Local<"v128">>;
  const [k0, k1] = [f.let(key[0]), f.let(key[1])];
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) {
      f.set(k0, i32x4.add(k0, KEY_STEPS[0]));
      f.set(k1, i32x4.add(k1, KEY_STEPS[1]));
    }
    f.scope(() => mix(f, words, [k0, k1]));
  }
  return words;
}

function mix(f: FunctionBuilder, words: Words<Local<"v128">>, [k0, k1]: readonly Vector[]): void {
  const [a, b, c, d] = words;
  const first = multiply(f, a, MULTIPLIERS[0]);
  const second = multiply(f, c, MULTIPLIERS[1]);
  f.set(a, v128.xor(v128.xor(second.high, b), k0!));
  f.set(b, second.low);
  f.set(c, v128.xor(v128.xor(first.high, d), k1!));
  f.set(d, first.low);
}

/** Multiplies lanes to 64 bits, returned as two vectors of 32 bits. */
function multiply(f: FunctionBuilder, x: Vector, by: number): { high: Vector; low: Vector } {
  const left = f.let(i64x2.extmulLowI32x4U(x, by));
  const right = f.let(i64x2.extmulHighI32x4U(x, by));
  return {
    high: i32x4.shuffle(left, right, [1, 3, 5, 7]),
    low: i32x4.shuffle(left, right, [0, 2, 4, 6]),
  };
}
