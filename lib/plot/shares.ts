/** Figures of shares of labels: their distribution, and the accuracy of requested labels. */
import {
  arrayOf,
  check,
  checkOptions,
  finiteNumber,
  type Kinds,
  optional,
  text,
} from "../check/mod.ts";
import { type Data, Figure, type Layout } from "./figure.ts";
import { seriesOf } from "./series.ts";
import { chartLayout, COLORS, horizontalAxis, plainText } from "./theme.ts";

/** Shares for {@linkcode histogramFigure}, each from 0 to 1. */
export interface ShareSeries {
  /** Share of each label among generated samples. */
  readonly generated: readonly number[];
  /** Share of each label among real samples. */
  readonly real: readonly number[];
}

/** Options of {@linkcode histogramFigure}. */
export interface HistogramFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Name of each label on the axis, as plain text; 0, 1, … by default. */
  readonly labels?: readonly string[];
}

/** Options of {@linkcode accuracyFigure}. */
export interface AccuracyFigureOptions extends HistogramFigureOptions {
  /** Share of all samples with the requested label, from 0 to 1. */
  readonly overall?: number;
  /**
   * Share of real samples that are classified correctly, from 0 to 1, drawn as a dashed line for
   * comparison.
   */
  readonly real?: number;
}

/** Kind of shares. They may exceed 1 slightly because of rounding. */
const SHARE = finiteNumber({ from: 0, to: 1 + 1e-9 });

const KINDS: Kinds<AccuracyFigureOptions> = {
  title: text,
  labels: arrayOf(text),
  overall: SHARE,
  real: SHARE,
};

const HISTOGRAM_KINDS: Kinds<HistogramFigureOptions> = { title: text, labels: arrayOf(text) };

/**
 * Draws the share of each label among generated and among real samples, side by side.
 *
 * @throws {TypeError | RangeError} if a share is not from 0 to 1, the number of shares is not that
 * of the labels, or an option is unknown or wrong.
 */
export function histogramFigure(
  shares: ShareSeries,
  options: HistogramFigureOptions = {},
): Figure {
  const task = "draw a histogram";
  const { generated, real } = seriesOf(task, shares, ["generated", "real"]);
  check(task, { generated, real }, arrayOf(SHARE));
  checkOptions(task, options, { kinds: HISTOGRAM_KINDS });
  const { title = "Shares of the digits", labels = numbersOf(generated) } = options;
  for (const series of [generated, real]) checkCount(task, series, labels);
  const bars = (name: string, series: readonly number[], color: string): Data => ({
    type: "bar",
    name,
    x: labels.map(plainText),
    y: [...series],
    marker: { color },
    hovertemplate: "%{y:.1%}",
  });
  const { yaxis, ...layout } = labelLayout(title, "share of samples");
  const alt = `${title}: of generated samples, ${listOf(labels, generated)}; ` +
    `of real samples, ${listOf(labels, real)}.`;
  return new Figure(
    [bars("real", real, COLORS.real), bars("generated", generated, COLORS.fake)],
    { ...layout, yaxis: { ...yaxis, rangemode: "tozero" }, barmode: "group" },
    { alt },
  );
}

/**
 * Draws the accuracy of each requested label, from 0 to 1, as a point with its value; `undefined`
 * for a label that was not requested. The axis starts at 90 %, or lower if a point requires it.
 *
 * @throws {TypeError | RangeError} if an accuracy is not from 0 to 1, the number of accuracies is
 * not that of the labels, or an option is unknown or wrong.
 */
export function accuracyFigure(
  ofLabel: readonly (number | undefined)[],
  options: AccuracyFigureOptions = {},
): Figure {
  const task = "draw accuracies";
  check(task, { ofLabel }, arrayOf(optional(SHARE)));
  checkOptions(task, options, { kinds: KINDS });
  const { title = "How often the asked digit was drawn", overall, real } = options;
  const { labels = numbersOf(ofLabel) } = options;
  checkCount(task, ofLabel, labels);
  const names = labels.map(plainText);
  const shown = ofLabel.map((share) => share ?? 1);
  const least = Math.min(0.9, ...shown, real ?? 1);
  const bottom = least === 0.9 ? 0.9 : Math.max(0, Math.floor(least * 10 - 0.2) / 10);
  const near = 0.15 * (1 - bottom); // a number above such a point would overlap the line
  const isBelow = (share: number) => real !== undefined && share < real && real - share < near;
  const data = [
    ...real === undefined ? [] : [realLine(real, names)],
    accuracyPoints(ofLabel, names, isBelow),
  ];
  const below = overall === undefined ? undefined : `${percent(overall)} of all samples`;
  const { yaxis, ...layout } = labelLayout(title, "named as asked", below);
  const alt = `${title}: ${listOf(labels, ofLabel)}` +
    `${real === undefined ? "" : `; real digits ${percent(real)}`}.`;
  return new Figure(
    data,
    { ...layout, yaxis: { ...yaxis, range: [bottom, 1 + (1 - bottom) * 0.1] } },
    { alt },
  );
}

/** Makes the dashed line at the share of real samples that are classified correctly. */
function realLine(real: number, names: readonly string[]): Data {
  return {
    type: "scatter",
    mode: "lines",
    name: `real digits, all together (${percent(real)})`,
    x: [...names],
    y: names.map(() => real),
    line: { color: COLORS.real, width: 2, dash: "dash" },
    hoverinfo: "skip",
  };
}

/**
 * Makes a point for each label, with its number above or below. A bar would be misleading, because
 * the axis does not start at 0.
 */
function accuracyPoints(
  shares: readonly (number | undefined)[],
  names: readonly string[],
  isBelow: (share: number) => boolean,
): Data {
  return {
    type: "scatter",
    mode: "text+markers",
    name: "generated digits",
    x: [...names],
    y: shares.map((share) => share ?? null),
    text: shares.map((share) => share === undefined ? "" : percent(share).replace(" %", "")),
    textposition: shares.map((share = 1) => isBelow(share) ? "bottom center" : "top center"),
    cliponaxis: false,
    marker: { color: COLORS.fake, size: 10 },
    hovertemplate: "%{y:.1%}",
  };
}

/** Numbers the labels from 0. */
function numbersOf(shares: readonly unknown[]): string[] {
  return shares.map((_, label) => String(label));
}

/** Formats a share such as 97.3 %. Only exact values are shown as 100 % and 0 %. */
function percent(share: number): string {
  const rounded = Math.round(share * 1000) / 10;
  const shown = share < 1 && rounded === 100 ? 99.9 : share > 0 && rounded === 0 ? 0.1 : rounded;
  return `${shown.toFixed(shown === 100 || shown === 0 ? 0 : 1)} %`;
}

function listOf(labels: readonly string[], shares: readonly (number | undefined)[]): string {
  return labels.flatMap((label, i) =>
    shares[i] === undefined ? [] : [`${label} ${percent(shares[i])}`]
  ).join(", ");
}

function labelLayout(title: string, y: string, below?: string): Partial<Layout> {
  const { xaxis: _, yaxis, ...layout } = chartLayout({ title, below, x: "digit", y });
  return {
    ...layout,
    xaxis: { ...horizontalAxis("digit"), type: "category", fixedrange: true },
    yaxis: { ...yaxis, tickformat: ".0%", fixedrange: true },
    bargap: 0.25,
  };
}

function checkCount(task: string, shares: readonly unknown[], labels: readonly string[]): void {
  if (labels.length === shares.length) return;
  throw new RangeError(
    `Cannot ${task}: expected ${labels.length} shares, one for each label, got ${shares.length}`,
  );
}
