/** The two networks of a GAN, their layers, losses and penalties, and moving averages of their weights. */
export {
  Discriminator,
  type DiscriminatorHistory,
  type DiscriminatorOptions,
  type DiscriminatorStepOptions,
} from "./discriminator.ts";
export { Generator, type GeneratorOptions } from "./generator.ts";
export { linear, type LinearOptions } from "./layers.ts";
export {
  binaryCrossEntropy,
  binaryCrossEntropyFromLogits,
  hinge,
  type Loss,
  type LossName,
  meanSquaredError,
  type TargetRange,
  wasserstein,
} from "./losses.ts";
export {
  gradientPenalty,
  type GradientPenaltyOptions,
  type Penalty,
  type PenaltyOptions,
  r1,
  type R1Options,
} from "./penalties.ts";
export {
  mnistDiscriminator,
  mnistGenerator,
  type MnistGeneratorOptions,
  type MnistNetworkOptions,
  projectionDiscriminator,
  type ProjectionOptions,
} from "./mnist_networks.ts";
export {
  MovingAverage,
  type MovingAverageOptions,
  type MovingAverageState,
} from "./moving_average.ts";
export { Network, type NetworkOptions } from "./network.ts";
export type { BatchFunction, BatchProgram, BatchProgramOptions } from "./batch_program.ts";
export type { Pass } from "./descend.ts";
export type { SampleShape } from "./model_shapes.ts";
export type { ValueLabels, Values } from "./values.ts";
