/**
 * Workloads in ordinary TensorFlow.js, for the eager and the compiled peer, and the players of W4,
 * which are those of notebook 04.
 */

import * as tf from "@tensorflow/tfjs";
import type { Random } from "../../../lib/data/mod.ts";
import {
  Discriminator,
  Generator,
  mnistDiscriminator,
  mnistGenerator,
  MovingAverage,
  r1,
} from "../../../lib/nn/mod.ts";
import { hiddenSize, latentSize, leakySlope, pixels } from "../workloads.ts";

/** Two networks and the three updates of an iteration. */
export interface GanSteps {
  /** Discriminator. */
  readonly d: tf.LayersModel;
  /** Generator. */
  readonly g: tf.LayersModel;
  /** Updates the discriminator towards the targets; returns the loss. */
  readonly trainD: (inputs: tf.Tensor, targets: tf.Tensor) => tf.Scalar;
  /** Updates the generator towards D's targets; returns the loss. */
  readonly trainG: (noise: tf.Tensor, targets: tf.Tensor) => tf.Scalar;
  /** Generates samples. */
  readonly fake: (noise: tf.Tensor) => tf.Tensor;
}

const { dense, conv2d, conv2dTranspose, leakyReLU, reshape, flatten } = tf.layers;
const halving = { kernelSize: 4, strides: 2, padding: "same" as const };
const leaky = () => leakyReLU({ alpha: leakySlope });

function patternNets(): [tf.LayersModel, tf.LayersModel] {
  const sigmoid = (units: number, inputDim: number) =>
    dense({ units, inputDim, activation: "sigmoid" });
  return [
    tf.sequential({ layers: [sigmoid(3, 4), sigmoid(1, 3)] }),
    tf.sequential({ layers: [sigmoid(3, 1), sigmoid(4, 3)] }),
  ];
}

function denseNets(): [tf.LayersModel, tf.LayersModel] {
  const net = (inputDim: number, units: number) =>
    tf.sequential({
      layers: [
        dense({ units: hiddenSize, inputDim }),
        leaky(),
        dense({ units, activation: "sigmoid" }),
      ],
    });
  return [net(pixels, 1), net(latentSize, pixels)];
}

function convolutionNets(): [tf.LayersModel, tf.LayersModel] {
  const d = tf.sequential({
    layers: [
      conv2d({ filters: 32, inputShape: [28, 28, 1], ...halving }), // [batch, 14, 14, 32]
      leaky(),
      conv2d({ filters: 64, ...halving }), // [batch, 7, 7, 64]
      leaky(),
      flatten(),
      dense({ units: 1, activation: "sigmoid" }),
    ],
  });
  const g = tf.sequential({
    layers: [
      dense({ units: 7 * 7 * 64, inputDim: latentSize }),
      leaky(),
      reshape({ targetShape: [7, 7, 64] }),
      conv2dTranspose({ filters: 32, ...halving }), // [batch, 14, 14, 32]
      leaky(),
      conv2dTranspose({ filters: 1, activation: "sigmoid", ...halving }), // [batch, 28, 28, 1]
    ],
  });
  return [d, g];
}

/** Returns the variables of a network, for an optimizer. */
export function variablesOf(model: tf.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => weight.read() as tf.Variable);
}

function steps(
  [d, g]: [tf.LayersModel, tf.LayersModel],
  optimizer: () => tf.Optimizer,
): GanSteps {
  const dOptimizer = optimizer(), gOptimizer = optimizer();
  const loss = (outputs: tf.Tensor, targets: tf.Tensor) =>
    tf.losses.meanSquaredError(targets, outputs) as tf.Scalar;
  const fake = (noise: tf.Tensor) => g.apply(noise) as tf.Tensor;
  const judge = (inputs: tf.Tensor) => d.apply(inputs) as tf.Tensor;
  return {
    d,
    g,
    fake,
    trainD: (inputs, targets) =>
      dOptimizer.minimize(() => loss(judge(inputs), targets), true, variablesOf(d))!,
    trainG: (noise, targets) =>
      gOptimizer.minimize(() => loss(judge(fake(noise)), targets), true, variablesOf(g))!,
  };
}

/** Makes the 1-0-1-0 networks and updates of W1. */
export function patternSteps(): GanSteps {
  return steps(patternNets(), () => tf.train.sgd(0.01));
}

/** Makes the networks and updates of W2 and W3. */
export function imageSteps(name: "w2" | "w3"): GanSteps {
  return steps(name === "w2" ? denseNets() : convolutionNets(), () => tf.train.adam(1e-4));
}

/** Both networks of notebook 04, and the moving average of the generator's weights. */
export interface DigitPlayers {
  /** Discriminator of images with their digits. */
  readonly D: Discriminator;
  /** Generator of images of requested digits. */
  readonly G: Generator;
  /** Average of the generator's weights. */
  readonly average: MovingAverage;
}

/**
 * Makes the networks of W4 with their losses, penalty and optimizers. `notebook_test.ts` compares
 * them with those of notebook 04 and of the PyTorch peer.
 */
export function digitPlayers(rng: Random): DigitPlayers {
  const conditional = true;
  const optimizer = () => tf.train.adam(2e-3, 0.5, 0.9);
  const D = new Discriminator({
    model: mnistDiscriminator({ rng, conditional }),
    loss: "non-saturating",
    penalty: r1({ gamma: 0.1, every: 4, inputs: pixels }),
    optimizer: optimizer(),
  });
  const model = mnistGenerator({ rng, conditional });
  const G = new Generator({ model, optimizer: optimizer(), keepOutputs: false });
  return { D, G, average: new MovingAverage(G.model, { decay: 0.9995 }) };
}

/** Returns the shape of one batch of images. */
export function imageShape(name: "w2" | "w3", batch: number): number[] {
  return name === "w2" ? [batch, pixels] : [batch, 28, 28, 1];
}

/** Sets both networks' weights from arrays in the workload's order. */
export function setWeights({ d, g }: Pick<GanSteps, "d" | "g">, values: Float32Array[]): void {
  tf.tidy(() => {
    const count = d.getWeights().length;
    const fill = (model: tf.LayersModel, from: Float32Array[]) =>
      model.setWeights(model.getWeights().map((old, i) => tf.tensor(from[i]!, old.shape)));
    fill(d, values.slice(0, count));
    fill(g, values.slice(count));
  });
}
