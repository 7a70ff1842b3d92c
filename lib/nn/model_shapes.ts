/** Checks that a model can be trained as a network, and reads the shapes of its samples. */
import * as tf from "@tensorflow/tfjs";
import { check, instanceOf, type Kind } from "../check/mod.ts";
import { allLayers } from "./weights.ts";

/** Kind of models that are made of layers (`tf.LayersModel`). */
export const MODEL: Kind = instanceOf(
  tf.LayersModel,
  "a layers model, such as tf.sequential(…) or tf.model(…) makes",
);

/** Fields that TensorFlow.js declares only for some layers. */
interface LayerFields {
  readonly stateful?: boolean;
  readonly gamma?: unknown;
  readonly beta?: unknown;
}

/** Shape of one sample, without the batch. */
export interface SampleShape {
  /** Length of each dimension, such as `[28, 28, 1]`. */
  readonly shape: readonly number[];
  /** Number of values in a sample. */
  readonly size: number;
}

/**
 * Checks that values are models with layers and weights.
 *
 * @throws {TypeError} if one is not, or its weights are disposed.
 */
export function checkModel(task: string, named: Readonly<Record<string, tf.LayersModel>>): void {
  check(task, named, MODEL);
  for (const model of Object.values(named)) {
    if (model.inputs.length === 0) {
      throw new TypeError(`Cannot ${task}: expected a model with layers, got one without`);
    }
    if (!model.weights.some(isDisposed)) continue;
    throw new TypeError(`Cannot ${task}: expected a model with weights, got one that is disposed`);
  }
}

/**
 * Checks a model and reads the shapes of one input sample and one output sample.
 *
 * @throws {TypeError | RangeError} if it is not a model with one input and one output of known
 * sizes, or has a layer that a training step would not handle correctly.
 */
export function readModel(
  task: string,
  model: tf.LayersModel,
): Readonly<Record<"input" | "output", SampleShape>> {
  checkModel(task, { model });
  for (const layer of allLayers(model)) checkLayer(task, layer);
  return {
    input: readShape(task, "input", model.inputs),
    output: readShape(task, "output", model.outputs),
  };
}

/** Tells whether a weight is disposed; reading such a weight throws. */
function isDisposed(weight: tf.LayerVariable): boolean {
  return (weight as unknown as { readonly val: tf.Variable }).val.isDisposed;
}

function readShape(
  task: string,
  side: string,
  tensors: readonly tf.SymbolicTensor[],
): SampleShape {
  const [tensor] = tensors;
  if (!tensor || tensors.length > 1) {
    throw new RangeError(
      `Cannot ${task}: expected a model with one ${side}, got one with ${tensors.length} ${side}s`,
    );
  }
  const shape = tensor.shape.slice(1).map((size) => size ?? NaN);
  const size = tf.util.sizeFromShape(shape);
  if (Number.isNaN(size)) {
    throw new RangeError(
      `Cannot ${task}: expected a model with an ${side} of known sizes after the batch, got ` +
        `[${tensor.shape.map(String).join(", ")}]`,
    );
  }
  return { shape, size };
}

function checkLayer(task: string, layer: tf.layers.Layer): void {
  const { stateful, gamma, beta } = layer as unknown as LayerFields;
  if (layer.getClassName() === "BatchNormalization" && !(gamma && beta)) {
    throw new TypeError(
      `Cannot ${task}: expected batch normalization with scale and center, because TensorFlow.js does ` +
        `not train it otherwise, got ${layer.name}`,
    );
  }
  if (stateful && !(layer instanceof tf.LayersModel)) {
    throw new TypeError(
      `Cannot ${task}: expected stateless layers, got the stateful ${layer.name}`,
    );
  }
}
