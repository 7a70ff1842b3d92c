/** lib/train with wild arguments. */
import * as tf from "@tensorflow/tfjs";
import { Random } from "../../lib/data/mod.ts";
import { Discriminator, MovingAverage } from "../../lib/nn/mod.ts";
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
const model = () => tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 3 })] });
const saved = train.saveModel("model", model());
const bytes = () => new Map([["file", new Uint8Array(3)]]);

/** The names of all files below the folder that the test runs in. */
function filesBelow(folder = "."): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  ).sort();
}

const folder = Deno.makeTempDirSync();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const numbered = await train.writeNumberedFolder(`${folder}/numbered`, { files: bytes(), keep: 2 });

let runs = 0;

testWildCalls("train", train, {
  Checkpoints: {
    good: () => ["checkpoints", parts(), { keep: 2, warn: () => {} }],
    methods: {
      save: { state: () => [filesBelow(), stateOfParts()], good: () => [1] },
      restore: { anyResult: true, good: () => [] },
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
      resume: { good: () => [] },
      save: { anyResult: true, good: () => [] },
      steps: { state: stateOfParts, good: () => [3, watch()], use: first },
    },
  },
  fileSystem: { good: () => ["model"] },
  numberedFolders: { good: () => ["numbered"] },
  planModel: { good: () => ["model", model(), saved] },
  readWholeFolder: { good: () => [numbered] },
  saveModel: { good: () => ["model", model()] },
  steps: { good: () => [3, { from: 1, ...watch() }], use: first },
  writeNumberedFolder: {
    state: () => filesBelow(),
    good: () => ["numbered", { files: bytes(), keep: 2 }],
  },
});
