/** Figure of the generator's outputs over a training or over its inputs, with the ranges of the real data. */
import { arrayOf, check, checkOptions, finiteNumber, type Kinds, text } from "../check/mod.ts";
import { type Data, Figure, type Layout } from "./figure.ts";
import { describeLines } from "./lines.ts";
import { numbers, rowsOfNumbers } from "./series.ts";
import { chartLayout, COLORS, ITERATION, THREE_DIGITS } from "./theme.ts";
import { columnsFor, thin } from "./thin.ts";

/** Options of {@linkcode outputFigure}. */
export interface OutputFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Number of iterations from one output to the next; 10 by default. */
  readonly every?: number;
  /** Horizontal position of each output; by default its iteration. */
  readonly at?: readonly number[];
  /** Title of the horizontal axis. */
  readonly axis?: string;
  /** Range `[low, high)` of the real data at each position. */
  readonly bands?: readonly (readonly [low: number, high: number])[];
}

const KINDS: Kinds<OutputFigureOptions> = {
  title: text,
  every: finiteNumber({ above: 0 }),
  at: numbers,
  axis: text,
  bands: arrayOf(numbers),
};

/** Chooses the colour of a position. After the last colour they repeat. */
function positionColor(position: number): string {
  return COLORS.positions[position % COLORS.positions.length]!;
}

/**
 * Draws each position of the outputs `[outputs][positions]` as a line, over iterations or over
 * `at`. Shaded bands mark the ranges of the real data. Long lines are thinned; their extremes are
 * kept.
 *
 * @throws {TypeError | RangeError} if `at` and `outputs` have different lengths, or an argument or
 * option is unknown or wrong.
 */
export function outputFigure(
  outputs: readonly ArrayLike<number>[],
  options: OutputFigureOptions = {},
): Figure {
  check("draw outputs", { outputs }, rowsOfNumbers);
  checkOptions("draw outputs", options, { kinds: KINDS });
  const { title = "What the generator makes", every = 10, at, axis = ITERATION, bands = [] } =
    options;
  if (at !== undefined && at.length !== outputs.length) {
    throw new RangeError(
      `Cannot draw outputs: expected ${outputs.length} places in at, got ${at.length}`,
    );
  }
  const place = (i: number) => at?.[i] ?? (i + 1) * every;
  const lines = Array.from({ length: outputs[0]?.length ?? 0 }, (_, position) => ({
    name: `position ${position + 1}`,
    color: positionColor(position),
    values: outputs.map((output) => output[position] ?? NaN),
  }));
  const columns = columnsFor(lines.length);
  const data = lines.map(({ name, color, values }, position): Data => {
    const kept = thin(values, columns);
    return {
      type: "scatter",
      mode: "lines",
      name,
      x: kept.map(place),
      y: kept.map((i) => Number.isFinite(values[i]) ? values[i]! : null),
      yhoverformat: THREE_DIGITS,
      line: { color, width: 2, dash: position % 4 < 2 ? "solid" : "dot" },
    };
  });
  const layout = { ...chartLayout({ title, x: axis, y: "output" }), shapes: shapesOf(bands) };
  const alt = at === undefined
    ? `${title}: ${describeLines(lines, every)}.`
    : `${title}: ${lines.length} lines over ${axis}.`;
  return new Figure(data, layout, { alt });
}

/** Makes a shaded band for each different range. */
function shapesOf(
  bands: NonNullable<OutputFigureOptions["bands"]>,
): NonNullable<Layout["shapes"]> {
  const distinct = [...new Map(bands.map((band) => [band.join(), band])).values()];
  return distinct.map(([low, high]) => ({
    type: "rect",
    layer: "below",
    xref: "paper",
    x0: 0,
    x1: 1,
    y0: low,
    y1: high,
    fillcolor: "rgba(127,127,127,0.25)",
    line: { width: 0 },
  }));
}
