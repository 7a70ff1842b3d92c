/** Calls lib/train with wild arguments. */
import * as tf from "@tensorflow/tfjs";
import { PlaneGrid, pointClouds, Random } from "../../lib/data/mod.ts";
import { Discriminator, Generator, linear, MovingAverage } from "../../lib/nn/mod.ts";
import * as train from "../../lib/train/mod.ts";
import { testWildCalls } from "./wild_calls.ts";

const D = new Discriminator({ compile: false });
const average = new MovingAverage(D.model);
const noise = new Random(1);
const parts = () => ({
  networks: { D },
  averages: { average },
  states: { noise },
  lists: { losses: [1, 2] },
});
const grid = new PlaneGrid({ reach: 2, cells: 4 });
const places = () => Float32Array.of(0, 1, 1, 0);
const planeD = new Discriminator({
  model: tf.sequential({ layers: [linear(2, 1)] }),
  loss: "non-saturating",
});
const planeG = new Generator({ model: tf.sequential({ layers: [linear(2, 2)] }) });
const stateOfParts = () => [
  D.counter,
  D.model.getWeights().map((weight) => weight.dataSync()),
  average.state(),
  noise.state(),
];
const watch = () => ({
  signal: new AbortController().signal,
  onProgress: () => {},
  note: () => "note",
  sliceMs: 10,
});
const first = async (counted: AsyncIterable<number>) => {
  for await (const _ of counted) break;
};

/** Lists all files below the folder that the test runs in. */
function filesBelow(folder = "."): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  ).sort();
}

let runs = 0;

testWildCalls("train", train, {
  Checkpoints: {
    good: () => ["checkpoints", parts(), { keep: 2, warn: () => {} }],
    methods: {
      save: { state: () => [filesBelow(), stateOfParts()], good: () => [1] },
      hold: { good: () => [], use: (held: AsyncDisposable) => held[Symbol.asyncDispose]() },
      restore: { anyResult: true, state: stateOfParts, good: () => [{ from: undefined }] },
    },
  },
  PlaneCamera: {
    good: () => [{ cloud: pointClouds.ring(), rng: new Random(1), grid, points: 4 }],
    methods: {
      look: {
        state: () => [planeD.counter, planeG.counter, planeD.model.getWeights()[0]!.dataSync()],
        good: () => [planeD, planeG, 1],
      },
      compareWithBest: { anyResult: true, good: () => [{ D: planeD }, planeG] },
    },
  },
  SampleTimeline: {
    good: () => [100, { frames: 3 }],
    methods: {
      isDue: { good: () => [25] },
      add: {
        state: (timeline: train.SampleTimeline) => timeline.state(),
        good: () => [25, [0, 0.5, 1]],
      },
      state: { good: () => [] },
      restore: {
        state: (timeline: train.SampleTimeline) => timeline.state(),
        good: () => [{ grids: [[0, "AAAA"]] }],
      },
    },
  },
  TrainingRun: {
    good: () => [parts(), { folder: "run", saveEvery: 2, keep: 2, warn: () => {} }],
    make: () => new train.TrainingRun(parts(), { folder: `runs/${runs++}` }),
    methods: {
      resume: { state: stateOfParts, good: () => [{ from: undefined }] },
      save: { anyResult: true, good: () => [] },
      steps: { state: stateOfParts, good: () => [3, watch()], use: first },
    },
  },
  fileSystem: { good: () => ["model"] },
  gradientLengths: { good: () => [planeD, places()] },
  steps: { good: () => [3, { from: 1, ...watch() }], use: first },
});
