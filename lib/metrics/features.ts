/** Features of samples: the numbers by which samples are compared. */
import { checkOptions, instanceOf, type Kinds, union, wholeNumber } from "../check/mod.ts";

/** Features of samples, `[samples, width]`, for example pixels or the activations of a classifier. */
export interface Features {
  /** Numbers of the first sample, then of the second, and so on. */
  readonly values: Float32Array | Float64Array;
  /** Number of features per sample. */
  readonly width: number;
}

const KINDS: Kinds<Features> = {
  values: union(instanceOf(Float32Array), instanceOf(Float64Array)),
  width: wholeNumber({ from: 1 }),
};

/**
 * Checks that a value is an object with features.
 *
 * @throws {TypeError | RangeError} if it is not.
 */
function checkFeatures(features: Features, task: string): void {
  checkOptions(task, features, { kinds: KINDS, required: ["values", "width"] });
}

/**
 * Counts the samples and checks their features.
 *
 * @throws {TypeError} if the features are not an object with values and a width.
 * @throws {RangeError} if the values are not whole rows of finite numbers, or there are fewer than
 * `atLeast` rows.
 */
export function countSamples(
  features: Features,
  { task, atLeast }: { readonly task: string; readonly atLeast: number },
): number {
  checkFeatures(features, task);
  const { values, width } = features;
  if (values.length % width !== 0) {
    throw new RangeError(
      `Cannot ${task}: expected a multiple of ${width} numbers, one row for each sample, got ` +
        `${values.length}`,
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

/**
 * Checks that two sets have features of the same width.
 *
 * @throws {TypeError | RangeError} if they do not.
 */
export function checkSameFeatures(a: Features, b: Features, task: string): void {
  for (const features of [a, b]) checkFeatures(features, task);
  if (a.width === b.width) return;
  throw new RangeError(
    `Cannot ${task}: expected features of one width, got ${a.width} and ${b.width}`,
  );
}
