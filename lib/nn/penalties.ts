/** Penalties on how steep a discriminator is: what keeps it from running away from the generator. */
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
 * A term that is added to the discriminator's loss at some of its steps.
 *
 * `compute` is traced: a JavaScript number in it is fixed in the compiled step. A weight that changes
 * during training has to be a `tf.Variable`, which the step reads each time; `r1` and `gradientPenalty`
 * take one for `gamma` and `weight`.
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
  /** The field's name of it. */
  readonly name: string;
  /** The paper that it comes from. */
  readonly reference: string;
  /** Where the slope is measured: at real samples, or between real and generated ones. */
  readonly at: "real" | "between";
  /**
   * Computed only at every `every`-th step, where `compute` multiplies it by `every`, so that its average
   * strength stays the same.
   */
  readonly every: number;
  /** How many of the numbers of a sample count, from the first on; all of them if left out. */
  readonly inputs?: number;
  /** Where the places between real and generated samples come from; part of a run's state. */
  readonly rng?: Random;
  /** The term from the slopes of D's answers by its input, `[batch, inputs]`; a scalar. */
  compute(slopes: tf.Tensor): tf.Scalar;
}

/** Options of both penalties. */
export interface PenaltyOptions {
  /** Computed only at every `every`-th step, and multiplied by `every` there. */
  readonly every?: number;
  /**
   * How many of the numbers of a sample count, from the first on; all of them by default. For example
   * only the pixels: a conditional discriminator *should* react strongly to the label.
   */
  readonly inputs?: number;
}

/** Options of {@linkcode r1}. */
export interface R1Options extends PenaltyOptions {
  /** The paper's γ: half of it times the squared slope is added. A scalar variable may change. */
  readonly gamma?: number | tf.Variable;
}

/** Options of {@linkcode gradientPenalty}. */
export interface GradientPenaltyOptions extends PenaltyOptions {
  /** The paper's λ. A scalar variable may change. */
  readonly weight?: number | tf.Variable;
  /** Where the places between samples come from. */
  readonly rng?: Random;
}

/** The kind of a penalty's strength. */
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

/** The kind of the option `penalty`. */
export const PENALTY: Kind = objectWith("a penalty, such as r1() makes", ["compute"]);

/** The kinds of what a penalty of one's own has to have. */
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
 * Refuses a penalty that lacks something, or counts more numbers than a sample has.
 *
 * @throws {TypeError | RangeError} that says what.
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

/** The squared length of each sample's slope, `[batch]`. */
function squaredLengths(slopes: tf.Tensor, inputs: number | undefined): tf.Tensor {
  const flat = slopes.reshape([slopes.shape[0]!, -1]);
  const counted = inputs === undefined ? flat : flat.slice([0, 0], [-1, inputs]);
  return counted.square().sum(1);
}

/** A term times its strength and a number; one number where both are numbers, since it is rounded once. */
function weighted(term: tf.Tensor, strength: number | tf.Variable, factor: number): tf.Scalar {
  if (typeof strength === "number") return tf.mul(term, strength * factor);
  return tf.mul(term, tf.mul(strength, factor));
}

/**
 * R1: γ/2 times the mean squared slope of D at real samples (Mescheder et al., "Which training methods
 * for GANs do actually converge?", 2018), computed lazily (Karras et al., "Analyzing and improving the
 * image quality of StyleGAN", 2020).
 *
 * At equilibrium D should be flat where the data is; without it, D goes on turning although there is
 * nothing left to tell apart.
 *
 * @throws {TypeError | RangeError} if an option is not known, or not such a number.
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

/** Under the root, so that a slope of 0 has a gradient. */
const TINY = 1e-12;

/**
 * WGAN-GP's gradient penalty: λ times the mean of (|slope| - 1)² at random places between real and
 * generated samples (Gulrajani et al., "Improved training of Wasserstein GANs", 2017).
 *
 * It is computed at steps on generated samples, between them and the real ones of the step before, which
 * is why the first step has to be on real ones. Checkpoints of a run have to keep `rng`.
 *
 * @throws {TypeError | RangeError} if an option is not known, or not such a number.
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
