/** Batch normalization is updated once per step, as calculations by hand show. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { Discriminator, Generator, gradientPenalty, type Penalty, r1 } from "../../lib/nn/mod.ts";
import { weightsOf } from "./game.ts";

const RATE = 0.1, MOMENTUM = 0.9, EPSILON = 1e-3;

const dense = (units: number, seed: number, rest = {}) =>
  tf.layers.dense({ units, kernelInitializer: tf.initializers.glorotNormal({ seed }), ...rest });
const norm = (rest = {}) => tf.layers.batchNormalization({ momentum: MOMENTUM, ...rest });

/** Makes a D that normalizes pairs, then three hidden values, with a leaky layer in between. */
function makeD(options: { penalty?: Penalty; compile: boolean }): Discriminator {
  const layers = [
    norm({ inputShape: [2] }),
    dense(3, 1),
    tf.layers.leakyReLU({ alpha: 0.2 }),
    norm(),
    dense(1, 2),
  ];
  const model = tf.sequential({ layers });
  const optimizer = tf.train.sgd(RATE);
  return new Discriminator({ model, loss: "non-saturating", optimizer, ...options });
}

function makeG(compile: boolean): Generator {
  const layers = [dense(3, 3, { inputShape: [2] }), norm(), dense(2, 4)];
  return new Generator({
    model: tf.sequential({ layers }),
    optimizer: tf.train.sgd(RATE),
    compile,
  });
}

type Rows = readonly (readonly number[])[];
type Weights = readonly (readonly number[])[];

/** Returns the weights of all layers, each as a list. */
const read = ({ model }: Discriminator | Generator): number[][] =>
  model.layers.flatMap((layer) => layer.getWeights()).map((w) => [...w.dataSync()]);

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Computes the mean and the variance of each column. */
const momentsOf = (rows: Rows) =>
  rows[0]!.map((_, j) => {
    const column = rows.map((row) => row[j]!);
    const mean = meanOf(column);
    return { mean, variance: meanOf(column.map((x) => (x - mean) ** 2)) };
  });

function normalized(rows: Rows, [gamma, beta]: Weights): number[][] {
  const moments = momentsOf(rows);
  return rows.map((row) =>
    row.map((x, j) => {
      const { mean, variance } = moments[j]!;
      return gamma![j]! * (x - mean) / Math.sqrt(variance + EPSILON) + beta![j]!;
    })
  );
}

const linear = (rows: Rows, [kernel, bias]: Weights): number[][] =>
  rows.map((row) =>
    bias!.map((b, j) => row.reduce((sum, x, i) => sum + x * kernel![i * bias!.length + j]!, b))
  );

/** Order of the weights of `makeD`: [γ β μ σ²] [kernel bias] [γ β μ σ²] [kernel bias]. */
const hiddenOfD = (x: Rows, w: Weights) =>
  linear(normalized(x, w), w.slice(4)).map((row) => row.map((v) => v > 0 ? v : 0.2 * v));
const answers = (x: Rows, w: Weights) =>
  linear(normalized(hiddenOfD(x, w), w.slice(6)), w.slice(10)).map(([logit]) => logit!);

/** Order of the weights of `makeG`: [kernel bias] [γ β μ σ²] [kernel bias]. */
const samples = (z: Rows, w: Weights) => linear(normalized(linear(z, w), w.slice(2)), w.slice(6));

const crossEntropy = (logits: readonly number[], target: number) =>
  meanOf(logits.map((x) => Math.log1p(Math.exp(-x)) + (1 - target) * x));

/** Computes for each row the squared length of the gradient of the sum of all answers. */
function squaredSlopes(x: Rows, w: Weights): number[] {
  const h = 1e-5;
  const sumAt = (row: number, column: number, by: number) =>
    answers(x.map((r, i) => r.map((v, j) => i === row && j === column ? v + by : v)), w)
      .reduce((a, b) => a + b);
  return x.map((row, i) =>
    row.reduce((sum, _, j) => sum + ((sumAt(i, j, h) - sumAt(i, j, -h)) / (2 * h)) ** 2, 0)
  );
}

function assertClose(actual: number, expected: number, what: string, tolerance = 2e-3): void {
  const scale = Math.max(1, Math.abs(expected));
  assert(Math.abs(actual - expected) <= tolerance * scale, `${what}: ${actual} ≠ ${expected}`);
}

/** Asserts that the step changed each trained weight by the rate times the gradient of the loss. */
function assertDescent(before: Weights, after: Weights, loss: (w: Weights) => number): void {
  const h = 1e-4;
  before.forEach((list, k) =>
    list.forEach((value, i) => {
      const moved = (by: number) =>
        loss(before.map((l, m) => m === k ? l.map((v, n) => n === i ? v + by : v) : l));
      const slope = (moved(h) - moved(-h)) / (2 * h);
      if (slope !== 0) assertClose((value - after[k]![i]!) / RATE, slope, `weight ${k}[${i}]`);
    })
  );
}

/** Asserts that moving averages made one step from `before` towards the moments of `rows`. */
function assertAverages(before: Weights, after: Weights, rows: Rows): void {
  momentsOf(rows).forEach(({ mean, variance }, j) => {
    const step = (old: number, to: number) => MOMENTUM * old + (1 - MOMENTUM) * to;
    assertClose(after[0]![j]!, step(before[0]![j]!, mean), "moving mean", 1e-5);
    assertClose(after[1]![j]!, step(before[1]![j]!, variance), "moving variance", 1e-5);
  });
}

const REAL: Rows = [[0.5, -1], [2, 0.3], [1.2, 0.9], [-0.4, 0.6]];
const FAKE: Rows = [[0.1, 0.2], [-0.7, 1.1], [0.9, -0.5], [0.3, 0.8]];
const NOISE: Rows = [[0.2, -0.4], [1.1, 0.5], [-0.8, 0.9]];

for (const compile of [true, false]) {
  const how = compile ? "compiled" : "plain";

  Deno.test(`Discriminator.train() with batch normalization, ${how}, is as calculated by hand`, () => {
    const D = makeD({ compile });
    for (let step = 0; step < 4; step++) {
      const before = read(D);
      const loss = D.train(REAL.flat(), [1, 1, 1, 1]);
      const after = read(D);
      assertClose(loss, crossEntropy(answers(REAL, before), 1), "loss", 1e-5);
      assertDescent(before, after, (w) => crossEntropy(answers(REAL, w), 1));
      assertAverages(before.slice(2), after.slice(2), REAL);
      assertAverages(before.slice(8), after.slice(8), hiddenOfD(REAL, before));
    }
  });

  Deno.test(`Discriminator.train() with R1 and batch normalization, ${how}, is as calculated by hand`, () => {
    const D = makeD({ compile, penalty: r1({ gamma: 0.7, every: 1 }) });
    for (let step = 0; step < 4; step++) {
      const before = read(D);
      D.train(REAL.flat(), [1, 1, 1, 1]);
      const after = read(D);
      assertDescent(
        before,
        after,
        (w) => crossEntropy(answers(REAL, w), 1) + 0.7 / 2 * meanOf(squaredSlopes(REAL, w)),
      );
      assertAverages(before.slice(2), after.slice(2), REAL);
      assertAverages(before.slice(8), after.slice(8), hiddenOfD(REAL, before));
    }
  });

  Deno.test(`Discriminator.train() with a gradient penalty and batch normalization, ${how}, is as calculated by hand`, () => {
    const penalty = gradientPenalty({ weight: 0.5, rng: new Random(5) });
    const D = makeD({ compile, penalty }), rng = new Random(5);
    for (let step = 0; step < 3; step++) {
      D.train(REAL.flat(), [1, 1, 1, 1]);
      const before = read(D);
      D.train(FAKE.flat(), [0, 0, 0, 0]);
      const after = read(D);
      const places = FAKE.map((fake, i) => {
        const share = rng.uniform();
        return fake.map((value, j) => value + share * (REAL[i]![j]! - value));
      });
      const term = (w: Weights) =>
        meanOf(squaredSlopes(places, w).map((square) => (Math.sqrt(square) - 1) ** 2));
      assertDescent(before, after, (w) => crossEntropy(answers(FAKE, w), 0) + 0.5 * term(w));
      assertAverages(before.slice(2), after.slice(2), FAKE);
      assertAverages(before.slice(8), after.slice(8), hiddenOfD(FAKE, before));
    }
  });

  Deno.test(`Generator.train() with batch normalization in both, ${how}, is as calculated by hand`, () => {
    const D = makeD({ compile }), G = makeG(compile);
    D.train(REAL.flat(), [1, 1, 1, 1]);
    const judge = read(D);
    for (let step = 0; step < 4; step++) {
      const before = read(G);
      const lossOf = (w: Weights) => crossEntropy(answers(samples(NOISE, w), judge), 1);
      assertClose(G.train(D, NOISE.flat(), [1, 1, 1]), lossOf(before), "loss", 1e-5);
      const after = read(G);
      assertDescent(before, after, lossOf);
      assertAverages(before.slice(4), after.slice(4), linear(NOISE, before));
      assert.deepEqual(read(D), judge);
    }
  });

  Deno.test(`forward() answers from moving averages and leaves them as they are, ${how}`, () => {
    const D = makeD({ compile });
    D.train(REAL.flat(), [1, 1, 1, 1]);
    const before = weightsOf(D);
    const together = D.forward(REAL.flat());
    const alone = REAL.map((row) => D.forward(row)[0]!);
    alone.forEach((answer, i) => assertClose(answer, together[i]!, "answer", 1e-6));
    assert.deepEqual(weightsOf(D), before);
  });
}

/** Makes a model with batch normalization in a nested model, over images, and used twice. */
function nested(inputs: number, outputs: number): tf.LayersModel {
  const inner = tf.sequential({
    layers: [
      tf.layers.reshape({ inputShape: [4], targetShape: [2, 2, 1] }),
      tf.layers.conv2d({ filters: 2, kernelSize: 1 }),
      norm(),
      tf.layers.flatten(),
      dense(4, 7),
    ],
  });
  const shared = norm();
  const input = tf.input({ shape: [inputs] });
  const chain = [dense(4, 5), inner, shared, dense(4, 6), shared, dense(outputs, 8)];
  const output = chain.reduce((at, layer) => layer.apply(at) as tf.SymbolicTensor, input);
  return tf.model({ inputs: input, outputs: output });
}

/** Computes all moving means, for the inner model's and for the shared normalization. */
const means = ({ model }: Discriminator | Generator) =>
  model.weights.filter(({ name }) => /moving_mean/.test(name)).map((w) => [...w.read().dataSync()]);

Deno.test("nested and shared batch normalization moves as in one training pass of TensorFlow.js", () => {
  for (const compile of [true, false]) {
    for (const penalty of [undefined, r1({ every: 1 }), gradientPenalty({ rng: new Random(1) })]) {
      const model = nested(4, 1), twin = nested(4, 1);
      twin.setWeights(model.getWeights());
      const loss = "non-saturating";
      const D = new Discriminator({ model, loss, compile, ...(penalty && { penalty }) });
      D.train(REAL.flat(), [1, 1]);
      tf.tidy(() => {
        twin.apply(tf.tensor(REAL.flat(), [2, 4]), { training: true });
      });
      const expected = means({ model: twin } as Discriminator);
      assert.equal(expected.length, 2);
      means(D).forEach((list, i) =>
        list.forEach((value, j) => assertClose(value, expected[i]![j]!, "moving mean", 1e-5))
      );
    }
  }
});

Deno.test("a step of G does not change a nested D, with Adam either", () => {
  for (const compile of [true, false]) {
    const optimizer = () => tf.train.adam(0.01);
    const loss = "non-saturating";
    const D = new Discriminator({ model: nested(4, 1), loss, optimizer: optimizer(), compile });
    const G = new Generator({ model: nested(2, 4), optimizer: optimizer(), compile });
    D.train(REAL.flat(), [1, 1]);
    for (let i = 0; i < 3; i++) {
      const [d, g] = [weightsOf(D), means(G)];
      G.train(D, NOISE.flat(), [1, 1, 1]);
      assert.deepEqual(weightsOf(D), d);
      assert.notDeepEqual(means(G), g);
      D.train(G.forward(NOISE.flat()), [0, 0, 0]);
      assert.notDeepEqual(weightsOf(D), d);
    }
  }
});

Deno.test("steps with batch normalization and a penalty leak no tensor", () => {
  for (const compile of [true, false]) {
    const D = makeD({ compile, penalty: r1({ every: 2 }) }), G = makeG(compile);
    const play = () => {
      D.train(REAL.flat(), [1, 1, 1, 1]);
      D.train(G.forward(NOISE.flat()), [0, 0, 0]);
      G.train(D, NOISE.flat(), [1, 1, 1]);
    };
    play();
    play();
    const { numTensors } = tf.memory();
    for (let i = 0; i < 4; i++) play();
    assert.equal(tf.memory().numTensors, numTensors);
  }
});
