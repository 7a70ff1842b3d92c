/**
 * Code that reads and writes elements of each type in memory.
 * @module
 */
import { bytesPerElement, type DType } from "../../program/dtype.ts";
import type { Operand, Var } from "../../program/equation.ts";
import {
  type Expr,
  f32,
  f32x4,
  type FunctionBuilder,
  i16x8,
  i32,
  i32x4,
  i8x16,
  type Int,
  v128,
} from "../../wasm/mod.ts";
import type { Lane } from "./scalar.ts";

/** The addresses of a program's values. */
export interface Layout {
  /** Returns the address of a value's first byte. */
  addressOf(value: Var): number;
  /** Returns the elements of a value if they are known when the code is emitted. */
  constantOf(value: Var): ArrayLike<number> | undefined;
}

/** The addresses of a program's values, and of one equation's working memory. */
export interface EquationPlaces {
  readonly layout: Layout;
  /** Memory that the parts of the equation share. */
  readonly scratch: number;
  /** Returns the address of memory that a thread has for itself. */
  own(thread: Int): Int;
}

/** A place in memory: `base + address`, where the base is known when the code is written. */
export interface ElementPlace {
  readonly dtype: DType;
  readonly base: number;
  /** The part of the address that is added at run time, in bytes. */
  readonly address: Int;
}

/** Reads one element. */
export function loadLane({ dtype, base, address }: ElementPlace): Lane {
  if (dtype === "float32") return f32.load(address, base);
  return dtype === "int32" ? i32.load(address, base) : i32.load8U(address, base);
}

/** Writes one element. */
export function storeLane(
  f: FunctionBuilder,
  { dtype, base, address }: ElementPlace,
  value: Lane,
): void {
  if (dtype === "float32") f.store.f32(address, value as Expr<"f32">, base);
  else if (dtype === "int32") f.store.i32(address, value as Expr<"i32">, base);
  else f.store.i32As8(address, value as Expr<"i32">, base);
}

/** Reads four consecutive elements. */
export function loadVector({ dtype, base, address }: ElementPlace): Expr<"v128"> {
  if (dtype !== "bool") return v128.load(address, base);
  const words = i16x8.extendLowI8x16U(v128.load32Zero(address, base));
  return i32x4.ne(i32x4.extendLowI16x8U(words), 0);
}

/** Writes four consecutive elements. */
export function storeVector(
  f: FunctionBuilder,
  { dtype, base, address }: ElementPlace,
  value: Expr<"v128">,
): void {
  if (dtype !== "bool") return f.store.v128(address, value, base);
  const words = i16x8.narrowI32x4S(v128.and(value, i32x4.const(1)), i32x4.const(0));
  const bytes = i8x16.narrowI16x8U(words, words);
  f.store.i32(address, i32x4.extract(bytes, 0), base);
}

/** Makes a constant element from a number. */
export function constantLane(dtype: DType, value: number): Lane {
  return dtype === "float32" ? f32.const(value) : i32.const(value);
}

/** Makes a constant vector with a number in all four lanes. */
export function constantVector(dtype: DType, value: number): Expr<"v128"> {
  if (dtype === "float32") return f32x4.const(value);
  return i32x4.const(dtype === "int32" ? value : -value);
}

/** Copies one element to all four lanes. */
export function splatLane(dtype: DType, value: Lane): Expr<"v128"> {
  if (dtype === "float32") return f32x4.splat(value as Expr<"f32">);
  const lanes = i32x4.splat(value as Expr<"i32">);
  return dtype === "int32" ? lanes : i32x4.ne(lanes, 0);
}

/** Computes the byte address of an element of a value. */
export function elementAddress(layout: Layout, value: Var, element: number): number {
  return layout.addressOf(value) + element * bytesPerElement(value.dtype);
}

/** Computes the address of the first element that a contiguous operand reads. */
export function addressOfOperand(layout: Layout, { source, offset }: Operand): number {
  return layout.addressOf(source) + offset * bytesPerElement(source.dtype);
}
