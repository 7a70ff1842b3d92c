/** Networks refuse wrong models and options in one sentence, before anything changes. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import {
  Discriminator,
  Generator,
  gradientPenalty,
  linear,
  meanSquaredError,
  mnistDiscriminator,
  mnistGenerator,
  MovingAverage,
  r1,
} from "../../lib/nn/mod.ts";
import { lossOf } from "../../lib/nn/losses.ts";

const dense = (units: number, from: tf.SymbolicTensor) =>
  tf.layers.dense({ units }).apply(from) as tf.SymbolicTensor;

const twoInputs = () => {
  const inputs = [tf.input({ shape: [4] }), tf.input({ shape: [4] })];
  const both = tf.layers.add().apply(inputs) as tf.SymbolicTensor;
  return tf.model({ inputs, outputs: dense(1, both) });
};
const twoOutputs = () => {
  const inputs = tf.input({ shape: [4] });
  return tf.model({ inputs, outputs: [dense(1, inputs), dense(2, inputs)] });
};
const sized = (shape: (number | null)[]) =>
  tf.sequential({
    layers: [tf.layers.conv2d({ inputShape: shape, filters: 1, kernelSize: 1 })],
  });
const disposed = () => {
  const model = tf.sequential({ layers: [linear(4, 1)] });
  model.dispose();
  return model;
};

const MODELS: readonly [what: string, make: () => unknown, got: RegExp][] = [
  ["two inputs", twoInputs, /with one input, got one with 2 inputs$/],
  ["two outputs", twoOutputs, /with one output, got one with 2 outputs$/],
  ["an unknown height", () => sized([null, 28, 1]), /known sizes .*, got \[null, null, 28, 1\]$/],
  ["no layers", () => tf.sequential(), /with layers, got one without$/],
  ["disposed weights", disposed, /got one that is disposed$/],
  ["a layer instead", () => linear(4, 1), /expected model to be a layers model.*, got/],
  ["a Discriminator instead", () => new Discriminator(), /model .* of type Discriminator$/],
  ["null", () => null, /expected model to be .*, got null$/],
  [
    "a stateful layer",
    () =>
      tf.sequential({
        layers: [tf.layers.simpleRNN({ batchInputShape: [1, 2, 2], units: 1, stateful: true })],
      }),
    /expected stateless layers, got the stateful/,
  ],
  [
    "batch normalization without scale",
    () =>
      tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [4], scale: false })] }),
    /with scale and center/,
  ],
];

for (const [what, make, message] of MODELS) {
  Deno.test(`new Discriminator() and new Generator() refuse a model with ${what}`, () => {
    const model = make() as tf.LayersModel;
    assert.throws(() => new Discriminator({ model }), {
      name: /^(Type|Range)Error$/,
      message,
    });
    assert.throws(() => new Generator({ model }), {
      message: /^Cannot make a generator: expected/,
    });
  });
}

Deno.test("one optimizer serves one network, made of one model", () => {
  const optimizer = tf.train.adam();
  const D = new Discriminator({ optimizer });
  for (const make of [() => new Generator({ optimizer }), () => new Discriminator({ optimizer })]) {
    assert.throws(make, {
      name: "TypeError",
      message: /^Cannot make a .*: expected an optimizer that no other network uses, got one/,
    });
  }
  new Discriminator({ model: D.model, optimizer, loss: "bce" }); // its slots belong to these weights
});

const model = () => tf.sequential({ layers: [linear(4, 1)] });
const loss = meanSquaredError;

const OPTIONS: readonly [call: (options: never) => unknown, options: unknown, message: RegExp][] = [
  [(o) => new Discriminator(o), null, /expected an object of options, got null/],
  [(o) => new Discriminator(o), { lossfn: "mse" }, /got "lossfn"; did you mean loss\?/],
  [(o) => new Discriminator(o), { optimizer: "adam" }, /optimizer to be .* got the string "adam"/],
  [(o) => new Discriminator(o), { optimizer: null }, /optimizer to be .* got null/],
  [(o) => new Discriminator(o), { penalty: r1 }, /penalty to be .* got the function r1/],
  [(o) => new Discriminator(o), { penalty: { ...r1(), every: 0 } }, /penalty\.every .* got 0/],
  [(o) => new Discriminator(o), { penalty: { ...r1(), at: "fake" } }, /penalty\.at .* got the str/],
  [(o) => new Discriminator(o), { penalty: r1({ inputs: 5 }) }, /inputs .* 1 to 4, got 5/],
  [(o) => new Discriminator(o), { loss: tf.losses.meanSquaredError }, /loss to be .* the function/],
  [(o) => new Discriminator(o), { loss: "MSE" }, /loss to be one of "mse".* got the string "MSE"/],
  [(o) => new Discriminator(o), { loss: { compute: loss.compute } }, /loss\.name to be a string/],
  [
    (o) => new Discriminator(o),
    { loss: { ...loss, answers: "yes" } },
    /loss\.answers to be one of/,
  ],
  [(o) => new Discriminator(o), { loss: { ...loss, targets: [0, 1] } }, /loss\.targets/],
  [(o) => new Discriminator(o), { rng: 0 }, /rng to be a Random, got 0/],
  [
    (o) => new Discriminator(o),
    { rng: new Random(1), model: model() },
    /expected rng without a model, or with/,
  ],
  [(o) => new Discriminator(o), { print: "log" }, /print to be a function/],
  [(o) => new Generator(o), { keepOutput: true }, /"keepOutput"; did you mean keepOutputs/],
  [(o) => new Generator(o), { loss: "mse" }, /got "loss"/],
  [(o) => new Generator(o), { compile: 1 }, /compile to be true or false, got 1/],
  [(o) => r1(o), { Gamma: 5 }, /"Gamma"; did you mean gamma/],
  [(o) => r1(o), 5, /expected an object of options, got 5/],
  [(o) => r1(o), { gamma: tf.variable(tf.zeros([1])) }, /gamma to be .* scalar tf.Variable/],
  [(o) => gradientPenalty(o), { gamma: 5 }, /got "gamma"/],
  [(o) => gradientPenalty(o), { weight: "10" }, /weight to be .* got the string "10"/],
  [(o) => linear(4, 1, o), { activation: "selu" }, /activation to be one of .*"selu"/],
  [(o) => linear(4, 1, o), { units: 1 }, /got "units"/],
  [(o) => linear(o, 1), "4", /inputs to be a whole number/],
  [(o) => lossOf(o), undefined, /loss to be one of .* got undefined/],
  [(o) => mnistDiscriminator(o), { channel: 8 }, /"channel"; did you mean channels/],
  [(o) => mnistDiscriminator(o), { channels: 0 }, /channels to be .* got 0/],
  [(o) => mnistGenerator(o), { latentSize: 1.5 }, /latentSize to be .* got 1.5/],
  [(o) => mnistGenerator(o), { conditional: "yes" }, /conditional to be true or false/],
  [(o) => new MovingAverage(model(), o), { warmup: 1 }, /"warmup"; did you mean warmUp/],
  [(o) => new MovingAverage(o), new Generator(), /source to be a layers model.* type Generator/],
];

for (const [call, options, message] of OPTIONS) {
  Deno.test(`${call} refuses wrong options (${message.source})`, () => {
    const before = tf.memory().numTensors;
    let error: unknown;
    try {
      call(options as never);
    } catch (thrown) {
      error = thrown;
    }
    assert(error instanceof TypeError || error instanceof RangeError, String(error));
    assert.match(error.message, /^Cannot [^:]+: expected [^]*, got /);
    assert.match(error.message, message);
    assert(tf.memory().numTensors - before <= 4); // the models that a call makes for itself
  });
}
