/** Whole adversarial steps, jitted and eager side by side. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";
import { compareWithEager, type Twin } from "./compare.ts";
import { float, makeTensor, makeVariable } from "./rule.ts";
import { assertTensorsClose, type Tolerance, valuesOf } from "./trees.ts";
import {
  disposeModel,
  disposeOptimizer,
  modelVariables,
  seedWeights,
  slotsOf,
  trainable,
} from "./twins.ts";

/** Rounding over a thousand steps of sigmoids. */
const LONG: Tolerance = { relative: 2e-4, absolute: 2e-5 };

/** What each side of a comparison trains. */
interface Gan {
  readonly D: tf.LayersModel;
  readonly G: tf.LayersModel;
  readonly dOptimizer: tf.Optimizer;
  readonly gOptimizer: tf.Optimizer;
}

type Pair = () => Gan;
type Step = (...args: tf.Tensor[]) => tf.Tensor;

const mse = (a: tf.Tensor, b: tf.Tensor) => tf.squaredDifference(a, b).mean() as tf.Scalar;

function dStep({ D, dOptimizer }: Gan): Step {
  return (x, target) =>
    dOptimizer.minimize(() => mse(D.apply(x!) as tf.Tensor, target!), true, trainable(D))!;
}

function gStep({ D, G, gOptimizer }: Gan): Step {
  return (z, target) =>
    gOptimizer.minimize(
      () => mse(D.apply(G.apply(z!) as tf.Tensor) as tf.Tensor, target!),
      true,
      trainable(G),
    )!;
}

function ganVariables({ D, G, dOptimizer, gOptimizer }: Gan): tf.Variable[] {
  return [
    ...modelVariables(D),
    ...modelVariables(G),
    ...slotsOf(dOptimizer),
    ...slotsOf(gOptimizer),
  ];
}

function disposeGan({ D, G, dOptimizer, gOptimizer }: Gan): void {
  disposeModel(D);
  disposeModel(G);
  disposeOptimizer(dOptimizer);
  disposeOptimizer(gOptimizer);
}

/** One iteration: D on real, D on fake, G; the three losses come out. */
function iterate(
  steps: { d: Step; g: Step; forward: Step },
  real: tf.Tensor,
  z: tf.Tensor,
  one: tf.Tensor,
  zero: tf.Tensor,
): tf.Tensor[] {
  const onReal = steps.d(real, one);
  const fake = steps.forward(z);
  const onFake = steps.d(fake, zero);
  fake.dispose();
  return [onReal, onFake, steps.g(z, one)];
}

function eagerSteps(gan: Gan): { d: Step; g: Step; forward: Step } {
  const tidy = (step: Step): Step => (...args) => tf.tidy(() => step(...args));
  const forward = tidy((z) => gan.G.apply(z!) as tf.Tensor);
  return { d: tidy(dStep(gan)), g: tidy(gStep(gan)), forward };
}

function compareGans(
  make: Pair,
  iterations: number,
  batches: (i: number) => { real: tf.Tensor; z: tf.Tensor },
  tolerance: Tolerance,
): void {
  const before = tf.memory().numTensors;
  const [want, got] = [make(), make()];
  const eager = eagerSteps(want);
  const jitted = {
    d: jit(dStep(got)),
    g: jit(gStep(got)),
    forward: jit((z: tf.Tensor) => got.G.apply(z) as tf.Tensor) as unknown as Step,
  };
  for (let i = 0; i < iterations; i++) {
    const { real, z } = batches(i);
    const [one, zero] = [tf.ones([real.shape[0]!, 1]), tf.zeros([real.shape[0]!, 1])];
    const wanted = iterate(eager, real, z, one, zero);
    const gotten = iterate(jitted, real, z, one, zero);
    wanted.forEach((loss, k) =>
      assertTensorsClose(gotten[k]!, loss, tolerance, `iteration ${i}, loss ${k}`)
    );
    tf.dispose([...wanted, ...gotten, real, z, one, zero]);
    if (i % 50 === 0 || i === iterations - 1) compareVariables(got, want, i, tolerance);
  }
  for (const step of [jitted.d, jitted.g, jitted.forward]) {
    (step as { dispose?(): void }).dispose?.();
  }
  disposeGan(want);
  disposeGan(got);
  assert.equal(tf.memory().numTensors, before, "tensors left");
}

function compareVariables(got: Gan, want: Gan, i: number, tolerance: Tolerance): void {
  const wanted = ganVariables(want);
  ganVariables(got).forEach((variable, k) =>
    assertTensorsClose(variable, wanted[k]!, tolerance, `iteration ${i}, variable ${k}`)
  );
}

/** The 1-0-1-0 networks; `scale` widens the initial weights. */
function patternGan(): Gan {
  const sigmoid = (units: number, inputShape?: number[]) =>
    tf.layers.dense({ units, activation: "sigmoid", ...(inputShape && { inputShape }) });
  return {
    D: seedWeights(tf.sequential({ layers: [sigmoid(3, [4]), sigmoid(1)] }), 10),
    G: seedWeights(tf.sequential({ layers: [sigmoid(3, [1]), sigmoid(4)] }), 20),
    dOptimizer: tf.train.sgd(0.01),
    gOptimizer: tf.train.sgd(0.01),
  };
}

function patternBatch(i: number): { real: tf.Tensor; z: tf.Tensor } {
  const noise = makeTensor(float([1, 4], 0, 0.1), i);
  return { real: tf.tidy(() => tf.add(noise, [[0.95, 0, 0.95, 0]])), z: tf.fill([1, 1], 0.5) };
}

Deno.test("jit() 1-0-1-0: 1,000 iterations of two steps that share D's variables, as eager", () => {
  const batches = (i: number) => tf.tidy(() => patternBatch(i));
  compareGans(patternGan, 1000, batches, LONG);
});

Deno.test("jit() 1-0-1-0: through bind() ends bit for bit as through tensors", () => {
  const run = (bound: boolean) => {
    const gan = patternGan();
    const [d, g] = [jit(dStep(gan)), jit(gStep(gan))];
    const [real, fake, z] = [tf.zeros([1, 4]), tf.zeros([1, 4]), tf.fill([1, 1], 0.5)];
    const [one, zero] = [tf.ones([1, 1]), tf.zeros([1, 1])];
    const bounds = bound ? [d.bind(real, one), d.bind(fake, zero), g.bind(z, one)] : undefined;
    for (let i = 0; i < 200; i++) {
      const sample = tf.tidy(() => patternBatch(i).real);
      const made = tf.tidy(() => gan.G.apply(z) as tf.Tensor);
      const calls = [[sample, one], [made, zero], [z, one]];
      calls.forEach((args, k) => {
        if (!bounds) return tf.dispose((k < 2 ? d : g)(...args));
        args.forEach((arg, leaf) => bounds[k]!.inputs[leaf]!.set(valuesOf(arg)));
        bounds[k]!.run();
      });
      tf.dispose([sample, made]);
    }
    const ended = ganVariables(gan).map((variable) => [...valuesOf(variable)]);
    for (const step of [...bounds ?? [], d, g]) step.dispose();
    disposeGan(gan);
    tf.dispose([real, fake, z, one, zero]);
    return ended;
  };
  assert.deepEqual(run(true), run(false));
});

/** The sizes of MNIST: D 784-200-1, G 100-200-784, Adam. */
function digitGan(): Gan {
  const network = (inputs: number, outputs: number, seed: number) => {
    const layers = [
      tf.layers.dense({ inputShape: [inputs], units: 200 }),
      tf.layers.leakyReLU({ alpha: 0.02 }),
      tf.layers.dense({ units: outputs, activation: "sigmoid" }),
    ];
    const model = seedWeights(tf.sequential({ layers }), seed);
    tf.tidy(() => model.setWeights(model.getWeights().map((weight) => weight.mul(0.2))));
    return model;
  };
  return {
    D: network(784, 1, 10),
    G: network(100, 784, 20),
    dOptimizer: tf.train.adam(1e-4),
    gOptimizer: tf.train.adam(1e-4),
  };
}

Deno.test("jit() MNIST-sized: 5 iterations of batch 64 with Adam, as eager", () => {
  const batches = (i: number) => ({
    real: makeTensor(float([64, 784], 0, 1), 2 * i),
    z: makeTensor(float([64, 100], -1, 1), 2 * i + 1),
  });
  // Adam's first step is the gradient's sign: where a gradient is as good as 0, rounding decides.
  compareGans(digitGan, 5, batches, { relative: 1e-3, absolute: 2e-5 });
});

/** Sizes of a convolutional pair: images of 4·start, G's dense image and deconvolution, D's filters. */
interface Sizes {
  readonly start: number;
  readonly latent: number;
  readonly g: readonly [number, number];
  readonly d: readonly [number, number];
}

/** G dense, two deconvolutions; D two convolutions; all 4x4 with strides 2. */
function convolutionalGan({ start, latent, g, d }: Sizes): Gan {
  const L = tf.layers;
  const side = { kernelSize: 4, strides: 2, padding: "same" } as const;
  const D = tf.sequential({
    layers: [
      L.conv2d({ inputShape: [4 * start, 4 * start, 1], filters: d[0], ...side }),
      L.leakyReLU({ alpha: 0.2 }),
      L.conv2d({ filters: d[1], ...side }),
      L.leakyReLU({ alpha: 0.2 }),
      L.flatten(),
      L.dense({ units: 1, activation: "sigmoid" }),
    ],
  });
  const G = tf.sequential({
    layers: [
      L.dense({ inputShape: [latent], units: start * start * g[0] }),
      L.batchNormalization(),
      L.leakyReLU({ alpha: 0.2 }),
      L.reshape({ targetShape: [start, start, g[0]] }),
      L.conv2dTranspose({ filters: g[1], ...side }),
      L.leakyReLU({ alpha: 0.2 }),
      L.conv2dTranspose({ filters: 1, ...side, activation: "sigmoid" }),
    ],
  });
  return {
    D: seedWeights(D, 10),
    G: seedWeights(G, 30),
    dOptimizer: tf.train.rmsprop(1e-3),
    gOptimizer: tf.train.sgd(0.05),
  };
}

Deno.test("jit() convolutional: 20 iterations, as eager", () => {
  const batches = (i: number) => ({
    real: makeTensor(float([4, 8, 8, 1], 0, 1), 2 * i),
    z: makeTensor(float([4, 5], -1, 1), 2 * i + 1),
  });
  const make = () => convolutionalGan({ start: 2, latent: 5, g: [6, 4], d: [4, 6] });
  compareGans(make, 20, batches, { relative: 1e-3, absolute: 1e-4 });
});

Deno.test("jit() convolutional: 3 iterations on images of 28 by 28, as eager", () => {
  const batches = (i: number) => ({
    real: makeTensor(float([2, 28, 28, 1], 0, 1), 2 * i),
    z: makeTensor(float([2, 100], -1, 1), 2 * i + 1),
  });
  const make = () => {
    const gan = convolutionalGan({ start: 7, latent: 100, g: [32, 16], d: [16, 32] });
    for (const { weights } of [gan.D, gan.G]) {
      // Small weights, as a sum over many: the sigmoid at the end is then not saturated.
      tf.tidy(() => weights.forEach((weight) => weight.write(weight.read().mul(0.2))));
    }
    return { ...gan, dOptimizer: tf.train.sgd(0.05) };
  };
  compareGans(make, 3, batches, { relative: 1e-3, absolute: 1e-4 });
});

/** Wasserstein loss with the penalty on the length of the critic's gradient between real and fake. */
function penaltyTwin(
  activation: (x: tf.Tensor) => tf.Tensor,
): Twin<[tf.Tensor, tf.Tensor, tf.Tensor]> {
  const shapes = [[6, 8], [8], [8, 1]];
  const variables = shapes.map((shape, i) => makeVariable(float(shape), 40 + i));
  const [w1, b1, w2] = variables as [tf.Variable, tf.Variable, tf.Variable];
  const critic = (x: tf.Tensor) => tf.matMul(activation(tf.matMul(x, w1).add(b1)), w2);
  const optimizer = tf.train.adam(0.01, 0.5, 0.9);
  const fn = (real: tf.Tensor, fake: tf.Tensor, mix: tf.Tensor) =>
    optimizer.minimize(
      () => {
        const between = tf.add(tf.mul(real, mix), tf.mul(fake, tf.sub(1, mix)));
        const slope = tf.grad((x) => critic(x).sum())(between);
        const length = tf.sqrt(slope.square().sum(1).add(1e-6));
        const penalty = tf.squaredDifference(length, 1).mean().mul(10);
        return critic(fake).mean().sub(critic(real).mean()).add(penalty) as tf.Scalar;
      },
      true,
      variables,
    );
  return {
    fn,
    variables: () => [...variables, ...slotsOf(optimizer)],
    dispose: () => {
      tf.dispose(variables);
      disposeOptimizer(optimizer);
    },
  };
}

// Of a LeakyReLU and of a sigmoid TensorFlow.js has no gradient of a gradient.
for (const [name, activation] of Object.entries({ relu: tf.relu, softplus: tf.softplus })) {
  Deno.test(`jit() WGAN-GP with ${name}: 50 steps with a gradient of a gradient, as eager`, () => {
    compareWithEager<[tf.Tensor, tf.Tensor, tf.Tensor]>(
      () => penaltyTwin(activation),
      (call) => [
        makeTensor(float([5, 6]), 3 * call),
        makeTensor(float([5, 6], -2, 0), 3 * call + 1),
        makeTensor(float([5, 1], 0, 1), 3 * call + 2),
      ],
      { calls: 50, tolerance: { relative: 1e-3, absolute: 1e-4 } },
    );
  });
}

Deno.test("jit() WGAN-GP of a layers model: the penalty's gradient, as eager", () => {
  const make = (): Twin<tf.Tensor[]> => {
    const layers = [
      tf.layers.dense({ inputShape: [6], units: 8, activation: "relu" }),
      tf.layers.dense({ units: 1 }),
    ];
    const D = seedWeights(tf.sequential({ layers }), 5);
    const optimizer = tf.train.sgd(0.05);
    const length = (x: tf.Tensor) => {
      const slope = tf.grad((inner) => (D.apply(inner) as tf.Tensor).sum())(x);
      return tf.sqrt(slope.square().sum(1).add(1e-6));
    };
    return {
      fn: (x) =>
        optimizer.minimize(
          () => tf.squaredDifference(length(x!), 1).mean() as tf.Scalar,
          true,
          [trainable(D)[0]!, trainable(D)[2]!],
        ),
      variables: () => modelVariables(D),
      dispose: () => {
        disposeModel(D);
        disposeOptimizer(optimizer);
      },
    };
  };
  compareWithEager(make, (call) => [makeTensor(float([5, 6]), call)], { calls: 20 });
});
