/** Finds the layers and weights of a model by their path, which does not depend on names. */
import * as tf from "@tensorflow/tfjs";

/** Layer with its path. */
interface PathLayer {
  /** Positions of the layer and of the layers around it, such as `2/0`; empty for the model itself. */
  readonly path: string;
  /** Layer itself. */
  readonly layer: tf.layers.Layer;
}

/** Weight with its path. */
export interface PathWeight {
  /** Path of the weight's layer and position in it, such as `2/0.1`. */
  readonly path: string;
  /** Name in TensorFlow.js. Several weights may have the same name. */
  readonly name: string;
  /** Weight as its layer stores it. */
  readonly weight: tf.LayerVariable;
  /** Variable with the numbers of the weight. */
  readonly variable: tf.Variable;
}

/** Fields with the weights of a layer, which TensorFlow.js declares private. */
interface OwnWeights {
  readonly _trainableWeights?: readonly tf.LayerVariable[];
  readonly _nonTrainableWeights?: readonly tf.LayerVariable[];
}

/** Finds the layers directly inside a layer: the layers of a model, of a wrapper, or of a recurrent layer. */
function innerLayers(layer: tf.layers.Layer): tf.layers.Layer[] {
  if (layer instanceof tf.LayersModel) return layer.layers;
  return Object.values(layer).flat().filter((value) => value instanceof tf.layers.Layer);
}

/** Lists a model and all layers inside it; outer layers come first. */
export function layersOf(model: tf.layers.Layer): PathLayer[] {
  const found = new Map<tf.layers.Layer, string>();
  const visit = (layer: tf.layers.Layer, path: string) => {
    if (found.has(layer)) return;
    found.set(layer, path);
    innerLayers(layer).forEach((inner, i) => visit(inner, path ? `${path}/${i}` : `${i}`));
  };
  visit(model, "");
  return [...found].map(([layer, path]) => ({ layer, path }));
}

/**
 * Lists the weights of a layer that training changes, or would change if they were not frozen. Does
 * not list those of the layers inside it.
 */
export function movableWeights(layer: tf.layers.Layer): readonly tf.LayerVariable[] {
  return (layer as unknown as OwnWeights)._trainableWeights ?? [];
}

/**
 * Lists all weights of a model. Their order depends only on the layers. `model.weights` is not
 * used, because its order changes when a layer is frozen.
 *
 * @throws {TypeError} if the model was disposed.
 */
export function weightsOf(model: tf.LayersModel): PathWeight[] {
  const paths = new Map<tf.LayerVariable, string>();
  for (const { layer, path } of layersOf(model)) {
    const fixed = (layer as unknown as OwnWeights)._nonTrainableWeights ?? [];
    [...movableWeights(layer), ...fixed].forEach((weight, i) => {
      if (!paths.has(weight)) paths.set(weight, `${path}.${i}`);
    });
  }
  // A custom layer may store weights in other fields.
  const hidden = model.weights.filter((weight) => !paths.has(weight));
  hidden.forEach((weight, i) => paths.set(weight, `other.${i}`));
  return [...paths].map(([weight, path]) => ({
    path,
    name: weight.originalName,
    weight,
    variable: variableOf(weight),
  }));
}

function variableOf(weight: tf.LayerVariable): tf.Variable {
  const { val } = weight as unknown as { readonly val: tf.Variable };
  if (!val.isDisposed) return val;
  throw new TypeError(
    `Cannot use a model: expected weights that are not disposed, got ${weight.originalName}, which is`,
  );
}
