/** How good samples are: their distance to real ones, their precision and recall, and their labels. */
export type { Features } from "./features.ts";
export { frechetDistance, type Gaussian, gaussianDistance, gaussianOf } from "./frechet.ts";
export {
  type LabelAccuracy,
  labelAccuracy,
  type LabelOptions,
  modeHistogram,
  totalVariation,
} from "./labels.ts";
export {
  precisionAndRecall,
  type PrecisionRecall,
  type PrecisionRecallOptions,
} from "./precision_recall.ts";
