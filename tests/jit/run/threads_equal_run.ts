/**
 * Runs the same functions with 1, 2, 3, 4 and 8 threads, and prints what came out. A process of its own: the
 * largest number of threads is read once.
 */
import * as tf from "@tensorflow/tfjs";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { jit, NoiseSource } from "../../../lib/jit/mod.ts";
import { sharedPool } from "../../../lib/jit/run/pool.ts";
import { execute } from "../mixed/program.ts";
import { awkwardTensor } from "../mixed/values.ts";
import { type Instruction, plainProgram, trainingProgram } from "../random_program.ts";
import { float, makeTensor, makeVariable } from "../rule.ts";
import { modelVariables, seedWeights, slotsOf, trainable } from "../twins.ts";
import { CALLS, type Outcome, type Outcomes, THREADS } from "./threads_equal.ts";

await tf.setBackend("cpu");

/** A function in training: all that it changes, and the arguments of each call. */
interface Training {
  fn(...args: tf.Tensor[]): tf.Tensor[];
  readonly variables: () => tf.Variable[];
  readonly args: (call: number) => tf.Tensor[];
}

const L = tf.layers;

/** One optimizer for each network, and the three losses of a step in the order of the updates. */
function adversarial({ D, G, latent, real }: {
  readonly D: tf.LayersModel;
  readonly G: tf.LayersModel;
  readonly latent: number;
  readonly real: readonly number[];
}): Training {
  const [dOptimizer, gOptimizer] = [tf.train.adam(1e-3, 0.5), tf.train.adam(1e-3, 0.5)];
  const answer = (x: tf.Tensor) => D.apply(x, { training: true }) as tf.Tensor;
  const make = (z: tf.Tensor) => G.apply(z, { training: true }) as tf.Tensor;
  const loss = (x: tf.Tensor, target: number) =>
    tf.squaredDifference(answer(x), target).mean() as tf.Scalar;
  return {
    fn: (x, z) => {
      const fake = make(z!);
      const dLoss = dOptimizer.minimize(
        () => tf.add(loss(x!, 1), loss(fake, 0)) as tf.Scalar,
        true,
        trainable(D),
      )!;
      return [dLoss, gOptimizer.minimize(() => loss(make(z!), 1), true, trainable(G))!];
    },
    variables: () =>
      [D, G].flatMap(modelVariables).concat([dOptimizer, gOptimizer].flatMap(slotsOf)),
    args: (call) => [
      makeTensor(float([...real], 0, 1), 2 * call),
      makeTensor(float([real[0]!, latent], -1, 1), 2 * call + 1),
    ],
  };
}

/** Dense networks of the size of digits. */
function dense(): Training {
  const network = (inputs: number, outputs: number, seed: number) => {
    const layers = [
      L.dense({ inputShape: [inputs], units: 128 }),
      L.leakyReLU({ alpha: 0.02 }),
      L.dense({ units: outputs, activation: "sigmoid" }),
    ];
    return seedWeights(tf.sequential({ layers }), seed);
  };
  return adversarial({
    D: network(784, 1, 1),
    G: network(64, 784, 2),
    latent: 64,
    real: [32, 784],
  });
}

/** Convolutions and deconvolutions with batch norm, dropout and noise inside. */
function noisy(): Training {
  const side = { kernelSize: 4, strides: 2, padding: "same" } as const;
  const D = [
    L.conv2d({ inputShape: [28, 28, 1], filters: 16, ...side }),
    L.leakyReLU({ alpha: 0.2 }),
    L.dropout({ rate: 0.3 }),
    L.gaussianNoise({ stddev: 0.1 }),
    L.maxPooling2d({ poolSize: 2 }),
    L.flatten(),
    L.dense({ units: 1, activation: "sigmoid" }),
  ];
  const G = [
    L.dense({ inputShape: [20], units: 14 * 14 * 8 }),
    L.batchNormalization(),
    L.leakyReLU({ alpha: 0.2 }),
    L.reshape({ targetShape: [14, 14, 8] }),
    L.conv2dTranspose({ filters: 1, ...side, activation: "sigmoid" }),
  ];
  const [d, g] = [D, G].map((layers, i) => seedWeights(tf.sequential({ layers }), 5 + i));
  return adversarial({ D: d!, G: g!, latent: 20, real: [12, 28, 28, 1] });
}

/** A convolutional critic with the penalty on the length of its gradient. */
function penalty(): Training {
  const shapes = [[5, 5, 1, 16], [5, 5, 16, 24], [7 * 7 * 24, 1]];
  const variables = shapes.map((shape, i) => makeVariable(float(shape, -0.1, 0.1), 70 + i));
  const [f1, f2, w] = variables as [tf.Tensor4D, tf.Tensor4D, tf.Tensor2D] & tf.Variable[];
  const critic = (x: tf.Tensor) => {
    const first = tf.softplus(tf.conv2d(x as tf.Tensor4D, f1, 2, "same"));
    const second = tf.softplus(tf.conv2d(first as tf.Tensor4D, f2, 2, "same"));
    return tf.matMul(second.reshape([-1, 7 * 7 * 24]), w);
  };
  const optimizer = tf.train.adam(1e-3, 0, 0.9);
  const loss = (real: tf.Tensor, fake: tf.Tensor) => {
    const mix = tf.randomUniform([real.shape[0]!, 1, 1, 1]);
    const between = tf.add(tf.mul(real, mix), tf.mul(fake, tf.sub(1, mix)));
    const slope = tf.grad((x) => critic(x).sum())(between);
    const length = tf.sqrt(slope.square().sum([1, 2, 3]).add(1e-6));
    const penalty = tf.squaredDifference(length, 1).mean().mul(10);
    return critic(fake).mean().sub(critic(real).mean()).add(penalty) as tf.Scalar;
  };
  return {
    fn: (real, fake) => [optimizer.minimize(() => loss(real!, fake!), true, variables)!],
    variables: () => [...variables, ...slotsOf(optimizer)],
    args: (call) => [0, 1].map((i) => makeTensor(float([8, 28, 28, 1], 0, 1), 2 * call + i)),
  };
}

const instructions: fc.Arbitrary<Instruction[]> = fc.array(
  fc.record({ op: fc.nat(99_999), a: fc.nat(5), b: fc.nat(9), p: fc.nat(63) }),
  { minLength: 4, maxLength: 8 },
);

function sample(seed: number, numRuns: number): Instruction[][] {
  return fc.sample(instructions, { seed, numRuns });
}

/** Random programs of floats, with and without a gradient. */
function smooth(list: readonly Instruction[], i: number): () => Training {
  return () => {
    const shapes = [[150, 257], [257], [4, 120, 80]];
    const variables = shapes.map((shape, k) => makeVariable(float(shape), 10 * i + k));
    const optimizer = tf.train.momentum(0.1, 0.5);
    const fn = i % 2 ? trainingProgram(list, variables, optimizer) : plainProgram(list, variables);
    return {
      fn,
      variables: () => [...variables, ...slotsOf(optimizer)],
      args: (call) => shapes.map((shape, k) => makeTensor(float(shape), 50 * call + k)),
    };
  };
}

/** Random programs of all types, on any number. */
function mixed(list: readonly Instruction[], i: number): () => Training {
  return () => {
    const kinds = [["float32", [33_011]], ["int32", [130, 301]], ["bool", [8, 5003]]] as const;
    const variables = tf.tidy(() =>
      kinds.map(([dtype, shape], k) => tf.variable(awkwardTensor(shape, dtype, 7 * i + k)))
    );
    const fn = (...args: tf.Tensor[]) => execute(list, args, variables, () => {}).results;
    const args = (call: number) =>
      kinds.map(([dtype, shape], k) => awkwardTensor(shape, dtype, 1000 + 10 * call + k));
    return { fn, variables: () => variables, args };
  };
}

const GANS = { dense, noisy, penalty };

const RANDOM = Object.fromEntries([
  ...sample(11, 4).map((list, i) => [`smooth ${i}`, smooth(list, i)] as const),
  ...sample(12, 5).map((list, i) => [`mixed ${i}`, mixed(list, i)] as const),
]);

const pool = sharedPool()!;
pool.way = "shared";

async function untilReady(): Promise<void> {
  while (pool.ready < pool.size) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Calls a function a few times with so many threads, and makes one number of all bits that come out. */
async function outcomeOf(make: () => Training, threads: number): Promise<Outcome> {
  const { fn, variables, args } = make();
  const noise = new NoiseSource(3);
  const step = jit(fn as (...args: tf.Tensor[]) => tf.Tensor[], { threads, rehearse: true, noise });
  const hash = createHash("sha256");
  for (let call = 0; call < CALLS; call++) {
    tf.tidy(() => {
      for (const tensor of [...step(...args(call)), ...variables()]) {
        hash.update(new Uint8Array(tensor.dataSync().slice().buffer));
      }
    });
    await untilReady();
  }
  const module = new WebAssembly.Module(step.stages().module);
  const isShared = WebAssembly.Module.exports(module).some(({ name }) => name === "share");
  const helpers = pool.size;
  step.dispose();
  tf.dispose(variables());
  return { digest: hash.digest("hex"), isShared, helpers };
}

const outcomes: Outcomes = {};
const all = Deno.args[0] === "gans" ? GANS : { ...GANS, ...RANDOM };
for (const [name, make] of Object.entries(all)) {
  const times = performance.now();
  outcomes[name] = [];
  for (const threads of THREADS) outcomes[name].push(await outcomeOf(make, threads));
  if (Deno.env.get("JIT_THREADS_TIMES")) console.error(name, performance.now() - times);
}
console.log(JSON.stringify(outcomes));
