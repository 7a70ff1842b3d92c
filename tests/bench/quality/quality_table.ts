/** Makes tables of qualities over seeds: means and spreads, beside real digits and noise. */

import { markdown } from "../table.ts";
import type { Quality } from "./notebook_run.ts";

type Number = (quality: Quality) => number | undefined;

/** Formats the mean, with the lowest and the highest if there are several: `0.97 (0.96–0.98)`. */
export function meanAndSpread(values: readonly number[], digits: number): string {
  if (values.length === 0) return "";
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return mean.toFixed(digits);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${mean.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

/** Measures in the table; `real` and `noise` are the values of real digits and of noise images. */
const COLUMNS: readonly (readonly [title: string, digits: number, number: Number])[] = [
  ["seconds", 0, ({ seconds }) => seconds],
  ["named as asked, %", 2, ({ verdict }) => verdict.accuracy && 100 * verdict.accuracy.overall],
  ["modes, TV", 3, ({ verdict }) => verdict.modes.distance.generated],
  ["smallest share, %", 1, ({ verdict }) => 100 * Math.min(...verdict.modes.generated)],
  ["Fréchet", 2, ({ verdict }) => verdict.frechet.generated],
  ["precision", 3, ({ verdict }) => verdict.coverage.generated.precision],
  ["recall", 3, ({ verdict }) => verdict.coverage.generated.recall],
  ["live, %", 1, ({ liveShare }) => liveShare ? 100 * liveShare : undefined],
  ["peak MiB", 0, ({ peakMiB }) => peakMiB || undefined],
];

/** Makes a row from the runs of one notebook with one number of steps (or seconds), over their seeds. */
export function qualityTable(all: readonly Quality[]): string {
  const groups = new Map<string, Quality[]>();
  for (const quality of all) {
    const { notebook, steps, peakMiB, seconds } = quality;
    const key = `${notebook}, ${
      peakMiB ? `${steps.toLocaleString("en-US")} steps` : `${seconds} s`
    }`;
    groups.set(key, [...groups.get(key) ?? [], quality]);
  }
  const rows = [...groups].map(([name, runs]) => [
    name,
    ...COLUMNS.map(([, digits, number]) =>
      meanAndSpread(runs.flatMap((run) => number(run) ?? []), digits)
    ),
  ]);
  const { real } = all[0]!.verdict.coverage, { frechet, modes } = all[0]!.verdict;
  const beside = (name: string, numbers: readonly (string | number)[]) => [name, ...numbers];
  return markdown(["", ...COLUMNS.map(([title]) => title)], [
    ...rows,
    beside("real digits", [
      "",
      (100 * all[0]!.verdict.classifierAccuracy).toFixed(2),
      modes.distance.real.toFixed(3),
      "",
      frechet.real.toFixed(2),
      real.precision.toFixed(3),
      real.recall.toFixed(3),
      "",
      "",
    ]),
    beside("noise images", ["", "", "", "", frechet.noise.toFixed(2), "", "", "", ""]),
  ]);
}
