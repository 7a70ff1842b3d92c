/** Regularizers and constraints of layers act in training as they do in TensorFlow.js. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Discriminator, Generator, meanSquaredError } from "../../lib/nn/mod.ts";
import { weightsOf } from "./game.ts";

const { l1, l2, l1l2 } = tf.regularizers;
const RATE = 0.1;

function assertClose(actual: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) =>
    assert(Math.abs(value - expected[i]!) < 1e-5, `${what}[${i}]: ${value} ≠ ${expected[i]}`)
  );
}

/** Makes a model with regularizers of every kind, in a nested model and in wrappers. */
function regularized(inputs: number, outputs: number): tf.LayersModel {
  const inner = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [inputs], units: 4, kernelRegularizer: l2({ l2: 0.3 }) }),
      tf.layers.batchNormalization({ gammaRegularizer: l1({ l1: 0.1 }) }),
      tf.layers.dense({ units: 4, biasRegularizer: "l1l2", biasInitializer: "ones" }),
    ],
  });
  const wrapped = tf.layers.dense({ units: 2, kernelRegularizer: l1l2({ l1: 0.01, l2: 0.02 }) });
  return tf.sequential({
    layers: [
      inner,
      tf.layers.reshape({ targetShape: [2, 2] }),
      tf.layers.timeDistributed({ layer: wrapped }),
      tf.layers.flatten(),
      tf.layers.dense({ units: outputs, activation: "sigmoid" }),
    ],
  });
}

/** Makes a model with the same layers and weights. */
function twinOf(model: tf.LayersModel, make: () => tf.LayersModel): tf.LayersModel {
  const twin = make();
  twin.setWeights(model.getWeights());
  return twin;
}

/** Computes the terms of the model's regularizers. */
const termsOf = (model: tf.LayersModel): tf.Scalar[] =>
  model.layers.flatMap((layer) =>
    layer instanceof tf.LayersModel ? termsOf(layer) : layer.losses.map((term) => term())
  );

const X = [1, 0, 1, 0, 0.2, 0.4, -0.3, 0.8], Y = [1, 0];

for (const compile of [true, false]) {
  const how = compile ? "compiled" : "plain";

  Deno.test(`Discriminator.train() adds the regularizers to the loss as trainOnBatch() does, ${how}`, async () => {
    const model = regularized(4, 1), twin = twinOf(model, () => regularized(4, 1));
    twin.compile({ optimizer: tf.train.sgd(RATE), loss: "meanSquaredError" });
    const D = new Discriminator({ model, optimizer: tf.train.sgd(RATE), compile });
    const [x, y] = [tf.tensor(X, [2, 4]), tf.tensor(Y, [2, 1])];
    for (let step = 0; step < 4; step++) {
      const expected = await twin.trainOnBatch(x, y) as number;
      assertClose([D.train(X, Y)], [expected], "the loss");
      assertClose(weightsOf(D), weightsOf({ model: twin }), "weight");
    }
  });

  Deno.test(`Generator.train() adds its own regularizers and not the discriminator's, ${how}`, () => {
    const model = regularized(2, 4), twin = twinOf(model, () => regularized(2, 4));
    const D = new Discriminator({ model: regularized(4, 1), compile });
    const G = new Generator({ model, optimizer: tf.train.sgd(RATE), compile });
    const [optimizer, z] = [tf.train.sgd(RATE), [0.5, -1, 1.5, 0.2]];
    for (let step = 0; step < 3; step++) {
      const judge = D.model.getWeights().map((weight) => weight.clone());
      const told = optimizer.minimize(
        () => {
          const samples = twin.apply(tf.tensor(z, [2, 2]), { training: true }) as tf.Tensor;
          const outputs = D.model.apply(samples, { training: true }) as tf.Tensor;
          const loss = meanSquaredError.compute(outputs, tf.ones([2, 1]));
          return tf.addN([loss, ...termsOf(twin)]) as tf.Scalar;
        },
        true,
        twin.trainableWeights.map((weight) => weight.read() as tf.Variable),
      )!;
      D.model.setWeights(judge); // the pass above moved its averages
      assertClose([G.train(D, z, [1, 1])], [...told.dataSync()], "the loss");
      assertClose(weightsOf(G), weightsOf({ model: twin }), "weight");
    }
  });

  Deno.test(`regularizers in recurrent cells and both directions act too, ${how}`, () => {
    const options = { units: 1, kernelRegularizer: l2({ l2: 1 }), useBias: false };
    const layers = [
      () => tf.layers.simpleRNN(options),
      () => tf.layers.bidirectional({ layer: tf.layers.gru(options), mergeMode: "ave" }),
    ];
    for (const make of layers) {
      const model = tf.sequential({
        layers: [tf.layers.reshape({ inputShape: [4], targetShape: [2, 2] }), make()],
      });
      const kernels = model.trainableWeights.filter(({ shape }) => shape[0] === 2);
      assert(kernels.length > 0);
      const squares = tf.tidy(() =>
        tf.addN(kernels.map((kernel) => kernel.read().square().sum())).dataSync()[0]!
      );
      const outputs = tf.tidy(() =>
        (model.apply(tf.tensor(X, [2, 4]), { training: true }) as tf.Tensor).dataSync()
      );
      const plain = ((outputs[0]! - 1) ** 2 + outputs[1]! ** 2) / 2;
      assertClose([new Discriminator({ model, compile }).train(X, Y)], [plain + squares], "loss");
    }
  });

  Deno.test(`constraints hold after each step of D and of G, ${how}`, () => {
    const dense = (inputs: number, units: number) =>
      tf.layers.dense({
        inputShape: [inputs],
        units,
        kernelConstraint: tf.constraints.maxNorm({ maxValue: 0.5, axis: 0 }),
      });
    const optimizer = () => tf.train.sgd(1);
    const D = new Discriminator({
      model: tf.sequential({ layers: [dense(4, 1)] }),
      optimizer: optimizer(),
      loss: "wasserstein",
      compile,
    });
    const model = tf.sequential({ layers: [dense(1, 4)] });
    const G = new Generator({ model, optimizer: optimizer(), compile });
    const norms = ({ model }: Discriminator | Generator) =>
      tf.tidy(() => model.trainableWeights[0]!.read().norm("euclidean", 0).dataSync());
    for (let step = 0; step < 3; step++) {
      D.train(X, [1, 1]);
      G.train(D, [3], [1]);
      for (const norm of [...norms(D), ...norms(G)]) {
        assert(norm <= 0.5 + 1e-6, `a norm of ${norm}`);
      }
    }
    assertClose([...norms(D)], [0.5], "D's norm");
  });
}
