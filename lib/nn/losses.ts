/** The losses that a discriminator can be trained with, by name. */
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

/** The least and the greatest target that a loss is defined for. */
export interface TargetRange {
  /** The least one. */
  readonly from: number;
  /** The greatest one. */
  readonly to: number;
}

/**
 * The distance of outputs from targets, both `[batch, units]`, as one number.
 *
 * `compute` is traced: a JavaScript number in it is fixed in the compiled step. A weight that changes
 * during training has to be a `tf.Variable`, which the step reads each time:
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
  /** The field's name of it, as plots show it. */
  readonly name: string;
  /** The paper that it comes from. */
  readonly reference: string;
  /** What each half of the discriminator's loss is once it can no longer tell real from generated. */
  readonly equilibrium: number;
  /**
   * What the discriminator's last layer answers: a probability in (0, 1), the logit of one (any number,
   * 0 for 1/2), or a score whose scale means nothing.
   */
  readonly answers: "probability" | "logit" | "score";
  /** The mean over batch and units, a scalar; targets are 1 for real and 0 for generated. */
  compute(outputs: tf.Tensor, targets: tf.Tensor): tf.Scalar;
  /** What the generator descends instead, where that is another function of the same. */
  computeForGenerator?(outputs: tf.Tensor, targets: tf.Tensor): tf.Scalar;
  /** The targets that it is defined for: others are refused; all finite numbers if left out. */
  readonly targets?: TargetRange;
}

/** Refuses what is not a pair of tensors of one shape; a compiled step does not repeat it. */
function checkTensors(task: string, outputs: tf.Tensor, targets: tf.Tensor): void {
  check(task, { outputs, targets }, TENSOR);
  if (outputs.shape.join() !== targets.shape.join()) {
    throw new RangeError(
      `Cannot ${task}: expected targets of the shape [${outputs.shape}] of the outputs, got ` +
        `[${targets.shape}]`,
    );
  }
}

/** From generated to real, and the shares between. */
const SHARES: TargetRange = { from: 0, to: 1 };

/**
 * The mean of (output - target)², the script's loss and that of LSGAN (Mao et al., 2017).
 *
 * The best discriminator answers p / (p + q) for real density p and generated density q, so at
 * p = q it answers 1/2 and each half of its loss is 1/4.
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

/** The smallest normal float32: the logarithm of it is finite, and so is 1 over it. */
const SMALLEST = 2 ** -126;

/**
 * The mean of -(t log y + (1 - t) log(1 - y)), the loss of the first GAN (Goodfellow et al., 2014).
 *
 * Outputs are probabilities in [0, 1]. An output of exactly 0 or 1 against the opposite target costs
 * 87.3 (PyTorch stops at 100), so the loss is always finite.
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
 * The same from logits x, as max(x, 0) - x t + log(1 + exp(-|x|)): exact however sure D is.
 *
 * A generator that trains towards the target 1 descends -log D(G(z)), the non-saturating loss of
 * Goodfellow et al. (2014): its gradient does not fade where D sees through it. A target of 0.9 for
 * real samples smooths that side alone (Salimans et al., "Improved techniques for training GANs", 2016).
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

/** Targets 1 and 0 as 1 and -1, so that one formula serves both halves. */
function signed(targets: tf.Tensor): tf.Tensor {
  return tf.sub(tf.mul(targets, 2), 1);
}

/** The mean of -score on what should look real, and of score on what should not. */
function negativeScore(outputs: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  checkTensors("compute the mean score", outputs, targets);
  return tf.neg(tf.mul(signed(targets), outputs)).mean();
}

/**
 * The mean of max(0, 1 - s) on real and of max(0, 1 + s) on generated samples with score s; the
 * generator descends the mean of -s.
 *
 * At p = q the best discriminator answers 0 and each half of its loss is 1; the generator's is 0.
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
 * The mean of -s on real and of s on generated samples with score s: the two halves add up to minus the
 * distance between the distributions, so at p = q their sum is 0.
 *
 * It means what it says only for scores of a bounded slope: use it with `gradientPenalty()`.
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

/** The kind of the option `loss`. */
export const LOSS: Kind = union(
  oneOf(Object.keys(losses)),
  objectWith("a loss, an object with compute(outputs, targets)", ["compute"]),
);

/** The kinds of what a loss of one's own has to have. */
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
 * Finds the loss of a name; a loss of one's own is checked and returned as it is.
 *
 * @throws {TypeError | RangeError} if no loss has that name, or a loss of one's own lacks something.
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
