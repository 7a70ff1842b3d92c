/** Weights in losses and penalties that change between steps. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import {
  Discriminator,
  Generator,
  gradientPenalty,
  type Loss,
  meanSquaredError,
  type Penalty,
  r1,
} from "../../lib/nn/mod.ts";
import { weightsOf } from "./game.ts";

const REAL = [1, 0, 1, 0, 0.9, 0.1, 1.1, 0], FAKE = [0.5, 0.4, 0.6, 0.5, 0.3, 0.2, 0.1, 0.9];

const variable = (value: number) => tf.tidy(() => tf.variable(tf.scalar(value), false));
const set = (to: tf.Variable, value: number) => tf.tidy(() => to.assign(tf.scalar(value)));

/** Makes a custom loss with a factor. */
const scaled = (factor: tf.Variable | number, part: "compute" | "computeForGenerator"): Loss => ({
  ...meanSquaredError,
  name: "annealed",
  [part]: (outputs: tf.Tensor, targets: tf.Tensor) =>
    tf.mul(meanSquaredError.compute(outputs, targets), factor) as tf.Scalar,
});

const FACTORS = [1, 0.5, 0.5, 0, 2];

for (const compile of [true, false]) {
  const how = compile ? "compiled" : "plain";

  Deno.test(`a tf.Variable in a loss takes effect in the next step of D and of G, ${how}`, () => {
    const factor = variable(1);
    const D = new Discriminator({ loss: scaled(factor, "compute"), rng: new Random(1), compile });
    const judge = new Discriminator({
      loss: scaled(factor, "computeForGenerator"),
      rng: new Random(1),
      compile,
    });
    const G = new Generator({ rng: new Random(2), compile });
    const { numTensors } = tf.memory();
    for (const value of FACTORS) {
      set(factor, value);
      const targets = [1, 1];
      const error = D.forward(REAL).reduce((sum, y) => sum + (y - 1) ** 2 / 2, 0);
      const before = weightsOf(D);
      assert(Math.abs(D.train(REAL, targets) - value * error) < 1e-6);
      assert.equal(weightsOf(D).some((w, i) => w !== before[i]), value !== 0);
      const seen = judge.forward(G.forward([0.5]))[0]!;
      assert(Math.abs(G.train(judge, [0.5], [1]) - value * (seen - 1) ** 2) < 1e-6);
    }
    assert(tf.memory().numTensors - numTensors < 10);
  });

  Deno.test(`r1() and gradientPenalty() take a tf.Variable and act as with its number, ${how}`, () => {
    const kinds: ((strength: number | tf.Variable) => Penalty)[] = [
      (gamma) => r1({ gamma, every: 1 }),
      (gamma) => r1({ gamma, every: 2, inputs: 2 }),
      (weight) => gradientPenalty({ weight, rng: new Random(1) }),
    ];
    for (const make of kinds) {
      const strength = variable(1);
      const D = new Discriminator({ penalty: make(strength), rng: new Random(1), compile });
      for (const value of FACTORS) {
        set(strength, value);
        const round = (network: Discriminator) => {
          for (let i = 0; i < 2; i++) {
            network.train(REAL, [1, 1]);
            network.train(FAKE, [0, 0]);
          }
        };
        const penalty = make(value);
        if (penalty.rng) penalty.rng.restore(D.penalty!.rng!.state());
        const twin = new Discriminator({ penalty, compile });
        twin.model.setWeights(D.model.getWeights());
        round(D);
        round(twin);
        weightsOf(D).forEach((w, i) => assert(Math.abs(w - weightsOf(twin)[i]!) < 1e-6));
      }
    }
  });
}

Deno.test("a changed number in a loss or penalty takes effect in plain steps, and is refused by name in compiled ones", () => {
  let factor = 1;
  const compute: Loss["compute"] = (outputs, targets) =>
    tf.mul(meanSquaredError.compute(outputs, targets), factor);
  const loss: Loss = { ...meanSquaredError, name: "annealed", compute };
  const inner = r1({ every: 1 });
  const penalty: Penalty = { ...inner, compute: (slopes) => tf.mul(inner.compute(slopes), factor) };
  const judge = new Discriminator({ loss }), G = new Generator();
  const steps: [step: () => number, name: RegExp][] = [
    (() => {
      const D = new Discriminator({ loss });
      return () => D.train(REAL, [1, 1]);
    })(),
    () => G.train(judge, [0.5], [1]),
    (() => {
      const D = new Discriminator({ penalty });
      return () => D.train(REAL, [1, 1]);
    })(),
  ].map((step, i) => [step, i === 2 ? /the penalty R1/ : /the loss annealed/]);
  for (const [step, name] of steps) {
    factor = 1;
    for (let i = 0; i < 5; i++) step();
    factor = 0.5;
    let message = "";
    try {
      for (let i = 0; i < 200; i++) step();
    } catch (error) {
      message = String(error);
    }
    assert.match(
      message,
      /Cannot run the .*'s step with .*: expected 1 in mul, .* got 0\.5; .* tf\.Variable$/,
    );
    assert.match(message, name);
  }
  factor = 1;
  const plain = new Discriminator({ loss, compile: false });
  plain.train(REAL, [1, 1]);
  factor = 0;
  assert.equal(plain.train(REAL, [1, 1]), 0);
});
