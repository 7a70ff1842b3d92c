/** The losses that a discriminator can be trained with. */
import * as tf from "@tensorflow/tfjs";

/** How far outputs are from targets, both `[batch, units]`, as one number. */
export interface Loss {
  /** The field's name of it, as plots show it. */
  readonly name: string;
  /** What the discriminator's loss is once it can no longer tell real from generated: it answers 1/2. */
  readonly equilibrium: number;
  /** The mean over batch and units, a scalar. */
  compute(outputs: tf.Tensor, targets: tf.Tensor): tf.Scalar;
}

/**
 * The mean of (output - target)², the script's loss and that of LSGAN (Mao et al., 2017).
 *
 * The best discriminator answers p / (p + q) for real density p and generated density q, so at
 * p = q it answers 1/2 and each half of its loss is 1/4.
 */
export const meanSquaredError: Loss = {
  name: "MSE",
  equilibrium: 0.25,
  compute: (outputs, targets) => tf.squaredDifference(outputs, targets).mean(),
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
  equilibrium: Math.LN2,
  compute: (outputs, targets) => {
    const logYes = tf.log(tf.maximum(outputs, SMALLEST));
    const logNo = tf.log(tf.maximum(tf.sub(1, outputs), SMALLEST));
    const halves = tf.add(tf.mul(targets, logYes), tf.mul(tf.sub(1, targets), logNo));
    return tf.neg(halves).mean();
  },
};
