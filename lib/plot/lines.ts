/** Values over training steps as lines: smoothed, thinned, and the dashed line of balance. */
import type { Data } from "./figure.ts";
import { plainText } from "./theme.ts";

/** How a line is made of the values that were kept. */
export interface LineOptions {
  /** How many training steps lie between two values. */
  readonly every: number;
  /** Over how many values the line is averaged; 1 draws them as they are. */
  readonly smoothing: number;
  /** The most points that the line may have; all of them when not given. */
  readonly points?: number;
}

/** Points of a line. */
export interface LinePoints {
  /** Training steps. */
  readonly x: number[];
  /** Averaged values. */
  readonly y: number[];
}

/** So many points draw a line as sharp as a panel of some hundred pixels can show it. */
export const LIVE_POINTS = 300;

/** The steps at which values were kept: every, 2·every, … */
export function stepsOf(values: readonly unknown[], every: number): number[] {
  return values.map((_, i) => (i + 1) * every);
}

/**
 * The mean of a window around each value; at the ends, of the part of the window that is there, so that
 * no single noisy loss sticks out of the line.
 *
 * ```ts
 * import { movingMean } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(movingMean([0, 3, 6, 3], 3), [1.5, 3, 4, 4.5]);
 * ```
 *
 * @throws {RangeError} if `window` is not a whole number from 1 on.
 */
export function movingMean(values: readonly number[], window: number): number[] {
  checkCount(window, "smooth", "a window");
  return values.map((_, i) => meanAround(values, i, window));
}

/**
 * A line of at most `points` points that still rests on all values: of every n-th mean, each over all
 * values between its neighbours. The last value always has its point.
 *
 * Numbers of thinned lines are rounded to 5 digits: such lines are sent to the page again and again.
 *
 * @throws {RangeError} if `smoothing` or `points` is not a whole number from 1 on.
 */
export function linePoints(
  values: readonly number[],
  { every, smoothing, points }: LineOptions,
): LinePoints {
  if (points === undefined) return { x: stepsOf(values, every), y: movingMean(values, smoothing) };
  checkCount(smoothing, "smooth", "a window");
  checkCount(points, "thin a line", "a number of points");
  const stride = Math.max(1, Math.ceil(values.length / points));
  const first = (values.length - 1) % stride;
  const kept = Array.from(
    { length: Math.ceil(values.length / stride) },
    (_, i) => first + i * stride,
  );
  const window = Math.max(smoothing, 2 * stride - 1); // from the point before to the point after
  return {
    x: kept.map((i) => (i + 1) * every),
    y: kept.map((i) => Number(meanAround(values, i, window).toPrecision(5))),
  };
}

/** The mean of the part of the window around position `i` that is there. */
function meanAround(values: readonly number[], i: number, window: number): number {
  const before = Math.floor((window - 1) / 2);
  const start = Math.max(0, i - before);
  const end = Math.min(values.length, i - before + window);
  let sum = 0;
  for (let at = start; at < end; at++) sum += values[at]!;
  return sum / (end - start);
}

function checkCount(count: number, task: string, what: string): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new RangeError(
    `Cannot ${task}: expected ${what} that is a whole number from 1 on, got ${count}`,
  );
}

/** A line of its own colour. */
export function lineTrace(name: string, color: string, { x, y }: LinePoints): Data {
  return { type: "scatter", mode: "lines", name, x, y, line: { color, width: 2 } };
}

/** The dashed line at what a discriminator that cannot tell would have. */
export function balanceTrace(equilibrium: number, last: number, color: string): Data {
  return {
    type: "scatter",
    mode: "lines",
    name: plainText(`D cannot tell (${Number(equilibrium.toFixed(3))})`),
    x: [0, last],
    y: [equilibrium, equilibrium],
    line: { color, width: 1, dash: "dash" },
  };
}

/** The last training step at which any of these has a value. */
export function lastStep(series: readonly (readonly unknown[])[], every: number): number {
  return Math.max(0, ...series.map((values) => values.length)) * every;
}
