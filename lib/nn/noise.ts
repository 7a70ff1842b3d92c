/** Finds layers that draw noise in training, such as dropout, and makes the source of their noise. */
import type * as tf from "@tensorflow/tfjs";
import { defaultRandom, type Random } from "../data/mod.ts";
import { NoiseSource } from "../jit/mod.ts";
import { allLayers } from "./weights.ts";

const NOISE_LAYERS: readonly string[] = [
  "Dropout",
  "SpatialDropout1D",
  "GaussianNoise",
  "GaussianDropout",
  "AlphaDropout",
];

/** Dropout rates of recurrent layers and their cells. */
interface Dropping {
  readonly dropout?: number;
  readonly recurrentDropout?: number;
}

/** Tells whether a layer or a layer inside it draws noise in training, as dropout does. */
export function drawsNoise(model: tf.layers.Layer): boolean {
  return [...allLayers(model)].some((layer) => {
    const { dropout, recurrentDropout } = layer as Dropping;
    return NOISE_LAYERS.includes(layer.getClassName()) || Number(dropout) > 0 ||
      Number(recurrentDropout) > 0;
  });
}

let networks = 0;

/**
 * Makes the noise source of a network. The same seed and name give the same noise, independent of
 * other draws.
 */
export function noiseSource(name: string, rng: Random | undefined): NoiseSource {
  const words = rng
    ? rng.split(`noise of the ${name}`)
    : defaultRandom().split(`noise of network ${networks++}`);
  return new NoiseSource(Math.floor(words.bits() / 2 ** 11) * 2 ** 32 + words.bits());
}
