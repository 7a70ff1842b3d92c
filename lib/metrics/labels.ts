/** What a classifier's answers say about samples: which digits there are, and whether they were asked for. */

import { check, checkOptions, type Kinds, listOf, number, wholeNumber } from "../check/mod.ts";
import { checkLabels, MNIST_CLASSES } from "../data/mod.ts";

/** Options of `modeHistogram` and `labelAccuracy`. */
export interface LabelOptions {
  /** How many kinds of labels there are, from 0 on; 10 by default. */
  readonly classes?: number;
}

/** How often what was asked for was drawn. */
export interface LabelAccuracy {
  /** The share of all samples that are what was asked for. */
  readonly overall: number;
  /** The same for each label that was asked for; undefined for those that were not. */
  readonly ofLabel: readonly (number | undefined)[];
  /** `[asked][named]`: how often a sample asked to be one label was named another. */
  readonly confusion: readonly (readonly number[])[];
}

const KINDS: Kinds<LabelOptions> = { classes: wholeNumber({ from: 1, to: 256 }) };
const NUMBERS = listOf(number);

function checkSome(task: string, labels: ArrayLike<number>, classes: number): void {
  checkLabels(task, labels, classes);
  if (labels.length === 0) throw new RangeError(`Cannot ${task}: expected labels, got none`);
}

/**
 * The share of each label among samples: shares from 0 to 1 whose sum is 1, `[classes]`.
 *
 * ```ts
 * import { modeHistogram } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(modeHistogram([0, 1, 1, 1], { classes: 3 }), [0.25, 0.75, 0]);
 * ```
 *
 * @throws {TypeError | RangeError} if there are no labels, or one is not from 0 to `classes - 1`.
 */
export function modeHistogram(labels: ArrayLike<number>, options: LabelOptions = {}): number[] {
  const task = "count labels";
  checkOptions(task, options, { kinds: KINDS });
  const { classes = MNIST_CLASSES } = options;
  checkSome(task, labels, classes);
  const shares = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) shares[labels[i]!]! += 1 / labels.length;
  return shares;
}

/**
 * The total variation distance of two histograms of shares: half the sum of their differences, from
 * 0 for equal ones to 1 for those that share nothing.
 *
 * It is the largest difference in probability that the two give to any set of labels.
 *
 * @throws {TypeError | RangeError} if their lengths differ, or one is not of shares whose sum is 1.
 */
export function totalVariation(a: readonly number[], b: readonly number[]): number {
  const task = "compare histograms";
  check(task, { a, b }, NUMBERS);
  if (a.length !== b.length) {
    throw new RangeError(
      `Cannot ${task}: expected as many classes in both, got ${a.length} and ${b.length}`,
    );
  }
  for (const shares of [a, b]) {
    const sum = shares.reduce((total, share) => total + share, 0);
    if (!(Math.abs(sum - 1) < 1e-6) || shares.some((share) => share < 0)) {
      throw new RangeError(
        `Cannot ${task}: expected shares from 0 on with the sum 1, got ${shares}`,
      );
    }
  }
  return a.reduce((sum, share, i) => sum + Math.abs(share - b[i]!), 0) / 2;
}

/**
 * How many of the samples that were asked to be a label were named so by a classifier.
 *
 * @throws {TypeError | RangeError} if there are no labels, not as many named as asked, or one is not
 * from 0 to `classes - 1`.
 */
export function labelAccuracy(
  asked: ArrayLike<number>,
  named: ArrayLike<number>,
  options: LabelOptions = {},
): LabelAccuracy {
  const task = "measure the accuracy of labels";
  checkOptions(task, options, { kinds: KINDS });
  const { classes = MNIST_CLASSES } = options;
  for (const labels of [asked, named]) checkSome(task, labels, classes);
  if (asked.length !== named.length) {
    throw new RangeError(
      `Cannot ${task}: expected as many named as asked, got ${named.length} and ${asked.length}`,
    );
  }
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < asked.length; i++) confusion[asked[i]!]![named[i]!]!++;
  const right = confusion.map((row, label) => row[label]!);
  const ofLabel = confusion.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return total === 0 ? undefined : right[label]! / total;
  });
  const overall = right.reduce((sum, count) => sum + count, 0) / asked.length;
  return { overall, ofLabel, confusion };
}
