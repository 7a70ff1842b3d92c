/** Layers that start as PyTorch's do. */
import * as tf from "@tensorflow/tfjs";
import { check, checkOptions, instanceOf, type Kinds, oneOf, wholeNumber } from "../check/mod.ts";
import { defaultRandom, Random } from "../data/mod.ts";

/** Options of {@linkcode linear}. */
export interface LinearOptions {
  /** The nonlinearity after the layer; none by default. */
  readonly activation?: "sigmoid" | "relu" | "tanh";
  /** Where the initial weights come from. */
  readonly rng?: Random;
}

const KINDS: Kinds<LinearOptions> = {
  activation: oneOf(["sigmoid", "relu", "tanh"]),
  rng: instanceOf(Random),
};

/**
 * Makes a fully connected layer from `[batch, inputs]` to `[batch, units]`, as PyTorch's `Linear`.
 *
 * Kernel `[inputs, units]` and bias `[units]` start uniform in ±1/sqrt(inputs), which is PyTorch's
 * distribution (LeCun et al., "Efficient BackProp", 1998, has the reasoning behind the scale).
 *
 * @throws {TypeError | RangeError} if a size is not a whole number from 1 on, or an option is not known.
 */
export function linear(
  inputs: number,
  units: number,
  options: LinearOptions = {},
): tf.layers.Layer {
  check("make a linear layer", { inputs, units }, wholeNumber({ from: 1 }));
  checkOptions("make a linear layer", options, { kinds: KINDS });
  const { activation, rng = defaultRandom() } = options;
  const limit = 1 / Math.sqrt(inputs);
  const uniform = () =>
    tf.initializers.randomUniform({ minval: -limit, maxval: limit, seed: rng.bits() });
  return tf.layers.dense({
    inputShape: [inputs],
    units,
    kernelInitializer: uniform(),
    biasInitializer: uniform(),
    ...(activation && { activation }),
  });
}
