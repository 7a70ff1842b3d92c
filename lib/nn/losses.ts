/** Losses of a discriminator. */
import * as tf from "@tensorflow/tfjs";
import {
  callable,
  check,
  finiteNumber,
  type Kind,
  type Kinds,
  objectWith,
  oneOf,
  optional,
  text,
  union,
} from "../check/mod.ts";
import { TENSOR } from "./values.ts";

/** Range of the targets that a loss accepts. */
export interface TargetRange {
  /** Smallest target. */
  readonly from: number;
  /** Largest target. */
  readonly to: number;
}

/**
 * Loss of a discriminator: a distance between outputs and targets, both `[batch, units]`.
 *
 * `compute` is traced, so a JavaScript number in it is fixed in the compiled step. If a weight
 * changes during training, make it a `tf.Variable`, which every step reads again:
 *
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { Discriminator, type Loss, meanSquaredError } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const weight = tf.variable(tf.scalar(1));
 * const annealed: Loss = {
 *   ...meanSquaredError,
 *   name: "annealed MSE",
 *   compute: (outputs, targets) => tf.mul(meanSquaredError.compute(outputs, targets), weight),
 * };
 * const D = new Discriminator({ loss: annealed });
 * assert(D.train([1, 0, 1, 0], [1]) > 0);
 * tf.tidy(() => weight.assign(tf.scalar(0))); // at any time between two steps
 * assert.equal(D.train([1, 0, 1, 0], [1]), 0);
 * ```
 */
export interface Loss {
  /** Usual name of the loss, shown in plots. */
  readonly name: string;
  /** Paper that introduced it. */
  readonly reference: string;
  /** Value of each half of D's loss when D can no longer distinguish real from generated samples. */
  readonly equilibrium: number;
  /**
   * Meaning of D's outputs: `"probability"` in (0, 1), `"logit"` (any number; 0 means 1/2), or
   * `"score"` without a fixed scale.
   */
  readonly answers: "probability" | "logit" | "score";
  /** Computes the mean over batch and units, a scalar. Targets are 1 for real and 0 for generated samples. */
  compute(outputs: tf.Tensor, targets: tf.Tensor): tf.Scalar;
  /** Computes the loss of the generator, if it is another function of the same tensors. */
  computeForGenerator?(outputs: tf.Tensor, targets: tf.Tensor): tf.Scalar;
  /** Range of the targets; others are refused. If absent, all finite numbers are allowed. */
  readonly targets?: TargetRange;
}

/** Checks that two values are tensors of the same shape. A compiled step does not repeat this check. */
function checkTensors(task: string, outputs: tf.Tensor, targets: tf.Tensor): void {
  check(task, { outputs, targets }, TENSOR);
  if (outputs.shape.join() !== targets.shape.join()) {
    throw new RangeError(
      `Cannot ${task}: expected targets of the shape [${outputs.shape}] of the outputs, got ` +
        `[${targets.shape}]`,
    );
  }
}

/** Range of targets from generated to real. */
const SHARES: TargetRange = { from: 0, to: 1 };

/**
 * Mean of (output - target)²: the loss of the script and of LSGAN (Mao et al., 2017).
 *
 * For the density p of real and q of generated samples, the best discriminator answers p / (p + q).
 * So at p = q it answers 1/2, and each half of its loss is 1/4.
 */
export const meanSquaredError: Loss = {
  name: "MSE",
  reference: "Mao et al., «Least squares generative adversarial networks», 2017",
  equilibrium: 0.25,
  answers: "probability",
  targets: SHARES,
  compute: (outputs, targets) => {
    checkTensors("compute the mean squared error", outputs, targets);
    return tf.squaredDifference(outputs, targets).mean();
  },
};

/** Smallest normal float32 number. Its logarithm and its reciprocal are finite. */
const SMALLEST = 2 ** -126;

/**
 * Mean of -(t log y + (1 - t) log(1 - y)) for target t and output y: the loss of the first GAN
 * (Goodfellow et al., 2014).
 *
 * Outputs are probabilities in [0, 1]. The loss is always finite: an output of exactly 0 or 1 with
 * the opposite target gives 87.3 (PyTorch limits it to 100).
 */
export const binaryCrossEntropy: Loss = {
  name: "BCE",
  reference: "Goodfellow et al., «Generative adversarial nets», 2014",
  equilibrium: Math.LN2,
  answers: "probability",
  targets: SHARES,
  compute: (outputs, targets) => {
    checkTensors("compute the binary cross-entropy", outputs, targets);
    const logYes = tf.log(tf.maximum(outputs, SMALLEST));
    const logNo = tf.log(tf.maximum(tf.sub(1, outputs), SMALLEST));
    const halves = tf.add(tf.mul(targets, logYes), tf.mul(tf.sub(1, targets), logNo));
    return tf.neg(halves).mean();
  },
};

/**
 * Binary cross-entropy from logits x: the mean of max(x, 0) - x t + log(1 + exp(-|x|)) for target
 * t. It is exact for logits of any size.
 *
 * A generator that trains with target 1 minimizes -log D(G(z)), the non-saturating loss of
 * Goodfellow et al. (2014). Its gradient does not vanish when D recognizes generated samples. A
 * target of 0.9 for real samples is one-sided label smoothing (Salimans et al., "Improved
 * techniques for training GANs", 2016).
 */
export const binaryCrossEntropyFromLogits: Loss = {
  name: "BCE from logits",
  reference: "Goodfellow et al., «Generative adversarial nets», 2014, section 3",
  equilibrium: Math.LN2,
  answers: "logit",
  targets: SHARES,
  compute: (outputs, targets) => {
    checkTensors("compute the cross-entropy of logits", outputs, targets);
    return tf.losses.sigmoidCrossEntropy(targets, outputs) as tf.Scalar;
  },
};

/** Maps the targets 1 and 0 to 1 and -1, so that one formula covers both. */
function signed(targets: tf.Tensor): tf.Tensor {
  return tf.sub(tf.mul(targets, 2), 1);
}

/** Computes the mean of -score for target 1 and of score for target 0. */
function negativeScore(outputs: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  checkTensors("compute the mean score", outputs, targets);
  return tf.neg(tf.mul(signed(targets), outputs)).mean();
}

/**
 * Hinge loss: the mean of max(0, 1 - s) for real and of max(0, 1 + s) for generated samples with
 * score s. The generator minimizes the mean of -s.
 *
 * If real and generated samples have the same density, the best discriminator answers 0, each half
 * of its loss is 1, and the loss of the generator is 0.
 */
export const hinge: Loss = {
  name: "hinge",
  reference: "Lim and Ye, «Geometric GAN», 2017",
  equilibrium: 1,
  answers: "score",
  targets: SHARES,
  compute: (outputs, targets) => {
    checkTensors("compute the hinge loss", outputs, targets);
    return tf.relu(tf.sub(1, tf.mul(signed(targets), outputs))).mean();
  },
  computeForGenerator: negativeScore,
};

/**
 * Wasserstein loss: the mean of -s for real and of s for generated samples with score s. The sum of
 * both halves is the negative distance between the distributions, so it is 0 if they
 * are equal.
 *
 * This holds only if the slope of the scores is bounded, so use the loss with `gradientPenalty()`.
 */
export const wasserstein: Loss = {
  name: "Wasserstein",
  reference: "Arjovsky et al., «Wasserstein generative adversarial networks», 2017",
  equilibrium: 0,
  answers: "score",
  targets: SHARES,
  compute: negativeScore,
};

/** Name of a loss. */
export type LossName = "mse" | "bce" | "non-saturating" | "hinge" | "wasserstein";

/** Losses by name. */
export const losses: Readonly<Record<LossName, Loss>> = {
  "mse": meanSquaredError,
  "bce": binaryCrossEntropy,
  "non-saturating": binaryCrossEntropyFromLogits,
  "hinge": hinge,
  "wasserstein": wasserstein,
};

/** Kind of the option `loss`. */
export const LOSS: Kind = union(
  oneOf(Object.keys(losses)),
  objectWith("a loss, an object with compute(outputs, targets)", ["compute"]),
);

/** Kinds of the properties of a custom loss. */
const KINDS: Kinds<Loss> = {
  name: text,
  reference: text,
  equilibrium: finiteNumber(),
  answers: oneOf(["probability", "logit", "score"]),
  compute: callable,
  computeForGenerator: optional(callable),
  targets: optional(objectWith("an object with from and to", [])),
};

/**
 * Returns the loss with the given name, or checks a custom loss and returns it.
 *
 * @throws {TypeError | RangeError} if there is no loss with that name, or a property of a custom
 * loss is missing or wrong.
 */
export function lossOf(loss: Loss | LossName): Loss {
  check("choose a loss", { loss }, LOSS);
  if (typeof loss === "string") return losses[loss];
  for (const [name, kind] of Object.entries(KINDS)) {
    check("choose a loss", { [`loss.${name}`]: loss[name as keyof Loss] }, kind);
  }
  const { from, to } = loss.targets ?? SHARES;
  check("choose a loss", { "loss.targets.from": from, "loss.targets.to": to }, finiteNumber());
  return loss;
}
