/** Draws values over iterations as lines: smoothed, thinned, with a dashed line at the equilibrium. */
import type { Data } from "./figure.ts";
import { thin } from "./thin.ts";
import { plainText, THREE_DIGITS } from "./theme.ts";

/** Options of {@linkcode linePoints}. */
export interface LineOptions {
  /** Number of iterations from one value to the next. */
  readonly every: number;
  /** Number of values in a mean; 1 draws the values themselves. */
  readonly smoothing: number;
  /** Number of columns to which a long line is thinned. */
  readonly columns: number;
}

/** Points of a line. */
interface LinePoints {
  /** Iterations. */
  readonly x: number[];
  /** Values or means. */
  readonly y: number[];
}

/** Number of columns of lines in live figures, which are sent to the page many times. */
export const LIVE_COLUMNS = 100;

/** Line of a player. */
export interface Line {
  /** Name in the legend. */
  readonly name: string;
  /** Colour. */
  readonly color: string;
  /** Values, one for every `every` iterations. */
  readonly values: readonly number[];
}

/**
 * Makes the points of a line. A long line is thinned. Without smoothing, the values that determine
 * its shape are kept; with smoothing, every n-th mean, each over all values between its neighbours.
 * The last value is always kept.
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

/** Computes the number of values from one mean of a thinned line to the next. */
function strideOf(length: number, columns: number): number {
  return Math.max(1, Math.ceil(length / (2 * columns)));
}

/**
 * Computes the number of values in each mean: at least `smoothing`, and enough that every value is
 * part of at least one mean.
 */
function windowOf(length: number, { smoothing, columns }: Omit<LineOptions, "every">) {
  return smoothing === 1 ? 1 : Math.max(smoothing, 2 * strideOf(length, columns) - 1);
}

/** Rounds to 5 digits, because lines are sent to the page many times. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : value;
}

/**
 * Computes the mean of a window around position `i`. At the ends, uses the part of the window that
 * exists.
 */
function meanAround(values: readonly number[], i: number, window: number): number {
  const before = Math.floor((window - 1) / 2);
  const start = Math.max(0, i - before);
  const end = Math.min(values.length, i - before + window);
  let sum = 0;
  for (let at = start; at < end; at++) sum += values[at]!;
  return sum / (end - start);
}

/**
 * Makes a line of means, and behind it a faint line of the single values. Without smoothing, makes
 * only one line.
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

/** Describes the lines and the number of iterations in each mean. */
export function smoothingText(lines: readonly Line[], options: LineOptions): string | undefined {
  if (options.smoothing === 1) return undefined;
  const longest = Math.max(0, ...lines.map(({ values }) => values.length));
  const iterations = windowOf(longest, options) * options.every;
  return `lines: means over ${iterations.toLocaleString("en-US")} iterations; faint: single values`;
}

/** Makes the trace of a line. */
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

/** Makes a dashed line at the value for a D that cannot distinguish real from generated samples. */
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

/** Finds the last iteration at which a series has a value. */
export function lastIteration(series: readonly (readonly unknown[])[], every: number): number {
  return Math.max(0, ...series.map((values) => values.length)) * every;
}

/** Describes the first and the last value of each line, for readers who cannot see the figure. */
export function describeLines(lines: readonly Line[], every: number): string {
  const parts = lines.filter(({ values }) => values.length > 0).map(({ name, values }) =>
    `${name} goes from ${three(values[0]!)} to ${three(values.at(-1)!)}`
  );
  if (parts.length === 0) return "no values yet";
  const last = lastIteration(lines.map(({ values }) => values), every).toLocaleString("en-US");
  return `${parts.join(", ")}, over ${last} iterations`;
}

/** Formats a number with three significant digits. */
function three(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);
}
