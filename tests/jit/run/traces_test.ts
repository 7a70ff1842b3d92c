/** How often a jitted function traces, why, and what explain() says. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit, type Jitted } from "../../../lib/jit/mod.ts";
import { float, makeTensor } from "../rule.ts";
import { meanSquares, trainable, type TrainingTwin, trainingTwin } from "../twins.ts";

/** Calls and frees the results. */
function call<A extends readonly unknown[], R>(step: Jitted<A, R>, ...args: A): void {
  tf.dispose(step(...args) as tf.TensorContainer);
}

const ones = (shape: number[], dtype: "float32" | "int32" | "bool" = "float32") =>
  tf.ones(shape, dtype);

// Of each signature two calls are recorded; when they agree, later ones run the program.

Deno.test("explain() before the first call: no traces yet, and no program", () => {
  const step = jit((x: tf.Tensor) => tf.neg(x));
  assert.equal(step.explain().traces, 0);
  assert.throws(() => step.program, /^Error: Cannot .*call/);
  step.dispose();
});

Deno.test("explain() traces: two for many calls alike", () => {
  const step = jit((x: tf.Tensor) => tf.neg(x));
  for (let i = 0; i < 20; i++) call(step, makeTensor(float([3]), i));
  assert.equal(step.explain().traces, 2);
  step.dispose();
});

Deno.test("explain() traces: two for each shape, none when an earlier shape comes back", () => {
  const step = jit((x: tf.Tensor) => tf.sum(x));
  const counts = [[4, 3], [4, 3], [2, 3], [4, 3], [2, 3], [2, 3], [4, 3], [4, 3, 1], [12], [4, 3]]
    .map((shape) => {
      call(step, ones(shape));
      return step.explain().traces;
    });
  assert.deepEqual(counts, [1, 2, 3, 3, 4, 4, 4, 5, 6, 6]);
  step.dispose();
});

Deno.test("explain() traces: two for each dtype", () => {
  const step = jit((x: tf.Tensor) => tf.add(x, x));
  const counts = (["float32", "int32", "float32", "int32", "bool", "int32", "float32"] as const)
    .map((dtype) => {
      call(step, ones([3], dtype));
      return step.explain().traces;
    });
  assert.deepEqual(counts, [1, 2, 3, 4, 5, 5, 5]);
  step.dispose();
});

Deno.test("explain() traces: two for each static leaf", () => {
  const step = jit((x: tf.Tensor, { scale, name }: { scale: number; name: string }) => ({
    y: tf.mul(x, scale),
    name,
  }));
  const counts = ([[2, "a"], [2, "a"], [3, "a"], [3, "a"], [2, "b"], [2, "a"], [3, "a"]] as const)
    .map(([scale, name]) => {
      const { y } = step(ones([3]), { scale, name });
      y.dispose();
      return step.explain().traces;
    });
  assert.deepEqual(counts, [1, 2, 3, 4, 5, 5, 5]);
  step.dispose();
});

Deno.test("explain() traces: bind() and calls of one signature share their program", () => {
  const step = jit((x: tf.Tensor) => tf.exp(x));
  const bound = step.bind(ones([3]));
  for (let i = 0; i < 5; i++) bound.run();
  call(step, ones([3]));
  step.bind(ones([3])).run();
  assert.equal(step.explain().traces, 2);
  step.bind(ones([4])).run();
  call(step, ones([4]));
  step.bind(ones([4])).run();
  assert.equal(step.explain().traces, 4);
  bound.run();
  assert.equal(step.explain().traces, 4);
  step.dispose();
});

Deno.test("explain() traces: values, setWeights, and eager steps between do not trace again", () => {
  const twin = train(() => tf.train.adam(0.01));
  const step = jit(twin.fn);
  for (let i = 0; i < 4; i++) call(step, ...batch(i));
  const { traces } = step.explain();
  for (let i = 0; i < 4; i++) {
    call(step, ...batch(i));
    tf.tidy(() => {
      twin.model.setWeights(twin.model.getWeights().map((weight) => tf.mul(weight, 0.9)));
      twin.fn(...batch(9));
    });
    trainable(twin.model)[0]!.dataSync();
  }
  assert.equal(step.explain().traces, traces);
  step.dispose();
  twin.dispose?.();
});

function batch(seed: number): tf.Tensor[] {
  return [makeTensor(float([6, 4]), seed), makeTensor(float([6, 2]), seed + 50)];
}

function train(makeOptimizer: () => tf.Optimizer): TrainingTwin {
  const layers = () => [
    tf.layers.dense({ inputShape: [4], units: 5, activation: "sigmoid" }),
    tf.layers.dense({ units: 2 }),
  ];
  return trainingTwin(() => tf.sequential({ layers: layers() }), makeOptimizer, meanSquares);
}

Deno.test("explain() traces: 100 steps with a lazily filled optimizer take three", () => {
  const twin = train(() => tf.train.adam(0.01));
  const step = jit(twin.fn);
  for (let i = 0; i < 100; i++) call(step, ...batch(i));
  assert.equal(step.explain().traces, 3); // the first makes the slots
  step.dispose();
  twin.dispose?.();
});

Deno.test("explain() traces: the first change of a learning rate traces once more, later ones do not", () => {
  const twin = train(() => tf.train.sgd(0.1));
  const optimizer = twin.optimizer as tf.SGDOptimizer;
  const step = jit(twin.fn);
  for (let i = 0; i < 3; i++) call(step, ...batch(i));
  const { traces } = step.explain();
  optimizer.setLearningRate(0.05);
  for (let i = 0; i < 3; i++) call(step, ...batch(i));
  assert.equal(step.explain().traces, traces + 1);
  assert.match(step.explain().retraced ?? "", /learning ?rate/i);
  for (let i = 0; i < 20; i++) {
    optimizer.setLearningRate(0.05 / (2 + i));
    call(step, ...batch(i));
  }
  assert.equal(step.explain().traces, traces + 1);
  step.dispose();
  twin.dispose?.();
});

Deno.test("jit() cacheSize: the program used longest ago leaves, and is traced again when it returns", () => {
  const step = jit((x: tf.Tensor) => tf.sum(x), { cacheSize: 2 });
  const counts = [3, 3, 4, 4, 3, 5, 5, 3, 4, 4].map((size) => {
    call(step, ones([size]));
    return step.explain().traces;
  });
  assert.deepEqual(counts, [1, 2, 3, 4, 4, 5, 6, 6, 7, 8]);
  step.dispose();
});

Deno.test("jit() cacheSize: a RangeError below 1", () => {
  assert.throws(() => jit(() => 1, { cacheSize: 0 }), { name: "RangeError", message: /^Cannot / });
});

Deno.test("explain() retraced: nothing after the first trace, then the argument and what it was", () => {
  const step = jit((x: tf.Tensor, scale: number) => tf.mul(x, scale));
  call(step, ones([4, 3]), 2);
  assert.equal(step.explain().retraced, undefined);
  call(step, ones([2, 3]), 2);
  assert.match(step.explain().retraced ?? "", /args.*4, 3.*2, 3/);
  call(step, ones([2, 3], "int32"), 2);
  assert.match(step.explain().retraced ?? "", /float32\[2, 3\], is int32\[2, 3\]/);
  call(step, ones([2, 3], "int32"), 5);
  assert.match(step.explain().retraced ?? "", /was 2, is 5$/);
  step.dispose();
});

Deno.test("explain() fields: counts that fit a small step, no fallbacks", () => {
  const twin = train(() => tf.train.adam(0.01));
  const step = jit(twin.fn);
  for (let i = 0; i < 5; i++) call(step, ...batch(i));
  const explanation = step.explain();
  for (const field of ["kernels", "loops", "bytes", "moduleBytes"] as const) {
    assert(Number.isInteger(explanation[field]), `${field}: ${explanation[field]}`);
    assert(explanation[field] > 0, `${field}: ${explanation[field]}`);
  }
  assert(explanation.loops < explanation.kernels, "fusion leaves fewer loops than kernels");
  assert(Number.isFinite(explanation.compileMs) && explanation.compileMs >= 0);
  assert.deepEqual(explanation.fallbacks, {});
  step.dispose();
  twin.dispose?.();
});

Deno.test("explain() fallbacks: kernels without a rule are counted by name", () => {
  const step = jit((x: tf.Tensor) => tf.topk(tf.neg(tf.topk(tf.neg(x), 3).values), 2).values);
  call(step, ones([5]));
  call(step, ones([5]));
  assert.deepEqual(step.explain().fallbacks, { TopK: 2 });
  step.dispose();
});

Deno.test("explain() and program print readably", () => {
  const step = jit((x: tf.Tensor, w: tf.Tensor) => tf.sigmoid(tf.matMul(x, w)));
  for (let i = 0; i < 3; i++) call(step, ones([2, 3]), ones([3, 4]));
  const text = String(step.explain());
  for (const word of [/traces?/i, /kernels?/i, /loops?/i, /bytes|kB|KiB/i, /ordinary kernels/i]) {
    assert.match(text, word);
  }
  const program = String(step.program);
  assert.match(program, /matmul/i);
  assert.match(program, /sigmoid/i);
  assert.match(program, /2, ?4|2x4/);
  assert(program.split("\n").length > 2);
  step.dispose();
});
