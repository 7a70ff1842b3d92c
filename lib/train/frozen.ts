/**
 * Saves and restores which layers and weights are frozen. It may change during training, so it is
 * part of the state.
 */
import type * as tf from "@tensorflow/tfjs";
import { arrayOf, text } from "../check/mod.ts";
import type { Restore } from "./checkpoint_model.ts";
import { Damage, expectKind } from "./damage.ts";
import { layersOf, movableWeights } from "./model_paths.ts";

/** Layer, model or weight; training changes it only if `trainable` is true. */
interface Freezable {
  trainable: boolean;
}

/**
 * Finds all layers and weights of a model by their paths. Layers come before the layers and weights
 * inside them, because setting `trainable` on a layer also sets it on those.
 */
function switchesOf(model: tf.LayersModel): Map<string, Freezable> {
  const layers = layersOf(model);
  return new Map<string, Freezable>([
    ...layers.map(({ path, layer }) => [path, layer] as const),
    ...layers.flatMap(({ path, layer }) =>
      movableWeights(layer).map((weight, i) => [`${path}.${i}`, weight] as const)
    ),
  ]);
}

/** Lists the paths of the frozen layers and weights. */
export function saveFrozen(model: tf.LayersModel): string[] {
  return [...switchesOf(model)].flatMap(([path, { trainable }]) => trainable ? [] : [path]);
}

/**
 * Checks the saved paths, and returns the function that freezes and unfreezes layers and weights.
 *
 * @throws {Damage} if the model has no layer or weight with a saved path.
 */
export function planFrozen(
  name: string,
  model: tf.LayersModel,
  value: unknown,
): { readonly restore: Restore; readonly notes: readonly string[] } {
  const saved = expectKind<string[]>(`the frozen layers of ${name}`, value, arrayOf(text));
  const switches = switchesOf(model);
  const unknown = saved.find((path) => !switches.has(path));
  if (unknown !== undefined) {
    throw new Damage(`expected the paths of frozen layers of ${name}, got "${unknown}"`);
  }
  if (saved.join() === saveFrozen(model).join()) return { restore: () => {}, notes: [] };
  const layers = saved.filter((path) => !path.includes(".")).map((path) => path || "all");
  return {
    notes: [
      `${name} continues with the saved frozen layers: ${layers.join(", ") || "none"}`,
    ],
    restore: () => {
      for (const [path, part] of switches) {
        const trainable = !saved.includes(path);
        if (part.trainable !== trainable) part.trainable = trainable;
      }
    },
  };
}
