/** Every built-in optimizer, and how its learning rate is set. */
import * as tf from "@tensorflow/tfjs";

/** Makers of optimizers, by name. */
export const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  "sgd": () => tf.train.sgd(0.1),
  "momentum": () => tf.train.momentum(0.05, 0.9),
  "momentum of Nesterov": () => tf.train.momentum(0.05, 0.9, true),
  "adagrad": () => tf.train.adagrad(0.1),
  "adadelta": () => tf.train.adadelta(0.5),
  "rmsprop": () => tf.train.rmsprop(0.01),
  "rmsprop with momentum": () => tf.train.rmsprop(0.01, 0.9, 0.5),
  "rmsprop centered": () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-3, true),
  "adam": () => tf.train.adam(0.01),
  "adam with beta1 .5": () => tf.train.adam(0.01, 0.5, 0.99, 1e-8),
  "adamax": () => tf.train.adamax(0.01),
  "adamax with decay": () => tf.train.adamax(0.01, 0.9, 0.99, 1e-7, 0.1),
};

/** Sets a learning rate as readers do. */
export function setRate(optimizer: tf.Optimizer, rate: number): void {
  if ("setLearningRate" in optimizer) (optimizer as tf.SGDOptimizer).setLearningRate(rate);
  else Reflect.set(optimizer, "learningRate", rate);
}
