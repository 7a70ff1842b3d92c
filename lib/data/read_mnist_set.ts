/** Reads images and labels from the bytes of two IDX files. */
import { type IdxArray, readIdx, type ReadIdxOptions } from "./idx.ts";
import { MNIST_CLASSES, MNIST_PIXELS, MNIST_SIDE, type MnistSet } from "./mnist_set.ts";

/** One of the two files of a set. */
export interface MnistFile {
  /** Name of the file in errors. */
  readonly file: string;
  /** Content of the file, gzipped or not. */
  readonly bytes: Uint8Array;
}

/** Pair of files that contain the images and the labels of a set. */
export interface MnistFiles {
  /** File with images, `[count, 28, 28]` bytes. */
  readonly images: MnistFile;
  /** File with labels, `[count]` bytes. In QMNIST it holds `[count, 8]` 32-bit numbers, the label first. */
  readonly labels: MnistFile;
}

/** Options of {@linkcode readMnistSet}. */
interface ReadMnistSetOptions extends Omit<ReadIdxOptions, "file"> {
  /** Number of classes. By default it is what the labels need, at least 10 and at most 62. */
  readonly classes?: number;
  /** True if images are stored column by column, as in EMNIST; false by default. */
  readonly transposed?: boolean;
}

/** Largest number of classes among the known data sets: EMNIST by class has 10 digits and 52 letters. */
const MOST_CLASSES = 62;
/** Number of values per image in the label files of QMNIST: label, series, writer and so on. */
const QMNIST_COLUMNS = 8;

/**
 * Reads a set from the bytes of its two IDX files. The images are a view of those bytes, not a
 * copy, unless they are transposed.
 *
 * @throws {TypeError | RangeError} if a file is damaged or not IDX, the images are not 28 x 28
 * bytes, or there is not one label from 0 to `classes - 1` for each image.
 */
export function readMnistSet(
  files: MnistFiles,
  options: ReadMnistSetOptions = {},
): Required<MnistSet> {
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

/**
 * Finds the number of classes that the labels need, at least that of MNIST and at most that of
 * EMNIST by class.
 */
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

/** Reads the labels of a file, without checking their range. */
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

/** Exchanges rows and columns of each image. */
function transpose(images: Uint8Array): Uint8Array {
  const turned = new Uint8Array(images.length);
  for (let start = 0; start < images.length; start += MNIST_PIXELS) {
    for (let p = 0; p < MNIST_PIXELS; p++) {
      turned[start + p] = images[start + p % MNIST_SIDE * MNIST_SIDE + Math.floor(p / MNIST_SIDE)]!;
    }
  }
  return turned;
}
