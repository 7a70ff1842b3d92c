/**
 * Measures of generated samples: distance from real samples, precision and recall, distribution and
 * accuracy of labels, and the faults that a person sees.
 */
export {
  Classifier,
  type ClassifierNetwork,
  type ClassifierOptions,
  type ClassifierStepOptions,
  type Readings,
} from "./classifier.ts";
export { compareGenerators, type CompareGeneratorsOptions } from "./compare_generators.ts";
export {
  drawDigits,
  type DrawDigitsOptions,
  drawFrom,
  type DrawFromInputs,
} from "./draw_digits.ts";
export type { Features } from "./features.ts";
export { fineEnergy } from "./fine_energy.ts";
export { frechetDistance } from "./frechet.ts";
export { groupImages, type GroupImagesOptions } from "./group_images.ts";
export {
  type Appearance,
  type Inspection,
  Inspector,
  type InspectorOptions,
  SURE,
} from "./inspector.ts";
export {
  Judge,
  type Judgement,
  type JudgementRow,
  type JudgeOptions,
  type MeasureOptions,
} from "./judge.ts";
export {
  type LabelAccuracy,
  labelAccuracy,
  type LabelOptions,
  modeHistogram,
  totalVariation,
} from "./labels.ts";
export { findTwins, type Nearest, nearestImages, type Twins } from "./nearest.ts";
export { type PlaneExample, planeExamples } from "./plane_examples.ts";
export { loadClassifier, type LoadClassifierOptions } from "./load_classifier.ts";
export {
  precisionAndRecall,
  type PrecisionRecall,
  type PrecisionRecallOptions,
} from "./precision_recall.ts";
export { countStrokes, type Strokes } from "./strokes.ts";
