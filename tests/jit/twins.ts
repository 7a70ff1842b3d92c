/** Twins of models in training: equal weights on both sides, every variable and slot in sight. */
import * as tf from "@tensorflow/tfjs";
import type { Twin } from "./compare.ts";

/** The cost of outputs, a scalar. */
export type Cost = (outputs: tf.Tensor, ...targets: tf.Tensor[]) => tf.Tensor;

/** The mean of the squares of the outputs, for models without targets. */
export const smallOutputs: Cost = (outputs): tf.Tensor => outputs.square().mean();

/** The mean of the squared differences from one target. */
export const meanSquares: Cost = (outputs, target): tf.Tensor =>
  tf.squaredDifference(outputs, target!).mean();

/** Gives a model weights that depend on nothing but their place; variances are positive. */
export function seedWeights<M extends tf.LayersModel>(model: M, seed = 0): M {
  tf.tidy(() => {
    model.setWeights(model.weights.map(({ name, shape }, i) => {
      const uniform = tf.randomUniform(shape as number[], -0.5, 0.5, "float32", seed + i + 1);
      return name.includes("variance") ? uniform.add(1) : uniform;
    }));
  });
  return model;
}

/** The variables of a model, trainable or not. */
export function modelVariables(model: tf.LayersModel): tf.Variable[] {
  return model.weights.map((weight) => weight.read() as tf.Variable);
}

/** The trainable variables of a model. */
export function trainable(model: tf.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => weight.read() as tf.Variable);
}

/** The variables that an optimizer keeps, such as Adam's moments; they appear with its first step. */
export function slotsOf(optimizer: tf.Optimizer): tf.Variable[] {
  return Object.values(optimizer).flatMap((field: unknown) => {
    if (field instanceof tf.Variable) return [field];
    if (!Array.isArray(field)) return [];
    return field.map((slot: { variable?: unknown }) => slot?.variable)
      .filter((variable) => variable instanceof tf.Variable);
  });
}

/** Frees a model; a layer that is used twice would keep its weights otherwise. */
export function disposeModel(model: tf.LayersModel): void {
  const variables = modelVariables(model);
  model.dispose();
  tf.dispose(variables);
}

/** Frees an optimizer, and the scalars that `dispose` of TensorFlow.js forgets. */
export function disposeOptimizer(optimizer: tf.Optimizer): void {
  optimizer.dispose();
  tf.dispose(Object.values(optimizer).filter((field: unknown) => field instanceof tf.Tensor));
}

/** What {@linkcode trainingTwin} makes. */
export interface TrainingTwin extends Twin<tf.Tensor[]> {
  /** The model being trained. */
  readonly model: tf.LayersModel;
  /** What moves its trainable variables. */
  readonly optimizer: tf.Optimizer;
}

/** How many of a step's arguments go into the model; the others are targets. */
function inputCount(model: tf.LayersModel): number {
  return model.inputs.length;
}

/** The outputs of a model for the tensors that a step was called with. */
export function applyModel(
  model: tf.LayersModel,
  inputs: tf.Tensor[],
  training: boolean,
): tf.Tensor {
  return model.apply(inputs.length === 1 ? inputs[0]! : inputs, { training }) as tf.Tensor;
}

/** A training step of a model: arguments are the model's inputs, then the targets; the cost comes out. */
export function trainingTwin(
  makeModel: () => tf.LayersModel,
  makeOptimizer: () => tf.Optimizer = () => tf.train.sgd(0.1),
  cost: Cost = smallOutputs,
): TrainingTwin {
  const model = seedWeights(makeModel());
  const optimizer = makeOptimizer();
  const fn = (...args: tf.Tensor[]) => {
    const inputs = args.slice(0, inputCount(model));
    const targets = args.slice(inputCount(model));
    const run = () => cost(applyModel(model, inputs, true), ...targets) as tf.Scalar;
    if (trainable(model).length === 0) return run();
    return optimizer.minimize(run, true, trainable(model));
  };
  return {
    model,
    optimizer,
    fn,
    variables: () => [...modelVariables(model), ...slotsOf(optimizer)],
    dispose: () => {
      disposeModel(model);
      disposeOptimizer(optimizer);
    },
  };
}

/** The same model answering without training. */
export function forwardTwin(makeModel: () => tf.LayersModel): Twin<tf.Tensor[]> {
  const model = seedWeights(makeModel());
  return {
    fn: (...args) => applyModel(model, args, false),
    variables: () => modelVariables(model),
    dispose: () => disposeModel(model),
  };
}
