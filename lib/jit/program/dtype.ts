/**
 * The element types that programs compute with, and arrays of them.
 * @module
 */

/** The element types that a program computes with; a bool is a byte, 0 or 1. */
export type DType = "float32" | "int32" | "bool";

/** Whether a program can have elements of a type. */
export function isNumeric(dtype: string): dtype is DType {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}

/** The values of a dense array. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** The bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return dtype === "bool" ? 1 : 4;
}

/** Numbers as an array of the given type. */
export function valuesOf(dtype: DType, numbers: ArrayLike<number>): Values {
  if (dtype === "float32") return Float32Array.from(numbers);
  return dtype === "int32" ? Int32Array.from(numbers) : Uint8Array.from(numbers);
}

/** Elements as an array of exactly this type; the same array if it is one already. */
export function asType(values: Values, dtype: string): Values {
  if (dtype === "float32") {
    return values instanceof Float32Array ? values : Float32Array.from(values);
  }
  if (dtype === "int32") return values instanceof Int32Array ? values : Int32Array.from(values);
  return values instanceof Uint8Array ? values : Uint8Array.from(values);
}
