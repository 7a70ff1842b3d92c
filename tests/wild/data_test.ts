/** Calls lib/data with wild arguments. */
import * as data from "../../lib/data/mod.ts";
import { idxSet } from "../data/idx_files.ts";
import { readMnistSet } from "../../lib/data/read_mnist_set.ts";
import { testWildCalls } from "./wild_calls.ts";

const { Random } = data;

function digits(): data.MnistSet {
  const { images, labels } = idxSet(4);
  return readMnistSet({
    images: { file: "images", bytes: images },
    labels: { file: "labels", bytes: labels },
  });
}

const set = digits();
const folder = Deno.makeTempDirSync();
for (const part of ["train", "t10k"]) {
  const { images, labels } = idxSet(4);
  Deno.writeFileSync(`${folder}/${part}-images-idx3-ubyte`, images);
  Deno.writeFileSync(`${folder}/${part}-labels-idx1-ubyte`, labels);
}
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const isNumber = (value: unknown) => typeof value === "number";
const points = () => [0, 1, 1, 0];
const grid = new data.PlaneGrid({ reach: 2, cells: 4 });
/** Points that are not finite are accepted: a GAN that diverged makes them. */
const pointsAt = (path: string) => ({
  accepts: { [`${path}.0`]: (value: unknown) => Number.isNaN(value) },
});
const nothing = { good: () => [] };
const stateOf = { state: (from: { state(): unknown }) => from.state() };

testWildCalls("data", data, {
  Batches: {
    good: () => [10, { batchSize: 2, rng: new Random(1), last: "drop" }],
    use: (batches: data.Batches) => batches.next(),
    methods: {
      next: nothing,
      state: nothing,
      restore: { ...stateOf, good: (batches: data.Batches) => [batches.state()] },
    },
  },
  DigitBatches: {
    good: () => [set, { batchSize: 2, rng: new Random(1), labelled: true }],
    use: (batches: data.DigitBatches) => batches.next(),
    methods: {
      next: nothing,
      state: nothing,
      restore: { ...stateOf, good: (batches: data.DigitBatches) => [batches.state()] },
    },
  },
  NoiseBatches: {
    good: () => [{ batchSize: 2, latentSize: 3, rng: new Random(1), labelled: true }],
    use: (batches: data.NoiseBatches) => batches.next(),
    methods: {
      next: nothing,
      for: { ...stateOf, good: () => [[1, 2]] },
      forEveryLabel: { ...stateOf, good: () => [2] },
      state: nothing,
      restore: { ...stateOf, good: (batches: data.NoiseBatches) => [batches.state()] },
    },
  },
  PlaneGrid: { good: () => [{ reach: 1, cells: 2 }] },
  PointCloud: {
    good: () => [{ centers: [[0, 0], [1, 0]], spread: 0.1, centersPerMode: 1 }],
    methods: {
      draw: { good: () => [3, new Random(1)] },
      density: { good: () => [[0, 1], { blur: 0.1 }] },
      modeOf: { anyResult: true, good: () => [[0, 0.1]] },
      coverage: { ...pointsAt("0"), good: () => [points()] },
    },
  },
  Random: {
    good: () => [1],
    use: (random: data.Random) => random.normal(),
    methods: {
      state: nothing,
      restore: { ...stateOf, good: (random: data.Random) => [random.state()] },
      bits: nothing,
      uniform: { ...stateOf, good: () => [1, 2] },
      normal: { ...stateOf, good: () => [1, 2] },
      fillNormal: { ...stateOf, good: () => [new Float32Array(3)] },
      below: { ...stateOf, good: () => [3] },
      shuffle: { ...stateOf, anyResult: true, unread: ["0.0"], good: () => [[1, 2, 3]] },
      split: { ...stateOf, good: () => ["label"], accepts: { 0: isNumber } },
      "static from": { good: () => [new Random(1).state()] },
    },
  },
  bestAnswers: {
    ...pointsAt("0"),
    anyResult: true,
    good: () => [points(), { cloud: data.pointClouds.ring(), grid, blur: 0.5 }],
  },
  checkLabels: { unread: ["0"], anyResult: true, good: () => ["read", [1, 2], 3] },
  checkSet: { unread: ["0"], anyResult: true, good: () => ["read", set] },
  classesOf: { good: () => [{ train: set, test: set, classes: 10 }] },
  copyFloats: { anyResult: true, accepts: { "0.0": isNumber }, good: () => [[1, 2]] },
  defaultRandom: nothing,
  generate1010: { good: () => [new Random(1)] },
  generateRandom: { good: () => [3, new Random(1)] },
  interpolate: { good: () => [[1, 2, 3, 4], { size: 2, steps: 3 }] },
  joinColumns: { good: () => [[1, 2], [3, 4], { rows: 2 }] },
  firstOfEach: { good: () => [set, [1], { count: 1 }] },
  labelsOf: { good: () => [set, [0, 1]] },
  loadMnist: { good: () => [{ folder }], accepts: { "0.folder": (value) => value instanceof URL } },
  makeFloats: { good: () => [3] },
  oneHot: { good: () => [[1, 2], { into: new Float32Array(20) }] },
  pixelsOf: { good: () => [set, [0, 1], { into: new Float32Array(2 * 784) }] },
  "pointClouds.grid": { good: () => [{ side: 2, reach: 1, spread: 0.1 }] },
  "pointClouds.moons": { good: () => [{ spread: 0.1 }] },
  "pointClouds.ring": { good: () => [{ modes: 3, radius: 1, spread: 0.1 }] },
  "pointClouds.spiral": { good: () => [{ spread: 0.1 }] },
  withoutLabels: { good: () => [new Float32Array(794)] },
});
