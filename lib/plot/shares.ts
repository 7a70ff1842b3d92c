/** Shares of labels as bars: which digits there are, and how often the asked one was drawn. */
import { type Data, Figure, type Layout } from "./figure.ts";
import { chartLayout, COLORS, plainText, titleOf } from "./theme.ts";

/** The shares that {@linkcode histogramFigure} compares, each from 0 to 1. */
export interface ShareSeries {
  /** The share of each label among generated samples. */
  readonly generated: readonly number[];
  /** The share of each label among real samples. */
  readonly real: readonly number[];
}

/** What {@linkcode histogramFigure} can be told besides the shares. */
export interface HistogramFigureOptions {
  /** The title, plain text. */
  readonly title?: string;
  /** What stands below the bars, plain text; 0, 1, … by default. */
  readonly labels?: readonly string[];
}

/** What {@linkcode accuracyFigure} can be told besides the accuracies. */
export interface AccuracyFigureOptions extends HistogramFigureOptions {
  /** The share of all samples that are what was asked for, from 0 to 1. */
  readonly overall?: number;
}

/**
 * The share of each label among generated and real samples, side by side.
 *
 * @throws {RangeError} if the two have not as many shares, or one is not from 0 to 1, or if there are not
 * as many labels as shares.
 */
export function histogramFigure(
  { generated, real }: ShareSeries,
  { title = "Which digits there are", labels = numbersOf(generated) }: HistogramFigureOptions = {},
): Figure {
  for (const shares of [generated, real]) checkShares(shares, labels, "a histogram");
  const bars = (name: string, shares: readonly number[], color: string): Data => ({
    type: "bar",
    name,
    x: labels.map(plainText),
    y: [...shares],
    marker: { color },
    hovertemplate: "%{y:.1%}",
  });
  return new Figure([
    bars("real", real, COLORS.real),
    bars("generated", generated, COLORS.fake),
  ], { ...barLayout(title, "share of samples"), barmode: "group" });
}

/**
 * How often what was asked for was drawn, for each label, with the number on each bar; `undefined` for a
 * label that was not asked for. Bars begin at 0, so that their lengths compare.
 *
 * @throws {RangeError} if an accuracy is not from 0 to 1, or if there are not as many labels as them.
 */
export function accuracyFigure(
  ofLabel: readonly (number | undefined)[],
  {
    title = "How often the asked digit was drawn",
    labels = numbersOf(ofLabel),
    overall,
  }: AccuracyFigureOptions = {},
): Figure {
  checkShares(ofLabel, labels, "accuracies");
  checkShares([overall], ["overall"], "accuracies");
  const bars: Data = {
    type: "bar",
    name: "accuracy",
    x: labels.map(plainText),
    y: ofLabel.map((share) => share ?? null),
    text: ofLabel.map((share) => share === undefined ? "" : percent(share)),
    textposition: "outside",
    cliponaxis: false,
    marker: { color: COLORS.generator },
    hoverinfo: "skip",
  };
  const { yaxis, ...layout } = barLayout(title, "accuracy");
  return new Figure([bars], {
    ...layout,
    title: titleOf(title, overall === undefined ? undefined : `${percent(overall)} of all samples`),
    yaxis: { ...yaxis, range: [0, 1.08], tickvals: QUARTERS, ticktext: QUARTERS.map(ticked) },
    showlegend: false,
  });
}

/** The names of labels that have none: their numbers. */
function numbersOf(shares: readonly unknown[]): string[] {
  return shares.map((_, label) => String(label));
}

const QUARTERS = [0, 0.25, 0.5, 0.75, 1];

function ticked(share: number): string {
  return `${share * 100} %`;
}

/** «97.3 %», and neither 100 % nor 0 % unless it is just that. */
function percent(share: number): string {
  const rounded = Math.round(share * 1000) / 10;
  const shown = share < 1 && rounded === 100 ? 99.9 : share > 0 && rounded === 0 ? 0.1 : rounded;
  return `${shown.toFixed(shown === 100 || shown === 0 ? 0 : 1)} %`;
}

function barLayout(title: string, y: string): Partial<Layout> {
  const { xaxis, yaxis, ...layout } = chartLayout(title, "digit", y);
  return {
    ...layout,
    xaxis: { ...xaxis, type: "category", fixedrange: true },
    yaxis: { ...yaxis, rangemode: "tozero", tickformat: ".0%", fixedrange: true },
    bargap: 0.25,
  };
}

function checkShares(
  shares: readonly (number | undefined)[],
  labels: readonly string[],
  what: string,
): void {
  if (labels.length !== shares.length) {
    throw new RangeError(
      `Cannot draw ${what}: expected ${labels.length} shares, one for each label, got ${shares.length}`,
    );
  }
  for (const [label, share] of shares.entries()) {
    if (share === undefined || (share >= 0 && share <= 1 + 1e-9)) continue;
    throw new RangeError(
      `Cannot draw ${what}: expected shares from 0 to 1, got ${share} for ${labels[label]}`,
    );
  }
}
