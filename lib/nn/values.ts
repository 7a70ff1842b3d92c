/** Reads the numbers that are passed to a network, and checks them before anything changes. */
import * as tf from "@tensorflow/tfjs";
import { describeValue, instanceOf, isOfKind, type Kind, list } from "../check/mod.ts";
import type { SampleShape } from "./model_shapes.ts";

/**
 * Numbers for a network: an array or a typed array with one sample after another, or a tensor of
 * shape `[batch, ...sample]`, `[batch, size of a sample]` or `[batch * size of a sample]`.
 */
export type Values =
  | tf.Tensor
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | readonly number[];

/** Words for an error of the form "Cannot <task>: expected <name> …". */
export interface ValueLabels {
  /** Task of the caller, such as "train the discriminator". */
  readonly task: string;
  /** Name of the argument. */
  readonly name: string;
}

/**
 * Makes the labels of a training step's arguments. Call it once per network: it takes longer than a
 * small step.
 */
export function labelsFor(task: string): Readonly<Record<"x" | "targets", ValueLabels>> {
  return { x: { task, name: "x" }, targets: { task, name: "targets" } };
}

/** Kind of tensors of numbers that are not disposed. */
export const TENSOR: Kind = {
  expected: "a tensor of numbers",
  fault: (value) => {
    if (!(value instanceof tf.Tensor) || value.isDisposed) return "type";
    return value.dtype === "string" || value.dtype === "complex64" ? "type" : undefined;
  },
};

/**
 * Recognizes the most frequent types of values. This is faster than a check of a kind, which would
 * take longer than a small step. For a revoked proxy, `instanceof` throws.
 */
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

/**
 * Checks that a tensor is not disposed, holds numbers, and has the shape of a batch.
 *
 * @throws {TypeError | RangeError} if it does not.
 */
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

/** Largest finite float32 number. */
const MAX_FLOAT32 = 3.4028234663852886e38;

/**
 * Checks values and returns them: finite float32 numbers of a whole number of samples.
 *
 * They are not copied, because a copy of four numbers takes longer than a compiled training step.
 *
 * @throws {TypeError} if they are not numbers.
 * @throws {RangeError} if their number is not a multiple of a sample's size, one of them is not
 * finite, or a tensor has another shape.
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
      } per sample,` +
        ` got ${numbers.length}`,
    );
  }
  return numbers;
}

/** Format of targets for a discriminator. Make it once per network: it takes longer than a small step. */
export interface TargetFormat {
  /** Shape of one answer of the discriminator. */
  readonly sample: SampleShape;
  /** Range of targets that the loss accepts; any finite number if undefined. */
  readonly range: { readonly from: number; readonly to: number } | undefined;
  /** Words for errors. */
  readonly labels: ValueLabels;
}

/**
 * Checks the targets of a batch and returns them.
 *
 * @throws {TypeError | RangeError} if they are not finite numbers in the range of the loss, or not
 * as many as there are answers.
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

/**
 * Tells whether all numbers are finite. It accepts only one type of array, so that V8 compiles it
 * to a fast loop.
 */
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
    // NaN also fails this comparison.
    if (!(Math.abs(value) <= MAX_FLOAT32)) {
      throw new RangeError(
        `Cannot ${task}: expected finite float32 numbers in ${name}, got ${value} at position ${i}`,
      );
    }
  }
}
