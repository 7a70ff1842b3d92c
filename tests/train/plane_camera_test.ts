/** Pictures of a GAN in the plane show what is there and change nothing. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { bestAnswers, PlaneGrid, pointClouds, Random } from "../../lib/data/mod.ts";
import { Discriminator, Generator, linear, type LossName } from "../../lib/nn/mod.ts";
import { gradientLengths, PlaneCamera } from "../../lib/train/mod.ts";
import { answersOf, compareAnswers } from "../../lib/train/plane_camera.ts";
import { pushesOf } from "../../lib/train/plane_gradients.ts";

/** Makes a model of one linear layer with given weights. */
function model(kernel: number[][], bias: number[], activation?: "sigmoid"): tf.Sequential {
  const layer = linear(kernel.length, bias.length, { ...activation && { activation } });
  const made = tf.sequential({ layers: [layer] });
  made.setWeights([tf.tensor2d(kernel), tf.tensor1d(bias)]);
  return made;
}

/** Makes a D with the logit x + 2y - 1. */
const plane = (loss: LossName = "non-saturating") =>
  new Discriminator({ model: model([[1], [2]], [-1]), loss });
/** Makes a G that rotates the noise by 90 degrees and moves it by (0.5, 0). */
const turn = () => new Generator({ model: model([[0, 1], [-1, 0]], [0.5, 0]) });

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const near = (a: number, b: number) => assert(Math.abs(a - b) < 1e-5, `${a} for ${b}`);

const ring = pointClouds.ring();
const camera = () => new PlaneCamera({ cloud: ring, rng: new Random(1), points: 16 });

Deno.test("look() asks D at every cell and G for every point", () => {
  const { surface, lattice, real, fake, iteration, reach } = camera().look(plane(), turn(), 7);
  const { points } = new PlaneGrid();
  for (const at of [0, 39, 40, 1599]) {
    near(surface[at]!, sigmoid(points[2 * at]! + 2 * points[2 * at + 1]! - 1));
  }
  // The lattice begins at the noise (-2, -2) and continues along the row.
  [2.5, -2, 2.5, -1.8].forEach((value, i) => near(lattice[i]!, value));
  [-1.5, 2].forEach((value, i) => near(lattice.at(i - 2)!, value));
  assert.equal(lattice.length, 2 * 21 * 21);
  assert.deepEqual([real.length, fake.length, iteration, reach], [32, 32, 7, 3]);
});

Deno.test("look() changes nothing, and shows the same noise every time", () => {
  const [D, G] = [plane(), turn()];
  const before = [D, G].map(({ model }) => model.getWeights().map((w) => [...w.dataSync()]));
  const view = camera();
  const first = view.look(D, G);
  const tensors = tf.memory().numTensors;
  assert.deepEqual(view.look(D, G), first);
  assert.equal(tf.memory().numTensors, tensors);
  const after = [D, G].map(({ model }) => model.getWeights().map((w) => [...w.dataSync()]));
  assert.deepEqual(after, before);
  assert.deepEqual([D.counter, G.counter, first.iteration], [0, 0, 0]);
});

Deno.test("look() counts the modes of G's points", () => {
  const atMode = new Generator({ model: model([[0, 0], [0, 0]], [2, 0]) });
  const { coverage } = camera().look(plane(), atMode);
  assert.deepEqual([coverage.found, coverage.good, coverage.shares[0]], [1, 1, 1]);
});

Deno.test("look() refuses networks whose samples are not points in the plane", () => {
  assert.throws(() => camera().look(new Discriminator(), new Generator()), {
    name: "RangeError",
    message: "Cannot take a picture: expected D from 2 numbers to 1 and G from 2 to 2, " +
      "got D from 4 to 1 and G from 1 to 4",
  });
  assert.throws(() => new PlaneCamera({ cloud: ring } as never), {
    name: "TypeError",
    message: /expected rng to be .*Random.*, got undefined/,
  });
});

Deno.test("pushesOf() points along the slope of D, weighted by G's loss", () => {
  const samples = Float32Array.of(1, 0, 0, 0); // logits 0 and -1
  const pushes = pushesOf(plane(), samples);
  // -log D decreases by (1 - D) times the gradient (1, 2) of the logit.
  [0.5, 1, 1 - sigmoid(-1), 2 * (1 - sigmoid(-1))].forEach((v, i) => near(pushes[i]!, v));
  const squared = new Discriminator({ model: model([[1], [2]], [-1], "sigmoid"), loss: "mse" });
  near(pushesOf(squared, samples)[0]!, 2 * 0.5 * 0.25); // 2 (1 - D) D (1 - D)
  assert.deepEqual([...pushesOf(plane("hinge"), samples)], [1, 2, 1, 2]); // G's hinge loss is -s
});

Deno.test("pushesOf() refuses half a sample and numbers that are not finite", () => {
  const task = "Cannot find the gradients of D: expected ";
  assert.throws(() => pushesOf(plane(), Float32Array.of(1, 0, 1)), {
    message: task + "the number of samples to be a whole number from 1 on, got 1.5",
  });
  assert.throws(() => pushesOf(plane(), Float32Array.of(1, NaN)), {
    name: "RangeError",
    message: new RegExp(`^${task}samples .* a finite number in each place`),
  });
});

Deno.test("a small step along its push makes a point more real, whatever the loss", () => {
  for (const loss of ["non-saturating", "hinge", "wasserstein"] as const) {
    const D = new Discriminator({
      model: tf.sequential({
        layers: [linear(2, 8, { activation: "tanh", rng: new Random(3) }), linear(8, 1)],
      }),
      loss,
    });
    const points = ring.draw(50, new Random(2));
    const moved = pushesOf(D, points).map((push, i) => points[i]! + 0.01 * push);
    const [before, after] = [D.forward(points), D.forward(moved)];
    assert(after.every((score, i) => score >= before[i]!), loss);
  }
});

Deno.test("answersOf() gives answers from 0 to 1 for logits, probabilities and scores", () => {
  const points = Float32Array.of(-5, 0, 0, 0, 5, 0); // logits -6, -1, 4
  [sigmoid(-6), sigmoid(-1), sigmoid(4)].forEach((v, i) => near(answersOf(plane(), points)[i]!, v));
  assert.deepEqual([...answersOf(plane("wasserstein"), points)], [0, 0.5, 1]);
  const flat = new Discriminator({ model: model([[0], [0]], [3]), loss: "wasserstein" });
  assert.deepEqual([...answersOf(flat, points)], [0.5, 0.5, 0.5]);
});

Deno.test("gradientLengths() are the slope times 1 - D, D and 2 D (1 - D)²", () => {
  const samples = Float32Array.of(1, 0, 0, 0);
  const lengths = gradientLengths(plane(), samples);
  const answers = [0.5, sigmoid(-1)];
  const mean = (factor: (d: number) => number) =>
    Math.sqrt(5) * (factor(answers[0]!) + factor(answers[1]!)) / 2;
  near(lengths.answer, (answers[0]! + answers[1]!) / 2);
  near(lengths.nonSaturating, mean((d) => 1 - d));
  near(lengths.saturating, mean((d) => d));
  near(lengths.squaredError, mean((d) => 2 * d * (1 - d) ** 2));
  assert.throws(() => gradientLengths(plane("hinge"), samples), {
    name: "RangeError",
    message: /expected a discriminator that answers logits, got score/,
  });
});

Deno.test("compareAnswers() is 0 for the best D, and leaves out places without an answer", () => {
  const grid = new PlaneGrid({ cells: 6 });
  const D = plane();
  const best = Float64Array.from(answersOf(D, grid.points));
  assert.equal(compareAnswers(D, { points: grid.points, best }).distance, 0);
  const shifted = best.map((answer, i) => i === 0 ? NaN : answer + 0.25);
  const { surface, distance } = compareAnswers(D, { points: grid.points, best: shifted });
  near(distance, 0.25);
  assert.deepEqual([Number.isNaN(surface[0]!), Number.isNaN(surface[1]!)], [true, false]);
});

Deno.test("PlaneCamera.compareWithBest() has a panel for each D and one for the best answers", () => {
  const G = new Generator({ model: model([[1, 0], [0, 1]], [0, 0]) });
  const camera = new PlaneCamera({ cloud: ring, rng: new Random(3) });
  const D = plane();
  const { panels, distances } = camera.compareWithBest({ one: D, two: plane() }, G);
  assert.deepEqual(panels.map(({ title }) => title), ["one", "two", "best possible"]);
  const best = panels[2]!.surface;
  assert.deepEqual(
    panels[0]!.surface,
    compareAnswers(D, { points: camera.grid.points, best }).surface,
  );
  near(distances[0]!, compareAnswers(D, { points: camera.grid.points, best }).distance);
  assert.equal(panels[0]!.below, `off by ${distances[0]!.toFixed(2)}`);
  // Few points of the standard normal G lie near the ring's modes: there the best answer is near 1.
  const atMode =
    camera.grid.points.findIndex((x, i) =>
      i % 2 === 0 && Math.hypot(x - 2, camera.grid.points[i + 1]!) < 0.15
    ) / 2;
  assert(best[atMode]! > 0.9, `${best[atMode]}`);
  assert.throws(() => camera.compareWithBest({}, G), {
    name: "RangeError",
    message: /expected the number of discriminators to be a whole number from 1 on, got 0/,
  });
});

Deno.test("a D that learns from a G that stands still comes close to p / (p + q)", () => {
  const rng = new Random(4);
  const layers = [
    linear(2, 32, { activation: "relu", rng }),
    linear(32, 32, { activation: "relu", rng }),
    linear(32, 1, { rng }),
  ];
  const optimizer = tf.train.adam(0.01, 0.5, 0.9);
  const D = new Discriminator({
    model: tf.sequential({ layers }),
    loss: "non-saturating",
    optimizer,
  });
  const half = () => ring.draw(64, rng).map((value, i) => i % 2 === 0 ? Math.abs(value) : value);
  const many = ring.draw(10_000, rng).map((value, i) => i % 2 === 0 ? Math.abs(value) : value);
  const grid = new PlaneGrid();
  const best = bestAnswers(many, { cloud: ring, grid, blur: 0.15 });
  const before = compareAnswers(D, { points: grid.points, best }).distance;
  for (let i = 0; i < 600; i++) {
    D.train(ring.draw(64, rng), new Float32Array(64).fill(1));
    D.train(half(), new Float32Array(64));
  }
  const after = compareAnswers(D, { points: grid.points, best }).distance;
  assert(after < before / 2, `${before} before, ${after} after`);
});
