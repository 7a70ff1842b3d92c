/** The 1-0-1-0 pattern, which the first GAN learns, and uniform noise to compare it with. */
import { check, instanceOf, isOfKind, wholeNumber } from "../check/mod.ts";
import { makeFloats } from "./floats.ts";
import { defaultRandom, Random } from "./random.ts";

/** Range `[low, high)` of each of the four positions of the pattern. */
export const PATTERN_1010: readonly (readonly [low: number, high: number])[] = [
  [0.9, 1.1],
  [0, 0.1],
  [0.9, 1.1],
  [0, 0.1],
];

const RNG = instanceOf(Random);
const SIZE = wholeNumber({ from: 1, to: 2 ** 31 - 1 });

/**
 * Draws one real sample `[4]` of the 1-0-1-0 pattern. Each number is uniform in its range of
 * {@linkcode PATTERN_1010}.
 *
 * ```ts
 * import { generate1010, Random } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const [a, b] = generate1010(new Random(1));
 * assert(a! >= 0.9 && a! < 1.1 && b! >= 0 && b! < 0.1);
 * ```
 *
 * @throws {TypeError} if `rng` is not a `Random`.
 */
export function generate1010(rng: Random = defaultRandom()): Float32Array {
  if (!isOfKind(rng, RNG)) check("generate 1-0-1-0", { rng }, RNG);
  const sample = makeFloats(PATTERN_1010.length);
  for (let i = 0; i < sample.length; i++) {
    const range = PATTERN_1010[i]!;
    sample[i] = rng.uniform(range[0], range[1]);
  }
  return sample;
}

/**
 * Draws noise: `size` numbers uniform in [0, 1), `[size]`.
 *
 * @throws {TypeError | RangeError} if `size` is not a whole number from 1 to 2^31 - 1, or `rng` is
 * not a `Random`.
 */
export function generateRandom(size: number, rng: Random = defaultRandom()): Float32Array {
  check("generate noise", { size }, SIZE);
  check("generate noise", { rng }, RNG);
  return new Float32Array(size).map(() => rng.uniform());
}
