/** Makes one step of an optimizer on the trainable weights of a model. */
import * as tf from "@tensorflow/tfjs";
import { describeValue } from "../check/mod.ts";
import { allLayers, frozenWeights, keepWeights, parametersOf, variableOf } from "./weights.ts";

/** Model and its optimizer. */
interface Trainee {
  /** Model whose trainable weights are changed. */
  readonly model: tf.LayersModel;
  /** Optimizer that changes them. */
  readonly optimizer: tf.Optimizer;
}

/** Result of one training pass. */
export interface Pass {
  /** Loss, a scalar. */
  readonly loss: tf.Tensor;
  /** Penalty, a scalar: part of what the step minimizes, but not of the loss that it returns. */
  readonly penalty?: tf.Tensor | undefined;
  /** Another result of the pass. */
  readonly result: tf.Tensor;
}

/**
 * Checks that a custom loss or penalty returns a scalar.
 *
 * @throws {TypeError} if it does not.
 */
export function checkScalar(
  value: unknown,
  { task, maker }: { readonly task: string; readonly maker: string },
): tf.Tensor {
  if (value instanceof tf.Tensor && value.rank === 0) return value;
  const got = value instanceof tf.Tensor ? `one of shape [${value.shape}]` : describeValue(value);
  throw new TypeError(`Cannot ${task}: expected ${maker} to compute a scalar tensor, got ${got}`);
}

/** Weight with its constraint, which TensorFlow.js declares private. */
interface Constrained {
  readonly constraint: { apply(value: tf.Tensor): tf.Tensor } | null;
}

/**
 * Makes one step of the optimizer on the loss of a training pass plus the regularizers of the
 * model's layers, as `trainOnBatch` does. Then applies the constraints of the weights. Frozen
 * layers do not change, including their moving averages.
 *
 * @returns the loss before the step, including the regularizers, and the other result of the pass.
 */
export function descend(trainee: Trainee, pass: () => Pass): [loss: tf.Tensor, result: tf.Tensor] {
  const { model } = trainee;
  let kept: readonly tf.Tensor[] = [];
  const total = () => {
    const { loss, penalty, result } = keepWeights(frozenWeights(model), pass);
    const regularized = addRegularizers(model, loss);
    kept = [regularized, result].map((tensor) => tf.keep(tensor.clone()));
    return (penalty ? tf.add(regularized, penalty) : regularized) as tf.Scalar;
  };
  if (model.trainableWeights.length > 0) moveWeights(trainee, total);
  else total();
  const [loss, result] = kept.map((tensor) => tensor.clone()); // the caller's scope disposes these clones
  tf.dispose([...kept]);
  return [loss!, result!];
}

/**
 * Applies the gradients. Optimizers find their slots by position, so they always get all weights,
 * the frozen ones without a gradient. So each slot stays with its weight, even if weights are
 * frozen and unfrozen between steps.
 */
function moveWeights({ model, optimizer }: Trainee, loss: () => tf.Scalar): void {
  const trainable = model.trainableWeights.map(variableOf);
  const { value, grads } = optimizer.computeGradients(loss, trainable);
  optimizer.applyGradients(
    parametersOf(model).map(({ name }) => ({ name, tensor: grads[name]! })),
  );
  tf.dispose(grads);
  value.dispose();
  for (const weight of model.trainableWeights) constrain(weight);
}

function constrain(weight: tf.LayerVariable): void {
  const { constraint } = weight as unknown as Constrained;
  if (constraint) tf.tidy(() => variableOf(weight).assign(constraint.apply(weight.read())));
}

/**
 * Adds the regularizers of all layers to a loss. TensorFlow.js's `calculateLosses` omits nested
 * models, recurrent cells and the layers of bidirectional wrappers.
 */
function addRegularizers(model: tf.LayersModel, loss: tf.Tensor): tf.Tensor {
  const terms = new Set([...allLayers(model)].flatMap(({ losses }) => losses));
  return [...terms].reduce<tf.Tensor>((sum, term) => tf.add(sum, term()), loss);
}
