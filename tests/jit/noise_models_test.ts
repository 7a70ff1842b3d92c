/** Whole models with noise inside their steps: they are compiled, learn, and go on after a restart. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit, type Jitted, NoiseSource } from "../../lib/jit/mod.ts";
import { float, makeTensor } from "./rule.ts";
import { disposeModel, modelVariables, seedWeights, trainable } from "./twins.ts";

await tf.setBackend("cpu");

/** A model in training: one call is one step. */
interface Training {
  readonly variables: tf.Variable[];
  readonly step: Jitted<tf.Tensor[], tf.Tensor>;
  readonly optimizer: tf.Optimizer;
  readonly args: (call: number) => tf.Tensor[];
  readonly noise: NoiseSource;
}

const L = tf.layers;

/** A variational autoencoder of 8 numbers with 2 in between (Kingma and Welling, 2013). */
function vae(noise: NoiseSource, optimizer: tf.Optimizer): Training {
  const dense = (units: number, activation: "relu" | "sigmoid" | "linear", inputs?: number) =>
    L.dense({ units, activation, ...(inputs && { inputShape: [inputs] }) });
  const encoder = seedWeights(
    tf.sequential({ layers: [dense(12, "relu", 8), dense(4, "linear")] }),
    1,
  );
  const decoder = seedWeights(
    tf.sequential({ layers: [dense(12, "relu", 2), dense(8, "sigmoid")] }),
    2,
  );
  const variables = [...trainable(encoder), ...trainable(decoder)];
  const loss = (x: tf.Tensor): tf.Scalar => {
    const [mean, logVariance] = tf.split(encoder.apply(x) as tf.Tensor, 2, 1) as [
      tf.Tensor,
      tf.Tensor,
    ];
    const z = tf.randomNormal(mean.shape).mul(logVariance.mul(0.5).exp()).add(mean);
    const rebuilt = tf.squaredDifference(decoder.apply(z) as tf.Tensor, x).sum(1).mean();
    const divergence = mean.square().add(logVariance.exp()).sub(logVariance).sub(1).mul(0.5);
    return rebuilt.add(divergence.sum(1).mean().mul(0.01)) as tf.Scalar;
  };
  const step = jit(
    (x: tf.Tensor) => optimizer.minimize(() => loss(x), true, variables) as tf.Tensor,
    { rehearse: true, noise },
  );
  const args = (call: number) => [makeTensor(float([16, 8], 0, 1), call % 3)];
  return { variables, step, optimizer, args, noise };
}

/** The discriminator of an ACGAN: real or not, and which class, after dropout (Odena, Olah and Shlens, 2016). */
function acgan(noise: NoiseSource, optimizer: tf.Optimizer): Training {
  const image = tf.input({ shape: [8, 8, 1] });
  const layers = [
    L.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: "same" }),
    L.leakyReLU({ alpha: 0.2 }),
    L.dropout({ rate: 0.3 }),
    L.gaussianNoise({ stddev: 0.1 }),
    L.flatten(),
  ];
  const features = layers.reduce<tf.SymbolicTensor>(
    (x, layer) => layer.apply(x) as tf.SymbolicTensor,
    image,
  );
  const answer = L.dense({ units: 1, activation: "sigmoid" }).apply(features) as tf.SymbolicTensor;
  const classes = L.dense({ units: 3, activation: "softmax" }).apply(features) as tf.SymbolicTensor;
  const D = seedWeights(tf.model({ inputs: image, outputs: [answer, classes] }), 3);
  const loss = (x: tf.Tensor, real: tf.Tensor, digit: tf.Tensor): tf.Scalar => {
    const [isReal, guess] = D.apply(x, { training: true }) as [tf.Tensor, tf.Tensor];
    const right = tf.metrics.binaryCrossentropy(real, isReal).mean();
    return right.add(tf.metrics.categoricalCrossentropy(digit, guess).mean()) as tf.Scalar;
  };
  const step = jit(
    (x: tf.Tensor, real: tf.Tensor, digit: tf.Tensor) =>
      optimizer.minimize(() => loss(x, real, digit), true, trainable(D)) as tf.Tensor,
    { rehearse: true, noise },
  ) as unknown as Training["step"];
  const args = (call: number) => [
    makeTensor(float([6, 8, 8, 1], -1, 1), call % 2),
    tf.tensor2d([1, 0, 1, 0, 1, 0], [6, 1]),
    tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], "int32"), 3).toFloat(),
  ];
  return { variables: modelVariables(D), step, optimizer, args, noise };
}

function losses({ step, args }: Training, from: number, to: number): number[] {
  return Array.from(
    { length: to - from },
    (_, i) => tf.tidy(() => step(...args(from + i)).dataSync()[0]!),
  );
}

/** Moves all that a training is to another one. */
async function move(from: Training, to: Training): Promise<void> {
  from.variables.forEach((variable, i) => to.variables[i]!.assign(variable));
  // A slot belongs to the variable whose name it has.
  const nameOf = (slot: string) => {
    const i = from.variables.findIndex(({ name }) => slot.startsWith(`${name}/`));
    return i < 0 ? slot : slot.replace(from.variables[i]!.name, to.variables[i]!.name);
  };
  const slots = await from.optimizer.getWeights();
  await to.optimizer.setWeights(slots.map(({ name, tensor }) => ({ name: nameOf(name), tensor })));
  to.noise.restore(JSON.parse(JSON.stringify(from.noise.state())));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

function dispose({ step, variables, optimizer }: Training): void {
  step.dispose();
  tf.dispose(variables);
  optimizer.dispose();
}

for (const [name, make] of Object.entries({ vae, acgan })) {
  Deno.test(`jit() a model with noise inside learns as one program: ${name}`, () => {
    const training = make(new NoiseSource(1), tf.train.adam(0.02));
    const found = losses(training, 0, 300);
    assert(mean(found.slice(-30)) < 0.8 * mean(found.slice(0, 30)), "it does not learn");
    assert.deepEqual(training.step.explain().fallbacks, {});
    assert.equal(training.step.explain().programs, 1);
    dispose(training);
  });

  Deno.test(`jit() a resumed training with noise inside is bit-equal to one that was not stopped: ${name}`, async () => {
    const [whole, first, second] = [1, 1, 2].map((seed) =>
      make(new NoiseSource(seed), tf.train.momentum(0.02, 0.9))
    );
    const expected = losses(whole!, 0, 12);
    const before = losses(first!, 0, 5);
    await move(first!, second!);
    assert.deepEqual([...before, ...losses(second!, 5, 12)], expected);
    second!.variables.forEach((variable, i) => {
      assert.deepEqual(variable.dataSync(), whole!.variables[i]!.dataSync());
    });
    [whole!, first!, second!].forEach(dispose);
  });
}

Deno.test("jit() a model draws no noise where it is not in training", () => {
  const model = seedWeights(
    tf.sequential({
      layers: [L.dense({ units: 5, inputShape: [4] }), L.dropout({ rate: 0.5 })],
    }),
    1,
  );
  const noise = new NoiseSource(1);
  const step = jit((x: tf.Tensor) => model.apply(x) as tf.Tensor, { noise });
  const answers = Array.from({ length: 5 }, () => step(tf.ones([1, 4])).dataSync().join());
  assert.equal(new Set(answers.slice(2)).size, 1);
  assert.equal(noise.state().calls, 0);
  step.dispose();
  disposeModel(model);
});
