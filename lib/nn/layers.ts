/** Layers that start as PyTorch's do. */
import * as tf from "@tensorflow/tfjs";
import { defaultRandom, type Random } from "../data/mod.ts";

/** What a {@linkcode linear} layer can be told besides its size. */
export interface LinearOptions {
  /** The nonlinearity after the layer; none by default. */
  readonly activation?: "sigmoid" | "relu" | "tanh";
  /** Where the initial weights come from. */
  readonly rng?: Random;
}

/**
 * A fully connected layer from `[batch, inputs]` to `[batch, units]`, as PyTorch's `Linear`.
 *
 * Kernel `[inputs, units]` and bias `[units]` start uniform in ±1/sqrt(inputs), which is PyTorch's
 * distribution (LeCun et al., "Efficient BackProp", 1998, has the reasoning behind the scale).
 *
 * @throws {RangeError} if a size is not a whole number from 1 on.
 */
export function linear(
  inputs: number,
  units: number,
  { activation, rng = defaultRandom() }: LinearOptions = {},
): tf.layers.Layer {
  for (const [name, size] of Object.entries({ inputs, units })) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(
        `Cannot make a linear layer: expected ${name} to be a whole number from 1 on, got ${size}`,
      );
    }
  }
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
