/** The noise that layers draw in training: which layers do, and where it comes from. */
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

/** Rates that recurrent layers and their cells have. */
interface Dropping {
  readonly dropout?: number;
  readonly recurrentDropout?: number;
}

/** Finds out whether a layer of a model draws noise in training, as dropout does. */
export function drawsNoise(model: tf.layers.Layer): boolean {
  return [...allLayers(model)].some((layer) => {
    const { dropout, recurrentDropout } = layer as Dropping;
    return NOISE_LAYERS.includes(layer.getClassName()) || Number(dropout) > 0 ||
      Number(recurrentDropout) > 0;
  });
}

let networks = 0;

/** Makes the source of a network's noise: the same for the same seed and name, whatever else was drawn. */
export function noiseSource(name: string, rng: Random | undefined): NoiseSource {
  const words = rng
    ? rng.split(`noise of the ${name}`)
    : defaultRandom().split(`noise of network ${networks++}`);
  return new NoiseSource(Math.floor(words.bits() / 2 ** 11) * 2 ** 32 + words.bits());
}
