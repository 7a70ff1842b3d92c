/**
 * Data for the networks: the 1-0-1-0 pattern, points in the plane, MNIST, noise, and the seeded
 * random generator.
 */
export { Batches, type BatchesOptions, type BatchesState } from "./batches.ts";
export {
  joinColumns,
  type JoinColumnsOptions,
  withoutLabels,
  type WithoutLabelsOptions,
} from "./columns.ts";
export {
  DigitBatches,
  type DigitBatchesOptions,
  NoiseBatches,
  type NoiseBatchesOptions,
} from "./digit_batches.ts";
export { copyFloats, makeFloats } from "./floats.ts";
export { interpolate, type InterpolateOptions } from "./interpolate.ts";
export { classesOf, loadMnist, type LoadMnistOptions, type Mnist } from "./mnist.ts";
export {
  checkLabels,
  checkSet,
  firstOfEach,
  type FirstOfEachOptions,
  type IntoOptions,
  labelsOf,
  MNIST_CLASSES,
  MNIST_PIXELS,
  MNIST_SIDE,
  type MnistSet,
  oneHot,
  type OneHotOptions,
  pixelsOf,
} from "./mnist_set.ts";
export { generate1010, generateRandom, PATTERN_1010 } from "./pattern.ts";
export {
  type Coverage,
  type CurveOptions,
  type GridOptions,
  type Point,
  PointCloud,
  type PointCloudOptions,
  pointClouds,
  type RingOptions,
} from "./points.ts";
export {
  bestAnswers,
  type BestAnswersOptions,
  PlaneGrid,
  type PlaneGridOptions,
} from "./plane_density.ts";
export { defaultRandom, Random, type RandomState } from "./random.ts";
