/**
 * The element types that programs compute with, and arrays of them.
 * @module
 */

/** The element types that a program computes with; a bool is a byte, 0 or 1. */
export type DType = "float32" | "int32" | "bool";

/** Tells whether a program can have elements of a type. */
export function isNumeric(dtype: string): dtype is DType {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}

/** The values of a dense array. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** Counts the bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return dtype === "bool" ? 1 : 4;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Copies numbers to an array of the given type. */
export function valuesOf(dtype: DType, numbers: ArrayLike<number>): Values {
  return ARRAYS[dtype].from(numbers);
}

/** Returns elements as an array of exactly this type: the same array if it is one already. */
export function asType(values: Values, dtype: string): Values {
  const type = isNumeric(dtype) ? ARRAYS[dtype] : Uint8Array;
  return values instanceof type ? values : type.from(values);
}

/** Makes an array of `size` elements that is a view of memory. */
export function viewOf(
  buffer: ArrayBuffer,
  { dtype, at, size }: { readonly dtype: DType; readonly at: number; readonly size: number },
): Values {
  return new ARRAYS[dtype](buffer, at, size);
}
