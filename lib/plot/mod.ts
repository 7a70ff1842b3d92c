/** Pure functions from numbers to Plotly figures. */
export { type Data, Figure, type Frame, type Layout } from "./figure.ts";
export { type ImageGrid, imageGrid, type ImageGridOptions } from "./image_grid.ts";
export {
  type ImagesAtStep,
  imagesFigure,
  type ImagesFigureOptions,
  imagesOverTimeFigure,
} from "./images.ts";
export {
  lossFigure,
  type LossFigureOptions,
  type LossSeries,
  movingMean,
  progressFigure,
  type ProgressFigureOptions,
} from "./losses.ts";
export { outputFigure, type OutputFigureOptions } from "./outputs.ts";
export {
  accuracyFigure,
  histogramFigure,
  type HistogramSeries,
  type SharesFigureOptions,
} from "./shares.ts";
export {
  scoreFigure,
  type ScoreFigureOptions,
  type ScoreSeries,
  thinned,
  trainingFigure,
  type TrainingFigureOptions,
  type TrainingSeries,
} from "./training.ts";
