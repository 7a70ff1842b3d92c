/** Joins images and labels into rows, and separates them again. */
import { check, checkOptions, finiteNumber, type Kinds, list, wholeNumber } from "../check/mod.ts";
import { CLASSES, MNIST_CLASSES, MNIST_PIXELS } from "./mnist_set.ts";

/** Options of {@linkcode joinColumns}. */
export interface JoinColumnsOptions {
  /** Number of rows of both parts. */
  readonly rows: number;
}

/** Options of {@linkcode withoutLabels}. */
export interface WithoutLabelsOptions {
  /** Number of classes, that is, of different labels; 10 by default. */
  readonly classes?: number;
}

const JOIN_KINDS: Kinds<JoinColumnsOptions> = { rows: wholeNumber({ from: 1 }) };
const LABEL_KINDS: Kinds<WithoutLabelsOptions> = { classes: CLASSES };

/**
 * Joins two matrices side by side: `[rows, a]` and `[rows, b]` become `[rows, a + b]`.
 *
 * ```ts
 * import { joinColumns } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...joinColumns([1, 2], [3, 4, 5, 6], { rows: 2 })], [1, 3, 4, 2, 5, 6]);
 * ```
 *
 * @throws {TypeError | RangeError} if a part contains a number that is not finite, or its length is
 * not a multiple of `rows`.
 */
export function joinColumns(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  options: JoinColumnsOptions,
): Float32Array {
  const task = "join columns";
  check(task, { left, right }, list);
  checkOptions(task, options, { kinds: JOIN_KINDS, required: ["rows"] });
  const { rows } = options;
  for (const { length } of [left, right]) {
    if (length % rows !== 0) {
      throw new RangeError(`Cannot ${task}: expected ${rows} whole rows, got ${length} numbers`);
    }
  }
  const [a, b] = [left.length / rows, right.length / rows];
  const joined = new Float32Array(left.length + right.length);
  for (let row = 0; row < rows; row++) {
    const start = row * (a + b);
    for (let i = 0; i < a; i++) joined[start + i] = numberAt(left, row * a + i, task);
    for (let i = 0; i < b; i++) joined[start + a + i] = numberAt(right, row * b + i, task);
  }
  return joined;
}

/**
 * Returns the images of labelled samples: `[rows, 784 + classes]` become `[rows, 784]`.
 *
 * @throws {TypeError | RangeError} if a number is not finite, or the length is not a multiple of
 * `784 + classes`.
 */
export function withoutLabels(
  samples: ArrayLike<number>,
  options: WithoutLabelsOptions = {},
): Float32Array {
  const task = "take labels off";
  check(task, { samples }, list);
  checkOptions(task, options, { kinds: LABEL_KINDS });
  const width = MNIST_PIXELS + (options.classes ?? MNIST_CLASSES);
  if (samples.length % width !== 0) {
    throw new RangeError(
      `Cannot ${task}: expected rows of ${width} numbers, got ${samples.length} numbers`,
    );
  }
  const rows = samples.length / width;
  const images = new Float32Array(rows * MNIST_PIXELS);
  for (let i = 0; i < images.length; i++) {
    const at = Math.floor(i / MNIST_PIXELS) * width + i % MNIST_PIXELS;
    images[i] = numberAt(samples, at, task);
  }
  return images;
}

function numberAt(values: ArrayLike<number>, at: number, task: string): number {
  const value = values[at]!;
  if (!Number.isFinite(value)) check(task, { [`number ${at}`]: value }, finiteNumber());
  return value;
}
