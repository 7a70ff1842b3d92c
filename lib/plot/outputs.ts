/** What the generator makes, over training or over its inputs, against the range of the real data. */
import { type Data, Figure } from "./figure.ts";
import { chartLayout, COLORS } from "./theme.ts";

/** What {@linkcode outputFigure} can be told besides the outputs. */
export interface OutputFigureOptions {
  /** The title, plain text. */
  readonly title?: string;
  /** How many training steps lie between two outputs. */
  readonly every?: number;
  /** Where each output stands on the horizontal axis, instead of at its training step. */
  readonly at?: readonly number[];
  /** What the horizontal axis says. */
  readonly axis?: string;
  /** The range `[low, high)` of the real data at each position. */
  readonly bands?: readonly (readonly [low: number, high: number])[];
}

/** The positions that share a color, so that a fifth and sixth still have one of their own. */
function positionColor(position: number): string {
  return COLORS.positions[position % COLORS.positions.length]!;
}

/**
 * Each position of the generator's output `[outputs][positions]` as a line, over training steps
 * unless `at` says otherwise.
 *
 * The shaded bands are where the real data lies.
 *
 * @throws {RangeError} if `at` has another length than `outputs`.
 */
export function outputFigure(
  outputs: readonly ArrayLike<number>[],
  {
    title = "What the generator makes",
    every = 10,
    at = outputs.map((_, i) => (i + 1) * every),
    axis = "training step of the generator",
    bands = [],
  }: OutputFigureOptions = {},
): Figure {
  if (at.length !== outputs.length) {
    throw new RangeError(
      `Cannot draw outputs: expected ${outputs.length} places in at, got ${at.length}`,
    );
  }
  const positions = outputs[0]?.length ?? 0;
  const lines = Array.from({ length: positions }, (_, position): Data => ({
    type: "scatter",
    mode: "lines",
    name: `position ${position + 1}`,
    x: [...at],
    y: outputs.map((output) => output[position] ?? null),
    line: { color: positionColor(position), width: 2, dash: position % 4 < 2 ? "solid" : "dot" },
  }));
  const distinct = [...new Map(bands.map((band) => [band.join(), band])).values()];
  return new Figure(lines, {
    ...chartLayout(title, axis, "output"),
    shapes: distinct.map(([low, high]) => ({
      type: "rect",
      layer: "below",
      xref: "paper",
      x0: 0,
      x1: 1,
      y0: low,
      y1: high,
      fillcolor: "rgba(127,127,127,0.25)",
      line: { width: 0 },
    })),
  });
}
