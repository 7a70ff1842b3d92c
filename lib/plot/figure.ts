/** A Plotly figure as plain data: what every function of this folder returns. */
import type { Data, Layout } from "plotly.js-dist-min";

export type { Data, Layout } from "plotly.js-dist-min";

/**
 * Traces and layout of one Plotly figure.
 *
 * Nothing here draws: `lib/jupyter` shows figures, tests read them.
 */
export class Figure {
  /** The traces. */
  readonly data: readonly Data[];
  /** Axes, legend, shapes and annotations. */
  readonly layout: Partial<Layout>;

  /** Makes a figure of traces and a layout. */
  constructor(data: readonly Data[], layout: Partial<Layout> = {}) {
    this.data = data;
    this.layout = layout;
  }
}
