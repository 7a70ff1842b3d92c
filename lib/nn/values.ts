/** Reads what a reader hands to a network, and says what is wrong with it before anything changes. */
import * as tf from "@tensorflow/tfjs";
import { describeValue, instanceOf, isOfKind, type Kind, list } from "../check/mod.ts";
import type { SampleShape } from "./model_shapes.ts";

/**
 * Numbers for a network: a typed array or an array, one sample after the other, or a tensor of numbers,
 * `[batch, ...sample]`, `[batch, size of a sample]` or `[batch * size of a sample]`.
 */
export type Values =
  | tf.Tensor
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | readonly number[];

/** How an error names what is being read: «Cannot <task>: expected <name> …». */
export interface ValueLabels {
  /** What the caller wanted, as in "train the discriminator". */
  readonly task: string;
  /** The argument's name. */
  readonly name: string;
}

/** The labels of what a training step takes; made once, since a step takes less time than they do. */
export function labelsFor(task: string): Readonly<Record<"x" | "targets", ValueLabels>> {
  return { x: { task, name: "x" }, targets: { task, name: "targets" } };
}

/** The kind of tensors of numbers that are not disposed. */
export const TENSOR: Kind = {
  expected: "a tensor of numbers",
  fault: (value) => {
    if (!(value instanceof tf.Tensor) || value.isDisposed) return "type";
    return value.dtype === "string" || value.dtype === "complex64" ? "type" : undefined;
  },
};

/** Nearly all values are arrays, and a check of a kind takes longer than a step; a revoked proxy throws. */
function isArray(values: unknown): boolean {
  try {
    return values instanceof Float32Array || Array.isArray(values);
  } catch {
    return false;
  }
}

const ANY_TENSOR = instanceOf(tf.Tensor);

function toNumbers(
  values: unknown,
  sample: SampleShape,
  { task, name }: ValueLabels,
): ArrayLike<number> {
  if (isArray(values) || isOfKind(values, list)) return values as ArrayLike<number>;
  if (isOfKind(values, ANY_TENSOR)) {
    const tensor = values as tf.Tensor;
    checkTensor(tensor, sample, { task, name });
    return tensor.dataSync();
  }
  throw new TypeError(
    `Cannot ${task}: expected ${name} to be a tensor, a typed array or an array of numbers, got ${
      describeValue(values)
    }`,
  );
}

/** @throws {TypeError | RangeError} if a tensor is disposed, has no numbers, or another shape. */
function checkTensor(
  { isDisposed, dtype, shape }: tf.Tensor,
  sample: SampleShape,
  { task, name }: ValueLabels,
): void {
  if (isDisposed) {
    throw new TypeError(
      `Cannot ${task}: expected ${name} to be a tensor, got one that is disposed`,
    );
  }
  if (dtype === "string" || dtype === "complex64") {
    throw new TypeError(`Cannot ${task}: expected ${name} to be a tensor of numbers, got ${dtype}`);
  }
  const given = shape.slice(1).join();
  if (shape.length === 1 || given === sample.shape.join() || given === String(sample.size)) return;
  throw new RangeError(
    `Cannot ${task}: expected ${name} of shape [${["batch", ...sample.shape].join(", ")}], got ` +
      `[${shape.join(", ")}]`,
  );
}

/** The largest finite float32. */
const MAX_FLOAT32 = 3.4028234663852886e38;

/**
 * The values as they are, checked: finite float32 numbers, a whole number of samples.
 *
 * They are not copied: a copy of four numbers takes longer than a compiled training step.
 *
 * @throws {TypeError} if they are not numbers.
 * @throws {RangeError} if their count is not a multiple of a sample's, one of them is not finite, or a
 * tensor has another shape.
 */
export function readValues(
  values: unknown,
  sample: SampleShape,
  labels: ValueLabels,
): ArrayLike<number> {
  const numbers = toNumbers(values, sample, labels);
  if (!(numbers instanceof Float32Array && allFinite(numbers))) refuseFirstBad(numbers, labels);
  const { size } = sample;
  if (numbers.length === 0 || numbers.length % size !== 0) {
    const { task, name } = labels;
    throw new RangeError(
      `Cannot ${task}: expected ${name} with ${size} ${
        size === 1 ? "number" : "numbers"
      } a sample,` +
        ` got ${numbers.length}`,
    );
  }
  return numbers;
}

/** How targets for a discriminator are read; made once, since a step takes less time than this. */
export interface TargetFormat {
  /** One answer of the discriminator. */
  readonly sample: SampleShape;
  /** The least and the greatest number that the loss is defined for; any if left out. */
  readonly range: { readonly from: number; readonly to: number } | undefined;
  /** How errors name them. */
  readonly labels: ValueLabels;
}

/**
 * Reads the targets for a batch.
 *
 * @throws {TypeError | RangeError} if they are not finite numbers in the loss's range, as many as there
 * are answers.
 */
export function readTargets(
  targets: unknown,
  batch: number,
  { sample, range, labels }: TargetFormat,
): ArrayLike<number> {
  const wanted = readValues(targets, sample, labels);
  if (wanted.length !== batch * sample.size) {
    throw new RangeError(
      `Cannot ${labels.task}: expected targets for ${batch} samples, ` +
        `got targets for ${wanted.length / sample.size}`,
    );
  }
  if (range) checkRange(wanted, range, labels);
  return wanted;
}

function checkRange(
  numbers: ArrayLike<number>,
  { from, to }: { readonly from: number; readonly to: number },
  { task, name }: ValueLabels,
): void {
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (value >= from && value <= to) continue;
    throw new RangeError(
      `Cannot ${task}: expected ${name} from ${from} to ${to}, got ${value} at position ${i}`,
    );
  }
}

/** The hot path, for one kind of array alone so that it stays one loop of machine code. */
function allFinite(numbers: Float32Array): boolean {
  let zero = 0;
  for (let i = 0; i < numbers.length; i++) zero += numbers[i]! * 0; // NaN and infinities give NaN
  return zero === 0;
}

function refuseFirstBad(numbers: ArrayLike<unknown>, { task, name }: ValueLabels): void {
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i];
    if (typeof value !== "number") {
      throw new TypeError(
        `Cannot ${task}: expected numbers in ${name}, got ${describeValue(value)} at position ${i}`,
      );
    }
    // One comparison that NaN fails too.
    if (!(Math.abs(value) <= MAX_FLOAT32)) {
      throw new RangeError(
        `Cannot ${task}: expected finite float32 numbers in ${name}, got ${value} at position ${i}`,
      );
    }
  }
}
