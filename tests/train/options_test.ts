/** Wild values in any argument give one sentence that names it, and nothing changes. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { Discriminator, Generator, MovingAverage } from "../../lib/nn/mod.ts";
import {
  Checkpoints,
  fileSystem,
  SampleTimeline,
  steps,
  TrainingRun,
} from "../../lib/train/mod.ts";
import { entries, withFolder } from "./folders.ts";

/** Values that a cell may pass by mistake. */
const WILD: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -1,
  0.5,
  NaN,
  Infinity,
  -Infinity,
  2 ** 60,
  3n,
  "",
  " ",
  "adam",
  "5",
  "\0",
  "https://example.com/out",
  Symbol("x"),
  [],
  [1, 2],
  ["D"],
  [[]],
  [null],
  {},
  { D: 1 },
  { D: null },
  { D: {} },
  { "../D": {} },
  { state: () => 1 },
  { restore: () => {} },
  { folder: 3 },
  { length: -1 },
  Object.create(null),
  new Map(),
  new Set([1]),
  new Date(0),
  /x/,
  new Error("x"),
  Promise.resolve(1),
  () => 1,
  (x: number) => x,
  class {},
  Discriminator,
  new Float32Array(3),
  new Uint8Array(0),
  new ArrayBuffer(4),
  new DataView(new ArrayBuffer(4)),
  new WeakMap(),
  tf.scalar(1),
  tf.train.sgd(0.1),
  tf.sequential(),
  new Random(1),
  new Discriminator(),
  new Generator(),
  new URL("file:///tmp/x"),
  new AbortController(),
  AbortSignal.abort(),
  globalThis,
  new Proxy({}, {}),
];

const parts = () => {
  const G = new Generator();
  return { networks: { D: new Discriminator(), G }, averages: { G: new MovingAverage(G.model) } };
};

/** Calls with one wild value each. If they accept it, they have to work. */
const CALLS: Readonly<Record<string, (wild: never, folder: string) => unknown>> = {
  "steps(count)": (wild) => steps(wild),
  "steps(options)": (wild) => steps(3, wild),
  "steps({ signal })": (signal) => steps(3, { signal }),
  "steps({ onProgress })": (onProgress) => steps(3, { onProgress }),
  "steps({ note })": (note) => steps(3, { note }),
  "steps({ from })": (from) => steps(3, { from }),
  "steps({ sliceMs })": (sliceMs) => steps(3, { sliceMs }),
  "fileSystem(folder)": (wild) => fileSystem(wild),
  "loading from fileSystem(folder)": (wild) => tf.loadLayersModel(fileSystem(wild)),
  "new Checkpoints(folder)": (wild) => new Checkpoints(wild, parts()),
  "new Checkpoints(parts)": (wild, folder) => new Checkpoints(folder, wild),
  "new Checkpoints({ networks })": (networks, folder) => new Checkpoints(folder, { networks }),
  "new Checkpoints({ networks: { D } })": (D, folder) =>
    new Checkpoints(folder, { networks: { D } }),
  "new Checkpoints({ averages: { G } })": (G, folder) =>
    new Checkpoints(folder, { networks: {}, averages: { G } }),
  "new Checkpoints({ states: { rng } })": (rng, folder) =>
    new Checkpoints(folder, { networks: {}, states: { rng } }),
  "new Checkpoints({ lists: { loss } })": (loss, folder) =>
    new Checkpoints(folder, { networks: {}, lists: { loss } }),
  "Checkpoints.save() of a list": (loss, folder) =>
    new Checkpoints(`${folder}/list`, { networks: {}, lists: { loss } }).save(1),
  "Checkpoints.save() of a state": (wild, folder) =>
    new Checkpoints(`${folder}/state`, {
      networks: {},
      states: { mine: { state: () => wild, restore: () => {} } },
    }).save(1),
  "new Checkpoints(options)": (wild, folder) => new Checkpoints(folder, parts(), wild),
  "new Checkpoints({ keep })": (keep, folder) => new Checkpoints(folder, parts(), { keep }),
  "new Checkpoints({ warn })": (warn, folder) => new Checkpoints(folder, parts(), { warn }),
  "Checkpoints.save(step)": (step, folder) => new Checkpoints(`${folder}/a`, parts()).save(step),
  "Checkpoints.restore(options)": (wild, folder) => new Checkpoints(folder, parts()).restore(wild),
  "Checkpoints.restore({ from })": (from, folder) =>
    new Checkpoints(folder, parts()).restore({ from }),
  "new TrainingRun(parts)": (wild, folder) => new TrainingRun(wild, { folder }),
  "new TrainingRun(options)": (wild) => new TrainingRun(parts(), wild),
  "new TrainingRun({ folder })": (folder) => new TrainingRun(parts(), { folder }),
  "new TrainingRun({ saveEvery })": (saveEvery, folder) =>
    new TrainingRun(parts(), { folder, saveEvery }),
  "TrainingRun.resume(options)": (wild, folder) =>
    new TrainingRun(parts(), { folder }).resume(wild),
  "TrainingRun.steps(total)": (wild, folder) => new TrainingRun(parts(), { folder }).steps(wild),
  "TrainingRun.steps(options)": (wild, folder) =>
    new TrainingRun(parts(), { folder }).steps(3, wild),
  "new SampleTimeline(total)": (wild) => new SampleTimeline(wild),
  "new SampleTimeline(options)": (wild) => new SampleTimeline(9, wild),
  "new SampleTimeline({ frames })": (frames) => new SampleTimeline(9, { frames }),
  "SampleTimeline.isDue(step)": (wild) => new SampleTimeline(9).isDue(wild),
  "SampleTimeline.add(step)": (wild) => new SampleTimeline(9).add(wild, [1]),
  "SampleTimeline.add(images)": (wild) => new SampleTimeline(9).add(1, wild),
  "SampleTimeline.restore(state)": (wild) => new SampleTimeline(9).restore(wild),
};

/** Form of a sentence that says what cannot be done, what was expected and what was found. */
const SENTENCE = /^Cannot [^]*: expected [^]*, got [^]*$/;

for (const [call, make] of Object.entries(CALLS)) {
  Deno.test(`${call} takes what it can use and refuses all else in one sentence`, () =>
    withFolder(async (folder) => {
      let refused = 0;
      for (const wild of WILD) {
        const name = typeof wild === "object" ? Object.prototype.toString.call(wild) : String(wild);
        try {
          await make(wild as never, folder);
        } catch (error) {
          assert(error instanceof Error, name);
          assert.match(error.name, /^(TypeError|RangeError|NotFound)$/, `${name}: ${error}`);
          assert.match(error.message, SENTENCE, name);
          refused++;
        }
      }
      assert(refused > WILD.length / 3, `${refused} of ${WILD.length} are refused`);
      const written = (await entries(folder)).filter((name) =>
        !["a", "list", "state"].includes(name)
      );
      assert.deepEqual(written, []);
    }));
}

/** Names that are nearly right, with their errors. */
const MISSPELT: readonly [call: () => unknown, message: RegExp][] = [
  [() => new TrainingRun(parts(), { folder: "x", save_every: 1 } as never), /saveEvery\?$/],
  [() => new TrainingRun(parts(), { folders: "x" } as never), /did you mean folder\?$/],
  [() => new TrainingRun({ ...parts(), state: {} } as never, { folder: "x" }), /mean states\?$/],
  [() => new Checkpoints("x", parts(), { keepp: 3 } as never), /did you mean keep\?$/],
  [() => new Checkpoints("x", { network: {} } as never), /did you mean networks\?$/],
  [() => steps(3, { onprogress: () => {} } as never), /did you mean onProgress\?$/],
];

Deno.test("misspelt options are refused with the nearest known one", () => {
  for (const [call, message] of MISSPELT) assert.throws(call, { name: "TypeError", message });
});

Deno.test("Checkpoints refuse names that differ only in case, which some file systems take for one", () => {
  const D = new Discriminator();
  for (const more of [{ networks: { D, d: D } }, { networks: { D }, lists: { D: [], d: [] } }]) {
    assert.throws(() => new Checkpoints("folder", more), {
      name: "RangeError",
      message: /expected names that differ in more than case, got D, d$/,
    });
  }
});
