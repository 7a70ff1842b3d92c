/** Loads a classifier from a folder; the first time it is trained, which takes a minute or two. */
import {
  callable,
  check,
  checkOptions,
  finiteNumber,
  folderPath,
  type Kinds,
  wholeNumber,
} from "../check/mod.ts";
import { classesOf, type Mnist } from "../data/mod.ts";
import { Checkpoints, LOOP_KINDS, type LoopOptions } from "../train/mod.ts";
import { Classifier } from "./classifier.ts";
import { trainClassifier } from "./classifier_training.ts";

/** Options of `loadClassifier`: which classifier, where it is kept, and who watches its training. */
export interface LoadClassifierOptions extends LoopOptions {
  /** Where classifiers are kept; it is made if it does not exist. */
  readonly folder: string;
  /** Initial weights, order and shifts of the training images come from it; 1 by default. */
  readonly seed?: number;
  /** How often every training image is seen; 10 by default. */
  readonly epochs?: number;
  /** Takes the line about a damaged or unsaved classifier; `console.warn` by default. */
  readonly warn?: (line: string) => void;
}

const KINDS: Kinds<LoadClassifierOptions> = {
  ...LOOP_KINDS,
  folder: folderPath,
  seed: wholeNumber({ from: 0 }),
  epochs: wholeNumber({ from: 1 }),
  warn: callable,
};

/** What tells one classifier from another. */
interface Key {
  /** Goes up with every change of the network or of its training. */
  readonly version: number;
  readonly seed: number;
  readonly epochs: number;
  /** The SHA-256 of all images and labels, those of the training first. */
  readonly data: string;
}

/** Where a classifier is kept. */
interface Place {
  readonly folder: string;
  readonly key: Key;
  readonly warn: (line: string) => void;
}

const VERSION = 2;
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

/** Makes the checkpoints of a classifier: of its network, what it was made from, and how good it is. */
function checkpointsOf(classifier: Classifier, { folder, key, warn }: Place): Checkpoints {
  const made = {
    state: () => ({ ...key, accuracy: classifier.accuracy }),
    restore: (state: unknown) => {
      const { accuracy, ...found } = Object(state) as Key & { readonly accuracy: unknown };
      for (const [name, value] of Object.entries(key)) {
        const got = found[name as keyof Key];
        if (got !== value) throw new TypeError(`expected ${name} ${value}, got ${String(got)}`);
      }
      check("load the classifier", { accuracy }, finiteNumber({ from: 0, to: 1 }));
      classifier.accuracy = accuracy as number;
    },
  };
  // Earlier classifiers in the folder do not matter, only why one cannot be used.
  const warnOfDamage = (line: string) => {
    if (line.startsWith("Cannot ")) warn(line);
  };
  const parts = { networks: { classifier }, states: { made } };
  return new Checkpoints(folder, parts, { keep: 1, warn: warnOfDamage });
}

/** Gives the classifier of a folder, or undefined if there is none, or none that is whole. */
async function restore(place: Place, classes: number): Promise<Classifier | undefined> {
  const classifier = new Classifier({ classes });
  classifier.accuracy = 0; // a number, until it has its own
  try {
    return await checkpointsOf(classifier, place).restore() && classifier;
  } catch (error) {
    place.warn(`${messageOf(error)}; the classifier is trained anew`);
    return undefined;
  }
}

/** Keeps a classifier; one that cannot be kept is still worth its training. */
async function keep(classifier: Classifier, place: Place): Promise<void> {
  try {
    await checkpointsOf(classifier, place).save(classifier.counter);
  } catch (error) {
    place.warn(`${messageOf(error)}; the classifier is trained again the next time`);
  }
}

/** Gives the message of an error, without what to do about a checkpoint. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/; use [^;]*$/, "");
}

/**
 * The classifier of a seed: from `folder` if it was trained before, else trained and kept there.
 *
 * It sees every training image `epochs` times, shifted by up to two pixels, in batches of 100. The same
 * seed gives the same weights to the last bit on one machine. Each combination of seed, epochs and
 * data has a folder of its own in `folder`, which holds a checkpoint: `checkpoint.json` with what it was
 * made from and its accuracy on the test images, and the model as `tf.loadLayersModel` takes it. A damaged
 * one is named in a line, left where it is, and trained anew; a training that is stopped leaves nothing.
 *
 * @throws {TypeError | RangeError} if an option is not known or of another kind; then nothing has changed.
 * @throws whatever the signal's reason is, if it stops the training.
 */
export async function loadClassifier(
  mnist: Mnist,
  options: LoadClassifierOptions,
): Promise<Classifier> {
  const classes = classesOf(mnist, "load the classifier");
  checkOptions("load the classifier", options, { kinds: KINDS, required: ["folder"] });
  const { folder, seed = 1, epochs = EPOCHS, warn = console.warn, ...watch } = options;
  const key: Key = { version: VERSION, seed, epochs, data: await sha256(mnist) };
  const name = `classifier-${VERSION}-${key.data.slice(0, 16)}-seed-${seed}-epochs-${epochs}`;
  const place: Place = { folder: `${folder.replace(/(?<=.)\/+$/, "")}/${name}`, key, warn };
  const present = await restore(place, classes);
  if (present) return present;
  const classifier = await trainClassifier(mnist, { seed, epochs, ...watch });
  await keep(classifier, place);
  return classifier;
}
