/** Wild values in every argument of the networks, layers, losses, penalties and averages. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import { Discriminator, Generator, linear, r1 } from "../../lib/nn/mod.ts";
import { lossOf } from "../../lib/nn/losses.ts";
import { newGame, play, weightsOf } from "./game.ts";

/** Values that a cell may pass by mistake. */
const WILD: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  1,
  -1,
  1.5,
  NaN,
  Infinity,
  1e39,
  10n,
  "",
  "adam",
  "0",
  Symbol("x"),
  [],
  [0],
  [[1, 0, 1, 0]],
  [NaN],
  [null],
  ["1"],
  new Array(4),
  {},
  { length: 4 },
  { real: 1 },
  { x: [1, 0, 1, 0] },
  () => 1,
  async () => await 1,
  function* () {},
  class {},
  Promise.resolve(1),
  new Map(),
  new Set([1]),
  new Date(0),
  /x/,
  new Error("x"),
  new Float32Array(0),
  new Float32Array(3),
  new Float64Array([1e300]),
  new BigInt64Array(4),
  new Uint8Array(5),
  new ArrayBuffer(16),
  new DataView(new ArrayBuffer(16)),
  Object.create(null),
  new Proxy({}, {}),
  tf.scalar(1),
  tf.zeros([0]),
  tf.zeros([3, 5]),
  tf.tensor([true]),
  tf.train.sgd(0.1),
  tf.layers.dense({ units: 1 }),
  tf.sequential(),
  new Random(1),
  r1,
  r1(),
  Discriminator,
];

/** Lists all functions of `lib/nn`, each with a place for a wild value. */
function wildCalls(game: ReturnType<typeof newGame>): readonly ((wild: never) => unknown)[] {
  const { D, G } = game;
  const average = new nn.MovingAverage(G.model);
  return [
    (wild) => new Discriminator(wild),
    ...["model", "optimizer", "compile", "print", "loss", "penalty", "rng", "made up"].map(
      (name) => (wild: never) => new Discriminator({ [name]: wild }),
    ),
    (wild) => new Generator(wild),
    ...["model", "optimizer", "compile", "print", "keepOutputs", "rng"].map(
      (name) => (wild: never) => new Generator({ [name]: wild }),
    ),
    ...["name", "compute", "answers", "equilibrium", "targets", "computeForGenerator"].map(
      (name) => (wild: never) => new Discriminator({ loss: { ...lossOf("mse"), [name]: wild } }),
    ),
    ...["name", "at", "every", "inputs", "rng", "compute"].map(
      (name) => (wild: never) => new Discriminator({ penalty: { ...r1(), [name]: wild } }),
    ),
    (wild) => D.train(wild, [1]),
    (wild) => D.train([1, 0, 1, 0], wild),
    (wild) => D.train([1, 0, 1, 0], [1], wild),
    (wild) => D.train([1, 0, 1, 0], [1], { real: wild }),
    (wild) => D.forward(wild),
    (wild) => G.train(wild, [0.5], [1]),
    (wild) => G.train(D, wild, [1]),
    (wild) => G.train(D, [0.5], wild),
    (wild) => G.forward(wild),
    (wild) => r1(wild),
    (wild) => nn.gradientPenalty(wild),
    ...["gamma", "every", "inputs"].map((name) => (wild: never) => r1({ [name]: wild })),
    ...["weight", "every", "inputs", "rng"].map((name) => (wild: never) =>
      nn.gradientPenalty({ [name]: wild })
    ),
    (wild) => linear(wild, 1),
    (wild) => linear(1, wild),
    (wild) => linear(1, 1, wild),
    (wild) => linear(1, 1, { activation: wild }),
    (wild) => lossOf(wild),
    (wild) => nn.mnistDiscriminator(wild),
    (wild) => nn.mnistGenerator(wild),
    (wild) => new nn.MovingAverage(wild),
    (wild) => new nn.MovingAverage(G.model, wild),
    (wild) => average.restore(wild),
    (wild) => average.restore({ updates: wild }),
  ];
}

Deno.test("wild values in every argument of lib/nn: an error of ours and nothing changed, or a sensible result", () => {
  const game = newGame(1);
  const { D, G } = game;
  play(game, 1);
  const state = () =>
    JSON.stringify([weightsOf(D), weightsOf(G), D.counter, G.counter, D.steps, D.progress]);
  for (const call of wildCalls(game)) {
    for (const wild of WILD) {
      const before = state();
      try {
        const result = call(wild as never);
        if (typeof result === "number") assert(Number.isFinite(result), String(call));
        if (result instanceof Float32Array) assert(result.every(Number.isFinite), String(call));
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        const ours = error instanceof TypeError || error instanceof RangeError;
        const where = `${call} with ${typeof wild} ${
          Object.prototype.toString.call(wild)
        }: ${error}`;
        assert(ours && /^Cannot [^:]+: expected [^]+, got /.test(error.message), where);
        assert.equal(state(), before, where);
      }
    }
  }
});
