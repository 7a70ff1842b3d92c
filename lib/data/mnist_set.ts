/** Handwritten digits in memory: checked, kept as bytes, given out as numbers in [0, 1]. */
import { type IdxArray, readIdx, type ReadIdxOptions } from "./idx.ts";

/** The width and the height of a digit, in pixels. */
export const MNIST_SIDE = 28;
/** The pixels of one digit. */
export const MNIST_PIXELS: number = MNIST_SIDE * MNIST_SIDE;
/** How many kinds of labels there are. */
export const MNIST_CLASSES = 10;

/** Images and what each of them shows. */
export interface MnistSet {
  /** How many images there are. */
  readonly count: number;
  /** `[count, 28, 28]` bytes, row after row: 0 is paper, 255 is ink. */
  readonly images: Uint8Array;
  /** `[count]` labels from 0 to 9. */
  readonly labels: Uint8Array;
}

/** One of the two files of a set. */
export interface MnistFile {
  /** What errors call it. */
  readonly file: string;
  /** The whole file, gzipped or not. */
  readonly bytes: Uint8Array;
}

/** Where numbers are written instead of into new memory. */
export interface IntoOptions {
  /** The memory to write to, of exactly the length of the result. */
  readonly into?: Float32Array;
}

/** Every pixel divided by 255, in float32. */
const NORMALISED = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * A set from the bytes of its two IDX files; the images are a view of those bytes, not a copy.
 *
 * @throws {TypeError | RangeError} if a file is not IDX, is damaged, or does not hold 28 x 28 bytes
 * an image or a label from 0 to 9 for each of them.
 */
export function readMnistSet(
  files: { readonly images: MnistFile; readonly labels: MnistFile },
  options: Omit<ReadIdxOptions, "file"> = {},
): MnistSet {
  const images = readBytes(files.images, [MNIST_SIDE, MNIST_SIDE], options);
  const labels = readBytes(files.labels, [], options);
  const count = images.shape[0]!;
  if (labels.shape[0] !== count) {
    throw new RangeError(
      `Cannot read ${files.labels.file}: expected ${count} labels, as many as there are images ` +
        `in ${files.images.file}, got ${labels.shape[0]}`,
    );
  }
  const wrong = labels.values.findIndex((label) => label >= MNIST_CLASSES);
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot read ${files.labels.file}: expected labels from 0 to 9, ` +
        `got ${labels.values[wrong]} at position ${wrong}`,
    );
  }
  return { count, images: images.values, labels: labels.values };
}

/** The bytes of a file whose items have a shape. */
function readBytes(
  { file, bytes }: MnistFile,
  itemShape: readonly number[],
  options: ReadIdxOptions,
): IdxArray & { readonly values: Uint8Array } {
  const { shape, values } = readIdx(bytes, { ...options, file });
  if (shape[0] === 0 || shape.slice(1).join() !== itemShape.join()) {
    throw new RangeError(
      `Cannot read ${file}: expected the shape [${["count", ...itemShape]}], got [${shape}]`,
    );
  }
  if (!(values instanceof Uint8Array)) {
    throw new TypeError(`Cannot read ${file}: expected bytes, got ${values.constructor.name}`);
  }
  return { shape, values };
}

/** The memory for a result: the caller's, checked, or new. */
function memory(length: number, into: Float32Array | undefined, task: string): Float32Array {
  if (into && into.length !== length) {
    throw new RangeError(
      `Cannot ${task}: expected memory for ${length} numbers, got ${into.length}`,
    );
  }
  return into ?? new Float32Array(length);
}

function checkPositions(set: MnistSet, positions: ArrayLike<number>, task: string): void {
  for (let i = 0; i < positions.length; i++) {
    if (set.labels[positions[i]!] === undefined) {
      throw new RangeError(
        `Cannot ${task}: expected positions from 0 to ${set.count - 1}, got ${positions[i]}`,
      );
    }
  }
}

/**
 * The images at some positions, `[positions, 784]`, normalised to [0, 1]: byte / 255, so 0 is paper
 * and 1 is ink.
 *
 * @throws {RangeError} if there is no image at a position, or `into` has another length.
 */
export function pixelsOf(
  set: MnistSet,
  positions: ArrayLike<number>,
  { into }: IntoOptions = {},
): Float32Array {
  const task = "read pixels";
  checkPositions(set, positions, task);
  const pixels = memory(positions.length * MNIST_PIXELS, into, task);
  for (let i = 0; i < positions.length; i++) {
    const from = positions[i]! * MNIST_PIXELS;
    const to = i * MNIST_PIXELS;
    for (let p = 0; p < MNIST_PIXELS; p++) pixels[to + p] = NORMALISED[set.images[from + p]!]!;
  }
  return pixels;
}

/**
 * The labels at some positions, `[positions]`.
 *
 * @throws {RangeError} if there is no image at a position.
 */
export function labelsOf(set: MnistSet, positions: ArrayLike<number>): Uint8Array {
  checkPositions(set, positions, "read labels");
  return Uint8Array.from(positions, (position) => set.labels[position]!);
}

/**
 * Labels as rows with a single 1, `[labels, 10]`: the form in which networks take a digit.
 *
 * ```ts
 * import { oneHot } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...oneHot([3])], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
 * ```
 *
 * @throws {RangeError} if a label is not a whole number from 0 to 9, or `into` has another length.
 */
export function oneHot(labels: ArrayLike<number>, { into }: IntoOptions = {}): Float32Array {
  const task = "write labels as rows";
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= MNIST_CLASSES) {
      throw new RangeError(
        `Cannot ${task}: expected labels from 0 to 9, got ${label} at position ${i}`,
      );
    }
  }
  const rows = memory(labels.length * MNIST_CLASSES, into, task).fill(0);
  for (let i = 0; i < labels.length; i++) rows[i * MNIST_CLASSES + labels[i]!] = 1;
  return rows;
}
