/**
 * Instructions on vectors of 128 bits: `v128.load(pointer, 16)`, `f32x4.relaxedMadd(a, b, c)`.
 *
 * A number is taken as a constant that fills every lane of the instruction's lane type.
 * @module
 */
import { encode, Expr, type ExprOrNumber, type Int, RelaxedExpr, simdCode } from "./expression.ts";
import {
  binary,
  type Each,
  each,
  instruction,
  type Lift,
  liftF32,
  liftF32x4,
  liftF64,
  liftF64x2,
  liftI32,
  liftI32x4,
  liftV128,
  loads,
  memoryCode,
  unary,
  vectorConstant,
} from "./tables.ts";
import { BINARY, COMPARE, LOAD, SIMD, UNARY, type ValType, VECTOR_CONVERT } from "./opcodes.ts";

/** Sixteen bytes. */
export type Vector = Expr<"v128">;
/** A vector, or a number that fills every lane. */
export type Lanes = ExprOrNumber<"v128">;
/** Conversions of a vector. */
export type FromVector<O> = Each<O, (a: Vector) => Vector>;

function make(opcode: number, ...operands: readonly Expr[]): Vector {
  return new Expr("v128", operands, simdCode(opcode));
}

/** Makes an instruction of relaxed SIMD with its replacement for engines that have none. */
function relaxed(opcode: number, operands: readonly Expr[], strict: () => Vector): Vector {
  return new RelaxedExpr(operands, simdCode(opcode), strict);
}

function converts<O extends Readonly<Record<string, number>>>(table: O): FromVector<O> {
  return each(table, (opcode) => (a: Vector) => make(opcode as number, a));
}

/** The instructions that all lane types have: splat, extract and replace. */
export interface LaneOps<T extends ValType> {
  /** Copies a scalar to every lane. */
  splat(value: ExprOrNumber<T>): Vector;
  /** Takes the scalar of one lane. */
  extract(vector: Vector, lane: number): Expr<T>;
  /** Replaces one lane of a vector. */
  replace(vector: Vector, lane: number, value: ExprOrNumber<T>): Vector;
}

function laneOps<T extends "i32" | "f32" | "f64">(
  lane: "i32x4" | "f32x4" | "f64x2",
  type: T,
  lift: Lift<T>,
): LaneOps<T> {
  return {
    splat: (value) => make(SIMD.splat[lane], lift(value)),
    extract: (vector, index) => new Expr(type, [vector], simdCode(SIMD.extractLane[lane], index)),
    replace: (vector, index, value) =>
      new Expr("v128", [vector, lift(value)], simdCode(SIMD.replaceLane[lane], index)),
  };
}

/** A place in memory: `address + offset`. */
export interface MemoryPlace {
  /** The variable part. */
  readonly address: Int;
  /** The constant part in bytes, 0 when left out. */
  readonly offset?: number;
}

/** Instructions on 128 bits without a lane type. */
export const v128 = {
  ...unary(UNARY.v128, liftV128, "v128"),
  ...binary(BINARY.v128, liftV128, ["v128", "v128"]),
  ...loads(LOAD.v128, "v128"),
  /** Takes the bits of `yes` where `mask` has ones, and of `no` where it has zeros. */
  bitselect: (yes: Vector, no: Vector, mask: Vector): Vector => make(SIMD.bitselect, yes, no, mask),
  /**
   * Works as `bitselect` if each 32-bit lane of `mask` is all ones or all zeros; otherwise the result is
   * undefined.
   */
  laneselect: (yes: Vector, no: Vector, mask: Vector): Vector =>
    relaxed(SIMD.relaxedLaneselectI32x4, [yes, no, mask], () => v128.bitselect(yes, no, mask)),
  /** Computes 1 if any bit is set, else 0. */
  anyTrue: (a: Vector): Expr<"i32"> => new Expr("i32", [a], simdCode(SIMD.anyTrue)),
  /** Replaces one 32-bit lane by a number read from memory. */
  load32Lane: (vector: Vector, lane: number, { address, offset = 0 }: MemoryPlace): Vector => {
    const place = memoryCode(instruction("v128", SIMD.load32Lane), 2, offset);
    const code = encode((out) => {
      out.bytes(place);
      out.byte(lane);
    });
    return new Expr("v128", [liftI32(address), vector], code);
  },
};

/** Instructions on sixteen bytes. */
export const i8x16 = {
  /** Picks bytes: byte `i` of the result is byte `lanes[i]` of `a` followed by `b`. */
  shuffle: (a: Vector, b: Vector, lanes: readonly number[]): Vector =>
    new Expr("v128", [a, b], simdCode(SIMD.shuffle, ...lanes)),
  /** Narrows two vectors of eight lanes to sixteen bytes, clamped to 0..255. */
  narrowI16x8U: (a: Vector, b: Vector): Vector => make(SIMD.i8x16.narrowI16x8U, a, b),
  /** Copies the low byte of an i32 to every lane. */
  splat: (value: Int): Vector => make(SIMD.splat.i8x16, liftI32(value)),
};

/** Instructions on eight 16-bit integers. */
export const i16x8 = {
  ...converts(VECTOR_CONVERT.i16x8),
  /** Narrows two vectors of four lanes to eight lanes, clamped to the signed range. */
  narrowI32x4S: (a: Vector, b: Vector): Vector => make(SIMD.i16x8.narrowI32x4S, a, b),
};

/** Instructions on four 32-bit integers. */
export const i32x4 = {
  ...laneOps("i32x4", "i32", liftI32),
  ...unary(UNARY.i32x4, liftI32x4, "v128"),
  ...binary(BINARY.i32x4, liftI32x4, ["v128", "v128"]),
  ...binary(COMPARE.i32x4, liftI32x4, ["v128", "v128"]),
  ...converts(VECTOR_CONVERT.i32x4),
  /** Makes a constant of one number for all lanes, or of four. */
  const: (...values: readonly number[]): Vector => vectorConstant(Int32Array.from(fill(values, 4))),
  /** Shifts every lane to the left. */
  shl: (a: Lanes, bits: Int): Vector => make(SIMD.i32x4.shl, liftI32x4(a), liftI32(bits)),
  /** Shifts every lane to the right, keeping its sign. */
  shrS: (a: Lanes, bits: Int): Vector => make(SIMD.i32x4.shrS, liftI32x4(a), liftI32(bits)),
  /** Shifts every lane to the right, filling with zeros. */
  shrU: (a: Lanes, bits: Int): Vector => make(SIMD.i32x4.shrU, liftI32x4(a), liftI32(bits)),
  /** Computes 1 if no lane is zero, else 0. */
  allTrue: (a: Vector): Expr<"i32"> => new Expr("i32", [a], simdCode(SIMD.i32x4.allTrue)),
  /** Collects the sign bits of the lanes, lane 0 lowest. */
  bitmask: (a: Vector): Expr<"i32"> => new Expr("i32", [a], simdCode(SIMD.i32x4.bitmask)),
  /** Picks lanes by number: 0..3 are those of `a`, 4..7 those of `b`. */
  shuffle: (a: Vector, b: Vector, lanes: readonly number[]): Vector =>
    new Expr("v128", [a, b], shuffleCode(lanes)),
};

const shuffleCodes = new Map<string, Uint8Array>();

/** Encodes a shuffle of 32-bit lanes, each of them once: the inner loops of products have hundreds. */
function shuffleCode(lanes: readonly number[]): Uint8Array {
  const key = lanes.join();
  const bytes = () => lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte));
  const code = shuffleCodes.get(key) ?? simdCode(SIMD.shuffle, ...bytes());
  shuffleCodes.set(key, code);
  return code;
}

/** Instructions on two 64-bit integers: the whole products of two lanes of four. */
export const i64x2 = binary(BINARY.i64x2, liftI32x4, ["v128", "v128"]);

/** Instructions on four 32-bit floats. */
export const f32x4 = {
  ...laneOps("f32x4", "f32", liftF32),
  ...unary(UNARY.f32x4, liftF32x4, "v128"),
  ...binary(BINARY.f32x4, liftF32x4, ["v128", "v128"]),
  ...binary(COMPARE.f32x4, liftF32x4, ["v128", "v128"]),
  ...converts(VECTOR_CONVERT.f32x4),
  /** Makes a constant of one number for all lanes, or of four. */
  const: (...values: readonly number[]): Vector =>
    vectorConstant(Float32Array.from(fill(values, 4))),
  /**
   * Computes `a * b + c`. It depends on the machine if the result is rounded once or twice; without relaxed
   * SIMD it is rounded twice.
   */
  relaxedMadd: (a: Lanes, b: Lanes, c: Lanes): Vector =>
    relaxed(
      SIMD.f32x4.relaxedMadd,
      [a, b, c].map(liftF32x4),
      () => f32x4.add(f32x4.mul(a, b), c),
    ),
  /** Computes `c - a * b`, rounded as `relaxedMadd`. */
  relaxedNmadd: (a: Lanes, b: Lanes, c: Lanes): Vector =>
    relaxed(
      SIMD.f32x4.relaxedNmadd,
      [a, b, c].map(liftF32x4),
      () => f32x4.sub(c, f32x4.mul(a, b)),
    ),
};

/** Instructions on two 64-bit floats. */
export const f64x2 = {
  ...laneOps("f64x2", "f64", liftF64),
  ...unary(UNARY.f64x2, liftF64x2, "v128"),
  ...binary(BINARY.f64x2, liftF64x2, ["v128", "v128"]),
  ...binary(COMPARE.f64x2, liftF64x2, ["v128", "v128"]),
  ...converts(VECTOR_CONVERT.f64x2),
  /** Makes a constant of one number for both lanes, or of two. */
  const: (...values: readonly number[]): Vector =>
    vectorConstant(Float64Array.from(fill(values, 2))),
};

function fill(values: readonly number[], lanes: number): readonly number[] {
  if (values.length === 1) return new Array<number>(lanes).fill(values[0] as number);
  if (values.length === lanes) return values;
  throw new RangeError(`Cannot make a vector: expected 1 or ${lanes} lanes, got ${values.length}`);
}
