/** A model in a checkpoint: files that `tf.loadLayersModel` takes too, with the path of every weight. */
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

/** Something that was found to fit and only has to be put in place. */
export type Restore = () => void;

/** A weight in `model.json`; TensorFlow.js reads its name, and this library its path. */
interface WeightSpec extends ArraySpec {
  readonly path: string;
}

/**
 * Makes the files of a model, as it is at the moment of the call, under a name.
 *
 * (`model.save` reads weight after weight as it gets to them, so steps in between would tear it.)
 *
 * @throws {RangeError} if one of its weights is not finite.
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
 * Checks that a saved model fits, and gives what puts its weights in place.
 *
 * @throws {RangeError} that says what does not fit, or is damaged.
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

/** Finds the saved numbers of every weight. */
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

/** Gives a variable the numbers of a file. Its constraint is left out: they met it when they were saved. */
export function assign(variable: tf.Variable, { spec, values }: ReadArray): void {
  const tensor = tf.tensor(values, [...spec.shape], spec.dtype);
  variable.assign(tensor);
  tensor.dispose();
}
