/** Calls that record do not count: restarts that no number tells of, and everything put back. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit, type Jitted } from "../../../lib/jit/mod.ts";
import { OPTIMIZERS, setRate } from "../optimizers.ts";
import { float, makeTensor } from "../rule.ts";
import { slotsOf, trainable } from "../twins.ts";

type Step = Jitted<[tf.Tensor, tf.Tensor], tf.Scalar>;

/** A small network, its optimizer, and what makes a compiled step of both. */
function makeTraining(makeOptimizer: () => tf.Optimizer) {
  const seeded = (seed: number) => tf.initializers.glorotNormal({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [4],
        units: 5,
        activation: "sigmoid",
        kernelInitializer: seeded(1),
      }),
      tf.layers.dense({ units: 2, kernelInitializer: seeded(2) }),
    ],
  });
  const optimizer = makeOptimizer();
  const fn = (x: tf.Tensor, y: tf.Tensor) =>
    optimizer.minimize(
      () => tf.losses.meanSquaredError(y, model.apply(x) as tf.Tensor) as tf.Scalar,
      true,
      trainable(model),
    )!;
  const compile = (): Step => jit(fn, { rehearse: true });
  const numbers = () => [
    ...trainable(model).flatMap((variable) => [...variable.dataSync()]),
    ...slotsOf(optimizer).flatMap((slot) => [...slot.dataSync()]),
    optimizer.iterations,
  ];
  return { optimizer, fn, compile, numbers };
}

function callWith(step: (x: tf.Tensor, y: tf.Tensor) => tf.Scalar, call: number): number {
  const [x, y] = [makeTensor(float([6, 4]), call), makeTensor(float([6, 2]), 100 + call)];
  const loss = step(x, y);
  const [value] = loss.dataSync();
  tf.dispose([x, y, loss]);
  return value!;
}

/** Also both NaN, as the centred RMSProp makes them early on. */
function isClose(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) < 1e-4 * Math.max(1, Math.abs(b));
}

const CALLS = 7;

for (const [name, makeOptimizer] of Object.entries(OPTIMIZERS)) {
  Deno.test(`jit() rehearsed, ${name}: recorded anew at any call, every number is the same bits`, () => {
    const alone = makeTraining(makeOptimizer);
    const step = alone.compile();
    const losses = Array.from({ length: CALLS }, (_, call) => callWith(step, call));
    for (let restart = 0; restart < CALLS; restart++) {
      const { compile, numbers } = makeTraining(makeOptimizer);
      let own = compile();
      for (let call = 0; call < CALLS; call++) {
        if (call === restart) own = compile();
        assert.equal(callWith(own, call), losses[call]);
      }
      assert.deepEqual(numbers(), alone.numbers());
    }
  });

  Deno.test(`jit() rehearsed, ${name}: n calls are n updates, as eager ones`, () => {
    const [compiled, eager] = [makeTraining(makeOptimizer), makeTraining(makeOptimizer)];
    const step = compiled.compile();
    for (let call = 0; call < CALLS; call++) {
      const [loss, expected] = [callWith(step, call), callWith(eager.fn, call)];
      assert(isClose(loss, expected), `call ${call}: ${loss} ≠ ${expected}`);
      const expectedNumbers = eager.numbers();
      assert(compiled.numbers().every((number, i) => isClose(number, expectedNumbers[i]!)));
    }
  });
}

Deno.test("jit() rehearsed: the first call is already the program's, also through bind()", () => {
  const [x, y] = [makeTensor(float([6, 4]), 1), makeTensor(float([6, 2]), 2)];
  const adam = () => tf.train.adam(0.01);
  const [tensors, bound] = [makeTraining(adam), makeTraining(adam)];
  const step = tensors.compile(), fast = bound.compile().bind(x, y);
  for (let call = 0; call < 3; call++) {
    fast.run();
    assert.equal(fast.outputs[0]![0], step(x, y).dataSync()[0]);
  }
  assert.deepEqual(bound.numbers(), tensors.numbers());
  assert.equal(step.explain().traces, 3); // one that makes the slots, and two that agree
  assert.equal(step.explain().programs, 1);
});

Deno.test("jit() rehearsed: a learning rate changed between two calls counts from the next one on", () => {
  const [compiled, eager] = [0, 1].map(() => makeTraining(() => tf.train.adam(0.01)));
  const step = compiled!.compile();
  for (let call = 0; call < 6; call++) {
    for (const { optimizer } of [compiled!, eager!]) setRate(optimizer, 0.01 / (call + 1));
    assert(Math.abs(callWith(step, call) - callWith(eager!.fn, call)) < 1e-5);
  }
  assert.equal(compiled!.optimizer.iterations, 6);
});

Deno.test("jit() rehearsed: with a rate that changes at every call, a restart changes no bit", () => {
  for (const [name, makeOptimizer] of Object.entries(OPTIMIZERS)) {
    const run = (restart: number) => {
      const { optimizer, compile, numbers } = makeTraining(makeOptimizer);
      let step = compile();
      for (let call = 0; call < CALLS; call++) {
        if (call === restart) step = compile();
        setRate(optimizer, 0.01 / (call + 3));
        callWith(step, call);
      }
      return numbers();
    };
    for (const restart of [2, 4]) assert.deepEqual(run(restart), run(CALLS), name);
  }
});

Deno.test("jit() rehearsed: noise is refused before anything has changed", () => {
  const { optimizer, numbers } = makeTraining(() => tf.train.adam(0.01));
  const w = tf.variable(tf.tensor1d([1, 2, 3]));
  const step = jit(() => {
    const noise = tf.randomGamma([3], 2);
    return optimizer.minimize(() => w.mul(noise).sum() as tf.Scalar, true, [w])!;
  }, { rehearse: true });
  const before = [numbers().at(-1), ...w.dataSync()];
  assert.throws(() => step(), /randomGamma; pass them as an argument/);
  assert.deepEqual([numbers().at(-1), ...w.dataSync()], before);
});

Deno.test("jit() rehearsed: an error in the function leaves everything as it was", () => {
  const w = tf.variable(tf.scalar(1));
  const optimizer = tf.train.momentum(0.1, 0.9);
  let fails = true;
  const step = jit(() => {
    const loss = optimizer.minimize(() => w.square() as tf.Scalar, true, [w])!;
    if (fails) throw new Error("too late");
    return loss;
  }, { rehearse: true });
  assert.throws(() => step(), /too late/);
  assert.deepEqual([w.dataSync()[0], optimizer.iterations], [1, 0]);
  fails = false;
  step();
  assert(Math.abs(w.dataSync()[0]! - 0.8) < 1e-6);
  assert.equal(optimizer.iterations, 1);
});

Deno.test("jit() rehearsed: a function that changes its optimizer each time is refused", () => {
  const { optimizer, fn, numbers } = makeTraining(() => tf.train.adam(0.01));
  let calls = 0;
  const step = jit((x: tf.Tensor, y: tf.Tensor) => {
    Reflect.set(optimizer, "calls", ++calls);
    return fn(x, tf.mul(y, calls));
  }, { rehearse: true });
  const weights = numbers().slice(0, 37);
  assert.throws(() => callWith(step, 0), /expected optimizers that change only by their steps/);
  assert.deepEqual(numbers().slice(0, 37), weights);
  assert.equal(optimizer.iterations, 0);
});

Deno.test("jit() rehearsed: two steps that share an optimizer and variables, recorded in turn", () => {
  const run = (restart: boolean) => {
    const { fn, numbers, optimizer } = makeTraining(() => tf.train.adam(0.01, 0.5));
    const other = (x: tf.Tensor, y: tf.Tensor) => {
      const loss = fn(x, y);
      return loss.add(y.mean()) as tf.Scalar;
    };
    const make = () => [jit(fn, { rehearse: true }), jit(other, { rehearse: true })] as const;
    let [often, seldom] = make();
    for (let call = 0; call < 12; call++) {
      if (restart && call % 5 === 3) [often, seldom] = make();
      callWith(call % 4 === 3 ? seldom : often, call);
    }
    assert.equal(optimizer.iterations, 12);
    return numbers();
  };
  assert.deepEqual(run(true), run(false));
});

Deno.test("jit() rehearsed: arguments stay, and no tensor is left over", () => {
  const { compile } = makeTraining(() => tf.train.adam(0.01));
  const [x, y] = [makeTensor(float([6, 4]), 1), makeTensor(float([6, 2]), 2)];
  const step = compile();
  step(x, y).dispose();
  const tensors = tf.memory().numTensors;
  for (let call = 0; call < 5; call++) step(x, y).dispose();
  const another = compile();
  another(x, y).dispose();
  assert.equal(tf.memory().numTensors, tensors);
  assert(!x.isDisposed && !y.isDisposed);
});

Deno.test("jit() rehearsed: a function that no program has room for runs once a call", () => {
  let calls = 0;
  const step = jit((x: tf.Tensor) => {
    calls++;
    return tf.cast(x, "complex64");
  }, { rehearse: true });
  for (let call = 0; call < 4; call++) step(tf.scalar(1)).dispose();
  assert.equal(calls, 5); // the first call finds out in a rehearsal
});
