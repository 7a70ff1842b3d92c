/** Classifier of digits. The judge uses its labels and the features of its last hidden layer. */
import * as tf from "@tensorflow/tfjs";
import {
  checkOptions,
  finiteNumber,
  instanceOf,
  type Kind,
  type Kinds,
  oneOf,
  wholeNumber,
} from "../check/mod.ts";
import {
  checkLabels,
  MNIST_CLASSES,
  MNIST_PIXELS,
  MNIST_SIDE,
  oneHot,
  Random,
} from "../data/mod.ts";
import { type BatchProgram, Network, type Pass } from "../nn/mod.ts";
import { LOOP_KINDS, type LoopOptions, steps } from "../train/mod.ts";
import type { Features } from "./features.ts";
import { checkPixels } from "./pixels.ts";

/**
 * Architecture of a classifier, from 28 to 14 to 7 pixels: `"strided"`, two 5 x 5 convolutions with
 * stride 2, or `"pooled"`, two 3 x 3 convolutions, each followed by the maximum of 2 x 2 pixels.
 */
export type ClassifierNetwork = "strided" | "pooled";

/** Options of {@linkcode Classifier}. */
export interface ClassifierOptions {
  /** Random generator of the initial weights; seed 1 by default. */
  readonly rng?: Random;
  /**
   * Architecture; `"strided"` by default. A generator is judged better by two classifiers of
   * different architectures, because each has its own mistakes.
   */
  readonly network?: ClassifierNetwork;
  /** Number of classes, that is, of different labels; 10 by default. */
  readonly classes?: number;
}

/** Options of a step of a {@linkcode Classifier}. */
export interface ClassifierStepOptions {
  /** Learning rate of Adam, from 0 to 1; 0.001 by default. */
  readonly learningRate?: number;
}

/** Output of a classifier for a batch of images. */
export interface Readings {
  /** Most likely label of each image, from 0 to `classes - 1`, `[samples]`. */
  readonly labels: Uint8Array;
  /** Probability of that label according to the classifier, in (0, 1], `[samples]`. */
  readonly confidence: Float32Array;
  /** Activations of the last hidden layer, `[samples, 128]`. */
  readonly features: Features;
}

/** Number of features: the units of the last hidden layer. */
export const CLASSIFIER_FEATURES = 128;

/**
 * Number of images per call of the network. Larger batches would not be faster and would block for
 * more than 100 ms.
 */
const READ_BATCH = 20;

const TASK = {
  make: "make a classifier",
  train: "train the classifier",
  read: "read digits",
} as const;

/** Kind of the option `network`. */
export const NETWORK: Kind = oneOf(["strided", "pooled"]);

const KINDS: Kinds<ClassifierOptions> = {
  rng: instanceOf(Random),
  network: NETWORK,
  classes: wholeNumber({ from: 2, to: 256 }),
};
const STEP_KINDS: Kinds<ClassifierStepOptions> = { learningRate: finiteNumber({ from: 0, to: 1 }) };

/** Network from pixels to logits, and the same layers with logits and features as outputs. */
interface Models {
  readonly logits: tf.LayersModel;
  readonly both: tf.LayersModel;
}

/** Sizes of a classifier. */
type Sizes = Required<Omit<ClassifierOptions, "rng">>;

/** Makes the network: convolutions of the chosen architecture, and two linear layers. */
function makeModels(rng: Random, { network, classes }: Sizes): Models {
  const options = () =>
    ({
      activation: "relu",
      kernelInitializer: tf.initializers.heNormal({ seed: rng.bits() }),
    }) as const;
  const halving = (filters: number): tf.layers.Layer[] => {
    const shape = { ...options(), filters, padding: "same" } as const;
    return network === "strided" ? [tf.layers.conv2d({ ...shape, kernelSize: 5, strides: 2 })] : [
      tf.layers.conv2d({ ...shape, kernelSize: 3 }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
    ];
  };
  const input = tf.input({ shape: [MNIST_PIXELS] });
  const hidden = [
    tf.layers.reshape({ targetShape: [MNIST_SIDE, MNIST_SIDE, 1] }),
    ...halving(16), // [batch, 14, 14, 16]
    ...halving(32), // [batch, 7, 7, 32]
    tf.layers.flatten(),
    tf.layers.dense({ ...options(), units: CLASSIFIER_FEATURES }),
  ];
  const features = hidden.reduce(
    (at, layer) => layer.apply(at) as tf.SymbolicTensor,
    input,
  );
  const last = tf.layers.dense({
    units: classes,
    kernelInitializer: tf.initializers.glorotNormal({ seed: rng.bits() }),
  });
  const logits = last.apply(features) as tf.SymbolicTensor;
  return {
    logits: tf.model({ inputs: input, outputs: logits }),
    both: tf.model({ inputs: input, outputs: [logits, features] }),
  };
}

/** Finds the label with the largest logit, and its probability. */
function mostLikely(logits: ArrayLike<number>): { label: number; confidence: number } {
  let label = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[label]!) label = i;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - logits[label]!);
  return { label, confidence: 1 / sum };
}

/**
 * Convolutional network from pixels `[batch, 784]` in [0, 1] to logits `[batch, classes]`.
 *
 * `loadClassifier` returns a trained one. Its 128 features are the activations of the last hidden
 * layer, after the ReLU. Distances between features have no unit, so compare them only within one
 * classifier.
 *
 * ```ts
 * import { Classifier } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const classifier = new Classifier(); // which knows nothing yet
 * const { labels, features } = await classifier.read(new Float32Array(3 * 784));
 * assert.equal(labels.length, 3);
 * assert.equal(features.values.length, 3 * features.width);
 * ```
 */
export class Classifier extends Network {
  /** Share of the test images that are classified correctly, 0 to 1; NaN until it is measured. */
  accuracy: number = NaN;
  /** Number of classes. */
  readonly classes: number;
  readonly #step: BatchProgram;
  readonly #read: BatchProgram;

  /**
   * Makes an untrained classifier.
   *
   * @throws {TypeError | RangeError} if an option is unknown or wrong.
   */
  constructor(options: ClassifierOptions = {}) {
    checkOptions(TASK.make, options, { kinds: KINDS });
    const { rng = new Random(1), classes = MNIST_CLASSES, network = "strided" } = options;
    const { logits, both } = makeModels(rng, { network, classes });
    super("classifier", logits, { optimizer: tf.train.adam(0) });
    this.classes = classes;
    this.#step = this.stepProgram(
      (x, targets) => this.#pass(x!, targets!),
      { sampleShapes: [this.inputShape, this.outputShape], name: "the classifier's step" },
    );
    this.#read = this.batchProgram((x) => both.apply(x!) as tf.Tensor[], [this.inputShape]);
  }

  /**
   * Makes one step of Adam on the cross-entropy between the logits for `pixels` `[batch, 784]` and
   * `labels` `[batch]`.
   *
   * @returns the loss before the step.
   * @throws {TypeError | RangeError} if there is not one label from 0 to `classes - 1` for each
   * image, a pixel is not in [0, 1], or an option is unknown or wrong; then nothing has changed.
   */
  train(
    pixels: Float32Array,
    labels: ArrayLike<number>,
    options: ClassifierStepOptions = {},
  ): number {
    checkOptions(TASK.train, options, { kinds: STEP_KINDS });
    const { learningRate = 1e-3 } = options;
    const batch = checkPixels(pixels, TASK.train);
    checkLabels(TASK.train, labels, this.classes);
    if (labels.length !== batch) {
      throw new RangeError(
        `Cannot ${TASK.train}: expected ${batch} labels, one for each image, got ${labels.length}`,
      );
    }
    const targets = oneHot(labels, { classes: this.classes });
    // The field is protected in TypeScript. Compiled steps take it as an input, so that a change
    // takes effect.
    (this.optimizer as unknown as { learningRate: number }).learningRate = learningRate;
    const [[loss]] = this.#step.run(batch, pixels, targets) as [[number]];
    this.record(loss);
    return loss;
  }

  /**
   * Classifies images `[samples, 784]` in [0, 1], at least one.
   *
   * @throws {TypeError | RangeError} if the pixels are not whole images of numbers in [0, 1], an
   * option is unknown or wrong, or the classifier's weights are not finite.
   */
  async read(pixels: Float32Array, options: LoopOptions = {}): Promise<Readings> {
    checkOptions(TASK.read, options, { kinds: LOOP_KINDS });
    const count = checkPixels(pixels, TASK.read);
    const labels = new Uint8Array(count);
    const confidence = new Float32Array(count);
    const width = CLASSIFIER_FEATURES;
    const features = new Float32Array(count * width);
    const batch = new Float32Array(READ_BATCH * MNIST_PIXELS);
    for await (const step of steps(Math.ceil(count / READ_BATCH), options)) {
      const start = step * READ_BATCH;
      const end = Math.min(count, start + READ_BATCH);
      batch.set(pixels.subarray(start * MNIST_PIXELS, end * MNIST_PIXELS)); // old images fill the last batch
      const [logits, hidden] = this.#read.run(READ_BATCH, batch) as [Float32Array, Float32Array];
      features.set(hidden.subarray(0, (end - start) * width), start * width);
      for (let i = start; i < end; i++) {
        const row = (i - start) * this.classes;
        const answer = mostLikely(logits.subarray(row, row + this.classes));
        if (!Number.isFinite(answer.confidence)) {
          throw new RangeError(
            `Cannot ${TASK.read}: expected a classifier with finite weights, got ` +
              `the confidence ${answer.confidence} for image ${i}`,
          );
        }
        labels[i] = answer.label;
        confidence[i] = answer.confidence;
      }
    }
    return { labels, confidence, features: { values: features, width } };
  }

  #pass(x: tf.Tensor, targets: tf.Tensor): Pass {
    const logits = this.model.apply(x, { training: true }) as tf.Tensor;
    const loss = tf.losses.softmaxCrossEntropy(targets, logits);
    return { loss, result: loss };
  }
}

/**
 * Checks that a classifier has as many classes as the data.
 *
 * @throws {RangeError} if it does not.
 */
export function checkClasses(
  classifier: Classifier,
  { classes, task }: { readonly classes: number; readonly task: string },
): void {
  if (classifier.classes === classes) return;
  throw new RangeError(
    `Cannot ${task}: expected a classifier of ${classes} labels, as many as the data have, ` +
      `got one of ${classifier.classes}`,
  );
}
