/** Checkpoints of networks whose layers draw noise: the noise continues. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { Discriminator, Generator, linear } from "../../lib/nn/mod.ts";
import { Checkpoints } from "../../lib/train/mod.ts";
import { withFolder } from "./folders.ts";

await tf.setBackend("cpu");

/** Makes a game with dropout and noise in D, and noise in G. */
function game(folder: string, seed: number) {
  const rng = new Random(seed);
  const layers = [
    linear(4, 6, { activation: "sigmoid", rng: rng.split("D1") }),
    tf.layers.dropout({ rate: 0.3 }),
    tf.layers.gaussianNoise({ stddev: 0.2 }),
    linear(6, 1, { activation: "sigmoid", rng: rng.split("D2") }),
  ];
  const D = new Discriminator({
    model: tf.sequential({ layers }),
    optimizer: tf.train.adam(0.01),
    rng: rng.split("D"),
  });
  const G = new Generator({
    model: tf.sequential({
      layers: [
        linear(1, 4, { activation: "sigmoid", rng: rng.split("G1") }),
        tf.layers.alphaDropout({ rate: 0.1 }),
      ],
    }),
    rng: rng.split("G"),
  });
  const checkpoints = new Checkpoints(folder, { networks: { D, G } });
  const play = (rounds: number) =>
    Array.from({ length: rounds }, () => [
      D.train([1, 0, 1, 0], [1]),
      D.train(G.forward([0.5]), [0]),
      G.train(D, [0.5], [1]),
    ]);
  return { D, G, checkpoints, play };
}

Deno.test("Checkpoints bring noise back, and a resumed run is bit-equal to one that was not stopped", () =>
  withFolder(async (folder) => {
    for (const [i, played] of [0, 1, 7].entries()) {
      const uninterrupted = game(`${folder}/a${i}`, 1);
      uninterrupted.play(played);
      await uninterrupted.checkpoints.save(played);
      const expected = uninterrupted.play(6);
      const resumed = game(`${folder}/a${i}`, 2);
      await resumed.checkpoints.restore();
      assert.deepEqual(resumed.play(6), expected);
      assert.deepEqual(resumed.D.noise.state(), uninterrupted.D.noise.state());
      assert.deepEqual(resumed.G.noise.state(), uninterrupted.G.noise.state());
    }
  }));

Deno.test("Checkpoints without noise, as earlier ones are, leave a network's noise as it is", () =>
  withFolder(async (folder) => {
    const run = game(folder, 1);
    const { model, optimizer, progress, history, answers, steps, counter } = run.D;
    const parts = { model, optimizer, progress, history, answers, steps, counter };
    await new Checkpoints(folder, { networks: { D: parts } }).save(3);
    const { D } = game(`${folder}/other`, 2);
    D.train([1, 0, 1, 0], [1]);
    const before = D.noise.state();
    await new Checkpoints(folder, { networks: { D } }).restore();
    assert.deepEqual(D.noise.state(), before);
    assert.equal(D.counter, 0);
  }));
