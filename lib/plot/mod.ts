/** Pure functions from numbers to Plotly figures. */
export { type Data, Figure, type Layout } from "./figure.ts";
export {
  lossFigure,
  type LossFigureOptions,
  type LossSeries,
  movingMean,
  progressFigure,
  type ProgressFigureOptions,
} from "./losses.ts";
export { outputFigure, type OutputFigureOptions } from "./outputs.ts";
