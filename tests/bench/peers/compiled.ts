/** Peer of this project: W1 and W4 with the notebooks' loop and classes, W2 and W3 as one compiled step. */

import * as tf from "@tensorflow/tfjs";
import { generate1010, Random } from "../../../lib/data/mod.ts";
import { type BoundStep, type Explanation, jit } from "../../../lib/jit/mod.ts";
import { Discriminator, Generator } from "../../../lib/nn/mod.ts";
import { steps } from "../../../lib/train/mod.ts";
import {
  checkValues,
  dataRows,
  inputShapes,
  latentSize,
  pixels,
  reader,
  sizeOf,
  type WorkloadName,
  workloads,
} from "../workloads.ts";
import { digitPlayers, imageShape, imageSteps, patternSteps, setWeights } from "./gan_steps.ts";
import { type Open, serve, type Session, workloadOf } from "./serve.ts";

function openPattern(): Session {
  const random = new Random(1), data = random.split("data"), print = () => {};
  const D = new Discriminator({ rng: random.split("D"), print });
  const G = new Generator({ rng: random.split("G"), print });
  return {
    run: async (iterations) => {
      for await (const _ of steps(iterations)) {
        D.train(generate1010(data), [1]);
        D.train(G.forward([0.5]), [0]);
        G.train(D, [0.5], [1]);
      }
    },
    setParameters: (values) => setWeights({ d: D.model, g: G.model }, values),
    losses: ([real]) => [
      D.train(real!, [1]),
      D.train(G.forward([0.5]), [0]),
      G.train(D, [0.5], [1]),
    ],
  };
}

/** Makes the players of notebook 04, its three lines and its moving average. */
function openDigits(batch: number): Session {
  const rng = new Random(1), { D, G, average } = digitPlayers(rng);
  const [real, fake] = [new Float32Array(batch).fill(1), new Float32Array(batch)];
  const losses = ([images, noiseD, noiseG]: Float32Array[]) => {
    const found = [
      D.train(images!, real),
      D.train(G.forward(noiseD!), fake),
      G.train(D, noiseG!, real),
    ];
    average.update();
    return found;
  };
  const inputs = inputShapes("w4", batch).map((shape) => new Float32Array(sizeOf(shape)));
  const [images, ...noises] = inputs;
  images!.forEach((_, i) => images![i] = rng.uniform());
  return {
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) {
        for (const noise of noises) rng.fillNormal(noise);
        losses(inputs);
      }
    },
    setParameters: (values) => setWeights({ d: D.model, g: G.model }, values),
    losses,
  };
}

/** Runs W1 without the classes: the same updates as bound steps, to measure the cost of the classes. */
function openBarePattern(): Session {
  const gan = patternSteps(), data = new Random(1).split("data");
  const numbers = (columns: number) => tf.zeros([1, columns]);
  const compiled = { trainD: jit(gan.trainD), trainG: jit(gan.trainG), fake: jit(gan.fake) };
  const onD = compiled.trainD.bind(numbers(4), numbers(1));
  const onG = compiled.trainG.bind(numbers(1), numbers(1)), fake = compiled.fake.bind(numbers(1));
  const progress: { d: number[]; g: number[] } = { d: [], g: [] };
  let counter = 0, tracingMs = 0;
  const train = (step: BoundStep, input: ArrayLike<number>, target: number) => {
    step.inputs[0]!.set(input);
    step.inputs[1]!.fill(target);
    step.run();
    return step.outputs[0]![0]!;
  };
  const half = [0.5];
  const iterate = (real: Float32Array) => {
    const onReal = train(onD, real, 1);
    fake.inputs[0]!.fill(0.5);
    fake.run();
    const losses = [onReal, train(onD, fake.outputs[0]!, 0), train(onG, half, 1)];
    if (++counter % 5 === 0) progress.d.push(losses[1]!); // D's every tenth loss
    if (counter % 10 === 0) progress.g.push(losses[2]!);
    return losses;
  };
  return {
    run: async (iterations) => {
      if (counter === 0) tracingMs = timeOf(() => iterate(generate1010(data)), 3);
      for await (const _ of steps(iterations)) iterate(generate1010(data));
    },
    setParameters: (values) => setWeights(gan, values),
    losses: ([real]) => iterate(real!),
    facts: () => ({
      tracingMs,
      ...sumOf(Object.values(compiled).map((step) => factsOf(step.explain()))),
    }),
  };
}

/** Makes the iteration of W2 or W3: three updates, with a real batch and two batches of noise. */
function imageIteration(name: "w2" | "w3", batch: number) {
  const gan = imageSteps(name);
  const iterate = (real: tf.Tensor, noiseD: tf.Tensor, noiseG: tf.Tensor) => {
    const ones = tf.ones([batch, 1]), zeros = tf.zeros([batch, 1]);
    return [
      gan.trainD(real, ones),
      gan.trainD(gan.fake(noiseD), zeros),
      gan.trainG(noiseG, ones),
    ];
  };
  return { gan, iterate };
}

/** Opens W2 or W3: one step an iteration, which draws its noise itself; for a check it gets the noise. */
function openImages(name: "w2" | "w3", batch: number): Session {
  const { gan, iterate } = imageIteration(name, batch), size = batch * pixels;
  const noise = () => tf.randomNormal([batch, latentSize]);
  const step = jit((real: tf.Tensor) => iterate(real, noise(), noise()), { rehearse: true });
  const given = jit(iterate, { rehearse: true });
  const images = () => tf.zeros(imageShape(name, batch));
  const zeros = () => tf.zeros([batch, latentSize]);
  const bound = step.bind(images());
  let checked: BoundStep | undefined;
  const rng = new Random(1), batches = dataRows / batch;
  const data = Float32Array.from({ length: dataRows * pixels }, () => rng.uniform());
  let row = 0, tracingMs = 0, compiled = false;
  /** Makes one iteration, and records its time while there is no program yet. */
  const runOnce = () => {
    const start = performance.now();
    bound.run();
    if (compiled) return;
    tracingMs += performance.now() - start;
    compiled = step.explain().programs > 0;
  };
  return {
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) {
        const at = row++ % batches * size;
        bound.inputs[0]!.set(data.subarray(at, at + size));
        runOnce();
      }
    },
    setParameters: (values) => setWeights(gan, values),
    losses: (values) => {
      checked ??= given.bind(images(), zeros(), zeros());
      checked.inputs.forEach((input, i) => input.set(values[i]!));
      checked.run();
      return checked.outputs.map((loss) => loss[0]!);
    },
    facts: () => ({ tracingMs, ...factsOf(step.explain()) }),
  };
}

function factsOf(explained: Explanation): Record<string, number | string> {
  const { kernels, loops, compileMs, moduleBytes, fallbacks, blas } = explained;
  const counts = Object.entries(fallbacks).map(([kernel, count]) => `${kernel} ${count}`);
  const numbers = { kernels, loops, compileMs, moduleBytes };
  return { ...numbers, fallbacks: counts.join(", ") || "none", blas: blas ?? "none" };
}

/** Combines the facts of several steps: sums of numbers, texts of the first step. */
function sumOf(all: readonly Record<string, number | string>[]): Record<string, number | string> {
  const [first = {}] = all;
  return Object.fromEntries(
    Object.entries(first).map(([key, value]) => [
      key,
      typeof value === "number" ? all.reduce((sum, facts) => sum + Number(facts[key]), 0) : value,
    ]),
  );
}

function timeOf(work: () => void, times: number): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) work();
  return performance.now() - start;
}

/** Opens a workload with weights in PyTorch's initial distribution. */
export const openCompiled: Open = (name: WorkloadName, batch) => {
  if (name === "w1") return Deno.args.includes("--bare") ? openBarePattern() : openPattern();
  const session = name === "w4" ? openDigits(batch) : openImages(name, batch);
  session.setParameters(workloads[name].parameters.map(reader(checkValues(name))));
  return session;
};

if (import.meta.main) {
  await tf.setBackend("cpu");
  await serve("this project", workloadOf(openCompiled));
}
