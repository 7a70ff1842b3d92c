/** Figure of the spread of samples at each position, real beside generated. */
import { anything, check, checkOptions, type Kinds, recordOf, text } from "../check/mod.ts";
import { type Data, Figure } from "./figure.ts";
import { rowsOfNumbers } from "./series.ts";
import { chartLayout, COLORS } from "./theme.ts";

/** Samples to compare, each `[samples][positions]`. */
export interface SampleSets {
  /** Real samples. */
  readonly real: readonly ArrayLike<number>[];
  /** Generated samples. */
  readonly fake: readonly ArrayLike<number>[];
}

/** Options of {@linkcode spreadFigure}. */
export interface SpreadFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
}

const KINDS: Kinds<SpreadFigureOptions> = { title: text };

/** Half the width of a column of points. Each position has two columns. */
const HALF_WIDTH = 0.16;

/**
 * Draws each number of each sample as a point. Each position has a column of real and a column of
 * generated numbers. The horizontal offset inside a column has no meaning; it only makes the points
 * visible.
 *
 * @throws {TypeError | RangeError} if the samples differ in their number of positions, or an
 * argument or option is unknown or wrong.
 */
export function spreadFigure(
  samples: SampleSets,
  options: SpreadFigureOptions = {},
): Figure {
  check("draw a spread", { samples }, recordOf(anything));
  const { real, fake } = samples;
  check("draw a spread", { real, fake }, rowsOfNumbers);
  checkOptions("draw a spread", options, { kinds: KINDS });
  const { title = "Real and generated samples" } = options;
  const positions = real[0]?.length ?? fake[0]?.length ?? 0;
  for (const sample of [...real, ...fake]) {
    if (sample.length === positions) continue;
    throw new RangeError(
      `Cannot draw a spread: expected samples of ${positions} positions, got ${sample.length}`,
    );
  }
  const layout = chartLayout({ title, x: "position", y: "value" });
  return new Figure(
    [columns("real", real, -0.2), columns("generated", fake, 0.2)],
    {
      ...layout,
      hovermode: "closest",
      xaxis: { ...layout.xaxis, tickvals: Array.from({ length: positions }, (_, i) => i + 1) },
    },
    { alt: `${title}: ${describe("real", real)}; ${describe("generated", fake)}.` },
  );
}

/** Makes the points of one set of samples. Multiples of the golden ratio spread them evenly. */
function columns(
  name: "real" | "generated",
  samples: readonly ArrayLike<number>[],
  offset: number,
): Data {
  const place = (i: number) => HALF_WIDTH * (2 * (i * 0.6180339887 % 1) - 1) + offset;
  const points = samples.flatMap((sample, i) =>
    Array.from(sample, (value, at) => ({ x: Number((at + 1 + place(i)).toFixed(3)), value, at }))
  );
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: points.map(({ x }) => x),
    y: points.map(({ value }) => Number(value.toPrecision(4))),
    text: points.map(({ at }) => `position ${at + 1}`),
    marker: { size: 4, color: name === "real" ? COLORS.real : COLORS.fake, opacity: 0.7 },
    hovertemplate: `${name}, %{text}<br>%{y:.3g}<extra></extra>`,
  } as Data;
}

/** Describes the smallest and the largest value at each position, for readers who cannot see the figure. */
function describe(name: string, samples: readonly ArrayLike<number>[]): string {
  const ranges = Array.from(samples[0] ?? [], (_, at) => {
    const values = samples.map((sample) => sample[at]!);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return `${low.toFixed(2)} to ${high.toFixed(2)}`;
  });
  return `${name} values from ${ranges.join(", ")}`;
}
