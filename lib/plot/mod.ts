/** Functions that make Plotly figures from numbers, without side effects. */
export { type Data, Figure, type FigureFrame, type FigureParts, type Layout } from "./figure.ts";
export {
  type ImageGrid,
  imagesFigure,
  type ImagesFigureOptions,
  imagesOverTimeFigure,
} from "./images.ts";
export { imageColumnsFigure, type ImageColumnsFigureOptions } from "./image_columns.ts";
export {
  type AttemptLosses,
  lossPanelsFigure,
  type LossPanelsFigureOptions,
} from "./loss_panels.ts";
export { type MeasuredSets, measuresFigure, type MeasuresFigureOptions } from "./measures.ts";
export {
  lossFigure,
  type LossFigureOptions,
  type LossSeries,
  progressFigure,
  type ProgressFigureOptions,
  scoreFigure,
  type ScoreFigureOptions,
  type ScoreSeries,
} from "./losses.ts";
export { outputFigure, type OutputFigureOptions } from "./outputs.ts";
export {
  answerPanel,
  type AnswerState,
  planeFigure,
  type PlaneFigureOptions,
  planesFigure,
  type PlanesFigureOptions,
  planesOverTimeFigure,
  type PlaneState,
  stepFigure,
} from "./plane.ts";
export {
  coverageFigure,
  type CoverageFigureOptions,
  type CoverageState,
  pathsFigure,
  type PathsFigureOptions,
  type PlanePath,
} from "./plane_history.ts";
export type { PlanePanel } from "./plane_panels.ts";
export type { PlaneArrows } from "./plane_traces.ts";
export {
  accuracyFigure,
  type AccuracyFigureOptions,
  histogramFigure,
  type HistogramFigureOptions,
  type ShareSeries,
} from "./shares.ts";
export { type Player } from "./theme.ts";
export {
  type Balance,
  trainingFigure,
  type TrainingFigureOptions,
  type TrainingState,
} from "./training.ts";
export { type SampleSets, spreadFigure, type SpreadFigureOptions } from "./spread.ts";
