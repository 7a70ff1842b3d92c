/** Training steps that must give the same bits in every engine: a small GAN with convolutions, dropout, noise and Adam. */
import * as tf from "@tensorflow/tfjs";
import { jit, NoiseSource } from "../../lib/jit/mod.ts";

/** What a training gave. */
export interface Trained {
  /** Whether its programs had instructions of relaxed SIMD. */
  readonly relaxedSimd: boolean;
  /** How many ordinary kernels ran inside them. */
  readonly fallbacks: number;
  /** The bits of all weights after it, mixed to one number. */
  readonly bits: string;
  /** The losses of its last step. */
  readonly losses: readonly number[];
}

/** Numbers in [-.5, .5) that need no rounding, the same everywhere. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    return (state >> 16) / 65536;
  });
}

function variable(shape: number[], seed: number): tf.Variable {
  return tf.variable(tf.tensor(numbers(tf.util.sizeFromShape(shape), seed), shape));
}

function makeGan(relaxedSimd: boolean | undefined) {
  const d = [variable([4, 4, 1, 8], 1), variable([288, 1], 2), variable([1], 3)] as const;
  const g = [variable([6, 64], 4), variable([64], 5), variable([64, 144], 6)] as const;
  const critic = (x: tf.Tensor) => {
    const noisy = x.add(tf.randomNormal(x.shape, 0, 0.1)) as tf.Tensor4D;
    const features = tf.conv2d(noisy, d[0] as tf.Tensor as tf.Tensor4D, 2, "same").leakyRelu(0.2);
    return tf.dropout(features.reshape([-1, 288]), 0.25).matMul(d[1]).add(d[2]);
  };
  const generate = (z: tf.Tensor) =>
    z.matMul(g[0]).add(g[1]).tanh().matMul(g[2]).sigmoid().reshape([-1, 12, 12, 1]) as tf.Tensor;
  const loss = (answers: tf.Tensor, sign: number) => answers.mul(sign).softplus().mean().asScalar();
  const [dOptimizer, gOptimizer] = [tf.train.adam(1e-2, 0.5), tf.train.adam(1e-2, 0.5)];
  const noise = new NoiseSource(7);
  const options = { rehearse: true, noise, ...(relaxedSimd !== undefined && { relaxedSimd }) };
  const step = jit((real: tf.Tensor, z: tf.Tensor) => [
    dOptimizer.minimize(
      () => tf.add(loss(critic(real), -1), loss(critic(generate(z)), 1)),
      true,
      [...d],
    )!,
    gOptimizer.minimize(() => loss(critic(generate(z)), -1), true, [...g])!,
  ], options);
  return { step, variables: [...d, ...g] };
}

/** Trains for 30 steps. */
export async function train(relaxedSimd?: boolean): Promise<Trained> {
  await tf.setBackend("cpu");
  const { step, variables } = makeGan(relaxedSimd);
  let losses: number[] = [];
  for (let i = 0; i < 30; i++) {
    const real = tf.tensor(numbers(16 * 144, 100 + i), [16, 12, 12, 1]);
    const results = step(real, tf.tensor(numbers(16 * 6, 200 + i), [16, 6]));
    losses = results.map((result) => result.dataSync()[0]!);
  }
  const bits = variables.flatMap((weights) => {
    const values = weights.dataSync() as Float32Array;
    return [...new Int32Array(values.slice().buffer)];
  });
  const { relaxedSimd: used, fallbacks } = step.explain();
  return {
    relaxedSimd: used,
    fallbacks: Object.values(fallbacks).reduce((sum, count) => sum + count, 0),
    bits: bits.reduce((hash, word) => Math.imul(hash ^ word, 16777619), 1).toString(16),
    losses,
  };
}

/** Trains without relaxed SIMD, and as the engine likes it. */
export async function trainBoth(): Promise<{ strict: Trained; fastest: Trained }> {
  return { strict: await train(false), fastest: await train() };
}
