/** Loads a classifier from a folder; the first time it is trained, which takes a minute or two. */
import type { Mnist } from "../data/mod.ts";
import {
  type Files,
  numberedFolders,
  planModel,
  readWholeFolder,
  saveModel,
  type StepsOptions,
  writeNumberedFolder,
} from "../train/mod.ts";
import { Classifier } from "./classifier.ts";
import { trainClassifier } from "./classifier_training.ts";

/** Which classifier, where it is kept, and who watches its training. */
export interface LoadClassifierOptions extends StepsOptions {
  /** Where classifiers are kept; it is made if it does not exist. */
  readonly folder: string;
  /** Initial weights, order and shifts of the training images come from it; 1 by default. */
  readonly seed?: number;
  /** How often every training image is seen; 10 by default. */
  readonly epochs?: number;
  /** Where the line about a damaged or unsaved classifier goes; by default to the console. */
  readonly warn?: (line: string) => void;
}

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
const VERSION = 1;
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

/** A classifier from its files, if they hold the one of that key. */
async function readClassifier(files: Files, key: Key): Promise<Classifier> {
  const bytes = files.get(SAVED);
  if (!bytes) throw new RangeError(`expected a file ${SAVED}, got none`);
  const { accuracy, ...found } = JSON.parse(new TextDecoder().decode(bytes)) as Saved;
  for (const [name, value] of Object.entries(key)) {
    const got = found[name as keyof Key];
    if (got !== value) throw new RangeError(`expected ${name} ${value}, got ${String(got)}`);
  }
  if (!(accuracy >= 0 && accuracy <= 1)) {
    throw new RangeError(`expected an accuracy from 0 to 1, got ${String(accuracy)}`);
  }
  const classifier = new Classifier();
  await planModel(MODEL, classifier.model, files)();
  classifier.accuracy = accuracy;
  return classifier;
}

/** The classifier of a folder, or undefined if there is none, or none that is whole. */
async function restore(
  folder: string,
  key: Key,
  warn: (line: string) => void,
): Promise<Classifier | undefined> {
  const [path] = await numberedFolders(folder);
  if (path === undefined) return undefined;
  try {
    return await readClassifier(await readWholeFolder(path), key);
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
    await writeNumberedFolder(folder, { files, keep: 1 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn(`Cannot keep the classifier in ${folder}: ${reason}; it is trained again the next time`);
  }
}

function checkOptions({ epochs, seed }: { readonly epochs: number; readonly seed: number }): void {
  for (const [name, value, low] of [["epochs", epochs, 1], ["seed", seed, 0]] as const) {
    if (!Number.isSafeInteger(value) || value < low) {
      throw new RangeError(
        `Cannot load the classifier: expected ${name} as a whole number from ${low} on, got ${value}`,
      );
    }
  }
}

/**
 * The classifier of a seed: from `folder` if it was trained before, else trained and kept there.
 *
 * It sees every training image `epochs` times, shifted by up to two pixels, in batches of 100. The same
 * seed gives the same weights to the last bit on one machine. Each combination of seed, epochs and
 * data has a folder of its own in `folder`, in the form of a checkpoint: `classifier.json` with what
 * it was made from and its accuracy on the test images, the model as `tf.loadLayersModel` takes it,
 * and `SHA256SUMS`. A damaged one is named in a line and trained anew; a training that is stopped
 * leaves nothing there.
 *
 * @throws {RangeError} if `epochs` or `seed` is not a whole number from 1 or 0 on.
 * @throws whatever the signal's reason is, if it stops the training.
 */
export async function loadClassifier(
  mnist: Mnist,
  { folder, seed = 1, epochs = EPOCHS, warn = console.warn, ...watch }: LoadClassifierOptions,
): Promise<Classifier> {
  checkOptions({ epochs, seed });
  const data = await sha256(mnist);
  const key: Key = { format: FORMAT, version: VERSION, seed, epochs, data };
  const own = `${folder}/classifier-${VERSION}-${data.slice(0, 16)}-seed-${seed}-epochs-${epochs}`;
  const present = await restore(own, key, warn);
  if (present) return present;
  const classifier = await trainClassifier(mnist, { seed, epochs, ...watch });
  await keep(classifier, { folder: own, key, warn });
  return classifier;
}
