/** Every optimizer is restored bit-equal, compiled and plain, with batch normalization and frozen layers. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { Discriminator, linear } from "../../lib/nn/mod.ts";
import { Checkpoints } from "../../lib/train/mod.ts";
import { entries, withFolder } from "./folders.ts";

const OPTIMIZERS: Readonly<Record<string, () => tf.Optimizer>> = {
  SGD: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  "Nesterov's momentum": () => tf.train.momentum(0.1, 0.9, true),
  Adam: () => tf.train.adam(0.1),
  RMSProp: () => tf.train.rmsprop(0.01),
  "centered RMSProp": () => tf.train.rmsprop(0.01, 0.9, 0.1, 1e-14, true),
  Adagrad: () => tf.train.adagrad(0.1),
  Adadelta: () => tf.train.adadelta(0.1),
  Adamax: () => tf.train.adamax(0.1, 0.9, 0.99, 1e-7, 0.01),
};

interface NetworkOptions {
  readonly optimizer: tf.Optimizer;
  readonly compile: boolean;
  readonly seed?: number;
  readonly freeze?: boolean;
}

/**
 * Makes a network with batch normalization, whose first layer may be frozen. Centered RMSProp
 * divides by the root of a variance, and the gradient of a bias before batch normalization is
 * always 0.
 */
function network({ optimizer, compile, seed = 1, freeze = false }: NetworkOptions) {
  const rng = new Random(seed);
  const first = linear(4, 3, { rng });
  const isCentered = (optimizer as unknown as { centered?: boolean }).centered === true;
  const second = isCentered ? tf.layers.leakyReLU() : tf.layers.batchNormalization();
  const layers = [first, second, linear(3, 1, { rng })];
  const model = tf.sequential({ layers });
  if (freeze) first.trainable = false;
  return new Discriminator({ model, optimizer, compile });
}

const BATCH = [1, 0.1, 0.9, 0.2, 0.3, 0.8, 0.1, 0.7];

function train(D: Discriminator, steps: number): void {
  for (let i = 0; i < steps; i++) D.train(BATCH.map((x, j) => x + (i * j) % 3), [1, 0]);
}

/** Returns all relevant numbers of an optimizer of any class. */
function optimizerState(optimizer: tf.Optimizer): unknown {
  const numbersOf = (value: unknown): unknown => {
    if (value instanceof tf.Tensor) return [...value.dataSync()];
    if (Array.isArray(value)) return value.map(({ variable }) => numbersOf(variable));
    return value;
  };
  const fields = Object.entries(optimizer).map(([name, value]) => [name, numbersOf(value)]);
  return Object.fromEntries(fields.sort());
}

function everything(D: Discriminator): unknown {
  return {
    weights: D.model.layers.flatMap((layer) => layer.weights.map((w) => [...w.read().dataSync()])),
    trainable: D.model.layers.map(({ trainable }) => trainable),
    optimizer: optimizerState(D.optimizer),
    counter: D.counter,
  };
}

for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
  for (const compile of [true, false]) {
    for (const freeze of [false, true]) {
      const how = `${compile ? "compiled" : "plain"}${freeze ? ", one layer frozen" : ""}`;
      Deno.test(`Checkpoints bring ${name} back bit-equal (${how})`, () =>
        withFolder(async (folder) => {
          const D = network({ optimizer: optimizer(), compile, freeze });
          const checkpoints = new Checkpoints(folder, { networks: { D } });
          train(D, 5);
          await checkpoints.save(5);
          const saved = everything(D);
          train(D, 4);
          const later = everything(D);

          const warn = () => {};
          for (const steps of [0, 3]) {
            const other = network({ optimizer: optimizer(), compile, seed: 2 }); // and thawed
            train(other, steps);
            await new Checkpoints(folder, { networks: { D: other } }, { warn }).restore();
            assert.deepEqual(everything(other), saved);
            train(other, 4);
            assert.deepEqual(everything(other), later);
          }

          await checkpoints.restore(); // into the network that has gone on
          assert.deepEqual(everything(D), saved);
          train(D, 4);
          assert.deepEqual(everything(D), later);
        }));
    }
  }
}

for (const compile of [true, false]) {
  Deno.test(`Checkpoints of the start take optimizers back (${compile ? "compiled" : "plain"})`, () =>
    withFolder(async (folder) => {
      for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
        const D = network({ optimizer: optimizer(), compile });
        const checkpoints = new Checkpoints(`${folder}/${name}`, { networks: { D } });
        await checkpoints.save(0);
        train(D, 5);
        const trained = everything(D);
        await checkpoints.restore();
        assert.equal(D.optimizer.iterations, 0);
        train(D, 5);
        assert.deepEqual(everything(D), trained, name);
      }
    }));
}

Deno.test("Checkpoints leave what is frozen as it was saved, and say so where that changes", () =>
  withFolder(async (folder) => {
    const lines: string[] = [];
    const optimizer = tf.train.adam;
    const D = network({ optimizer: optimizer(0.1), compile: false });
    const checkpoints = new Checkpoints(folder, { networks: { D } }, {
      warn: (line) => lines.push(line),
    });
    train(D, 2);
    await checkpoints.save(2);
    D.model.layers[0]!.trainable = false; // thawed when it was saved
    await checkpoints.restore();
    assert.deepEqual(D.model.layers.map(({ trainable }) => trainable), [true, true, true]);
    D.model.layers[2]!.trainable = false;
    await checkpoints.save(3);
    D.model.layers[2]!.trainable = true;
    await checkpoints.restore();
    assert.deepEqual(D.model.layers.map(({ trainable }) => trainable), [true, true, false]);
    assert.equal(D.model.trainableWeights.length, 4);
    assert.deepEqual(lines.map((line) => line.replace(/;.*/, "")), [
      "D continues with the saved frozen layers: none",
      "D continues with the saved frozen layers: 2",
    ]);
  }));

Deno.test("Checkpoints.save() refuses an optimizer that has slots for another network's weights", () =>
  withFolder(async (folder) => {
    const D = network({ optimizer: tf.train.adam(0.1), compile: false });
    train(D, 1);
    const G = network({ optimizer: tf.train.adam(0.1), compile: false });
    await G.optimizer.setWeights(await D.optimizer.getWeights());
    await assert.rejects(() => new Checkpoints(folder, { networks: { G } }).save(1), {
      name: "TypeError",
      message: /^Cannot save a checkpoint: expected G's optimizer to train only G, got/,
    });
    assert.deepEqual(await entries(folder), []);
  }));
