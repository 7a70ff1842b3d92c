/** Interpolates linearly between rows of numbers, such as the inputs of a generator. */
import {
  check,
  checkOptions,
  finiteNumber,
  type Kinds,
  listOf,
  wholeNumber,
} from "../check/mod.ts";

/** Options of {@linkcode interpolate}. */
export interface InterpolateOptions {
  /** Number of values in a row. */
  readonly size: number;
  /** Number of rows from the first to the second end, including both. */
  readonly steps: number;
}

const KINDS: Kinds<InterpolateOptions> = {
  size: wholeNumber({ from: 1 }),
  steps: wholeNumber({ from: 2, to: 10_000 }),
};

/**
 * Interpolates in equal steps from the first row of `ends` to the second, from the third to the
 * fourth, and so on: `[2 * ways, size]` become `[ways * steps, size]`.
 *
 * ```ts
 * import { interpolate } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...interpolate([0, 2, 4, 6], { size: 2, steps: 3 })], [0, 2, 2, 4, 4, 6]);
 * ```
 *
 * @throws {TypeError | RangeError} if `ends` are not pairs of rows of finite numbers, or an option
 * is missing, unknown or wrong.
 */
export function interpolate(ends: ArrayLike<number>, options: InterpolateOptions): Float32Array {
  const task = "interpolate";
  check(task, { ends }, listOf(finiteNumber()));
  checkOptions(task, options, { kinds: KINDS, required: ["size", "steps"] });
  const { size, steps } = options;
  const ways = ends.length / (2 * size);
  check(task, { "the number of pairs of rows": ways }, wholeNumber());
  return Float32Array.from({ length: ways * steps * size }, (_, i) => {
    const [row, at] = [Math.floor(i / size), i % size];
    const [way, share] = [Math.floor(row / steps), row % steps / (steps - 1)];
    const [from, to] = [ends[2 * way * size + at]!, ends[(2 * way + 1) * size + at]!];
    return from + (to - from) * share;
  });
}
