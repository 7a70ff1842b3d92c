/** Values over iterations as lines: smoothed, thinned, and the dashed line of balance. */
import type { Data } from "./figure.ts";
import { thin } from "./thin.ts";
import { plainText, THREE_DIGITS } from "./theme.ts";

/** Options of {@linkcode linePoints}. */
export interface LineOptions {
  /** The number of iterations between two values. */
  readonly every: number;
  /** Over how many values the line is averaged; 1 draws them as they are. */
  readonly smoothing: number;
  /** Into how many columns a long line is thinned. */
  readonly columns: number;
}

/** Points of a line. */
export interface LinePoints {
  /** Iterations. */
  readonly x: number[];
  /** Values or means. */
  readonly y: number[];
}

/** So many columns draw a line that is sent to the page again and again. */
export const LIVE_COLUMNS = 100;

/** A player's line: its name, its colour and its values. */
export interface Line {
  /** Its name in the legend. */
  readonly name: string;
  /** Its colour. */
  readonly color: string;
  /** Its values, one at every `every`th iteration. */
  readonly values: readonly number[];
}

/**
 * Makes the points of a line. A long line is thinned: without smoothing to the values that draw the
 * same picture, with smoothing to every n-th mean, each over all values between its neighbours. The
 * last value always has its point.
 */
export function linePoints(values: readonly number[], options: LineOptions): LinePoints {
  const { every, smoothing, columns } = options;
  if (smoothing === 1) {
    const kept = thin(values, columns);
    return { x: kept.map((i) => (i + 1) * every), y: kept.map((i) => values[i]!) };
  }
  const stride = strideOf(values.length, columns);
  const window = windowOf(values.length, options);
  const first = (values.length - 1) % stride;
  const count = Math.ceil(values.length / stride);
  const kept = Array.from({ length: count }, (_, i) => first + i * stride);
  return {
    x: kept.map((i) => (i + 1) * every),
    y: kept.map((i) => rounded(meanAround(values, i, window))),
  };
}

/** Computes how many values lie between two means of a thinned line. */
function strideOf(length: number, columns: number): number {
  return Math.max(1, Math.ceil(length / (2 * columns)));
}

/** Computes over how many values each drawn mean is: those that were asked for, or up to its neighbours. */
export function windowOf(length: number, { smoothing, columns }: Omit<LineOptions, "every">) {
  return smoothing === 1 ? 1 : Math.max(smoothing, 2 * strideOf(length, columns) - 1);
}

/** Rounds to 5 digits: lines are sent to the page again and again. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : value;
}

/** Computes the mean of the part of the window around position `i` that is there. */
function meanAround(values: readonly number[], i: number, window: number): number {
  const before = Math.floor((window - 1) / 2);
  const start = Math.max(0, i - before);
  const end = Math.min(values.length, i - before + window);
  let sum = 0;
  for (let at = start; at < end; at++) sum += values[at]!;
  return sum / (end - start);
}

/**
 * Makes a line of means in front and its single values faintly behind; a line that is not smoothed is
 * one trace.
 */
export function lineTraces({ name, color, values }: Line, options: LineOptions): Data[] {
  const front = lineTrace(name, color, linePoints(values, options));
  if (options.smoothing === 1) return [front];
  const points = linePoints(values, { ...options, smoothing: 1 });
  const behind: Data = {
    type: "scatter",
    mode: "lines",
    name: `${name}, single values`,
    x: points.x,
    y: points.y.map(rounded),
    line: { color, width: 1 },
    opacity: 0.35,
    hoverinfo: "skip",
    showlegend: false,
  };
  return [behind, front];
}

/** Says what is drawn, and over how many iterations the means are: that window is computed. */
export function smoothingText(lines: readonly Line[], options: LineOptions): string | undefined {
  if (options.smoothing === 1) return undefined;
  const longest = Math.max(0, ...lines.map(({ values }) => values.length));
  const iterations = windowOf(longest, options) * options.every;
  return `lines: means over ${iterations.toLocaleString("en-US")} iterations; faint: single values`;
}

/** Makes a line of its own colour. */
export function lineTrace(name: string, color: string, { x, y }: LinePoints): Data {
  return {
    type: "scatter",
    mode: "lines",
    name,
    x,
    y,
    yhoverformat: THREE_DIGITS,
    line: { color, width: 2 },
  };
}

/** Makes the dashed line at what a discriminator that cannot tell would have. */
export function balanceTrace(equilibrium: number, last: number, color: string): Data {
  return {
    type: "scatter",
    mode: "lines",
    name: plainText(`D cannot tell (${Number(equilibrium.toFixed(3))})`),
    x: [0, last],
    y: [equilibrium, equilibrium],
    hoverinfo: "skip",
    line: { color, width: 1, dash: "dash" },
  };
}

/** Finds the last iteration at which any of these has a value. */
export function lastIteration(series: readonly (readonly unknown[])[], every: number): number {
  return Math.max(0, ...series.map((values) => values.length)) * every;
}

/** Says where lines begin and end, for readers who do not see them. */
export function describeLines(lines: readonly Line[], every: number): string {
  const parts = lines.filter(({ values }) => values.length > 0).map(({ name, values }) =>
    `${name} goes from ${three(values[0]!)} to ${three(values.at(-1)!)}`
  );
  if (parts.length === 0) return "no values yet";
  const last = lastIteration(lines.map(({ values }) => values), every).toLocaleString("en-US");
  return `${parts.join(", ")}, over ${last} iterations`;
}

/** Writes a number with three digits. */
export function three(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);
}
