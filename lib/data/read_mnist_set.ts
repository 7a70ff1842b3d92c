/** Reads a set of images and labels from the bytes of its two IDX files. */
import {
  anything,
  checkOptions,
  flag,
  instanceOf,
  type Kinds,
  text,
  wholeNumber,
} from "../check/mod.ts";
import { type IdxArray, READ_IDX_KINDS, readIdx, type ReadIdxOptions } from "./idx.ts";
import { MNIST_CLASSES, MNIST_PIXELS, MNIST_SIDE, type MnistSet } from "./mnist_set.ts";

/** One of the two files of a set. */
export interface MnistFile {
  /** What errors call it. */
  readonly file: string;
  /** The whole file, gzipped or not. */
  readonly bytes: Uint8Array;
}

/** The two files of a set. */
export interface MnistFiles {
  /** `[count, 28, 28]` bytes. */
  readonly images: MnistFile;
  /** `[count]` bytes, or `[count, 8]` 32-bit numbers that begin with the label, as QMNIST has them. */
  readonly labels: MnistFile;
}

/** Options of `readMnistSet`. */
export interface ReadMnistSetOptions extends Omit<ReadIdxOptions, "file"> {
  /** How many kinds of labels there are; by default as many as the labels need, 10 at least. */
  readonly classes?: number;
  /** Whether images are stored column after column, as EMNIST's are; false by default. */
  readonly transposed?: boolean;
}

/** Of all relatives of MNIST, EMNIST by class has the most labels: 10 digits and 52 letters. */
const MOST_CLASSES = 62;
/** QMNIST keeps eight numbers for each image: label, series, writer, … */
const QMNIST_COLUMNS = 8;

const TASK = "read a set of digits";

const FILE_KINDS: Kinds<MnistFile> = { file: text, bytes: instanceOf(Uint8Array) };

const KINDS: Kinds<ReadMnistSetOptions> = {
  maxBytes: READ_IDX_KINDS.maxBytes,
  classes: wholeNumber({ from: 1, to: 256 }),
  transposed: flag,
};

/**
 * Reads a set from the bytes of its two IDX files; the images are a view of those bytes, not a copy,
 * unless they are transposed.
 *
 * @throws {TypeError | RangeError} if a file is not IDX, is damaged, or does not hold 28 x 28 bytes
 * an image or a label from 0 to `classes - 1` for each of them, or an option is of another kind.
 */
export function readMnistSet(
  files: MnistFiles,
  options: ReadMnistSetOptions = {},
): Required<MnistSet> {
  checkFiles(files);
  checkOptions(TASK, options, { kinds: KINDS });
  const { classes: known, transposed = false, ...idxOptions } = options;
  const images = readImages(files.images, idxOptions);
  const count = images.shape[0]!;
  const labels = readLabels(files.labels, idxOptions);
  if (labels.length !== count) {
    throw new RangeError(
      `Cannot read ${files.labels.file}: expected ${count} labels, as many as there are images ` +
        `in ${files.images.file}, got ${labels.length}`,
    );
  }
  const classes = known ?? classesOf(labels);
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot read ${files.labels.file}: expected labels from 0 to ${classes - 1}, ` +
        `got ${labels[wrong]} at position ${wrong}`,
    );
  }
  return {
    count,
    images: transposed ? transpose(images.values) : images.values,
    labels: labels instanceof Uint8Array ? labels : Uint8Array.from(labels),
    classes,
  };
}

function checkFiles(files: MnistFiles): void {
  checkOptions(TASK, files, { kinds: { images: anything, labels: anything } });
  for (const file of [files.images, files.labels]) {
    checkOptions(TASK, file, { kinds: FILE_KINDS, required: ["file", "bytes"] });
  }
}

/** As many classes as the labels need, between those of MNIST and those of EMNIST by class. */
function classesOf(labels: Uint8Array | Int32Array): number {
  let needed = MNIST_CLASSES;
  for (const label of labels) needed = Math.max(needed, label + 1);
  return Math.min(needed, MOST_CLASSES);
}

function readImages(
  { file, bytes }: MnistFile,
  options: ReadIdxOptions,
): IdxArray & { readonly values: Uint8Array } {
  const { shape, values } = readIdx(bytes, { ...options, file });
  checkShape(file, shape, [MNIST_SIDE, MNIST_SIDE]);
  return { shape, values: asBytes(file, values) };
}

/** The labels of a file, not yet compared with anything. */
function readLabels({ file, bytes }: MnistFile, options: ReadIdxOptions): Uint8Array | Int32Array {
  const { shape, values } = readIdx(bytes, { ...options, file });
  if (shape.length === 2 && shape[1] === QMNIST_COLUMNS && values instanceof Int32Array) {
    return Int32Array.from({ length: shape[0]! }, (_, i) => values[i * QMNIST_COLUMNS]!);
  }
  checkShape(file, shape, []);
  return asBytes(file, values);
}

function checkShape(file: string, shape: readonly number[], itemShape: readonly number[]): void {
  if (shape[0] === 0 || shape.slice(1).join() !== itemShape.join()) {
    throw new RangeError(
      `Cannot read ${file}: expected the shape [${["count", ...itemShape]}], got [${shape}]`,
    );
  }
}

function asBytes(file: string, values: IdxArray["values"]): Uint8Array {
  if (values instanceof Uint8Array) return values;
  throw new TypeError(`Cannot read ${file}: expected bytes, got ${values.constructor.name}`);
}

/** Images whose rows were columns. */
function transpose(images: Uint8Array): Uint8Array {
  const turned = new Uint8Array(images.length);
  for (let start = 0; start < images.length; start += MNIST_PIXELS) {
    for (let p = 0; p < MNIST_PIXELS; p++) {
      turned[start + p] = images[start + p % MNIST_SIDE * MNIST_SIDE + Math.floor(p / MNIST_SIDE)]!;
    }
  }
  return turned;
}
