/** Calls lib/metrics with wild arguments. */
import * as tf from "@tensorflow/tfjs";
import { type Mnist, Random } from "../../lib/data/mod.ts";
import { Generator, linear } from "../../lib/nn/mod.ts";
import * as metrics from "../../lib/metrics/mod.ts";
import { testWildCalls } from "./wild_calls.ts";

const COUNT = 6;
const images = Uint8Array.from({ length: COUNT * 784 }, (_, i) => i * 31 % 251);
const set = { count: COUNT, images, labels: Uint8Array.of(0, 1, 2, 3, 4, 5) };
const mnist: Mnist = { train: set, test: set };
const pixels = Float32Array.from(images, (byte) => byte / 255);
const watch = () => ({
  signal: new AbortController().signal,
  onProgress: () => {},
  note: () => "note",
  sliceMs: 10,
});
const features = (): metrics.Features => ({
  values: Float64Array.from({ length: 20 }, (_, i) => Math.sin(i * i)),
  width: 2,
});
const classifier = new metrics.Classifier();
const judge = new metrics.Judge(classifier, mnist, { coverageSamples: 5, k: 1 });
const inspector = new metrics.Inspector(classifier, mnist, { nearestSamples: 2 });
const learner = new metrics.Classifier(); // wild steps make it useless for other tests
const weightsOf = ({ model }: metrics.Classifier) => model.getWeights().map((w) => w.dataSync());

const artist = new Generator({
  model: tf.sequential({ layers: [linear(2, 784, { activation: "sigmoid" })] }),
});

testWildCalls("metrics", metrics, {
  Classifier: {
    good: () => [{ rng: new Random(1) }],
    anyResult: true,
    make: () => learner,
    methods: {
      train: {
        good: () => [pixels, [0, 1, 2, 3, 4, 5], { learningRate: 0.01 }],
        state: (target: metrics.Classifier) => [target.counter, weightsOf(target)],
      },
      read: { good: () => [pixels, watch()] },
    },
  },
  Inspector: {
    good: () => [classifier, mnist, { nearestSamples: 2 }],
    make: () => inspector,
    methods: { inspect: { good: () => [pixels, watch()] } },
  },
  Judge: {
    good: () => [classifier, mnist, { coverageSamples: 5, k: 1, rng: new Random(1) }],
    make: () => judge,
    methods: {
      measure: { anyResult: true, good: () => [pixels, { asked: [0, 1, 2, 3, 4, 5], ...watch() }] },
    },
  },
  compareGenerators: {
    anyResult: true,
    good: () => [judge, { artist }, {
      count: 5,
      asked: [0, 1, 2, 3, 4],
      rng: new Random(1),
      ...watch(),
    }],
  },
  countStrokes: { good: () => [pixels] },
  drawDigits: { good: () => [artist, { rng: new Random(1), count: 2, ...watch() }] },
  drawFrom: { good: () => [artist, { noise: new Float32Array(2 * artist.inputSize) }] },
  findTwins: { good: () => [mnist, pixels] },
  fineEnergy: { good: () => [pixels] },
  frechetDistance: { good: () => [features(), features(), watch()] },
  groupImages: { good: () => [set, { groups: 2, rng: new Random(1), ...watch() }] },
  labelAccuracy: { anyResult: true, good: () => [[1, 2], [1, 1], { classes: 3 }] },
  loadClassifier: {
    anyResult: true,
    // Each other seed and folder would mean another training.
    tooLong: {
      "1.epochs": ["2 ** 31"],
      "1.seed": ["0", "-0", "2 ** 31"],
      "1.folder": ["a digit", "__proto__", "a long string", "half a character"],
    },
    good: () => [mnist, { folder: "classifiers", seed: 1, epochs: 1, warn: () => {}, ...watch() }],
  },
  modeHistogram: { good: () => [[1, 2], { classes: 3 }] },
  nearestImages: { good: () => [set, pixels] },
  planeExamples: { good: () => [new Random(1)] },
  precisionAndRecall: { good: () => [features(), features(), { k: 2, ...watch() }] },
  totalVariation: { good: () => [[0.5, 0.5], [0.25, 0.75]] },
});
