/** What samples are compared by: a row of numbers for each of them. */

/** Features of samples, `[samples, width]`, row after row; pixels or a classifier's activations. */
export interface Features {
  /** The numbers of the first sample, then those of the second, … */
  readonly values: Float32Array | Float64Array;
  /** How many numbers there are for each sample. */
  readonly width: number;
}

/**
 * How many samples there are.
 *
 * @throws {RangeError} if the numbers are not whole rows of finite numbers, or fewer than `atLeast`
 * rows.
 */
export function countSamples(
  { values, width }: Features,
  { task, atLeast }: { readonly task: string; readonly atLeast: number },
): number {
  if (!Number.isSafeInteger(width) || width < 1 || values.length % width !== 0) {
    throw new RangeError(
      `Cannot ${task}: expected rows of a width that divides ${values.length} numbers, got the ` +
        `width ${width}`,
    );
  }
  const count = values.length / width;
  if (count < atLeast) {
    throw new RangeError(`Cannot ${task}: expected at least ${atLeast} samples, got ${count}`);
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RangeError(
      `Cannot ${task}: expected finite features, got ${values[bad]} in sample ${
        Math.floor(bad / width)
      }`,
    );
  }
  return count;
}

/** @throws {RangeError} if the features of two sets are not the same features. */
export function checkWidths(a: number, b: number, task: string): void {
  if (a !== b) {
    throw new RangeError(`Cannot ${task}: expected features of one width, got ${a} and ${b}`);
  }
}
