/** What a classifier says of samples, as bars: which digits there are, and how many are as asked. */
import { Figure } from "./figure.ts";
import { chartLayout, COLORS } from "./theme.ts";

/** Shares of each kind of sample, from 0 to 1, `[classes]`. */
export interface HistogramSeries {
  /** Among generated samples. */
  readonly generated: readonly number[];
  /** Among real samples. */
  readonly real: readonly number[];
}

/** What both figures can be told. */
export interface SharesFigureOptions {
  /** The title, plain text. */
  readonly title?: string;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The share of each digit among generated and among real samples. */
export function histogramFigure(
  { generated, real }: HistogramSeries,
  { title = "Which digits there are" }: SharesFigureOptions = {},
): Figure {
  const bars = (name: string, shares: readonly number[], color: string) => ({
    type: "bar" as const,
    name,
    x: shares.map((_, digit) => String(digit)),
    y: [...shares],
    marker: { color },
    hovertemplate: "%{y:.1%}",
  });
  const layout = chartLayout(title, "digit, as the classifier names it", "share");
  return new Figure([
    bars("generated", generated, COLORS.fake),
    bars("real", real, COLORS.real),
  ], {
    ...layout,
    barmode: "group",
    xaxis: { ...layout.xaxis, type: "category" },
    yaxis: { ...layout.yaxis, tickformat: ".0%", rangemode: "tozero" },
  });
}

/**
 * How many of the samples asked to be each digit were named so; digits that nobody asked for have no
 * bar. The axis begins at 0, and the numbers are on the bars.
 */
export function accuracyFigure(
  ofLabel: readonly (number | undefined)[],
  { title = "Named as asked", overall }: SharesFigureOptions & { readonly overall?: number } = {},
): Figure {
  const asked = ofLabel.flatMap((share, digit) => share === undefined ? [] : [{ share, digit }]);
  const suffix = overall === undefined ? "" : `: ${percent(overall)} overall`;
  const layout = chartLayout(title + suffix, "digit that was asked for", "share");
  return new Figure([{
    type: "bar",
    x: asked.map(({ digit }) => String(digit)),
    y: asked.map(({ share }) => share),
    text: asked.map(({ share }) => percent(share)),
    textposition: "auto",
    marker: { color: COLORS.generator },
    hoverinfo: "x+text",
  }], {
    ...layout,
    showlegend: false,
    xaxis: { ...layout.xaxis, type: "category" },
    yaxis: { ...layout.yaxis, tickformat: ".0%", range: [0, 1] },
  });
}
