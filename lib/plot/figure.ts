/** A Plotly figure as plain data: what every function of this folder returns. */
import type { Data, Layout } from "plotly.js-dist-min";

export type { Data, Layout } from "plotly.js-dist-min";

/** One state of a figure that a slider or a play button can show. */
export interface FigureFrame {
  /** What sliders and buttons call it. */
  readonly name: string;
  /** What changes in the traces, in their order. */
  readonly data: readonly Partial<Data>[];
}

/**
 * Traces and layout of one Plotly figure, and the frames it moves through.
 *
 * Nothing here draws: `lib/jupyter` shows figures, tests read them.
 */
export class Figure {
  /** The traces. */
  readonly data: readonly Data[];
  /** Axes, legend, shapes and annotations. */
  readonly layout: Partial<Layout>;
  /** States that sliders and buttons of the layout show; most figures have none. */
  readonly frames: readonly FigureFrame[];

  /** Makes a figure of traces, a layout and frames. */
  constructor(
    data: readonly Data[],
    layout: Partial<Layout> = {},
    frames: readonly FigureFrame[] = [],
  ) {
    this.data = data;
    this.layout = layout;
    this.frames = frames;
  }
}
