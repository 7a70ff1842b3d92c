/** Makes tables of qualities over seeds and draws: means and spreads, beside real digits and noise. */

import { markdown } from "../table.ts";
import type { Figures, Reference } from "./draws.ts";
import type { Quality } from "./notebook_run.ts";

/** Reads a number of a draw; undefined if it means nothing there. */
type Figure = (figures: Figures, real: Figures) => number | undefined;

/** Reads a number of a run. */
type Fact = (quality: Quality) => number | undefined;

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Computes the standard deviation of one value in each row, from its deviations in the rows. */
function deviationOf(rows: readonly (readonly number[])[]): number | undefined {
  const degrees = rows.reduce((sum, row) => sum + row.length - 1, 0);
  if (degrees === 0) return undefined;
  const squares = rows.flatMap((row) => row.map((value) => (value - mean(row)) ** 2));
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / degrees);
}

/**
 * Formats values, a row for each seed and a value for each draw: their mean, the standard deviation
 * of a draw, and the lowest and the highest mean of a seed: `0.97 ± 0.01 (0.96–0.98)`.
 */
export function meanAndSpread(rows: readonly (readonly number[])[], digits: number): string {
  const filled = rows.filter((row) => row.length > 0);
  if (filled.length === 0) return "";
  const means = filled.map(mean);
  const deviation = deviationOf(filled);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  return mean(means).toFixed(digits) +
    (deviation === undefined ? "" : ` ± ${deviation.toFixed(digits)}`) +
    (means.length === 1 ? "" : ` (${low.toFixed(digits)}–${high.toFixed(digits)})`);
}

const percent = (share: number | undefined) => share === undefined ? undefined : 100 * share;

/** Figures of the draws in the table. */
const FIGURES: readonly (readonly [title: string, digits: number, figure: Figure])[] = [
  ["named as asked, %", 2, ({ named }) => percent(named)],
  ["named as asked by the second judge, %", 2, ({ namedBySecond }) => percent(namedBySecond)],
  ["modes, TV", 3, ({ modes }) => modes],
  ["smallest share, %", 1, ({ rarest }) => percent(rarest)],
  ["Fréchet", 2, ({ frechet }) => frechet],
  ["precision", 3, ({ precision }) => precision],
  ["recall", 3, ({ recall }) => recall],
  ["sure (> .9), %", 1, ({ sure }) => percent(sure)],
  ["sure by the second judge, %", 1, ({ sureBySecond }) => percent(sureBySecond)],
  ["broken strokes, %", 1, ({ broken }) => percent(broken)],
  ["specks, %", 1, ({ specks }) => percent(specks)],
  ["fine energy, of real", 2, ({ fineEnergy }, real) => fineEnergy / real.fineEnergy],
  ["nearest training image", 2, ({ nearest }) => nearest],
];

/** Facts of the runs in the table. */
const FACTS: readonly (readonly [title: string, digits: number, fact: Fact])[] = [
  ["seconds", 0, ({ seconds }) => seconds],
  ["live, %", 1, ({ liveShare }) => liveShare ? 100 * liveShare : undefined],
  ["peak MiB", 0, ({ peakMiB }) => peakMiB || undefined],
];

/** Computes the means of figures that every draw has. */
function meanFigures(draws: readonly Figures[]): Figures {
  const names = Object.keys(draws[0]!) as (keyof Figures)[];
  const entries = names.map((name) => [name, mean(draws.map((draw) => draw[name] ?? NaN))]);
  return Object.fromEntries(entries);
}

/** Makes a row from the runs of one notebook with one number of steps (or seconds), over their seeds. */
export function qualityTable(all: readonly Quality[], { real, noise }: Reference): string {
  const groups = Map.groupBy(
    all,
    ({ notebook, steps, peakMiB, seconds }) =>
      `${notebook}, ${peakMiB ? `${steps.toLocaleString("en-US")} steps` : `${seconds} s`}`,
  );
  const usual = meanFigures(real);
  const figures = (rows: readonly (readonly Figures[])[]) =>
    FIGURES.map(([, digits, figure]) =>
      meanAndSpread(rows.map((draws) => draws.flatMap((draw) => figure(draw, usual) ?? [])), digits)
    );
  const facts = (runs: readonly Quality[]) =>
    FACTS.map(([, digits, fact]) =>
      meanAndSpread(runs.map((run) => [fact(run) ?? []].flat()), digits)
    );
  return markdown(["", ...[...FIGURES, ...FACTS].map(([title]) => title)], [
    ...[...groups].map(([name, runs]) => [
      name,
      ...figures(runs.map(({ draws }) => draws)),
      ...facts(runs),
    ]),
    ["real digits", ...figures([real]), ...facts([])],
    [
      "noise images",
      ...FIGURES.map(([title]) => title === "Fréchet" ? noise.toFixed(2) : ""),
      ...facts([]),
    ],
  ]);
}

/** Says how the figures were made, and what their noise is. */
export function explanation({ draws, count }: { readonly draws: number; readonly count: number }) {
  return [
    `Each figure is a mean over the seeds, with ${draws} draws of ${
      count.toLocaleString("en-US")
    } ` +
    "images for each. After ± is the standard deviation of one draw (sampling noise), in brackets " +
    "are the lowest and the highest mean of a seed.",
    "Digits that can be asked for were asked for in the shares of the test images. So the modes of " +
    "these generators are not measured.",
    "All figures are those of the notebooks' classifier, but for those of the second judge, a " +
    "classifier of another architecture.",
    "The modes, Fréchet distance, precision and recall of real digits are those of training " +
    "images, compared with test images. All other figures of real digits are those of test " +
    "images, drawn with replacement, because the classifier knows the training images.",
  ].map((line) => `- ${line}`).join("\n");
}
