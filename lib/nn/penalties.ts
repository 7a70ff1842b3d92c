/**
 * Penalties on the slope of a discriminator. They prevent it from becoming too steep for the
 * generator to learn.
 */
import * as tf from "@tensorflow/tfjs";
import {
  callable,
  check,
  checkOptions,
  finiteNumber,
  instanceOf,
  type Kind,
  type Kinds,
  objectWith,
  oneOf,
  optional,
  text,
  union,
  wholeNumber,
} from "../check/mod.ts";
import { defaultRandom, Random } from "../data/mod.ts";
import { readySecondGradients } from "./second_gradients.ts";

/**
 * Penalty: a term that is added to D's loss in some of its steps.
 *
 * `compute` is traced, so a JavaScript number in it is fixed in the compiled step. If a weight
 * changes during training, make it a `tf.Variable`, which every step reads again. `r1` and
 * `gradientPenalty` accept a variable as `gamma` and `weight`.
 *
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { Discriminator, r1 } from "./mod.ts";
 *
 * const gamma = tf.variable(tf.scalar(5));
 * const D = new Discriminator({ penalty: r1({ gamma, every: 1 }) });
 * D.train([1, 0, 1, 0], [1]);
 * tf.tidy(() => gamma.assign(tf.scalar(0.5))); // at any time between two steps
 * D.train([1, 0, 1, 0], [1]);
 * ```
 */
export interface Penalty {
  /** Usual name of the penalty. */
  readonly name: string;
  /** Paper that introduced it. */
  readonly reference: string;
  /** Points at which the slope is measured: at real samples, or between real and generated samples. */
  readonly at: "real" | "between";
  /**
   * Number of steps from one penalty to the next. `compute` multiplies by `every`, so that the
   * average strength stays the same.
   */
  readonly every: number;
  /** Number of values of a sample that count, starting at the first; all of them if absent. */
  readonly inputs?: number;
  /** Random generator of the points between real and generated samples; part of the state of a run. */
  readonly rng?: Random;
  /**
   * Computes the penalty, a scalar, from the gradient of D's answers with respect to its inputs,
   * `[batch, inputs]`.
   */
  compute(slopes: tf.Tensor): tf.Scalar;
}

/** Options of all penalties. */
export interface PenaltyOptions {
  /**
   * Number of steps from one penalty to the next. The penalty is multiplied by `every`, so its
   * average strength stays the same.
   */
  readonly every?: number;
  /**
   * Number of values of a sample that count, starting at the first; all of them by default. For
   * example only the pixels: a conditional discriminator *should* react strongly to the label.
   */
  readonly inputs?: number;
}

/** Options of {@linkcode r1}. */
export interface R1Options extends PenaltyOptions {
  /**
   * Strength γ of the paper: γ/2 times the squared slope is added; 0.5 by default. A scalar
   * variable may change during training.
   */
  readonly gamma?: number | tf.Variable;
}

/** Options of {@linkcode gradientPenalty}. */
export interface GradientPenaltyOptions extends PenaltyOptions {
  /** Strength λ of the paper; 10 by default. A scalar variable may change during training. */
  readonly weight?: number | tf.Variable;
  /** Random generator of the points between the samples. */
  readonly rng?: Random;
}

/** Kind of the strength of a penalty. */
const STRENGTH: Kind = union(finiteNumber({ from: 0 }), {
  expected: "a scalar tf.Variable",
  fault: (value) => value instanceof tf.Variable && value.rank === 0 ? undefined : "type",
});

const PENALTY_OPTIONS: Kinds<PenaltyOptions> = {
  every: wholeNumber({ from: 1 }),
  inputs: wholeNumber({ from: 1 }),
};

const R1_OPTIONS: Kinds<R1Options> = { ...PENALTY_OPTIONS, gamma: STRENGTH };

const GRADIENT_PENALTY_OPTIONS: Kinds<GradientPenaltyOptions> = {
  ...PENALTY_OPTIONS,
  weight: STRENGTH,
  rng: instanceOf(Random),
};

/** Kind of the option `penalty`. */
export const PENALTY: Kind = objectWith("a penalty, such as r1() makes", ["compute"]);

/** Kinds of the properties of a custom penalty. */
const KINDS: Kinds<Penalty> = {
  name: text,
  reference: text,
  at: oneOf(["real", "between"]),
  every: wholeNumber({ from: 1 }),
  inputs: optional(wholeNumber({ from: 1 })),
  rng: optional(instanceOf(Random)),
  compute: callable,
};

/**
 * Checks a penalty, and that `inputs` is at most the size of a sample.
 *
 * @throws {TypeError | RangeError} if a property is missing or wrong.
 */
export function checkPenalty(task: string, penalty: Penalty, sampleSize: number): void {
  check(task, { penalty }, PENALTY);
  readySecondGradients();
  for (const [name, kind] of Object.entries(KINDS)) {
    check(task, { [`penalty.${name}`]: penalty[name as keyof Penalty] }, kind);
  }
  const { inputs } = penalty;
  check(task, { "penalty.inputs": inputs }, optional(wholeNumber({ from: 1, to: sampleSize })));
}

/** Computes the squared length of each sample's gradient, `[batch]`. */
function squaredLengths(slopes: tf.Tensor, inputs: number | undefined): tf.Tensor {
  const flat = slopes.reshape([slopes.shape[0]!, -1]);
  const counted = inputs === undefined ? flat : flat.slice([0, 0], [-1, inputs]);
  return counted.square().sum(1);
}

/**
 * Multiplies a term by its strength and a factor. Two plain numbers are multiplied first, because
 * each tensor operation rounds.
 */
function weighted(term: tf.Tensor, strength: number | tf.Variable, factor: number): tf.Scalar {
  if (typeof strength === "number") return tf.mul(term, strength * factor);
  return tf.mul(term, tf.mul(strength, factor));
}

/**
 * Makes the R1 penalty: γ/2 times the mean squared slope of D at real samples (Mescheder et al.,
 * "Which training methods for GANs do actually converge?", 2018), computed only in some steps
 * (Karras et al., "Analyzing and improving the image quality of StyleGAN", 2020).
 *
 * At equilibrium, D should be flat at the real samples. Without the penalty D keeps changing,
 * although there is nothing left to distinguish.
 *
 * @throws {TypeError | RangeError} if an option is unknown or wrong.
 */
export function r1(options: R1Options = {}): Penalty {
  checkOptions("make R1", options, { kinds: R1_OPTIONS });
  const { gamma = 0.5, every = 4, inputs } = options;
  return {
    name: "R1",
    reference: "Mescheder et al., «Which training methods for GANs do actually converge?», 2018",
    at: "real",
    every,
    ...(inputs !== undefined && { inputs }),
    compute: (slopes) => weighted(squaredLengths(slopes, inputs).mean(), gamma, every / 2),
  };
}

/** Added under the square root, so that a slope of 0 has a finite gradient. */
const TINY = 1e-12;

/**
 * Makes the gradient penalty of WGAN-GP: λ times the mean of (|slope| - 1)² at random points
 * between real and generated samples (Gulrajani et al., "Improved training of Wasserstein GANs",
 * 2017).
 *
 * It is computed in steps on generated samples, between them and the real samples of the previous
 * step. So the first step must be on real samples. The state of `rng` is saved in checkpoints.
 *
 * @throws {TypeError | RangeError} if an option is unknown or wrong.
 */
export function gradientPenalty(options: GradientPenaltyOptions = {}): Penalty {
  checkOptions("make a gradient penalty", options, { kinds: GRADIENT_PENALTY_OPTIONS });
  const { weight = 10, every = 1, inputs, rng = defaultRandom() } = options;
  return {
    name: "gradient penalty",
    reference: "Gulrajani et al., «Improved training of Wasserstein GANs», 2017",
    at: "between",
    every,
    ...(inputs !== undefined && { inputs }),
    rng,
    compute: (slopes) => {
      const lengths = squaredLengths(slopes, inputs).add(TINY).sqrt();
      return weighted(lengths.sub(1).square().mean(), weight, every);
    },
  };
}
