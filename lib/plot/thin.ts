/** Thins long series without losing extremes, so that a million points fit into a page. */

/** Maximum number of columns of all lines in a figure. Each column keeps up to four points. */
const COLUMNS = 3000;

/** Maximum number of columns of one line. Most plots have fewer pixels in width. */
const COLUMNS_OF_LINE = 1000;

/** Computes the number of columns for each line of a figure. */
export function columnsFor(lines: number): number {
  return Math.max(10, Math.min(COLUMNS_OF_LINE, Math.floor(COLUMNS / Math.max(1, lines))));
}

/**
 * Chooses the positions of a series that determine the shape of its line: in each column of
 * neighbouring values the first, the last, the smallest and the largest (Jugel et al., "M4: a
 * visualization-oriented time series data aggregation", 2014).
 *
 * The positions are in order. A series with at most four values per column is kept completely.
 * Values that are not finite do not count as smallest or largest.
 *
 * ```ts
 * import { thin } from "./thin.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(thin([5, 1, 2, 9, 3, 4, 4, 4, 4, 4], 2), [0, 1, 3, 4, 5, 9]);
 * ```
 */
export function thin(values: ArrayLike<number>, columns: number): number[] {
  const { length } = values;
  if (length <= 4 * columns) return Array.from({ length }, (_, i) => i);
  const kept: number[] = [];
  for (let column = 0; column < columns; column++) {
    const start = Math.floor(column * length / columns);
    const end = Math.floor((column + 1) * length / columns);
    const marks = [start, ...extremesOf(values, start, end), end - 1].sort((a, b) => a - b);
    for (const mark of marks) if (mark !== kept.at(-1)) kept.push(mark);
  }
  return kept;
}

/** Finds the positions of the smallest and the largest finite value from `start` to before `end`. */
function extremesOf(values: ArrayLike<number>, start: number, end: number): [number, number] {
  let [low, high] = [start, start];
  let [least, most] = [Infinity, -Infinity];
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < least) [least, low] = [value, i];
    if (value > most) [most, high] = [value, i];
  }
  return [low, high];
}
