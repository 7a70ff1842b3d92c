/** The two networks: what they record, accept and refuse. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import {
  Discriminator,
  Generator,
  linear,
  type Loss,
  type LossName,
  r1,
} from "../../lib/nn/mod.ts";
import { losses, lossOf } from "../../lib/nn/losses.ts";
import { newGame, play, weightsOf } from "./game.ts";

Deno.test("Discriminator and Generator are the script's networks", () => {
  const { D, G } = newGame(1);
  assert.deepEqual(D.model.getWeights().map(({ shape }) => shape), [[4, 3], [3], [3, 1], [1]]);
  assert.deepEqual(G.model.getWeights().map(({ shape }) => shape), [[1, 3], [3], [3, 4], [4]]);
  for (const { model } of [D, G]) {
    assert.deepEqual(model.layers.map((layer) => layer.getConfig()["activation"]), [
      "sigmoid",
      "sigmoid",
    ]);
  }
});

Deno.test("progress keeps every 10th loss, history every 10th of each kind", () => {
  const losses: number[] = [];
  const { D, G } = newGame(1);
  for (let i = 0; i < 40; i++) {
    losses.push(D.train([1, 0, 1, 0], [1]), D.train(G.forward([0.5]), [0]));
    G.train(D, [0.5], [1]);
  }
  assert.equal(D.counter, 80);
  assert.equal(G.counter, 40);
  assert.deepEqual(D.progress, losses.filter((_, i) => (i + 1) % 10 === 0));
  assert.deepEqual(D.history.real, losses.filter((_, i) => i % 20 === 18));
  assert.deepEqual(D.history.fake, losses.filter((_, i) => i % 20 === 19));
  assert.equal(G.progress.length, 4);
  assert.equal(G.outputs.length, 4);
});

Deno.test("Discriminator.history takes smoothed labels for real and leaves mixed batches out", () => {
  const { D } = newGame(1);
  for (let i = 0; i < 10; i++) D.train([1, 0, 1, 0], [0.9]);
  for (let i = 0; i < 10; i++) D.train([1, 0, 1, 0, 0, 0, 0, 0], [1, 0]);
  assert.equal(D.history.real.length, 1);
  assert.equal(D.history.fake.length, 0);
  assert.equal(D.progress.length, 2);
});

Deno.test("Discriminator.answers keeps D's mean answers beside history, logits as probabilities", () => {
  for (const loss of ["mse", "non-saturating", "wasserstein"] as const) {
    const D = new Discriminator({ model: tf.sequential({ layers: [linear(2, 1)] }), loss });
    for (let i = 0; i < 9; i++) D.train([1, 2, 3, 4], [1, 1]);
    const said = [...D.forward([1, 2, 3, 4])];
    D.train([1, 2, 3, 4], [1, 1]);
    const shown = loss === "non-saturating" ? said.map((x) => 1 / (1 + Math.exp(-x))) : said;
    assert.equal(D.answers.real.length, 1);
    assert.equal(D.answers.fake.length, 0);
    assert(Math.abs(D.answers.real[0]! - (shown[0]! + shown[1]!) / 2) < 1e-5, loss);
  }
});

Deno.test("Generator.outputs keeps what the generator made before the step", () => {
  const { D, G } = newGame(1);
  for (let i = 0; i < 9; i++) G.train(D, [0.5], [1]);
  const before = G.forward([0.5]);
  G.train(D, [0.5], [1]);
  assert.equal(G.outputs.length, 1);
  before.forEach((value, i) => assert(Math.abs(value - G.outputs[0]![i]!) < 1e-6));
});

Deno.test("train() prints a line every 10,000 calls", () => {
  const lines: string[] = [];
  const D = new Discriminator({ print: (line) => lines.push(line) });
  D.counter = 9_999;
  D.train([1, 0, 1, 0], [1]);
  D.train([1, 0, 1, 0], [1]);
  assert.deepEqual(lines, ["counter = 10000"]);
});

Deno.test("train() and forward() take tensors, typed arrays and arrays alike", () => {
  const inputs = [
    [1, 0, 1, 0],
    new Float32Array([1, 0, 1, 0]),
    new Float64Array([1, 0, 1, 0]),
    new Int32Array([1, 0, 1, 0]),
    new Uint8Array([1, 0, 1, 0]),
    tf.tensor1d([1, 0, 1, 0]),
    tf.tensor2d([[1, 0, 1, 0]]),
  ];
  const results = inputs.map((x) => {
    const { D } = newGame(1);
    return [...D.forward(x), D.train(x, [1]), D.train(x, tf.tensor1d([1])), ...weightsOf(D)];
  });
  results.forEach((result) => assert.deepEqual(result, results[0]));
});

Deno.test("train() on a batch is the mean over its samples", () => {
  const { D } = newGame(1);
  const single = newGame(1).D;
  const pattern = [1, 0, 1, 0];
  const loss = D.train([...pattern, ...pattern, ...pattern], [1, 1, 1]);
  assert(Math.abs(loss - single.train(pattern, [1])) < 1e-7);
  weightsOf(D).forEach((weight, i) => assert(Math.abs(weight - weightsOf(single)[i]!) < 1e-7));
  assert.equal(D.forward([...pattern, 0, 0, 0, 0]).length, 2);
});

Deno.test("forward() returns a new array", () => {
  const { G } = newGame(1);
  const first = G.forward([0.5]);
  const copy = first.slice();
  G.forward([0.1]);
  assert.deepEqual(first, copy);
});

Deno.test("model.setWeights() is seen by the next step, and the step by model.predict()", () => {
  const { D } = newGame(1);
  const other = newGame(2).D;
  D.train([1, 0, 1, 0], [1]);
  D.model.setWeights(other.model.getWeights());
  assert.equal(D.train([1, 0, 1, 0], [1]), other.train([1, 0, 1, 0], [1]));
  const predicted = tf.tidy(() =>
    (D.model.predict(tf.tensor2d([[1, 0, 1, 0]])) as tf.Tensor).dataSync()
  );
  assert.deepEqual([...predicted], [...D.forward([1, 0, 1, 0])]);
});

Deno.test("custom networks work with any optimizer", () => {
  const rng = new Random(1);
  const D = new Discriminator({
    model: tf.sequential({ layers: [linear(6, 1, { activation: "sigmoid", rng })] }),
    optimizer: tf.train.adam(0.01),
  });
  const G = new Generator({
    model: tf.sequential({ layers: [linear(2, 6, { activation: "sigmoid", rng })] }),
    optimizer: tf.train.adam(0.01),
  });
  const noise = [0.1, 0.2, 0.3, 0.4];
  const before = G.train(D, noise, [1, 1]);
  for (let i = 0; i < 50; i++) G.train(D, noise, [1, 1]);
  assert(G.train(D, noise, [1, 1]) < before);
});

Deno.test("a generator does not train against a discriminator of other samples", () => {
  const D = new Discriminator({ model: tf.sequential({ layers: [linear(5, 1)] }) });
  const { G } = newGame(1);
  const weights = weightsOf(G);
  assert.throws(() => G.train(D, [0.5], [1]), {
    name: "RangeError",
    message:
      "Cannot train the generator: expected a discriminator of samples [4], got one of samples [5]",
  });
  assert.deepEqual(weightsOf(G), weights);
  assert.equal(G.counter, 0);
});

const REFUSED: readonly [
  what: string,
  x: unknown,
  targets: unknown,
  name: string,
  message: RegExp,
][] = [
  ["too few numbers", [1, 0, 1], [1], "RangeError", /expected x with 4 numbers per sample, got 3/],
  [
    "too many numbers",
    [1, 0, 1, 0, 1],
    [1],
    "RangeError",
    /expected x with 4 numbers per sample, got 5/,
  ],
  ["no numbers", [], [1], "RangeError", /expected x with 4 numbers per sample, got 0/],
  ["NaN", [1, NaN, 1, 0], [1], "RangeError", /finite float32 numbers in x, got NaN at position 1/],
  [
    "NaN behind the largest float32",
    [3.4028234663852886e38, NaN, 1, 0],
    [1],
    "RangeError",
    /in x, got NaN at position 1/,
  ],
  ["Infinity", [1, 0, 1, 0], [Infinity], "RangeError", /in targets, got Infinity at position 0/],
  ["over float32", [1e39, 0, 1, 0], [1], "RangeError", /in x, got 1e\+39 at position 0/],
  ["a string", "1010", [1], "TypeError", /x to be a tensor, .* got the string "1010"/],
  [
    "strings",
    ["1", "0", "1", "0"],
    [1],
    "TypeError",
    /numbers in x, got the string "1" at position 0/,
  ],
  ["a number", [1, 0, 1, 0], 1, "TypeError", /targets to be a tensor, .* got 1$/],
  ["undefined", undefined, [1], "TypeError", /x to be a tensor, .* got undefined/],
  ["null", [1, 0, 1, 0], null, "TypeError", /targets to be a tensor, .* got null/],
  ["rows", [[1, 0, 1, 0]], [1], "TypeError", /numbers in x, got an array of length 4 at/],
  ["an object", { x: 1 }, [1], "TypeError", /got an object$/],
  [
    "more targets than samples",
    [1, 0, 1, 0],
    [1, 1],
    "RangeError",
    /for 1 samples?, got targets for 2/,
  ],
];

Deno.test("train() refuses bad input, says what it expected, and leaves the networks as they were", async (t) => {
  const game = newGame(1);
  play(game, 3);
  const { D, G } = game;
  const state =
    () => [...weightsOf(D), ...weightsOf(G), D.counter, G.counter, tf.memory().numTensors];
  const before = state();
  for (const [what, x, targets, name, message] of REFUSED) {
    await t.step(what, () => {
      assert.throws(() => D.train(x as number[], targets as number[]), { name, message });
      assert.deepEqual(state(), before);
    });
  }
  await t.step("the generator's input and targets", () => {
    assert.throws(() => G.train(D, [NaN], [1]), { message: /Cannot train the generator: .* x/ });
    assert.throws(() => G.train(D, [0.5], []), {
      message: /Cannot train the generator: .* targets/,
    });
    assert.throws(() => G.forward("0.5" as unknown as number[]), {
      message: /Cannot ask the generator/,
    });
    assert.deepEqual(state(), before);
  });
});

Deno.test("a loss that is not finite stops with the step", () => {
  const { D } = newGame(1);
  D.train([1, 0, 1, 0], [1]);
  D.model.setWeights(D.model.getWeights().map((weight) => tf.fill(weight.shape, NaN)));
  assert.throws(() => D.train([1, 0, 1, 0], [1]), {
    name: "RangeError",
    message: /Cannot train the discriminator: expected a finite loss, got NaN at step 2/,
  });
  assert.equal(D.counter, 1);
});

const image = () =>
  tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [2, 3, 1] }),
      tf.layers.dense({ units: 1, activation: "sigmoid" }),
    ],
  });

Deno.test("a tensor is [batch, ...sample], [batch, size of a sample] or numbers in a row, never transposed", () => {
  const D = new Discriminator({ model: image() }), before = weightsOf(D);
  const count = (shape: number[]) => D.forward(tf.zeros(shape)).length;
  assert.deepEqual([[5, 2, 3, 1], [5, 6], [30]].map(count), [5, 5, 5]);
  for (
    const shape of [[5, 3, 2, 1], [6, 5], [2, 3, 5], [30, 1], [5, 2, 3], [1, 5, 6], [], [2, 3, 1]]
  ) {
    assert.throws(() => D.forward(tf.zeros(shape)), {
      name: "RangeError",
      message: `Cannot ask the discriminator: expected x of shape [batch, 2, 3, 1], got [${
        shape.join(", ")
      }]`,
    });
  }
  assert.throws(() => D.train(tf.zeros([2, 6]), tf.ones([1, 2])), {
    message: /expected targets of shape \[batch, 1\], got \[1, 2\]/,
  });
  const G = new Generator({ model: tf.sequential({ layers: [linear(2, 6)] }) });
  assert.throws(() => G.forward(tf.zeros([2, 3])), { message: /x of shape \[batch, 2\]/ });
  assert.deepEqual(weightsOf(D), before);
});

Deno.test("tensors that are disposed or have no numbers are refused", () => {
  const { D } = newGame(1);
  const disposed = tf.zeros([1, 4]);
  disposed.dispose();
  for (const x of [disposed, tf.complex([1, 0], [0, 1]), tf.tensor(["1", "0", "1", "0"])]) {
    assert.throws(() => D.train(x, [1]), {
      name: "TypeError",
      message: /^Cannot train the discriminator: expected x to be a tensor.*, got/,
    });
  }
});

Deno.test("targets outside the range of the loss are refused by D and by G, and nothing moves", () => {
  for (const name of Object.keys(losses) as LossName[]) {
    for (const compile of [true, false]) {
      const { D, G } = newGame(1, { loss: name, compile });
      const before = [...weightsOf(D), ...weightsOf(G)];
      for (const target of [-1, 2, 255, -0.001, 1.001]) {
        const refusal = { name: "RangeError", message: /expected targets from 0 to 1, got .* at/ };
        assert.throws(() => D.train([1, 0, 1, 0, 1, 0, 1, 0], [1, target]), refusal);
        assert.throws(() => G.train(D, [0.5], [target]), refusal);
      }
      assert.deepEqual([...weightsOf(D), ...weightsOf(G)], before);
      for (const target of [0, 0.3, 1]) assert(Number.isFinite(D.train([1, 0, 1, 0], [target])));
    }
  }
});

Deno.test("a custom loss states its range of targets", () => {
  const coded: Loss = { ...lossOf("mse"), name: "LSGAN", targets: { from: -1, to: 1 } };
  const { D } = newGame(1, { loss: coded });
  assert(D.train([1, 0, 1, 0], [-1]) > 1);
  assert.equal(D.steps.fake, 1);
  assert.throws(() => D.train([1, 0, 1, 0], [-2]), { message: /targets from -1 to 1, got -2/ });
});

Deno.test("a loss or penalty that computes no scalar is refused before anything moves", () => {
  const inner = lossOf("mse");
  const loss: Loss = { ...inner, compute: (outputs) => outputs.squeeze([1]) as tf.Scalar };
  const penalty = { ...r1({ every: 1 }), compute: () => 0 as unknown as tf.Scalar };
  const { D: judge } = newGame(1, { loss });
  for (const compile of [true, false]) {
    for (const options of [{ loss }, { penalty }]) {
      const { D, G } = newGame(1, { ...options, compile });
      const before = [...weightsOf(D), ...weightsOf(G)];
      const refusal = { name: "TypeError", message: /^Cannot train .* a scalar tensor, got/ };
      assert.throws(() => D.train([1, 0, 1, 0], [1]), refusal);
      assert.throws(() => G.train(judge, [0.5], [1]), refusal);
      assert.deepEqual([...weightsOf(D), ...weightsOf(G)], before);
    }
  }
});

Deno.test("a network refuses another model, optimizer, loss or penalty, and keeps its own", () => {
  const { D, G } = newGame(1);
  const others = {
    model: tf.sequential({ layers: [linear(4, 1)] }),
    optimizer: tf.train.adam(0.01),
    loss: losses.hinge,
    penalty: r1({ gamma: 1 }),
  };
  const assign = (network: Discriminator | Generator, part: keyof typeof others) => {
    const before = Reflect.get(network, part);
    assert.throws(() => Object.assign(network, { [part]: others[part] }), {
      name: "TypeError",
      message: new RegExp(
        `^Cannot change the ${part} of the ${network.name}: expected the one that it was made with, ` +
          `got .+; make a new ${network.name}$`,
      ),
    });
    assert.equal(Reflect.get(network, part), before);
  };
  for (const part of ["model", "optimizer", "loss", "penalty"] as const) assign(D, part);
  for (const part of ["model", "optimizer"] as const) assign(G, part);
});

Deno.test("Discriminator.train() takes options that do not say which rows are real", () => {
  const D = new Discriminator({ rng: new Random(1), print: () => {} });
  D.train([1, 0, 1, 0], [1], {});
  D.train([1, 0, 1, 0], [1], { real: undefined } as never);
  assert.equal(D.counter, 2);
});

Deno.test("train() counts targets of exactly 1/2 as real", () => {
  const D = new Discriminator();
  D.train([1, 0, 1, 0], [0.5]);
  assert.deepEqual(D.steps, { real: 1, fake: 0 });
});

const OPTIMIZERS = {
  "plain gradient descent": () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  Adam: () => tf.train.adam(0.1),
  RMSProp: () => tf.train.rmsprop(0.1),
};

for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
  Deno.test(`a new learning rate of ${name} takes effect in the next step`, () => {
    const weights = [true, false].map((compile) => {
      const { D } = newGame(1);
      const model = tf.sequential({ layers: [linear(4, 1, { rng: new Random(1) })] });
      const other = new Discriminator({ model, optimizer: optimizer(), compile });
      assert.equal(other.learningRate, 0.1);
      other.train([1, 0, 1, 0], [1]);
      const before = weightsOf(other);
      other.learningRate = 0;
      other.train([1, 0, 1, 0], [1]);
      assert.deepEqual(weightsOf(other), before, "0 changes nothing");
      other.learningRate = 0.05;
      assert.equal(other.learningRate, 0.05);
      other.train([1, 0, 1, 0], [1]);
      assert.notDeepEqual(weightsOf(other), before);
      assert.equal(D.learningRate, 0.01, "of no other network");
      return weightsOf(other).flat();
    });
    const [compiled, eager] = weights as [number[], number[]];
    compiled.forEach((weight, i) => assert(Math.abs(weight - eager[i]!) < 1e-5));
  });
}

Deno.test("a wrong learning rate is refused, and nothing has changed", () => {
  const { G } = newGame(1);
  for (const rate of [NaN, -1, Infinity, "0.1", undefined]) {
    assert.throws(() => G.learningRate = rate as number, /Cannot set the learning rate of the gen/);
  }
  assert.equal(G.learningRate, 0.01);
});
