/** Layers are frozen and unfrozen between steps: the next step uses it, and slots stay with their weights. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Discriminator, Generator } from "../../lib/nn/mod.ts";
import { weightsOf } from "./game.ts";

/**
 * All optimizers of TensorFlow.js. The bias corrections of Adam and Adamax depend on the number of
 * all steps.
 */
const OPTIMIZERS: Readonly<Record<string, () => tf.Optimizer>> = {
  SGD: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  Nesterov: () => tf.train.momentum(0.1, 0.9, true),
  Adagrad: () => tf.train.adagrad(0.1),
  Adadelta: () => tf.train.adadelta(0.1),
  RMSProp: () => tf.train.rmsprop(0.01, 0.9, 0.5),
  "centred RMSProp": () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-7, true),
  Adam: () => tf.train.adam(0.05),
  Adamax: () => tf.train.adamax(0.05),
};

const dense = (units: number, seed: number, rest = {}) =>
  tf.layers.dense({
    units,
    activation: "tanh",
    kernelInitializer: tf.initializers.glorotNormal({ seed }),
    ...rest,
  });

/** Makes a model with two layers of one shape, so that exchanged slots would not cause an error. */
const chain = () =>
  tf.sequential({ layers: [dense(4, 1, { inputShape: [4] }), dense(4, 2), dense(1, 3)] });

const X = [1, 0, 1, 0, 0.2, 0.4, -0.3, 0.8], Y = [1, 1];

/** Returns the weights of each layer of the model. */
const layersOf = ({ model }: Discriminator | Generator) =>
  model.layers.map((layer) => layer.getWeights().map((w) => [...w.dataSync()]));

/** Tells which layers a step changes. */
function movedBy(network: Discriminator | Generator, step: () => void): boolean[] {
  const before = layersOf(network);
  step();
  return layersOf(network).map((layer, i) => {
    const lists = layer.map((list, k) => list.some((v, n) => v !== before[i]![k]![n]));
    assert(new Set(lists).size <= 1, "kernel and bias of a layer move together");
    return lists[0] ?? false;
  });
}

/** Makes a step in plain TensorFlow.js with one optimizer per weight, so that slots cannot be exchanged. */
function makeReference(make: () => tf.Optimizer, weights: tf.Tensor[]) {
  const model = chain();
  model.setWeights(weights);
  const variables = model.weights.map((weight) => weight.read() as tf.Variable);
  const optimizers = variables.map(make);
  return (frozen: readonly number[]): number[] =>
    tf.tidy(() => {
      const [x, y] = [tf.tensor(X, [2, 4]), tf.tensor(Y, [2, 1])];
      const { grads } = tf.variableGrads(
        () => tf.squaredDifference(model.apply(x) as tf.Tensor, y).mean() as tf.Scalar,
        variables,
      );
      variables.forEach(({ name }, i) => {
        const tensor = frozen.includes(Math.floor(i / 2)) ? null : grads[name];
        optimizers[i]!.applyGradients([{ name, tensor: tensor as tf.Tensor }]);
      });
      return variables.flatMap((variable) => [...variable.dataSync()]);
    });
}

/** Layers that are frozen in each step. */
const FROZEN: readonly (readonly number[])[] = [[0], [0], [], [1], [1, 2], [], [0, 2], [2], [], []];

for (const [name, make] of Object.entries(OPTIMIZERS)) {
  Deno.test(`train() with ${name} keeps each weight's slots while layers are frozen and unfrozen`, () => {
    for (const compile of [true, false]) {
      const D = new Discriminator({ model: chain(), optimizer: make(), compile });
      const reference = makeReference(make, D.model.getWeights());
      for (const frozen of FROZEN) {
        D.model.layers.forEach((layer, i) => layer.trainable = !frozen.includes(i));
        const moved = movedBy(D, () => D.train(X, Y));
        assert.deepEqual(moved, [0, 1, 2].map((i) => !frozen.includes(i)));
        const expected = reference(frozen);
        D.model.layers.flatMap((layer) => layer.getWeights()).flatMap((w) => [...w.dataSync()])
          .forEach((w, i) => assert(Math.abs(w - expected[i]!) < 1e-5, `${w} ≠ ${expected[i]}`));
      }
    }
  });
}

Deno.test("Generator.train() sees which layers are trainable too", () => {
  for (const compile of [true, false]) {
    const model = tf.sequential({ layers: [dense(4, 1, { inputShape: [2] }), dense(4, 2)] });
    const G = new Generator({ model, optimizer: tf.train.adam(0.1), compile });
    const D = new Discriminator({ compile });
    const step = () => G.train(D, [1, 0.5], [1]);
    assert.deepEqual(movedBy(G, step), [true, true]);
    model.layers[0]!.trainable = false;
    assert.deepEqual(movedBy(G, step), [false, true]);
    D.model.trainable = false; // which must not matter here
    assert.deepEqual(movedBy(G, step), [false, true]);
    model.layers[0]!.trainable = true;
    assert.deepEqual(movedBy(G, step), [true, true]);
  }
});

Deno.test("a frozen model does not change: train() returns its loss, until it is unfrozen", () => {
  for (const compile of [true, false]) {
    for (const trainedBefore of [false, true]) {
      const optimizer = tf.train.adam(0.1);
      const D = new Discriminator({ model: chain(), optimizer, compile });
      const first = trainedBefore ? D.train(X, Y) : undefined;
      D.model.trainable = false;
      const loss = D.train(X, Y);
      assert.deepEqual(movedBy(D, () => assert.equal(D.train(X, Y), loss)), [false, false, false]);
      if (first !== undefined) assert(loss < first);
      D.model.trainable = true;
      assert.deepEqual(movedBy(D, () => D.train(X, Y)), [true, true, true]);
      assert(D.train(X, Y) < loss);
    }
  }
});

Deno.test("freezing D for G's step, as Keras examples do, has no effect on the results", () => {
  for (const compile of [true, false]) {
    const run = (freeze: boolean) => {
      const D = new Discriminator({ model: chain(), optimizer: tf.train.adam(0.1), compile });
      const model = tf.sequential({ layers: [dense(4, 5, { inputShape: [1] })] });
      const G = new Generator({ model, optimizer: tf.train.adam(0.1), compile });
      for (let i = 0; i < 4; i++) {
        D.model.trainable = true;
        D.train(X, Y);
        D.train(G.forward([0.5]), [0]);
        if (freeze) D.model.trainable = false;
        G.train(D, [0.5], [1]);
      }
      return [
        ...weightsOf(G),
        ...D.model.layers.flatMap((l) => l.getWeights()).flatMap((w) => [
          ...w.dataSync(),
        ]),
      ];
    };
    assert.deepEqual(run(true), run(false));
  }
});

Deno.test("train() respects frozen layers in nested models, wrappers and recurrent layers, and single frozen weights", () => {
  for (const compile of [true, false]) {
    const inner = tf.sequential({ layers: [dense(4, 1, { inputShape: [4] }), dense(4, 2)] });
    const layers = [
      inner,
      tf.layers.reshape({ targetShape: [2, 2] }),
      tf.layers.timeDistributed({ layer: dense(2, 3) }),
      tf.layers.bidirectional({
        layer: tf.layers.simpleRNN({ units: 2, recurrentInitializer: "glorotNormal" }) as tf.RNN,
        mergeMode: "concat",
      }),
      dense(1, 4),
    ];
    const model = tf.sequential({
      layers: [tf.layers.reshape({ inputShape: [4], targetShape: [4] })],
    });
    layers.forEach((layer) => model.add(layer));
    const D = new Discriminator({ model, optimizer: tf.train.adam(0.05), compile });
    const parts = { inner: 1, wrapped: 3, recurrent: 4, last: 5 };
    const moved = () => {
      const found = movedBy(D, () => D.train(X, Y));
      return Object.entries(parts).filter(([, at]) => found[at]).map(([name]) => name).join(" ");
    };
    const all = "inner wrapped recurrent last";
    assert.equal(moved(), all);
    for (const [name, at] of Object.entries(parts)) {
      model.layers[at]!.trainable = false;
      assert.equal(moved(), all.replace(name, "").replace("  ", " ").trim());
      model.layers[at]!.trainable = true;
      assert.equal(moved(), all);
    }
    const kernel = (inner.layers[1]!.trainableWeights as unknown as tf.LayerVariable[])[0]!;
    const before = [...kernel.read().dataSync()];
    kernel.trainable = false;
    D.train(X, Y);
    assert.deepEqual([...kernel.read().dataSync()], before);
    kernel.trainable = true;
    D.train(X, Y);
    assert.notDeepEqual([...kernel.read().dataSync()], before);
  }
});

Deno.test("frozen batch normalization keeps its moving averages, and updates them again when unfrozen", () => {
  for (const compile of [true, false]) {
    const model = tf.sequential({
      layers: [tf.layers.batchNormalization({ inputShape: [4] }), dense(1, 1)],
    });
    const D = new Discriminator({ model, compile });
    D.train(X, Y);
    model.layers[0]!.trainable = false;
    assert.deepEqual(movedBy(D, () => D.train(X, Y)), [false, true]);
    model.layers[0]!.trainable = true;
    assert.deepEqual(movedBy(D, () => D.train(X, Y)), [true, true]);
  }
});
