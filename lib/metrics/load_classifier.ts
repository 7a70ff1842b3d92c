/** Loads a classifier from a folder; the first time it is trained, which takes a minute or two. */
import {
  callable,
  check,
  checkOptions,
  folderPath,
  type Kind,
  type Kinds,
  wholeNumber,
} from "../check/mod.ts";
import type { Mnist } from "../data/mod.ts";
import {
  type Files,
  FolderLock,
  numberedFolders,
  planModel,
  readWholeFolder,
  saveModel,
  STEPS_KINDS,
  type StepsOptions,
  sumsOf,
  writeNumberedFolder,
} from "../train/mod.ts";
import { Classifier } from "./classifier.ts";
import { trainClassifier } from "./classifier_training.ts";

/** Options of `loadClassifier`: which classifier, where it is kept, and who watches its training. */
export interface LoadClassifierOptions extends StepsOptions {
  /** Where classifiers are kept; it is made if it does not exist. */
  readonly folder: string;
  /** Initial weights, order and shifts of the training images come from it; 1 by default. */
  readonly seed?: number;
  /** How often every training image is seen; 10 by default. */
  readonly epochs?: number;
  /** Takes the line about a damaged or unsaved classifier; `console.warn` by default. */
  readonly warn?: (line: string) => void;
}

const MNIST: Kind = {
  expected: "a data set that loadMnist() has loaded",
  fault: (value) => {
    const { train, test } = Object(value) as Partial<Mnist>;
    const isSet = (set: unknown) =>
      ["images", "labels"].every((part) => Object(set)[part] instanceof Uint8Array);
    return isSet(train) && isSet(test) ? undefined : "type";
  },
};

const KINDS: Kinds<LoadClassifierOptions> = {
  ...STEPS_KINDS,
  folder: folderPath,
  seed: wholeNumber({ from: 0 }),
  epochs: wholeNumber({ from: 1 }),
  warn: callable,
};

/** What a classifier was made from, and how good it is: `classifier.json`. */
interface Saved {
  readonly format: string;
  /** Goes up with every change of the network or of its training. */
  readonly version: number;
  readonly seed: number;
  readonly epochs: number;
  /** The SHA-256 of all images and labels, those of the training first. */
  readonly data: string;
  readonly accuracy: number;
}

/** What tells one classifier from another. */
type Key = Omit<Saved, "accuracy">;

const FORMAT = "gan-notebooks classifier";
const VERSION = 2;
const SAVED = "classifier.json";
const MODEL = "classifier";
const EPOCHS = 10;

/** The SHA-256 of all images and labels: other data make another classifier, and another accuracy. */
async function sha256({ train, test }: Mnist): Promise<string> {
  const parts = [train.images, train.labels, test.images, test.labels];
  const sums = await Promise.all(
    parts.map((part) => crypto.subtle.digest("SHA-256", part as Uint8Array<ArrayBuffer>)),
  );
  const all = await new Blob(sums).arrayBuffer();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
}

/** Makes a classifier from its files, if they hold the one of that key. */
function readClassifier(files: Files, key: Key): Classifier {
  const bytes = files.get(SAVED);
  if (!bytes) throw new RangeError(`expected a file ${SAVED}, got none`);
  const { accuracy, ...found } = Object(JSON.parse(new TextDecoder().decode(bytes))) as Saved;
  for (const [name, value] of Object.entries(key)) {
    const got = found[name as keyof Key];
    if (got !== value) throw new RangeError(`expected ${name} ${value}, got ${String(got)}`);
  }
  if (typeof accuracy !== "number" || !(accuracy >= 0 && accuracy <= 1)) {
    throw new RangeError(`expected an accuracy from 0 to 1, got ${String(accuracy)}`);
  }
  const classifier = new Classifier();
  planModel(MODEL, classifier.model, files)();
  classifier.accuracy = accuracy;
  return classifier;
}

/** The classifier of a folder, or undefined if there is none, or none that is whole. */
async function restore(
  folder: string,
  key: Key,
  warn: (line: string) => void,
): Promise<Classifier | undefined> {
  const [path] = await numberedFolders(folder, SAVED);
  if (path === undefined) return undefined;
  try {
    return readClassifier(await readWholeFolder(path), key);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn(`Cannot load the classifier ${path}: ${reason}; it is trained anew`);
    return undefined;
  }
}

/** Keeps a classifier; one that cannot be kept is still worth its training. */
async function keep(
  classifier: Classifier,
  { folder, key, warn }: {
    readonly folder: string;
    readonly key: Key;
    readonly warn: (line: string) => void;
  },
): Promise<void> {
  const saved: Saved = { ...key, accuracy: classifier.accuracy };
  const files: Files = new Map([
    [SAVED, new TextEncoder().encode(`${JSON.stringify(saved)}\n`)],
    ...saveModel(MODEL, classifier.model),
  ]);
  try {
    await using _ = await new FolderLock(folder).hold();
    await writeNumberedFolder(folder, { files, sums: await sumsOf(files) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn(`Cannot keep the classifier in ${folder}: ${reason}; it is trained again the next time`);
  }
}

/**
 * The classifier of a seed: from `folder` if it was trained before, else trained and kept there.
 *
 * It sees every training image `epochs` times, shifted by up to two pixels, in batches of 100. The same
 * seed gives the same weights to the last bit on one machine. Each combination of seed, epochs and
 * data has a folder of its own in `folder`, in the form of a checkpoint: `classifier.json` with what
 * it was made from and its accuracy on the test images, the model as `tf.loadLayersModel` takes it,
 * and `SHA256SUMS`. A damaged one is named in a line, left where it is, and trained anew; a training that
 * is stopped leaves nothing there.
 *
 * @throws {TypeError | RangeError} if an option is not known or of another kind; then nothing has changed.
 * @throws whatever the signal's reason is, if it stops the training.
 */
export async function loadClassifier(
  mnist: Mnist,
  options: LoadClassifierOptions,
): Promise<Classifier> {
  check("load the classifier", { mnist }, MNIST);
  checkOptions("load the classifier", options, { kinds: KINDS, required: ["folder"] });
  const { folder, seed = 1, epochs = EPOCHS, warn = console.warn, ...watch } = options;
  const data = await sha256(mnist);
  const key: Key = { format: FORMAT, version: VERSION, seed, epochs, data };
  const own = `${folder.replace(/(?<=.)\/+$/, "")}/classifier-${VERSION}-${
    data.slice(0, 16)
  }-seed-${seed}-epochs-${epochs}`;
  const present = await restore(own, key, warn);
  if (present) return present;
  const classifier = await trainClassifier(mnist, { seed, epochs, ...watch });
  await keep(classifier, { folder: own, key, warn });
  return classifier;
}
