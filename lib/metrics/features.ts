/** What samples are compared by: a row of numbers for each of them. */
import { checkOptions, instanceOf, type Kinds, union, wholeNumber } from "../check/mod.ts";

/** Features of samples, `[samples, width]`, row after row; pixels or a classifier's activations. */
export interface Features {
  /** The numbers of the first sample, then those of the second, … */
  readonly values: Float32Array | Float64Array;
  /** How many numbers there are for each sample. */
  readonly width: number;
}

const KINDS: Kinds<Features> = {
  values: union(instanceOf(Float32Array), instanceOf(Float64Array)),
  width: wholeNumber({ from: 1 }),
};

/** @throws {TypeError | RangeError} if these are not features with a width. */
export function checkFeatures(features: Features, task: string): void {
  checkOptions(task, features, { kinds: KINDS, required: ["values", "width"] });
}

/**
 * How many samples there are.
 *
 * @throws {TypeError} if these are no features.
 * @throws {RangeError} if the numbers are not whole rows of finite numbers, or fewer than `atLeast`
 * rows.
 */
export function countSamples(
  features: Features,
  { task, atLeast }: { readonly task: string; readonly atLeast: number },
): number {
  checkFeatures(features, task);
  const { values, width } = features;
  if (values.length % width !== 0) {
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

/** @throws {TypeError | RangeError} if the features of two sets are not the same features. */
export function checkSameFeatures(a: Features, b: Features, task: string): void {
  for (const features of [a, b]) checkFeatures(features, task);
  checkWidths(a.width, b.width, task);
}

/** @throws {RangeError} if two widths differ. */
export function checkWidths(a: number, b: number, task: string): void {
  if (a !== b) {
    throw new RangeError(`Cannot ${task}: expected features of one width, got ${a} and ${b}`);
  }
}
