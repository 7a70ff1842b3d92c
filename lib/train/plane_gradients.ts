/** Gradients of D with respect to samples. A generator learns only from them. */
import * as tf from "@tensorflow/tfjs";
import { check, finiteNumber, instanceOf, listOf, wholeNumber } from "../check/mod.ts";
import { Discriminator } from "../nn/mod.ts";

/**
 * Computes the negative gradient of G's loss with respect to each of the samples `[count, inputs]`.
 * It points in the direction in which D rates the sample as more real. Uses plain TensorFlow.js;
 * nothing trains.
 */
export function pushesOf(D: Discriminator, samples: Float32Array): Float32Array {
  checkSamples("find the gradients of D", D, samples);
  const compute = D.loss.computeForGenerator ?? D.loss.compute;
  const loss = (outputs: tf.Tensor) => compute(outputs, tf.onesLike(outputs));
  // The loss is a mean over the samples, so the gradient of one sample's loss is `count` times as
  // large.
  const count = samples.length / D.inputSize;
  return gradientBySamples(D, samples, (outputs) => loss(outputs).mul(-count));
}

/**
 * Checks a discriminator and samples for it.
 *
 * @throws {TypeError | RangeError} if D is not a discriminator, or the samples are not whole
 * samples of finite numbers.
 */
function checkSamples(task: string, D: Discriminator, samples: Float32Array): void {
  check(task, { D }, instanceOf(Discriminator));
  check(task, { samples }, instanceOf(Float32Array));
  check(task, { samples }, listOf(finiteNumber()));
  const count = samples.length / D.inputSize;
  check(task, { "the number of samples": count }, wholeNumber({ from: 1 }));
}

/** Computes the gradient of a sum of D's outputs with respect to each sample. */
function gradientBySamples(
  D: Discriminator,
  samples: Float32Array,
  sum: (outputs: tf.Tensor) => tf.Tensor,
): Float32Array {
  return tf.tidy(() => {
    const x = tf.tensor(samples, [samples.length / D.inputSize, ...D.inputShape]);
    const gradient = tf.grad((x) => sum(D.model.apply(x) as tf.Tensor))(x);
    return Float32Array.from(gradient.dataSync());
  });
}

/** Mean lengths of the gradients of three generator losses, for the same D. */
export interface GradientLengths {
  /** Mean answer of D to the samples, 0 to 1. */
  readonly answer: number;
  /** Mean gradient length of -log D, the non-saturating loss. */
  readonly nonSaturating: number;
  /** Mean gradient length of log(1 - D), the loss of the min-max formula. */
  readonly saturating: number;
  /** Mean gradient length of (D - 1)², the squared error. */
  readonly squaredError: number;
}

/**
 * Measures the mean length of the gradient with respect to a sample `[count, inputs]`, for three
 * losses of G.
 *
 * For the logit s and the answer D = sigmoid(s), each gradient is the gradient of s multiplied by a
 * factor: 1 - D for -log D, D for log(1 - D), and 2 D (1 - D)² for (D - 1)².
 *
 * @throws {TypeError | RangeError} if D does not answer logits, or the samples are not whole
 * samples of finite numbers.
 */
export function gradientLengths(D: Discriminator, samples: Float32Array): GradientLengths {
  checkSamples("measure gradients", D, samples);
  if (D.loss.answers !== "logit") {
    throw new RangeError(
      `Cannot measure gradients: expected a discriminator that answers logits, got ${D.loss.answers}`,
    );
  }
  const slopes = gradientBySamples(D, samples, (outputs) => outputs.sum());
  const answers = D.forward(samples).map((logit) => 1 / (1 + Math.exp(-logit)));
  const mean = (factor: (answer: number) => number) =>
    answers.reduce((sum, answer, i) => {
      const slope = slopes.subarray(i * D.inputSize, (i + 1) * D.inputSize);
      return sum + Math.abs(factor(answer)) * Math.hypot(...slope);
    }, 0) / answers.length;
  return {
    answer: answers.reduce((a, b) => a + b) / answers.length,
    nonSaturating: mean((answer) => 1 - answer),
    saturating: mean((answer) => answer),
    squaredError: mean((answer) => 2 * answer * (1 - answer) ** 2),
  };
}
