/** Which parts of a model training leaves as they are; it may change during a training, so it is state. */
import type * as tf from "@tensorflow/tfjs";
import { arrayOf, text } from "../check/mod.ts";
import type { Restore } from "./checkpoint_model.ts";
import { Damage, expectKind } from "./damage.ts";
import { layersOf, movableWeights } from "./model_paths.ts";

/** Anything with a switch that says whether training moves it: a layer, a model, a weight. */
interface Freezable {
  trainable: boolean;
}

/**
 * Finds all switches of a model by their paths, layers before the weights and layers inside them, whose
 * switches they change too.
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

/** Lists the paths of what is frozen. */
export function saveFrozen(model: tf.LayersModel): string[] {
  return [...switchesOf(model)].flatMap(([path, { trainable }]) => trainable ? [] : [path]);
}

/**
 * Checks the saved paths, and gives what freezes and thaws.
 *
 * @throws {Damage} if a path is not one of the model's.
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
      `${name} goes on with frozen layers as they were saved: ${layers.join(", ") || "none"}`,
    ],
    restore: () => {
      for (const [path, part] of switches) {
        const trainable = !saved.includes(path);
        if (part.trainable !== trainable) part.trainable = trainable;
      }
    },
  };
}
