/** Writes arrays of numbers to the bytes of one file, and reads them back. */
import * as tf from "@tensorflow/tfjs";
import { arrayOf, type Kind, oneOf, wholeNumber } from "../check/mod.ts";
import { Damage, expectKind } from "./damage.ts";

/** Number types of a model's weights. */
type NumberType = "float32" | "int32" | "bool";

/** Numbers of one array. */
type Numbers = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** Description of an array in a file. */
export interface ArraySpec {
  /** Length of each dimension. */
  readonly shape: readonly number[];
  /** Number type. */
  readonly dtype: NumberType;
}

/** Array that was read from a file. */
export interface ReadArray<Spec extends ArraySpec = ArraySpec> {
  /** Description of the array. */
  readonly spec: Spec;
  /** Numbers of the array. */
  readonly values: Numbers;
}

/** Error for a number that is not finite. A run could not continue from it. */
export class NotFinite extends RangeError {}

const CLASSES = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
const SHAPE: Kind = arrayOf(wholeNumber({ from: 0 }));
const TYPES: Kind = oneOf(Object.keys(CLASSES));

/** Tells whether two shapes are the same. */
export function isSameShape(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
): boolean {
  return a.length === b.length && a.every((length, i) => length === b[i]);
}

/** Joins the bytes of arrays into a new array, so that later steps do not change it. */
export function joinBytes(arrays: readonly ArrayBufferView[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    whole.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return whole;
}

/** Describes a tensor as an array in a file. */
export function specOf(tensor: tf.Tensor): ArraySpec {
  return { shape: [...tensor.shape], dtype: tensor.dtype as NumberType };
}

/**
 * Checks that all numbers are finite; `where` describes the array in the error.
 *
 * @throws {NotFinite} if a number is not finite.
 */
export function checkFinite(values: ArrayLike<number>, where: string): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new NotFinite(
      `Cannot save a checkpoint: expected finite numbers, got ${values[i]} in ${where}`,
    );
  }
}

/** Reads the shape and the number type of an array. */
export function readSpec(what: string, value: unknown): ArraySpec {
  const { shape, dtype } = Object(value) as Partial<ArraySpec>;
  return {
    shape: expectKind(`the shape of ${what}`, shape, SHAPE),
    dtype: expectKind(`the type of ${what}`, dtype, TYPES),
  };
}

/**
 * Splits the bytes of a file into arrays.
 *
 * @throws {Damage} if the length of the file is wrong, or a number is not finite.
 */
export function splitBytes<Spec extends ArraySpec>(
  specs: readonly Spec[],
  { file, bytes }: { readonly file: string; readonly bytes: Uint8Array<ArrayBuffer> | undefined },
): ReadArray<Spec>[] {
  if (!bytes) throw new Damage(`expected a file ${file}, got none`);
  const lengths = specs.map(({ shape, dtype }) =>
    tf.util.sizeFromShape([...shape]) * CLASSES[dtype].BYTES_PER_ELEMENT
  );
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== bytes.length) {
    throw new Damage(`expected ${file} to have ${total} bytes, got ${bytes.length}`);
  }
  let at = 0;
  return specs.map((spec, i) => {
    const part = bytes.slice(at, at += lengths[i]!);
    const values = new CLASSES[spec.dtype](part.buffer);
    const bad = values.find((value: number) => !Number.isFinite(value));
    if (bad === undefined) return { spec, values };
    throw new Damage(`expected finite numbers in ${file}, got ${bad}`);
  });
}
