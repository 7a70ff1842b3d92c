/** A Plotly figure as plain data: what every function of this folder returns. */
import type { Data, Layout } from "plotly.js-dist-min";

export type { Data, Layout } from "plotly.js-dist-min";

/** The traces of a moment, which sliders and buttons of the layout call by name. */
export interface Frame {
  /** What the layout calls it. */
  readonly name: string;
  /** What it changes in the traces, in their order. */
  readonly data: readonly Data[];
}

/**
 * Traces, layout and frames of one Plotly figure.
 *
 * Nothing here draws: `lib/jupyter` shows figures, tests read them.
 */
export class Figure {
  /** The traces. */
  readonly data: readonly Data[];
  /** Axes, legend, shapes and annotations. */
  readonly layout: Partial<Layout>;
  /** Other moments of the traces; none for most figures. */
  readonly frames: readonly Frame[];

  /** Makes a figure of traces, a layout and frames. */
  constructor(
    data: readonly Data[],
    layout: Partial<Layout> = {},
    frames: readonly Frame[] = [],
  ) {
    this.data = data;
    this.layout = layout;
    this.frames = frames;
  }
}
