/** Run that is small enough to be killed twenty times: two tiny networks, batches, noise, an average. */
import * as tf from "@tensorflow/tfjs";
import { Batches, generate1010, Random } from "../../lib/data/mod.ts";
import { Discriminator, Generator, linear, MovingAverage } from "../../lib/nn/mod.ts";
import { Checkpoints, type CheckpointsOptions } from "../../lib/train/mod.ts";

/** Run that can make a step, be saved and be compared. */
export interface TinyRun {
  readonly D: Discriminator;
  readonly G: Generator;
  readonly average: MovingAverage;
  readonly checkpoints: Checkpoints;
  /** Makes one step of both networks. */
  step(): void;
  /** Returns the complete state of the run as text. */
  everything(): Promise<string>;
}

const SAMPLES = 23;

/** Makes a new run with checkpoints in `folder`. */
export function tinyRun(
  folder: string,
  options: CheckpointsOptions & { seed?: number; compile?: boolean } = {},
): TinyRun {
  const { compile = true, seed = 1, ...kept } = options;
  const rng = new Random(seed);
  const pattern = rng.split("data");
  const samples = Array.from({ length: SAMPLES }, () => [...generate1010(pattern)]);
  const D = new Discriminator({
    rng: rng.split("D"),
    compile,
    optimizer: tf.train.adam(0.01, 0.5),
  });
  const G = new Generator({
    model: tf.sequential({
      layers: [linear(2, 4, { activation: "sigmoid", rng: rng.split("G") })],
    }),
    optimizer: tf.train.momentum(0.01, 0.9),
    compile,
  });
  const average = new MovingAverage(G.model, { decay: 0.9, warmUp: 3 });
  const noise = rng.split("noise");
  const batches = new Batches(SAMPLES, { batchSize: 4, rng: rng.split("batches") });
  const lists = { dLoss: [] as number[] };
  const checkpoints = new Checkpoints(folder, {
    networks: { D, G },
    averages: { G: average },
    states: { noise, batches },
    lists,
  }, kept);
  const z = () => Array.from({ length: 8 }, () => noise.normal());
  const step = () => {
    const real = [...batches.next()].flatMap((position) => samples[position]!);
    lists.dLoss.push(D.train(real, [1, 1, 1, 1]) + D.train(G.forward(z()), [0, 0, 0, 0]));
    G.train(D, [...z(), noise.normal(), noise.normal()], [1, 1, 1, 1, 1]);
    average.update();
  };
  const everything = async () =>
    JSON.stringify({
      weights: [D, G, average].map(({ model }) => model.getWeights().map((w) => [...w.dataSync()])),
      optimizers: await Promise.all([D, G].map(({ optimizer }) => optimizerState(optimizer))),
      kept: [D, G].map(({ counter, progress }) => ({ counter, progress })),
      history: D.history,
      outputs: G.outputs.map((output) => [...output]),
      states: [average.state(), noise.state(), batches.state()],
      lists,
    });
  return { D, G, average, checkpoints, step, everything };
}

async function optimizerState(optimizer: tf.Optimizer): Promise<unknown> {
  const { accBeta1, accBeta2 } = optimizer as unknown as Record<string, tf.Variable | undefined>;
  const [iterations, ...slots] = await optimizer.getWeights();
  iterations?.tensor.dispose();
  return {
    iterations: optimizer.iterations,
    powers: [accBeta1, accBeta2].map((power) => power?.dataSync()[0]),
    slots: slots.map(({ tensor }) => [...tensor.dataSync()]),
  };
}
