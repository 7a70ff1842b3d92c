/** A Plotly figure as plain data: what every function of this folder returns. */
import type { Data, Layout } from "plotly.js-dist-min";
import {
  arrayOf,
  check,
  checkOptions,
  finiteNumber,
  isPlainObject,
  type Kind,
  type Kinds,
  text,
} from "../check/mod.ts";

export type { Data, Layout } from "plotly.js-dist-min";

/** One state of a figure that a slider or a play button can show. */
export interface FigureFrame {
  /** The name that sliders and buttons show. */
  readonly name: string;
  /** The changes of the traces, in their order. */
  readonly data: readonly Partial<Data>[];
}

/** Parts of a {@linkcode Figure} besides its traces and its layout. */
export interface FigureParts {
  /** States that sliders and buttons of the layout show; none by default. */
  readonly frames?: readonly FigureFrame[];
  /** One sentence for readers who do not see the figure; made of title and traces by default. */
  readonly alt?: string;
  /** Parts of the layout for pages that leave the figure little width. */
  readonly narrow?: Partial<Layout>;
  /** The height of what is drawn over its width: a narrow figure is not higher than that needs. */
  readonly aspect?: number;
}

const object: Kind = {
  expected: "an object",
  fault: (value) => isPlainObject(value) ? undefined : "type",
};

const frame: Kind = {
  expected: "a frame with a name and data",
  fault: (value) =>
    isPlainObject(value) && typeof value["name"] === "string" && Array.isArray(value["data"])
      ? undefined
      : "type",
};

const KINDS: Kinds<FigureParts> = {
  frames: arrayOf(frame),
  alt: text,
  narrow: object,
  aspect: finiteNumber({ above: 0 }),
};

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
  /** One sentence for readers who do not see the figure. */
  readonly alt: string | undefined;
  /** Parts of the layout for pages that leave the figure little width. */
  readonly narrow: Partial<Layout> | undefined;
  /** The height of what is drawn over its width, if it has a shape of its own. */
  readonly aspect: number | undefined;

  /**
   * Makes a figure of traces, a layout and what else it has.
   *
   * @throws {TypeError} if traces, layout or a part are unknown or of another type.
   */
  constructor(data: readonly Data[], layout: Partial<Layout> = {}, parts: FigureParts = {}) {
    check("make a figure", { data }, arrayOf(object));
    check("make a figure", { layout }, object);
    checkOptions("make a figure", parts, { kinds: KINDS });
    this.data = data;
    this.layout = layout;
    this.frames = parts.frames ?? [];
    this.alt = parts.alt;
    this.narrow = parts.narrow;
    this.aspect = parts.aspect;
  }
}
