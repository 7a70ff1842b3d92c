/** The 1-0-1-0 pattern that the first GAN learns, and the noise that it is told from. */
import { makeFloats } from "./floats.ts";
import { defaultRandom, type Random } from "./random.ts";

/** The range of every position of the pattern: `[low, high)`. */
export const PATTERN_1010: readonly (readonly [low: number, high: number])[] = [
  [0.9, 1.1],
  [0, 0.1],
  [0.9, 1.1],
  [0, 0.1],
];

/**
 * One real sample, `[4]`: high, low, high, low, each uniform in its range of {@linkcode PATTERN_1010}.
 *
 * ```ts
 * import { generate1010, Random } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const [a, b] = generate1010(new Random(1));
 * assert(a! >= 0.9 && a! < 1.1 && b! >= 0 && b! < 0.1);
 * ```
 */
export function generate1010(rng: Random = defaultRandom()): Float32Array {
  const sample = makeFloats(PATTERN_1010.length);
  for (let i = 0; i < sample.length; i++) {
    const range = PATTERN_1010[i]!;
    sample[i] = rng.uniform(range[0], range[1]);
  }
  return sample;
}

/**
 * Noise: `size` numbers uniform in [0, 1), `[size]`.
 *
 * @throws {RangeError} if `size` is not a whole number from 1 to 2^31 - 1.
 */
export function generateRandom(size: number, rng: Random = defaultRandom()): Float32Array {
  if (!Number.isInteger(size) || size < 1 || size >= 2 ** 31) {
    throw new RangeError(
      `Cannot generate noise: expected a size that is a whole number from 1 on, got ${size}`,
    );
  }
  return new Float32Array(size).map(() => rng.uniform());
}
