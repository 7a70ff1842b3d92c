/** Loads a classifier from a folder. The first call trains it, which takes a minute or two. */
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
import { Classifier, type ClassifierNetwork, NETWORK } from "./classifier.ts";
import { trainClassifier } from "./classifier_training.ts";

/** Options of {@linkcode loadClassifier}. */
export interface LoadClassifierOptions extends LoopOptions {
  /** Path of the folder with the classifiers. It is made if it does not exist. */
  readonly folder: string;
  /** Seed of the initial weights, the order and the shifts of the training images; 1 by default. */
  readonly seed?: number;
  /** Number of passes over the training images; 10 by default. */
  readonly epochs?: number;
  /** Architecture; `"strided"` by default, see `ClassifierOptions`. */
  readonly network?: ClassifierNetwork;
  /** Receives warnings about a classifier that is damaged or cannot be saved; `console.warn` by default. */
  readonly warn?: (line: string) => void;
}

const KINDS: Kinds<LoadClassifierOptions> = {
  ...LOOP_KINDS,
  folder: folderPath,
  seed: wholeNumber({ from: 0 }),
  epochs: wholeNumber({ from: 1 }),
  network: NETWORK,
  warn: callable,
};

/** Properties that distinguish classifiers. */
interface Key {
  /** Version of the networks and their training; it increases with every change. */
  readonly version: number;
  /** Architecture; absent if it is the default, as in checkpoints from before there were others. */
  readonly network?: ClassifierNetwork;
  readonly seed: number;
  readonly epochs: number;
  /** SHA-256 of all images and labels, the training set first. */
  readonly data: string;
}

/** Folder of one classifier, and its properties. */
interface Place {
  readonly folder: string;
  readonly key: Key;
  readonly warn: (line: string) => void;
}

const VERSION = 2;
const EPOCHS = 10;
const USUAL: ClassifierNetwork = "strided";

/**
 * Computes the SHA-256 of all images and labels. A classifier is loaded only if it was trained on
 * the same data.
 */
async function sha256({ train, test }: Mnist): Promise<string> {
  const parts = [train.images, train.labels, test.images, test.labels];
  const sums = await Promise.all(
    parts.map((part) => crypto.subtle.digest("SHA-256", part as Uint8Array<ArrayBuffer>)),
  );
  const all = await new Blob(sums).arrayBuffer();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
}

/** Makes the checkpoints of a classifier: its network, its properties, and its accuracy. */
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
  // Warns only why a classifier cannot be used, not that the folder contains others.
  const warnOfDamage = (line: string) => {
    if (line.startsWith("Cannot ")) warn(line);
  };
  const parts = { networks: { classifier }, states: { made } };
  return new Checkpoints(folder, parts, { keep: 1, warn: warnOfDamage });
}

/** Loads a classifier from a folder. Returns undefined if there is none, or it is damaged. */
async function restore(place: Place, classes: number): Promise<Classifier | undefined> {
  const classifier = new Classifier({ classes, network: place.key.network ?? USUAL });
  classifier.accuracy = 0; // the checkpoint needs a number here until the saved one is restored
  try {
    return await checkpointsOf(classifier, place).restore() && classifier;
  } catch (error) {
    place.warn(`${withoutAdvice(error)}; a new classifier is trained`);
    return undefined;
  }
}

/** Saves a classifier. If that fails, only warns, because the classifier can still be used. */
async function keep(classifier: Classifier, place: Place): Promise<void> {
  try {
    await checkpointsOf(classifier, place).save(classifier.counter);
  } catch (error) {
    place.warn(`${withoutAdvice(error)}; the next call trains the classifier again`);
  }
}

/** Returns the message of an error, without the advice about checkpoints. */
function withoutAdvice(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/; use [^;]*$/, "");
}

/**
 * Loads the classifier of a seed from `folder`, or trains it and saves it there.
 *
 * A classifier is trained for `epochs` passes over the training images, shifted by up to two
 * pixels, in batches of 100. On one machine, the same seed gives bit-equal weights.
 *
 * Each combination of seed, epochs, network and data has its own folder in `folder`. It contains a
 * checkpoint: `checkpoint.json` with these properties and the accuracy on the test images, and the
 * model in the format of `tf.loadLayersModel`. If a checkpoint is damaged, it stays there, a
 * warning names it, and a new classifier is trained. If the training is stopped, nothing is saved.
 *
 * @throws {TypeError | RangeError} if an option is unknown or wrong; then nothing has changed.
 * @throws the signal's reason, if the signal stops the training.
 */
export async function loadClassifier(
  mnist: Mnist,
  options: LoadClassifierOptions,
): Promise<Classifier> {
  const classes = classesOf(mnist, "load the classifier");
  checkOptions("load the classifier", options, { kinds: KINDS, required: ["folder"] });
  const { folder, seed = 1, epochs = EPOCHS, network = USUAL, warn = console.warn, ...watch } =
    options;
  const other = network === USUAL ? {} : { network };
  const key: Key = { version: VERSION, ...other, seed, epochs, data: await sha256(mnist) };
  const name = `classifier-${VERSION}-${key.data.slice(0, 16)}-seed-${seed}-epochs-${epochs}` +
    (key.network ? `-${network}` : "");
  const place: Place = { folder: `${folder.replace(/(?<=.)\/+$/, "")}/${name}`, key, warn };
  const present = await restore(place, classes);
  if (present) return present;
  const classifier = await trainClassifier(mnist, { seed, epochs, network, ...watch });
  await keep(classifier, place);
  return classifier;
}
