/** Penalties on how steep a discriminator is: what keeps it from running away from the generator. */
import * as tf from "@tensorflow/tfjs";
import { defaultRandom, type Random } from "../data/mod.ts";

/** A term that is added to the discriminator's loss at some of its steps. */
export interface Penalty {
  /** The field's name of it. */
  readonly name: string;
  /** The paper that it comes from. */
  readonly reference: string;
  /** Where the slope is measured: at real samples, or between real and generated ones. */
  readonly at: "real" | "between";
  /** It is computed at every so-manieth step, and counts as many times as much there. */
  readonly every: number;
  /** Where the places between real and generated samples come from; part of a run's state. */
  readonly rng?: Random;
  /** The term from the slopes of D's answers by its input, `[batch, inputs]`; a scalar. */
  compute(slopes: tf.Tensor): tf.Scalar;
}

/** How a penalty is applied. */
export interface PenaltyOptions {
  /** At every so-manieth step, counting as many times as much there. */
  readonly every?: number;
  /**
   * How many of the numbers of a sample count, from the first on: of an image and its label the pixels
   * alone, since a discriminator should be steep by the label. All of them by default.
   */
  readonly inputs?: number;
}

/** What {@linkcode r1} takes. */
export interface R1Options extends PenaltyOptions {
  /** The paper's γ: half of it times the squared slope is added. */
  readonly gamma?: number;
}

/** What {@linkcode gradientPenalty} takes. */
export interface GradientPenaltyOptions extends PenaltyOptions {
  /** The paper's λ. */
  readonly weight?: number;
  /** Where the places between samples come from. */
  readonly rng?: Random;
}

/** @throws {RangeError} if a number is not one from `least` on. */
function checkNumber(name: string, value: number, least: { from: number; whole?: boolean }): void {
  const { from, whole = false } = least;
  if (Number.isFinite(value) && value >= from && (!whole || Number.isInteger(value))) return;
  throw new RangeError(
    `Cannot make a penalty: expected ${name} to be a ${
      whole ? "whole " : ""
    }number from ${from} on, ` +
      `got ${value}`,
  );
}

function checkOptions(every: number, inputs = 1): void {
  checkNumber("every", every, { from: 1, whole: true });
  checkNumber("inputs", inputs, { from: 1, whole: true });
}

/** The squared length of each sample's slope, `[batch]`. */
function squaredLengths(slopes: tf.Tensor, inputs: number | undefined): tf.Tensor {
  const flat = slopes.reshape([slopes.shape[0]!, -1]);
  const counted = inputs === undefined ? flat : flat.slice([0, 0], [-1, inputs]);
  return counted.square().sum(1);
}

/**
 * R1: γ/2 times the mean squared slope of D at real samples (Mescheder et al., "Which training methods
 * for GANs do actually converge?", 2018), computed lazily (Karras et al., "Analyzing and improving the
 * image quality of StyleGAN", 2020).
 *
 * At equilibrium D should be flat where the data is; without it, D goes on turning although there is
 * nothing left to tell apart.
 *
 * @throws {RangeError} if `gamma` is below 0 or `every` is not a whole number from 1 on.
 */
export function r1({ gamma = 0.5, every = 4, inputs }: R1Options = {}): Penalty {
  checkNumber("gamma", gamma, { from: 0 });
  checkOptions(every, inputs);
  readySecondGradients();
  return {
    name: "R1",
    reference: "Mescheder et al., «Which training methods for GANs do actually converge?», 2018",
    at: "real",
    every,
    compute: (slopes) => squaredLengths(slopes, inputs).mean().mul(gamma / 2 * every),
  };
}

/** Under the root, so that a slope of 0 has a gradient. */
const TINY = 1e-12;

/**
 * WGAN-GP's gradient penalty: λ times the mean of (|slope| - 1)² at random places between real and
 * generated samples (Gulrajani et al., "Improved training of Wasserstein GANs", 2017).
 *
 * It is computed at steps on generated samples, between them and the real ones of the step before.
 * Checkpoints of a run have to keep `rng`.
 *
 * @throws {RangeError} if `weight` is below 0 or `every` is not a whole number from 1 on.
 */
export function gradientPenalty(
  { weight = 10, every = 1, inputs, rng = defaultRandom() }: GradientPenaltyOptions = {},
): Penalty {
  checkNumber("weight", weight, { from: 0 });
  checkOptions(every, inputs);
  readySecondGradients();
  return {
    name: "gradient penalty",
    reference: "Gulrajani et al., «Improved training of Wasserstein GANs», 2017",
    at: "between",
    every,
    rng,
    compute: (slopes) => {
      const lengths = squaredLengths(slopes, inputs).add(TINY).sqrt();
      return lengths.sub(1).square().mean().mul(weight * every);
    },
  };
}

/**
 * A place on the line from each real sample to a generated one, `[batch, size]`, uniform along it; what
 * does not count for the penalty, such as a label, is mixed too.
 */
export function betweenSamples(
  real: ArrayLike<number>,
  fake: ArrayLike<number>,
  { penalty, size }: { readonly penalty: Penalty; readonly size: number },
): Float32Array {
  const rng = penalty.rng ?? defaultRandom();
  const places = new Float32Array(real.length);
  for (let start = 0; start < places.length; start += size) {
    const share = rng.uniform();
    for (let i = start; i < start + size; i++) {
      places[i] = fake[i]! + share * (real[i]! - fake[i]!);
    }
  }
  return places;
}

let ready = false;

/**
 * LeakyReLU's gradient compares with 0, and TensorFlow.js does not know that a comparison is flat; a
 * slope of a slope needs it. The gradient is zero wherever there is one.
 */
function readySecondGradients(): void {
  if (ready) return;
  ready = true;
  tf.registerGradient({
    kernelName: "Greater",
    inputsToSave: ["a", "b"],
    gradFunc: (_dy, [a, b]) => ({ a: () => tf.zerosLike(a!), b: () => tf.zerosLike(b!) }),
  });
}
