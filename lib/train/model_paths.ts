/** The layers and weights of a model by their path in it, whatever they are called. */
import * as tf from "@tensorflow/tfjs";

/** A layer of a model. */
export interface PathLayer {
  /** The positions of the layer and of those around it, such as `2/0`; empty for the model itself. */
  readonly path: string;
  /** The layer. */
  readonly layer: tf.layers.Layer;
}

/** A weight of a model. */
export interface PathWeight {
  /** The path of its layer and its position there, such as `2/0.1`. */
  readonly path: string;
  /** Its name in TensorFlow.js, which may be that of another weight too. */
  readonly name: string;
  /** The weight as a layer has it. */
  readonly weight: tf.LayerVariable;
  /** The variable that holds its numbers. */
  readonly variable: tf.Variable;
}

/** The weights of a layer, which TensorFlow.js declares private. */
interface OwnWeights {
  readonly _trainableWeights?: readonly tf.LayerVariable[];
  readonly _nonTrainableWeights?: readonly tf.LayerVariable[];
}

/** Finds the layers directly inside a layer: those of a model, a wrapper's, a recurrent layer's cells. */
function innerLayers(layer: tf.layers.Layer): tf.layers.Layer[] {
  if (layer instanceof tf.LayersModel) return layer.layers;
  return Object.values(layer).flat().filter((value) => value instanceof tf.layers.Layer);
}

/** Lists a model and all layers inside it, outer ones before inner ones. */
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

/** Lists a layer's own weights that training may move, frozen or not. */
export function movableWeights(layer: tf.layers.Layer): readonly tf.LayerVariable[] {
  return (layer as unknown as OwnWeights)._trainableWeights ?? [];
}

/**
 * Lists all weights of a model. Their order depends on the layers alone; that of `model.weights`
 * changes when a layer is frozen.
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
  // A layer of the reader's own may keep weights where nobody looks for them.
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
    `Cannot use a model: expected weights that exist, got ${weight.originalName}, which was disposed`,
  );
}
