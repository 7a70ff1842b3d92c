/** Weights and slots are restored into their own layer, whatever the names of the layers. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { Discriminator, Generator, MovingAverage } from "../../lib/nn/mod.ts";
import { Checkpoints, TrainingRun } from "../../lib/train/mod.ts";
import { entries, withFolder } from "./folders.ts";

type Layer = tf.layers.Layer;

/** Makes a dense layer with random weights; without a name it gets the next automatic one. */
function dense(units: number, options: { name?: string; inputShape?: number[] } = {}): Layer {
  return tf.layers.dense({ units, activation: "tanh", ...options });
}

const named = (name: string, ...layers: Layer[]) => tf.sequential({ name, layers });
const unnamed = (...layers: Layer[]) => tf.sequential({ layers });
const first = (units: number, name?: string) =>
  dense(units, { inputShape: [4], ...(name !== undefined && { name }) });

/** Makes a model with two branches of equal shapes and layer names, which are added. */
function branches(): tf.LayersModel {
  const input = tf.input({ shape: [4] });
  const branch = () => unnamed(first(4, "fc"), dense(4, { name: "fc2" })).apply(input);
  const sum = tf.layers.add().apply([branch(), branch()] as tf.SymbolicTensor[]);
  const output = dense(1, { name: "fc" }).apply(sum) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output });
}

/** Makes a model that uses one layer in two places. */
function shared(): tf.LayersModel {
  const input = tf.input({ shape: [4] });
  const layer = dense(4);
  const twice = layer.apply(layer.apply(input)) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: dense(1).apply(twice) as tf.SymbolicTensor });
}

function recurrent(): tf.LayersModel {
  return unnamed(
    tf.layers.reshape({ targetShape: [2, 2], inputShape: [4] }),
    tf.layers.bidirectional({
      layer: tf.layers.lstm({ units: 2, returnSequences: true }) as tf.RNN,
      mergeMode: "concat",
    }),
    tf.layers.timeDistributed({ layer: dense(2) }),
    tf.layers.rnn({ cell: [tf.layers.gruCell({ units: 2 }), tf.layers.gruCell({ units: 2 })] }),
    dense(1),
  );
}

const MODELS: Readonly<Record<string, () => tf.LayersModel>> = {
  "parts whose layers have the same names": () =>
    unnamed(named("a", first(4, "fc")), named("b", first(4, "fc")), dense(1)),
  "automatic names": () => unnamed(first(4), dense(4), dense(1)),
  "automatic names in nested models": () => unnamed(unnamed(unnamed(first(4)), dense(4)), dense(1)),
  "two branches with the same names": branches,
  "a layer that is used twice": shared,
  "layers around layers and cells": recurrent,
  "batch normalization between nested models": () =>
    unnamed(unnamed(first(4), tf.layers.batchNormalization()), dense(4), dense(1)),
};

/** Support by compiled steps does not matter here. */
const compile = false;

function game(make: () => tf.LayersModel) {
  const D = new Discriminator({ model: make(), optimizer: tf.train.adam(0.01), compile });
  const average = new MovingAverage(D.model, { decay: 0.5 });
  const train = () => {
    for (let i = 0; i < 3; i++) D.train([1, 0.1 * i, 0.9, 0.2], [1]);
    average.update();
  };
  return { D, average, train };
}

/** Returns each weight by its layer, without using the library's own search. */
function weights(model: tf.LayersModel): number[][] {
  const own = (layer: Layer): number[][] =>
    "layers" in layer
      ? (layer.layers as Layer[]).flatMap(own)
      : layer.getWeights().map((weight) => [...weight.dataSync()]);
  return own(model);
}

for (const [what, make] of Object.entries(MODELS)) {
  Deno.test(`Checkpoints restore a model with ${what}, made anew`, () =>
    withFolder(async (folder) => {
      const { D, average, train } = game(make);
      train();
      const parts = { networks: { D }, averages: { D: average } };
      await new Checkpoints(folder, parts).save(3);
      const saved = [D.model, average.model].map(weights);
      const again = game(make);
      again.train(); // with slots and weights of its own
      const others = { networks: { D: again.D }, averages: { D: again.average } };
      await new Checkpoints(folder, others).restore();
      assert.deepEqual([again.D.model, again.average.model].map(weights), saved);
      train();
      again.train();
      assert.deepEqual(
        [again.D.model, again.average.model].map(weights),
        [D.model, average.model].map(weights),
      );
    }));
}

Deno.test("Checkpoints restore weights into their layers whichever are frozen", () =>
  withFolder(async (folder) => {
    const make = MODELS["automatic names"]!;
    const { D, train } = game(make);
    D.model.layers[0]!.trainable = false; // `model.weights` has them last now
    train();
    await new Checkpoints(folder, { networks: { D } }).save(3);
    const again = game(make).D;
    const warn = () => {};
    await new Checkpoints(folder, { networks: { D: again } }, { warn }).restore();
    assert.deepEqual(weights(again.model), weights(D.model));
    assert.equal(again.model.layers[0]!.trainable, false);
  }));

Deno.test("Checkpoints restore weights bit for bit, also those that have a constraint", () =>
  withFolder(async (folder) => {
    const kernelConstraint = tf.constraints.unitNorm({ axis: 0 });
    const layers = () => [tf.layers.dense({ units: 1, inputShape: [4], kernelConstraint })];
    const D = new Discriminator({ model: tf.sequential({ layers: layers() }), compile });
    const kernel = D.model.layers[0]!.weights[0]!.read() as tf.Variable;
    kernel.assign(tf.tensor2d([[3], [4], [0], [0]])); // as after a step without it
    await new Checkpoints(folder, { networks: { D } }).save(1);
    kernel.assign(tf.zeros([4, 1]));
    await new Checkpoints(folder, { networks: { D } }).restore();
    assert.deepEqual([...kernel.dataSync()], [3, 4, 0, 0]);
  }));

Deno.test("TrainingRun.resume() goes on with the cell that made the networks run again", () =>
  withFolder(async (folder) => {
    const cell = () => {
      const rng = new Random(1);
      const D = new Discriminator({
        model: MODELS["automatic names in nested models"]!(),
        compile,
      });
      const G = new Generator({ rng, compile });
      const run = new TrainingRun({ networks: { D, G }, states: { rng } }, { folder });
      const step = () => {
        D.train(G.forward([rng.uniform()]), [0]);
        G.train(D, [rng.uniform()], [1]);
      };
      return { D, G, run, step };
    };
    const before = cell();
    for await (const _ of before.run.steps(7)) before.step();
    const after = cell();
    assert.equal(await after.run.resume(), 7);
    for (const { run, step } of [before, after]) for await (const _ of run.steps(12)) step();
    assert.deepEqual(weights(after.D.model), weights(before.D.model));
    assert.deepEqual(weights(after.G.model), weights(before.G.model));
    assert((await entries(folder)).length > 0);
  }));
