/** One step of an optimizer over the trainable weights of a model. */
import * as tf from "@tensorflow/tfjs";
import { describeValue } from "../check/mod.ts";
import { allLayers, frozenWeights, keepWeights, parametersOf, variableOf } from "./weights.ts";

/** A model and what moves its weights. */
export interface Trainee {
  /** The model whose trainable weights move. */
  readonly model: tf.LayersModel;
  /** What moves them. */
  readonly optimizer: tf.Optimizer;
}

/** What one training pass computes. */
export interface Pass {
  /** What the step descends, a scalar. */
  readonly loss: tf.Tensor;
  /** What it descends too, but does not count in the loss that is returned, a scalar. */
  readonly penalty?: tf.Tensor | undefined;
  /** Another result. */
  readonly result: tf.Tensor;
}

/** @throws {TypeError} if a loss or penalty of a reader's own computes anything but a scalar. */
export function checkScalar(
  value: unknown,
  { task, maker }: { readonly task: string; readonly maker: string },
): tf.Tensor {
  if (value instanceof tf.Tensor && value.rank === 0) return value;
  const got = value instanceof tf.Tensor ? `one of shape [${value.shape}]` : describeValue(value);
  throw new TypeError(`Cannot ${task}: expected ${maker} to compute a scalar tensor, got ${got}`);
}

/** A weight's constraint, which TensorFlow.js declares private. */
interface Constrained {
  readonly constraint: { apply(value: tf.Tensor): tf.Tensor } | null;
}

/**
 * Moves the trainable weights of a model down the loss of a training pass, the regularizers of its layers
 * added, as `trainOnBatch` does; then applies the constraints of the weights. Frozen layers stay as they
 * are, moving averages included.
 *
 * @returns the loss before the step, with the regularizers, and the pass's other result.
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
  const [loss, result] = kept.map((tensor) => tensor.clone()); // the caller's scope disposes these
  tf.dispose([...kept]);
  return [loss!, result!];
}

/**
 * Optimizers know their slots by position. So they are always given all weights, frozen ones without a
 * gradient: a slot belongs to its weight, whatever is frozen and thawed between steps.
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

/** `calculateLosses` leaves out models in models, recurrent cells and both directions of a wrapper. */
function addRegularizers(model: tf.LayersModel, loss: tf.Tensor): tf.Tensor {
  const terms = new Set([...allLayers(model)].flatMap(({ losses }) => losses));
  return [...terms].reduce<tf.Tensor>((sum, term) => tf.add(sum, term()), loss);
}
