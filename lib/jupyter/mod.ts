/** Notebooks: figures, tensors, tables, progress, the interrupt, and the start of a notebook. */
export { Figure } from "../plot/mod.ts";
export { figureBundle, type FigureOptions } from "./figure_bundle.ts";
export type { MediaBundle } from "./kernel.ts";
export { type LiveFigure, liveFigure, type LiveFigureOptions } from "./live_figure.ts";
export { type LiveMovie, liveMovie, type LiveMovieOptions } from "./live_movie.ts";
export { type Notebook, startNotebook, type StartOptions } from "./notebook.ts";
export { choosePreset } from "./preset.ts";
export {
  type DigitPlaygroundOptions,
  type ExportedModel,
  type PlanePlaygroundOptions,
  type PlayedData,
  type PlayedPort,
  type PlayedProgram,
  type Playground,
  playground,
} from "./playground.ts";
export { show, type ShownFigure } from "./show.ts";
export { showTable, type TableRow } from "./table.ts";
export {
  watch,
  type WatchableDiscriminator,
  type WatchableRun,
  type WatchableTimeline,
  type WatchedLoop,
  type WatchOptions,
} from "./watch.ts";
