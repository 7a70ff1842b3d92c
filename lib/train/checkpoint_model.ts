/**
 * Saves and restores a model as files that `tf.loadLayersModel` can also read, with the path of
 * each weight.
 */
import * as tf from "@tensorflow/tfjs";
import { text } from "../check/mod.ts";
import {
  type ArraySpec,
  checkFinite,
  isSameShape,
  joinBytes,
  type ReadArray,
  readSpec,
  specOf,
  splitBytes,
} from "./checkpoint_arrays.ts";
import type { Files } from "./checkpoint_files.ts";
import { checkLayers } from "./checkpoint_layers.ts";
import { Damage, expectKind } from "./damage.ts";
import { MODEL, modelJson, readModelJson, WEIGHTS } from "./model_files.ts";
import { type PathWeight, weightsOf } from "./model_paths.ts";

/** Function that applies a saved value which has already been checked. */
export type Restore = () => void;

/** Weight in `model.json`. TensorFlow.js uses its name, and this library its path. */
interface WeightSpec extends ArraySpec {
  readonly path: string;
}

/**
 * Makes the files of a model in its present state.
 *
 * `model.save` is not used: it reads one weight after another, and training steps in between would
 * mix old and new weights.
 *
 * @throws {RangeError} if a weight is not finite.
 */
export function saveModel(name: string, model: tf.LayersModel): Files {
  const weights = weightsOf(model).map((weight) => ({
    ...weight,
    values: weight.variable.dataSync() as Float32Array,
  }));
  for (const { name: weight, values } of weights) checkFinite(values, `${weight} of ${name}`);
  const json = modelJson({
    modelTopology: model.toJSON(null, false) as object,
    weightSpecs: weights.map(({ name, path, variable }) => ({
      name,
      path,
      ...specOf(variable),
    })) as unknown as tf.io.WeightsManifestEntry[],
    format: "layers-model",
    generatedBy: `TensorFlow.js tfjs-layers v${tf.version_layers}`,
    convertedBy: null,
  });
  const data = joinBytes(weights.map(({ values }) => values));
  return new Map([[`${name}/${MODEL}`, json], [`${name}/${WEIGHTS}`, data]]);
}

/**
 * Checks that a saved model fits, and returns the function that restores its weights.
 *
 * @throws {Damage} if the saved model is damaged.
 * @throws {RangeError} if it does not fit; the message says why.
 */
export function planModel(name: string, model: tf.LayersModel, files: Files): Restore {
  const { description, groups } = readModelJson(files.get(`${name}/${MODEL}`));
  const saved = readWeights(name, { files, specs: groups.flatMap(({ weights }) => weights) });
  checkLayers(`the model ${name}`, {
    mine: model.toJSON(null, false),
    saved: description.modelTopology,
  });
  const pairs = pairUp(name, { mine: weightsOf(model), saved });
  return () => pairs.forEach(([{ variable }, array]) => assign(variable, array));
}

function readWeights(
  name: string,
  { files, specs }: { readonly files: Files; readonly specs: readonly unknown[] },
): ReadonlyMap<string, ReadArray> {
  const weights = specs.map((spec): WeightSpec => ({
    path: expectKind("the path of a weight", (spec as Partial<WeightSpec>).path, text),
    ...readSpec("a weight", spec),
  }));
  const file = `${name}/${WEIGHTS}`;
  const arrays = splitBytes(weights, { file, bytes: files.get(file) });
  const byPath = new Map(arrays.map((array) => [array.spec.path, array]));
  if (byPath.size < arrays.length) {
    throw new Damage(`expected each weight of ${name} once, got one twice`);
  }
  return byPath;
}

/** Finds the saved numbers of each weight. */
function pairUp(
  name: string,
  { mine, saved }: {
    readonly mine: readonly PathWeight[];
    readonly saved: ReadonlyMap<string, ReadArray>;
  },
): [PathWeight, ReadArray][] {
  if (saved.size !== mine.length) {
    throw new Damage(`expected ${mine.length} weights of ${name}, got ${saved.size}`);
  }
  return mine.map((weight) => {
    const array = saved.get(weight.path);
    if (!array) throw new Damage(`expected the weight ${weight.name} of ${name}, got none`);
    const { shape, dtype } = weight.variable;
    if (!isSameShape(shape, array.spec.shape) || dtype !== array.spec.dtype) {
      throw new Damage(
        `expected ${weight.name} of ${name} to be ${dtype} [${shape}], ` +
          `got ${array.spec.dtype} [${array.spec.shape}]`,
      );
    }
    return [weight, array];
  });
}

/**
 * Copies the numbers of a file to a variable. The constraint of the weight is not applied: the
 * numbers met it when they were saved.
 */
export function assign(variable: tf.Variable, { spec, values }: ReadArray): void {
  const tensor = tf.tensor(values, [...spec.shape], spec.dtype);
  variable.assign(tensor);
  tensor.dispose();
}
