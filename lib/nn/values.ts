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

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `the string ${JSON.stringify(value)}`;
  if (typeof value === "object") return `an object of type ${value.constructor?.name ?? "Object"}`;
  return `the ${typeof value} ${String(value)}`;
}

function toNumbers(values: unknown, task: string, name: string): ArrayLike<number> {
  if (values instanceof tf.Tensor) return values.dataSync();
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) {
    return values as unknown as ArrayLike<number>;
  }
  if (Array.isArray(values)) return values;
  throw new TypeError(
    `Cannot ${task}: expected ${name} to be a tensor, a typed array or an array of numbers, got ${
      describe(values)
    }`,
  );
}

/**
 * The values as float32, checked: finite numbers, a whole number of samples of `size` numbers.
 *
 * @throws {TypeError} if they are not numbers.
 * @throws {RangeError} if their count is not a multiple of `size`, or one of them is not finite.
 */
export function readValues(
  values: unknown,
  size: number,
  { task, name }: ValueLabels,
): Float32Array {
  const numbers = toNumbers(values, task, name);
  const floats = new Float32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const value: unknown = numbers[i];
    if (typeof value !== "number") {
      throw new TypeError(
        `Cannot ${task}: expected numbers in ${name}, got ${describe(value)} at position ${i}`,
      );
    }
    floats[i] = value;
    if (!Number.isFinite(floats[i])) {
      throw new RangeError(
        `Cannot ${task}: expected finite float32 numbers in ${name}, got ${value} at position ${i}`,
      );
    }
  }
  if (floats.length === 0 || floats.length % size !== 0) {
    throw new RangeError(
      `Cannot ${task}: expected ${name} with ${size} ${
        size === 1 ? "number" : "numbers"
      } a sample,` +
        ` got ${floats.length}`,
    );
  }
  return floats;
}
