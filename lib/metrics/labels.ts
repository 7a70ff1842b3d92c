/** Measures based on a classifier's labels: shares of the labels, and accuracy of the requested ones. */

import { check, checkOptions, type Kinds, listOf, number, wholeNumber } from "../check/mod.ts";
import { checkLabels, MNIST_CLASSES } from "../data/mod.ts";

/** Options of {@linkcode modeHistogram} and {@linkcode labelAccuracy}. */
export interface LabelOptions {
  /** Number of classes, that is, of different labels; 10 by default. */
  readonly classes?: number;
}

/** Accuracy of requested labels. */
export interface LabelAccuracy {
  /** Share of the samples that have the requested label, 0 to 1. */
  readonly overall: number;
  /** Share for each requested label; undefined for labels that were not requested. */
  readonly ofLabel: readonly (number | undefined)[];
  /** Counts `[requested][actual]`: how many samples with one requested label have another label. */
  readonly confusion: readonly (readonly number[])[];
}

const KINDS: Kinds<LabelOptions> = { classes: wholeNumber({ from: 1, to: 256 }) };
const NUMBERS = listOf(number);

function checkSome(task: string, labels: ArrayLike<number>, classes: number): void {
  checkLabels(task, labels, classes);
  if (labels.length === 0) throw new RangeError(`Cannot ${task}: expected labels, got none`);
}

/**
 * Computes the share of each label among samples, `[classes]`: numbers from 0 to 1 with the sum 1.
 *
 * ```ts
 * import { modeHistogram } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(modeHistogram([0, 1, 1, 1], { classes: 3 }), [0.25, 0.75, 0]);
 * ```
 *
 * @throws {TypeError | RangeError} if there are no labels, or a label is not from 0 to
 * `classes - 1`.
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
 * Computes the total variation distance between two histograms of shares: half the sum of the
 * absolute differences. It is 0 for equal histograms and 1 if no label occurs in both.
 *
 * It equals the largest difference between the probabilities of any set of labels.
 *
 * @throws {TypeError | RangeError} if the lengths differ, or the shares are negative or do not have
 * the sum 1.
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
 * Measures how many samples have the label that was requested.
 *
 * @throws {TypeError | RangeError} if there are no labels, `asked` and `named` differ in length, or
 * a label is not from 0 to `classes - 1`.
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
      `Cannot ${task}: expected as many named as asked labels, got ${named.length} and ${asked.length}`,
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
