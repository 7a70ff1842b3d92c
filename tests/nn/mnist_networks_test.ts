/** The networks for MNIST: shapes, seeds, and the effect of the digit. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { joinColumns, NoiseBatches, oneHot, Random, withoutLabels } from "../../lib/data/mod.ts";
import {
  Discriminator,
  Generator,
  linear,
  mnistDiscriminator,
  mnistGenerator,
  MovingAverage,
  projectionDiscriminator,
  r1,
} from "../../lib/nn/mod.ts";
import { weightsOf } from "./game.ts";

const SMALL = { channels: 2 } as const;

function pair(conditional: boolean, seed = 1) {
  const rng = new Random(seed);
  const D = new Discriminator({
    model: mnistDiscriminator({ ...SMALL, rng, conditional }),
    loss: "non-saturating",
    penalty: r1({ every: 2, inputs: 784 }),
    optimizer: tf.train.adam(1e-3, 0.5),
  });
  const G = new Generator({
    model: mnistGenerator({ ...SMALL, rng, conditional, latentSize: 5 }),
    optimizer: tf.train.adam(1e-3, 0.5),
    keepOutputs: false,
  });
  return { D, G, rng };
}

Deno.test("D accepts samples of G, with and without the digit", () => {
  for (const conditional of [false, true]) {
    const { D, G } = pair(conditional);
    const digit = conditional ? 10 : 0;
    assert.deepEqual(G.inputShape, [5 + digit]);
    assert.deepEqual(G.outputShape, [784 + digit]);
    assert.deepEqual(D.inputShape, G.outputShape);
    assert.deepEqual(D.outputShape, [1]);
  }
});

Deno.test("the same seed gives the same networks, and another seed different ones", () => {
  const [first, again, other] = [pair(true), pair(true), pair(true, 2)].map(({ D, G }) => [
    ...weightsOf(D),
    ...weightsOf(G),
  ]);
  assert.deepEqual(first, again);
  assert.notDeepEqual(first, other);
});

Deno.test("a conditional sample is an image in (0, 1) and the requested digit", () => {
  const { G, rng } = pair(true);
  const noise = rng.fillNormal(new Float32Array(3 * 5));
  const samples = G.forward(joinColumns(noise, oneHot([7, 0, 7]), { rows: 3 }));
  assert(withoutLabels(samples).every((pixel) => pixel > 0 && pixel < 1));
  assert.deepEqual([...samples.slice(784, 794)], [...oneHot([7])]);
  assert.deepEqual([...samples.slice(784 + 794, 794 + 794)], [...oneHot([0])]);
});

Deno.test("the digit changes G's image from the same noise, and D's answer to the same image", () => {
  const { D, G, rng } = pair(true);
  const z = rng.fillNormal(new Float32Array(5));
  const made = [3, 8].map((digit) =>
    withoutLabels(G.forward(joinColumns(z, oneHot([digit]), { rows: 1 })))
  );
  assert.notDeepEqual(made[0], made[1]);
  const said = [3, 8].map((digit) =>
    D.forward(joinColumns(made[0]!, oneHot([digit]), { rows: 1 }))
  );
  assert.notDeepEqual(said[0], said[1]);
});

Deno.test("each step moves its own network alone, and leaks no tensor", () => {
  const { D, G, rng } = pair(true);
  const rows = 4;
  const real = joinColumns(new Float32Array(rows * 784).fill(0.5), oneHot([1, 2, 3, 4]), { rows });
  const z = joinColumns(rng.fillNormal(new Float32Array(rows * 5)), oneHot([1, 2, 3, 4]), { rows });
  const [ones, zeros] = [new Array(rows).fill(1), new Array(rows).fill(0)];
  const iterate = () => {
    const generator = weightsOf(G);
    D.train(real, ones);
    D.train(G.forward(z), zeros);
    assert.deepEqual(weightsOf(G), generator);
    const discriminator = weightsOf(D);
    G.train(D, z, ones);
    assert.deepEqual(weightsOf(D), discriminator);
    assert.notDeepEqual(weightsOf(G), generator);
  };
  for (let i = 0; i < 8; i++) iterate(); // R1 is recorded every second time
  const tensors = tf.memory().numTensors;
  for (let i = 0; i < 4; i++) iterate();
  assert.equal(tf.memory().numTensors, tensors);
  assert.equal(G.outputs.length, 0);
});

Deno.test("a moving average of a functional model is such a model, with weights of its own", () => {
  const { G } = pair(true);
  const average = new MovingAverage(G.model, { decay: 0.5 });
  const smooth = new Generator({ model: average.model });
  const x = new Float32Array(15).fill(0.1);
  assert.deepEqual(smooth.forward(x), G.forward(x));
  tf.tidy(() => G.model.setWeights(G.model.getWeights().map((weight) => weight.add(1))));
  assert.notDeepEqual(smooth.forward(x), G.forward(x));
});

Deno.test("conditional networks take the given number of classes", () => {
  const [classes, latentSize, rng] = [62, 5, new Random(1)];
  const options = { rng, conditional: true, channels: 1, classes };
  const G = new Generator({ model: mnistGenerator({ ...options, latentSize }) });
  const D = new Discriminator({ model: mnistDiscriminator(options), loss: "non-saturating" });
  const noise = new NoiseBatches({ batchSize: 2, latentSize, classes, rng });
  const samples = G.forward(noise.for([61, 10]));
  assert.equal(samples.length, 2 * (784 + classes));
  assert.deepEqual([...samples.slice(784, 784 + classes)], [...oneHot([61], { classes })]);
  const images = withoutLabels(samples, { classes });
  const [asked, other] = [[61, 10], [10, 61]].map((labels) =>
    D.forward(joinColumns(images, oneHot(labels, { classes }), { rows: 2 }))
  );
  assert.notDeepEqual(asked, other);
  G.train(D, noise.for([61, 10]), [1, 1]);
});

Deno.test("networks of three colours take and make 2,352 values, and D sees each of them", () => {
  const rng = new Random(1);
  for (const conditional of [false, true]) {
    const options = { rng, conditional, channels: 1, colours: 3 };
    const D = new Discriminator({ model: mnistDiscriminator(options), loss: "non-saturating" });
    const G = new Generator({ model: mnistGenerator({ ...options, latentSize: 5 }) });
    const digit = conditional ? 10 : 0;
    assert.deepEqual([D.inputShape, G.outputShape], [[2352 + digit], [2352 + digit]]);
    G.train(D, new Float32Array(5 + digit).fill(0.5), [1]);
    const answers = [0, 1, 2, 2351].map((at) => {
      const sample = new Float32Array(2352 + digit);
      sample[at] = 1;
      return D.forward(sample)[0];
    });
    assert.equal(new Set(answers).size, 4);
  }
});

Deno.test("a discriminator with projection answers f(h) + ⟨e(label), h⟩", () => {
  const layers = [linear(2, 3, { activation: "tanh", rng: new Random(1) })];
  const model = projectionDiscriminator(layers, { inputs: 2, classes: 4, rng: new Random(2) });
  const D = new Discriminator({ model, loss: "non-saturating" });
  const sample = [0.3, -0.8, 0, 0, 1, 0]; // label 2
  const [kernel, bias, ...others] = model.getWeights().map((weight) => [...weight.dataSync()]);
  const hidden = [0, 1, 2].map((j) =>
    Math.tanh(sample[0]! * kernel![j]! + sample[1]! * kernel![3 + j]! + bias![j]!)
  );
  const embedding = others.find(({ length }) => length === 12)!.slice(6, 9);
  const last = others.find(({ length }) => length === 3)!;
  const expected = hidden.reduce((sum, h, j) => sum + h * (embedding[j]! + last[j]!), 0);
  assert(Math.abs(D.forward(sample)[0]! - expected) < 1e-6);
});

Deno.test("a discriminator with projection can have no labels, and a sigmoid", () => {
  const layers = () => [linear(2, 3, { rng: new Random(1) })];
  const answers = (["linear", "sigmoid"] as const).map((activation) => {
    const model = projectionDiscriminator(layers(), { inputs: 2, activation, rng: new Random(2) });
    return new Discriminator({ model, loss: "mse" }).forward([0.3, -0.8])[0]!;
  });
  assert(Math.abs(answers[1]! - 1 / (1 + Math.exp(-answers[0]!))) < 1e-6);
  const labelled = projectionDiscriminator(layers(), {
    inputs: 2,
    classes: 2,
    activation: "sigmoid",
  });
  const [said] = new Discriminator({ model: labelled }).forward([0.3, -0.8, 1, 0]);
  assert(said! > 0 && said! < 1);
});

Deno.test("a discriminator with projection refuses wrong layers and options", () => {
  const layers = [linear(2, 3)];
  for (
    const [call, message] of [
      [() => projectionDiscriminator([{}] as never, { inputs: 2 }), /layers/],
      [() => projectionDiscriminator([], { inputs: 2, classes: -1 }), /classes/],
      [() => projectionDiscriminator(layers, {} as never), /inputs/],
      [() => projectionDiscriminator(layers, { inputs: 2, activation: "relu" as never }), /relu/],
    ] as const
  ) assert.throws(call, message);
});
