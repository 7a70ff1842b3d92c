/** Computes medians and ratios of rounds that were run side by side. */

/** Computes the median: the middle number, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("Cannot take a median: expected numbers, got none");
  const sorted = [...values].sort((a, b) => a - b), middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Computes how many times longer `theirs` took than `ours`: the median over rounds, each compared
 * with the same round of the other, so that changes of the clock speed affect both.
 */
export function ratio(theirs: readonly number[], ours: readonly number[]): number {
  const rounds = Math.min(theirs.length, ours.length);
  return median(ours.slice(0, rounds).map((mine, round) => theirs[round]! / mine));
}

/** Formats a number with about three significant digits. */
export function rounded(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3).replace(/e[+-].*/, "");
}
