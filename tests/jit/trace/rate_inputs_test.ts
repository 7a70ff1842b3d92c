/** Learning rates as inputs: a schedule is followed, and traced once. */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { jit } from "../../../lib/jit/mod.ts";

await tf.setBackend("cpu");

type Scheduled = tf.Optimizer & { learningRate: number; setLearningRate?(rate: number): void };

const OPTIMIZERS: Readonly<Record<string, () => tf.Optimizer>> = {
  sgd: () => tf.train.sgd(.1),
  momentum: () => tf.train.momentum(.1, .9),
  adagrad: () => tf.train.adagrad(.1),
  adadelta: () => tf.train.adadelta(.1),
  adam: () => tf.train.adam(.1),
  adamax: () => tf.train.adamax(.1),
  rmsprop: () => tf.train.rmsprop(.1),
};

/** A regression on one variable; `rate` is set before each step. */
function regression(make: () => tf.Optimizer) {
  const w = tf.variable(tf.tensor1d([1, -2, 3]));
  const optimizer = make() as Scheduled;
  const step = (x: tf.Tensor) =>
    optimizer.minimize(() => tf.sum(tf.square(tf.sub(w, x))), true, [w])!;
  const setRate = (rate: number) => {
    if (optimizer.setLearningRate) optimizer.setLearningRate(rate);
    else optimizer.learningRate = rate;
  };
  return { w, step, setRate };
}

for (const [name, make] of Object.entries(OPTIMIZERS)) {
  Deno.test(`jit() follows a schedule of ${name} that changes before every step`, () => {
    const [eager, compiled] = [regression(make), regression(make)];
    const step = jit(compiled.step);
    const x = tf.tensor1d([.5, .25, -1]);
    for (let i = 0; i < 30; i++) {
      const rate = i < 6 ? .1 : .1 / (i - 4);
      [eager, compiled].forEach(({ setRate }) => setRate(rate));
      const [a, b] = [eager.step(x), step(x)];
      const [loss, want] = [b.dataSync()[0]!, a.dataSync()[0]!];
      assert(Math.abs(loss - want) <= 1e-5 * Math.max(1, want), `step ${i}: ${loss}, not ${want}`);
    }
    const [want, got] = [eager.w.dataSync(), compiled.w.dataSync()];
    want.forEach((value, i) => assert(Math.abs(value - got[i]!) < 1e-5, `${got[i]}, not ${value}`));
    assert(step.explain().traces <= 4, `${step.explain().traces} traces`);
    assert.match(step.explain().retraced ?? "", /learningRate/);
  });
}

Deno.test("bind() follows a schedule, and has no input for it", () => {
  const [eager, compiled] = [regression(OPTIMIZERS["adam"]!), regression(OPTIMIZERS["adam"]!)];
  const x = tf.tensor1d([.5, .25, -1]);
  const step = jit(compiled.step);
  const bound = step.bind(x);
  for (let i = 0; i < 12; i++) {
    [eager, compiled].forEach(({ setRate }) => setRate(.1 / (i + 1)));
    eager.step(x).dispose();
    bound.run();
    assert.equal(bound.inputs.length, 1);
  }
  const [want, got] = [eager.w.dataSync(), compiled.w.dataSync()];
  want.forEach((value, i) => assert(Math.abs(value - got[i]!) < 1e-5, `${got[i]}, not ${value}`));
});

Deno.test("jit() traces again when another number of an optimizer changes with its rate", () => {
  const make = () => tf.train.adam(.1) as tf.AdamOptimizer & { learningRate: number };
  const [a, b] = [make(), make()];
  const [v, w] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))];
  const eager = () => a.minimize(() => tf.square(v).asScalar(), true, [v])!;
  const step = jit(() => b.minimize(() => tf.square(w).asScalar(), true, [w])!);
  for (let i = 0; i < 12; i++) {
    if (i === 6) {
      for (const adam of [a, b]) Object.assign(adam, { learningRate: .05, beta1: .5 });
    }
    eager().dispose();
    step().dispose();
  }
  assert(Math.abs(v.dataSync()[0]! - w.dataSync()[0]!) < 1e-6);
});
