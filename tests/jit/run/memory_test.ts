/** A million steps: no memory grows, no tensor is left; dispose() frees. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../../lib/jit/mod.ts";
import { sharedArena } from "../../../lib/jit/run/arena.ts";
import { mostThreads } from "../../../lib/jit/run/threads.ts";
import { disposeOptimizer, slotsOf } from "../twins.ts";
import { growMemory } from "./growing.ts";

const MEBIBYTE = 2 ** 20;

/** A tiny network of its own: 4-3-1 with sigmoids and the given optimizer. */
function tinyStep(optimizer: tf.Optimizer) {
  const variables = [[4, 3], [3], [3, 1], [1]].map((shape, i) =>
    tf.tidy(() => tf.variable(tf.randomUniform(shape, -0.5, 0.5, "float32", i + 1)))
  );
  const [w1, b1, w2, b2] = variables as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
  const output = (x: tf.Tensor) =>
    tf.sigmoid(tf.matMul(tf.sigmoid(tf.matMul(x, w1).add(b1)), w2).add(b2));
  const step = jit((x: tf.Tensor, target: tf.Tensor) =>
    optimizer.minimize(
      () => tf.squaredDifference(output(x), target).mean() as tf.Scalar,
      true,
      variables,
    )!
  );
  const dispose = () => {
    step.dispose();
    tf.dispose(variables);
    disposeOptimizer(optimizer);
  };
  return { step, variables, dispose };
}

/** The memory of this thread: objects, arrays, and what programs have reserved. */
function usedBytes(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external + sharedArena().reserved;
}

/** How far the memory has grown over a run that starts warm. */
function growth(warm: () => void, run: () => void): number {
  warm();
  const before = usedBytes();
  run();
  return usedBytes() - before;
}

Deno.test("bind() 1,000,000 steps: memory and tensors stay where they are", () => {
  const { step, variables, dispose } = tinyStep(tf.train.sgd(0.01));
  const [x, target] = [tf.ones([1, 4]), tf.ones([1, 1])];
  const bound = step.bind(x, target);
  let last = 0;
  const run = (steps: number) => {
    for (let i = 0; i < steps; i++) {
      bound.inputs[0]![i % 4] = i % 2;
      bound.run();
      last = bound.outputs[0]![0]!;
    }
  };
  const burnIn = () => run(100_000);
  burnIn();
  const tensors = tf.memory().numTensors;
  const grown = growth(burnIn, () => run(800_000));
  assert(Number.isFinite(last) && last < 0.01, `the loss is ${last}`);
  assert.equal(tf.memory().numTensors, tensors);
  assert(grown < 48 * MEBIBYTE, `grew by ${(grown / MEBIBYTE).toFixed(1)} MiB`);
  assert(variables.every((variable) => variable.dataSync().every(Number.isFinite)));
  bound.dispose();
  dispose();
  tf.dispose([x, target]);
});

Deno.test("jit() 100,000 steps on tensors: memory and tensors stay where they are", () => {
  const optimizer = tf.train.adam(1e-3);
  const { step, dispose } = tinyStep(optimizer);
  const target = tf.ones([1, 1]);
  const run = (steps: number) => {
    for (let i = 0; i < steps; i++) {
      const x = tf.tensor2d([i % 2, 0, 1, 0], [1, 4]);
      step(x, target).dispose();
      x.dispose();
    }
  };
  run(20_000);
  const tensors = tf.memory().numTensors;
  const grown = growth(() => run(20_000), () => run(60_000));
  assert.equal(tf.memory().numTensors, tensors);
  assert(slotsOf(optimizer).length > 0);
  assert(grown < 48 * MEBIBYTE, `grew by ${(grown / MEBIBYTE).toFixed(1)} MiB`);
  dispose();
  target.dispose();
});

Deno.test("jit() after 2 steps as many tensors as after 1,000", () => {
  const { step, dispose } = tinyStep(tf.train.adam(1e-3));
  const [x, target] = [tf.ones([1, 4]), tf.ones([1, 1])];
  for (let i = 0; i < 2; i++) step(x, target).dispose();
  const { numTensors, numDataBuffers } = tf.memory();
  for (let i = 0; i < 998; i++) step(x, target).dispose();
  assert.equal(tf.memory().numTensors, numTensors);
  assert.equal(tf.memory().numDataBuffers, numDataBuffers);
  dispose();
  tf.dispose([x, target]);
});

Deno.test("dispose() frees: as many tensors and buffers as before, over and over", () => {
  const start = tf.memory();
  for (let round = 0; round < 5; round++) {
    const { step, dispose } = tinyStep(tf.train.adam(1e-3));
    const [x, target] = [tf.ones([2, 4]), tf.ones([2, 1])];
    for (let i = 0; i < 5; i++) step(x, target).dispose();
    const bound = step.bind(x, target);
    bound.run();
    dispose();
    tf.dispose([x, target]);
    assert.equal(tf.memory().numTensors, start.numTensors, `round ${round}`);
    assert.equal(tf.memory().numDataBuffers, start.numDataBuffers, `round ${round}`);
  }
});

Deno.test("dispose() frees: 150 steps with 1 MiB of variables do not add up", () => {
  const make = () => {
    const w = tf.tidy(() => tf.variable(tf.zeros([256, 1024])));
    const step = jit((x: tf.Tensor) => {
      w.assign(tf.add(w, x));
      return tf.sum(w);
    });
    const x = tf.scalar(1);
    for (let i = 0; i < 3; i++) step(x).dispose();
    step.dispose();
    assert.equal(w.dataSync()[256 * 1024 - 1], 3);
    tf.dispose([w, x]);
  };
  const rounds = (count: number) => {
    for (let i = 0; i < count; i++) make();
  };
  const grown = growth(() => rounds(20), () => rounds(130));
  assert(grown < 64 * MEBIBYTE, `grew by ${(grown / MEBIBYTE).toFixed(1)} MiB`);
});

/** How much more of the arena is reserved after some work. */
function reservedBy(work: () => void): number {
  const before = sharedArena().reserved;
  work();
  return sharedArena().reserved - before;
}

Deno.test("jit() frees the programs that leave the cache", () => {
  const step = jit((x: tf.Tensor, scale: number) => tf.sum(tf.mul(x, scale)), { cacheSize: 4 });
  const x = tf.ones([1000]);
  const run = (from: number, to: number) => {
    for (let scale = from; scale < to; scale++) {
      for (let call = 0; call < 3; call++) step(x, scale).dispose();
    }
  };
  const four = reservedBy(() => run(2, 6));
  assert(four > 0);
  assert.equal(reservedBy(() => run(6, 40)), 0);
  assert.equal(step.explain().programs, 4);
  step.dispose();
  x.dispose();
});

Deno.test("jit() frees a program that gives way to one with a learning rate", () => {
  const w = tf.tidy(() => tf.variable(tf.zeros([1000])));
  const optimizer = tf.train.sgd(0.1);
  const x = tf.ones([1000]);
  const step = jit((a: tf.Tensor) =>
    optimizer.minimize(() => tf.sum(tf.mul(w, a)) as tf.Scalar, true, [w])!
  );
  const run = () => {
    for (let call = 0; call < 3; call++) step(x).dispose();
  };
  assert(reservedBy(run) >= 8000); // the variable and the argument
  (optimizer as tf.SGDOptimizer).setLearningRate(0.2);
  assert(reservedBy(run) < 1000, "the program before is still there"); // the rate is new
  assert.equal(step.explain().programs, 1);
  step.dispose();
  tf.dispose([w, x]);
  optimizer.dispose();
});

Deno.test("jit() frees a program that does not do any more what the function does", () => {
  let scale = 2;
  const step = jit((x: tf.Tensor) => tf.sum(tf.mul(x, scale)));
  const x = tf.ones([1000]);
  const run = () => {
    for (let call = 0; call < 70; call++) step(x).dispose();
  };
  const one = reservedBy(run);
  assert(one > 0);
  scale = 3;
  assert.equal(reservedBy(() => assert.throws(run, /expected 2 in mul.*got 3/)), -one);
  step.dispose();
  x.dispose();
});

Deno.test("jit() failing traces leave no tensors behind", () => {
  const step = jit((x: tf.Tensor) => {
    const y = tf.neg(x);
    y.dataSync();
    return y;
  });
  const x = tf.ones([2]);
  const { numTensors, numDataBuffers } = tf.memory();
  for (let i = 0; i < 20; i++) assert.throws(() => step(x));
  assert.equal(tf.memory().numTensors, numTensors);
  assert.equal(tf.memory().numDataBuffers, numDataBuffers);
  step.dispose();
  x.dispose();
});

Deno.test("jit() memory that grows: variables and bound arrays stay, if threads share it", () => {
  const { isDetached, message, values } = growMemory();
  assert.equal(isDetached, mostThreads() === 1);
  assert.equal(message === "", mostThreads() > 1);
  assert.deepEqual(values, [6, 6, 6, 6]);
});

Deno.test("jit() memory that grows for one thread: old bound arrays are refused rather than ignored", async () => {
  const url = new URL("growing.ts", import.meta.url).href;
  const code = `import { growMemory } from ${JSON.stringify(url)};
    console.log(JSON.stringify(growMemory()));`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, code);
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const args = ["run", "-A", "--no-check", "--quiet", "--config", config, file];
  const env = { JIT_THREADS: "1" };
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env }).output();
  await Deno.remove(file);
  const line = new TextDecoder().decode(stdout).trim().split("\n").at(-1)!;
  assert.match(line, /^{/, new TextDecoder().decode(stderr));
  const { isDetached, message, values } = JSON.parse(line);
  assert.equal(isDetached, true, "the memory has not moved");
  assert.match(message, /^Error: Cannot .*inputs/);
  assert.deepEqual(values, [6, 6, 6, 6]);
});
