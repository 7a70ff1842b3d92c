/** Calls lib/nn with wild arguments. */
import * as tf from "@tensorflow/tfjs";
import { Random } from "../../lib/data/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import { testWildCalls } from "./wild_calls.ts";

const isTensor = (value: unknown) => value instanceof tf.Tensor;

const rng = new Random(1);
const D = new nn.Discriminator({ rng });
const G = new nn.Generator({ rng });
const model = () => tf.sequential({ layers: [nn.linear(4, 1, { rng })] });
const weightsOf = (network: nn.Network) => [
  network.counter,
  network.model.getWeights().map((weight) => weight.dataSync()),
];
const networkOptions = () => ({
  model: model(),
  optimizer: tf.train.sgd(0.1),
  compile: false,
  print: () => {},
});
const outputs = () => [tf.tensor2d([[0.25], [0.75]]), tf.tensor2d([[0], [1]])];
const lossEntry = { good: outputs };

class Plain extends nn.Network {}

testWildCalls("nn", nn, {
  Discriminator: {
    good: () => [{ ...networkOptions(), loss: "bce", penalty: nn.r1() }],
    accepts: { "0.loss": (value) => typeof value === "object" },
    use: (network: nn.Discriminator) => network.train([1, 0, 1, 0], [1]),
    make: () => D,
    methods: {
      train: {
        state: weightsOf,
        good: () => [[1, 0, 1, 0], [1], { real: true }],
        accepts: {
          0: isTensor,
          1: isTensor,
          "2.real": Array.isArray,
          2: (value) => value === undefined,
        },
      },
      readTargets: { state: weightsOf, good: () => [[1], 1, { task: "train", name: "targets" }] },
    },
  },
  Generator: {
    good: () => [{
      ...networkOptions(),
      model: tf.sequential({ layers: [nn.linear(1, 4, { rng })] }),
      keepOutputs: true,
    }],
    use: (network: nn.Generator) => network.train(D, [0.5], [1]),
    make: () => G,
    methods: {
      train: {
        state: (network: nn.Generator) => [weightsOf(network), weightsOf(D)],
        good: () => [D, [0.5], [1]],
        accepts: { 1: isTensor, 2: isTensor },
      },
    },
  },
  Network: {
    isAbstract: true,
    good: () => ["network", model(), networkOptions()],
    make: () => new Plain("network", model(), networkOptions()),
    methods: {
      forward: { good: () => [[1, 0, 1, 0]], accepts: { 0: isTensor } },
      plotProgress: { good: () => [] },
    },
  },
  MovingAverage: {
    good: () => [model(), { decay: 0.9, warmUp: 2 }],
    use: (average: nn.MovingAverage) => average.update(),
    methods: {
      update: { good: () => [] },
      state: { good: () => [] },
      restore: {
        state: (average: nn.MovingAverage) => average.state(),
        good: (average: nn.MovingAverage) => [average.state()],
      },
    },
  },
  "binaryCrossEntropy.compute": lossEntry,
  "binaryCrossEntropyFromLogits.compute": lossEntry,
  "hinge.compute": lossEntry,
  "hinge.computeForGenerator": lossEntry,
  "meanSquaredError.compute": lossEntry,
  "wasserstein.compute": lossEntry,
  gradientPenalty: { good: () => [{ weight: 10, every: 2, inputs: 3, rng }] },
  linear: { anyResult: true, good: () => [2, 3, { activation: "relu", rng }] },
  projectionDiscriminator: {
    good: () => [[nn.linear(2, 3)], { inputs: 2, classes: 3, activation: "sigmoid", rng }],
  },
  mnistDiscriminator: { good: () => [{ rng, conditional: true, classes: 3, channels: 1 }] },
  mnistGenerator: {
    good: () => [{ rng, conditional: true, classes: 3, channels: 1, latentSize: 2 }],
  },
  r1: { good: () => [{ gamma: 1, every: 2, inputs: 3 }] },
});
