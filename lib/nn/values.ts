/** Reads what a reader hands to a network, and says what is wrong with it before anything changes. */
import * as tf from "@tensorflow/tfjs";

/** Numbers for a network: a tensor, a typed array or an array, one sample after the other. */
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

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `the string ${JSON.stringify(value)}`;
  if (typeof value === "object") return `an object of type ${value.constructor?.name ?? "Object"}`;
  return `the ${typeof value} ${String(value)}`;
}

function toNumbers(values: unknown, { task, name }: ValueLabels): ArrayLike<number> {
  if (values instanceof Float32Array || Array.isArray(values)) return values; // nearly all there are
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) {
    return values as unknown as ArrayLike<number>;
  }
  if (values instanceof tf.Tensor) return values.dataSync();
  throw new TypeError(
    `Cannot ${task}: expected ${name} to be a tensor, a typed array or an array of numbers, got ${
      describe(values)
    }`,
  );
}

/** The largest finite float32. */
const MAX_FLOAT32 = 3.4028234663852886e38;

/**
 * The values as they are, checked: finite float32 numbers, a whole number of samples of `size`.
 *
 * They are not copied: a copy of four numbers takes longer than a compiled training step.
 *
 * @throws {TypeError} if they are not numbers.
 * @throws {RangeError} if their count is not a multiple of `size`, or one of them is not finite.
 */
export function readValues(
  values: unknown,
  size: number,
  labels: ValueLabels,
): ArrayLike<number> {
  const numbers = toNumbers(values, labels);
  if (!(numbers instanceof Float32Array && allFinite(numbers))) refuseFirstBad(numbers, labels);
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
        `Cannot ${task}: expected numbers in ${name}, got ${describe(value)} at position ${i}`,
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
