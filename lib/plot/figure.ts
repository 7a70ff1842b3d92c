/** Plotly figure as plain data, the result of every function in this folder. */
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

/** State of a figure that a slider or a play button can show. */
export interface FigureFrame {
  /** Name of the frame, shown by sliders and buttons. */
  readonly name: string;
  /** Changes of the traces, in their order. */
  readonly data: readonly Partial<Data>[];
}

/** Optional parts of a {@linkcode Figure}. */
export interface FigureParts {
  /** Frames that the sliders and buttons of the layout show; none by default. */
  readonly frames?: readonly FigureFrame[];
  /**
   * Alternative text: one sentence for readers who cannot see the figure. Made of title and traces
   * by default.
   */
  readonly alt?: string;
  /** Changes of the layout for narrow pages. */
  readonly narrow?: Partial<Layout>;
  /**
   * Height of the drawing divided by its width. On a narrow page the figure is no higher than this
   * requires.
   */
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
 * Traces and layout of a Plotly figure, and its frames.
 *
 * This class does not draw; `lib/jupyter` shows figures.
 */
export class Figure {
  /** Traces. */
  readonly data: readonly Data[];
  /** Axes, legend, shapes and annotations. */
  readonly layout: Partial<Layout>;
  /** Frames that the sliders and buttons of the layout show; empty for most figures. */
  readonly frames: readonly FigureFrame[];
  /** Alternative text: one sentence for readers who cannot see the figure. */
  readonly alt: string | undefined;
  /** Changes of the layout for narrow pages. */
  readonly narrow: Partial<Layout> | undefined;
  /** Height of the drawing divided by its width, if the ratio is fixed. */
  readonly aspect: number | undefined;

  /**
   * Makes a figure.
   *
   * @throws {TypeError | RangeError} if the traces, the layout or a part are unknown or wrong.
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
