/** The 1-0-1-0 experiment, compiled and bound: 20 seeds of 15,000 iterations end where they should. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type BoundStep, jit } from "../../lib/jit/mod.ts";
import { valuesOf } from "./trees.ts";
import { disposeOptimizer } from "./twins.ts";

const SEEDS = 20;
const ITERATIONS = 15_000;

/** A network of two dense layers with sigmoids, initialised as PyTorch's Linear: ±1/sqrt(inputs). */
function network(sizes: readonly [number, number, number], seed: number): tf.Variable[] {
  const [inputs, hidden, outputs] = sizes;
  const shapes = [[inputs, hidden], [hidden], [hidden, outputs], [outputs]];
  return shapes.map((shape, i) => {
    const limit = 1 / Math.sqrt(i < 2 ? inputs : hidden);
    const start = () => tf.randomUniform(shape, -limit, limit, "float32", 10 * seed + i + 1);
    return tf.tidy(() => tf.variable(start()));
  });
}

function forward([w1, b1, w2, b2]: readonly tf.Variable[], x: tf.Tensor): tf.Tensor {
  return tf.sigmoid(tf.matMul(tf.sigmoid(tf.matMul(x, w1!).add(b1!)), w2!).add(b2!));
}

/** What is seen at an iteration: the generator's four outputs and the three losses. */
type Sight = readonly number[];

/** The samples of a run, `[ITERATIONS, 4]`: uniform in [.9, 1.1) and in [0, .1). */
function realSamples(seed: number): Float32Array {
  const samples = tf.tidy(() => {
    const uniform = tf.randomUniform([ITERATIONS, 4], 0, 1, "float32", 1000 + seed);
    return tf.add(tf.mul(uniform, [[0.2, 0.1, 0.2, 0.1]]), [[0.9, 0, 0.9, 0]]);
  });
  const values = valuesOf(samples) as Float32Array;
  samples.dispose();
  return values;
}

/** The four bound steps of one iteration, in the script's order. */
interface Steps {
  readonly onReal: BoundStep;
  readonly generate: BoundStep;
  readonly onFake: BoundStep;
  readonly onGenerator: BoundStep;
}

function iterate(steps: Steps, samples: Float32Array, i: number): void {
  steps.onReal.inputs[0]!.set(samples.subarray(4 * i, 4 * i + 4));
  steps.onReal.run();
  steps.generate.run();
  steps.onFake.inputs[0]!.set(steps.generate.outputs[0]!);
  steps.onFake.run();
  steps.onGenerator.run();
}

/** One run; what is seen after each of the given iterations. */
function run(seed: number, at: readonly number[]): Sight[] {
  const [D, G] = [network([4, 3, 1], 2 * seed), network([1, 3, 4], 2 * seed + 1)];
  const [dOptimizer, gOptimizer] = [tf.train.sgd(0.01), tf.train.sgd(0.01)];
  const mse = (y: tf.Tensor, t: tf.Tensor) => tf.squaredDifference(y, t).mean() as tf.Scalar;
  const d = jit((x: tf.Tensor, t: tf.Tensor) =>
    dOptimizer.minimize(() => mse(forward(D, x), t), true, D)
  );
  const g = jit((z: tf.Tensor, t: tf.Tensor) =>
    gOptimizer.minimize(() => mse(forward(D, forward(G, z)), t), true, G)
  );
  const made = jit((z: tf.Tensor) => forward(G, z));
  const [x, z, one, zero] = [
    tf.zeros([1, 4]),
    tf.fill([1, 1], 0.5),
    tf.ones([1, 1]),
    tf.zeros([1, 1]),
  ];
  const steps: Steps = {
    onReal: d.bind(x, one),
    generate: made.bind(z),
    onFake: d.bind(x, zero),
    onGenerator: g.bind(z, one),
  };
  const samples = realSamples(seed);
  const sights: Sight[] = [];
  for (let i = 0; i < ITERATIONS; i++) {
    iterate(steps, samples, i);
    if (!at.includes(i + 1)) continue;
    steps.generate.run();
    const losses = [steps.onReal, steps.onFake, steps.onGenerator].map((s) => s.outputs[0]![0]!);
    sights.push([...steps.generate.outputs[0]!, ...losses]);
  }
  for (const step of [d, g, made]) step.dispose();
  for (const optimizer of [dOptimizer, gOptimizer]) disposeOptimizer(optimizer);
  tf.dispose([x, z, one, zero, ...D, ...G]);
  return sights;
}

function meanOf(sights: readonly Sight[]): number[] {
  return sights[0]!.map((_, k) =>
    sights.reduce((sum, sight) => sum + sight[k]!, 0) / sights.length
  );
}

/** Outputs 1-0-1-0, then D's loss on real, on fake, G's loss: means over 200 seeds in PyTorch. */
const EXPECTED: readonly (readonly [iteration: number, means: readonly number[], apart: number])[] =
  [
    [1_000, [0.49, 0.5, 0.51, 0.49, 0.238, 0.242, 0.259], 0.08],
    [4_000, [0.65, 0.31, 0.67, 0.32, 0.189, 0.2, 0.308], 0.08],
    [10_000, [0.951, 0.034, 0.951, 0.035, 0.242, 0.247, 0.255], 0.02],
    [15_000, [0.979, 0.016, 0.978, 0.017, 0.251, 0.255, 0.247], 0.01],
  ];

Deno.test("bind() 1-0-1-0: 20 seeds of 15,000 iterations go the known way and end as 1-0-1-0", () => {
  const before = tf.memory().numTensors;
  const at = EXPECTED.map(([iteration]) => iteration);
  const runs = Array.from({ length: SEEDS }, (_, seed) => run(seed, at));
  for (const [k, [iteration, means, apart]] of EXPECTED.entries()) {
    const seen = meanOf(runs.map((sights) => sights[k]!));
    means.forEach((mean, i) => {
      assert(Math.abs(seen[i]! - mean) < apart, `${iteration}: ${seen.map((v) => v.toFixed(3))}`);
    });
  }
  for (const sights of runs) {
    const [a, b, c, d] = sights.at(-1)!;
    assert(a! > 0.9 && c! > 0.9 && b! < 0.1 && d! < 0.1, String(sights.at(-1)));
  }
  assert.equal(tf.memory().numTensors, before);
});
