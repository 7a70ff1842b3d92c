/** Layers with the initial weights of PyTorch. */
import * as tf from "@tensorflow/tfjs";
import { check, checkOptions, instanceOf, type Kinds, oneOf, wholeNumber } from "../check/mod.ts";
import { defaultRandom, Random } from "../data/mod.ts";

/** Options of {@linkcode linear}. */
export interface LinearOptions {
  /** Activation function; none by default. */
  readonly activation?: "sigmoid" | "relu" | "tanh";
  /** Random generator of the initial weights. */
  readonly rng?: Random;
}

const KINDS: Kinds<LinearOptions> = {
  activation: oneOf(["sigmoid", "relu", "tanh"]),
  rng: instanceOf(Random),
};

/**
 * Makes a fully connected layer from `[batch, inputs]` to `[batch, units]`, like PyTorch's
 * `Linear`.
 *
 * The initial kernel `[inputs, units]` and bias `[units]` are uniform in ±1/sqrt(inputs), as in
 * PyTorch (LeCun et al., "Efficient BackProp", 1998, explains the scale).
 *
 * @throws {TypeError | RangeError} if a size is not a whole number from 1 on, or an option is
 * unknown or wrong.
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
