/** Images in memory as bytes, read as numbers in [0, 1], and their labels, read as one-hot rows. */
import {
  check,
  checkOptions,
  describeValue,
  instanceOf,
  type Kinds,
  list,
  wholeNumber,
} from "../check/mod.ts";

/** Width and height of an image in pixels. */
export const MNIST_SIDE = 28;
/** Number of pixels of an image. */
export const MNIST_PIXELS: number = MNIST_SIDE * MNIST_SIDE;
/** Number of classes of MNIST; the default for other data sets. */
export const MNIST_CLASSES = 10;

/** Images and their labels. */
export interface MnistSet {
  /** Number of images. */
  readonly count: number;
  /** Images as bytes `[count, 28, 28]`, row after row: 0 is paper, 255 is ink. */
  readonly images: Uint8Array;
  /** Labels `[count]`, from 0 to `classes - 1`. */
  readonly labels: Uint8Array;
  /** Number of classes, that is, of different labels; 10 by default, as in MNIST. */
  readonly classes?: number;
}

/** Options of {@linkcode pixelsOf}. */
export interface IntoOptions {
  /** Array to write the result to; it must have exactly its length. A new array by default. */
  readonly into?: Float32Array;
}

/** Options of {@linkcode oneHot}. */
export interface OneHotOptions extends IntoOptions {
  /** Number of classes, that is, of different labels; 10 by default. */
  readonly classes?: number;
}

/** Options of {@linkcode firstOfEach}. */
export interface FirstOfEachOptions {
  /** Number of images of each label. */
  readonly count: number;
}

/** Kind of numbers of classes: at most 256, because a label is a byte. */
export const CLASSES = wholeNumber({ from: 1, to: 256 });

const SET_KINDS: Kinds<MnistSet> = {
  count: wholeNumber({ from: 1 }),
  images: instanceOf(Uint8Array),
  labels: instanceOf(Uint8Array),
  classes: CLASSES,
};

const INTO_KINDS: Kinds<IntoOptions> = { into: instanceOf(Float32Array) };
const FIRST_KINDS: Kinds<FirstOfEachOptions> = { count: wholeNumber({ from: 1 }) };
const ONE_HOT_KINDS: Kinds<OneHotOptions> = { ...INTO_KINDS, classes: CLASSES };

/** Bytes from 0 to 255 divided by 255, as float32. */
const NORMALISED = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * Checks that a value is a set of images and labels.
 *
 * @throws {TypeError | RangeError} if a part is missing, or its length does not fit `count`.
 */
export function checkSet(task: string, set: MnistSet): void {
  checkOptions(task, set, { kinds: SET_KINDS, required: ["count", "images", "labels"] });
  const { count, images, labels } = set;
  for (
    const [name, { length }, each] of [["images", images, MNIST_PIXELS], [
      "labels",
      labels,
      1,
    ]] as const
  ) {
    if (length === count * each) continue;
    throw new RangeError(
      `Cannot ${task}: expected ${count * each} bytes of ${name}, got ${length}`,
    );
  }
}

/** Returns the array for a result: the given one if its length fits, or a new one. */
function memory(length: number, into: Float32Array | undefined, task: string): Float32Array {
  if (into && into.length !== length) {
    throw new RangeError(
      `Cannot ${task}: expected into to have ${length} numbers, got ${into.length}`,
    );
  }
  return into ?? new Float32Array(length);
}

function checkPositions(set: MnistSet, positions: ArrayLike<number>, task: string): void {
  checkSet(task, set);
  check(task, { positions }, list);
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i]!;
    if (Number.isInteger(position) && position >= 0 && position < set.count) continue;
    throw new RangeError(
      `Cannot ${task}: expected positions from 0 to ${set.count - 1}, got ${
        describeValue(position)
      }`,
    );
  }
}

/**
 * Returns the images at the given positions as pixels `[positions, 784]` in [0, 1]: byte / 255, so
 * 0 is paper and 1 is ink.
 *
 * @throws {TypeError | RangeError} if a position is not from 0 to `count - 1`, or `into` is not a
 * Float32Array with the length of the result.
 */
export function pixelsOf(
  set: MnistSet,
  positions: ArrayLike<number>,
  options: IntoOptions = {},
): Float32Array {
  const task = "read pixels";
  checkPositions(set, positions, task);
  checkOptions(task, options, { kinds: INTO_KINDS });
  const pixels = memory(positions.length * MNIST_PIXELS, options.into, task);
  for (let i = 0; i < positions.length; i++) {
    const from = positions[i]! * MNIST_PIXELS;
    const to = i * MNIST_PIXELS;
    for (let p = 0; p < MNIST_PIXELS; p++) pixels[to + p] = NORMALISED[set.images[from + p]!]!;
  }
  return pixels;
}

/**
 * Returns the labels at the given positions, `[positions]`.
 *
 * @throws {TypeError | RangeError} if a position is not from 0 to `count - 1`.
 */
export function labelsOf(set: MnistSet, positions: ArrayLike<number>): Uint8Array {
  checkPositions(set, positions, "read labels");
  return Uint8Array.from(positions, (position) => set.labels[position]!);
}

/**
 * Returns the positions of the first `count` images of each of these labels, `[labels * count]`, label
 * after label.
 *
 * ```ts
 * import { firstOfEach, loadMnist } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const { test } = await loadMnist();
 * assert.deepEqual(firstOfEach(test, [7, 1], { count: 2 }), [0, 17, 2, 5]);
 * ```
 *
 * @throws {TypeError} if the labels are not an array, or `count` is missing.
 * @throws {RangeError} if a label is not one of the set's, or it has fewer than `count` images.
 */
export function firstOfEach(
  set: MnistSet,
  labels: ArrayLike<number>,
  options: FirstOfEachOptions,
): number[] {
  const task = "find images of labels";
  checkSet(task, set);
  checkLabels(task, labels, set.classes ?? MNIST_CLASSES);
  checkOptions(task, options, { kinds: FIRST_KINDS, required: ["count"] });
  const { count } = options;
  return Array.from(labels).flatMap((label) => {
    const found: number[] = [];
    for (let i = 0; i < set.count && found.length < count; i++) {
      if (set.labels[i] === label) found.push(i);
    }
    if (found.length === count) return found;
    throw new RangeError(
      `Cannot ${task}: expected ${count} images of label ${label}, got ${found.length}`,
    );
  });
}

/**
 * Converts labels to one-hot rows `[labels, classes]`: 1 at the label, 0 elsewhere. Conditional
 * networks take labels in this form.
 *
 * ```ts
 * import { oneHot } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...oneHot([3])], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
 * assert.deepEqual([...oneHot([1, 0], { classes: 2 })], [0, 1, 1, 0]);
 * ```
 *
 * @throws {TypeError | RangeError} if a label is not a whole number from 0 to `classes - 1`, or
 * `into` is not a Float32Array with the length of the result.
 */
export function oneHot(labels: ArrayLike<number>, options: OneHotOptions = {}): Float32Array {
  const task = "write labels as rows";
  checkOptions(task, options, { kinds: ONE_HOT_KINDS });
  const { classes = MNIST_CLASSES, into } = options;
  checkLabels(task, labels, classes);
  const rows = memory(labels.length * classes, into, task).fill(0);
  for (let i = 0; i < labels.length; i++) rows[i * classes + labels[i]!] = 1;
  return rows;
}

/**
 * Checks that labels are whole numbers from 0 to `classes - 1`.
 *
 * @throws {TypeError} if `labels` is not an array or a typed array.
 * @throws {RangeError} if a label is not a whole number in that range.
 */
export function checkLabels(task: string, labels: ArrayLike<number>, classes: number): void {
  check(task, { classes }, CLASSES);
  check(task, { labels }, list);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new RangeError(
      `Cannot ${task}: expected labels from 0 to ${classes - 1}, ` +
        `got ${describeValue(label)} at position ${i}`,
    );
  }
}
