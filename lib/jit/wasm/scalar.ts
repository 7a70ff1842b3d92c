/**
 * Instructions on scalars: `i32.add(pointer, 16)`, `f32.mul(a, b)`, `f32.load(pointer, 4)`.
 *
 * A number is taken as a constant of the operand's type.
 * @module
 */
import {
  type Constant,
  constant,
  constantI64,
  constantInt,
  Expr,
  type ExprOrNumber,
  type Int,
} from "./expression.ts";
import { type Binary, binary, liftF32, liftF64, liftI32, liftI64, loads, unary } from "./tables.ts";
import { BINARY, COMPARE, CONVERT, LOAD, TRUNC_SAT_F32, UNARY } from "./opcodes.ts";

const i32Binary: Binary<typeof BINARY.i32, "i32"> = binary(BINARY.i32, liftI32, ["i32", "i32"]);

/** Instructions on 32-bit integers; `add`, `sub`, `mul` and `shl` of constants are folded. */
export const i32 = {
  ...i32Binary,
  ...binary(COMPARE.i32, liftI32, ["i32", "i32"]),
  ...unary(UNARY.i32, liftI32, "i32"),
  ...loads(LOAD.i32, "i32"),
  /** Makes a constant. */
  const: (value: number): Constant<"i32"> => constant("i32", value),
  add: foldable("add", (x, y) => x + y, 0),
  sub: foldable("sub", (x, y) => x - y, 0),
  mul: foldable("mul", Math.imul, 1),
  shl: foldable("shl", (x, y) => x << y, 0),
  /** Computes 1 if the operand is 0, else 0. */
  eqz: (a: Int): Expr<"i32"> => new Expr("i32", [liftI32(a)], [CONVERT.i32.eqz]),
  /** Takes the low 32 bits. */
  wrap: (a: Expr<"i64">): Expr<"i32"> => new Expr("i32", [a], [CONVERT.i32.wrapI64]),
  /** Takes the bits of a float. */
  reinterpret: (a: ExprOrNumber<"f32">): Expr<"i32"> =>
    new Expr("i32", [liftF32(a)], [CONVERT.i32.reinterpretF32]),
  /** Rounds toward zero. NaN becomes 0; a number out of range becomes the nearest one in range. */
  truncSatF32: (a: ExprOrNumber<"f32">): Expr<"i32"> =>
    new Expr("i32", [liftF32(a)], TRUNC_SAT_F32),
};

/**
 * Makes an instruction that is computed in advance if both operands are constants, and left out if the second
 * one is neutral.
 */
function foldable(
  name: "add" | "sub" | "mul" | "shl",
  compute: (x: number, y: number) => number,
  neutral: number,
): (a: Int, b: Int) => Expr<"i32"> {
  return (a, b) => {
    const [x, y] = [constantInt(a), constantInt(b)];
    if (x !== undefined && y !== undefined) return constant("i32", compute(x, y) | 0);
    return y === neutral ? liftI32(a) : i32Binary[name](a, b);
  };
}

/** Instructions on 64-bit integers; constants are bigint. */
export const i64 = {
  ...binary(BINARY.i64, liftI64, ["i64", "i64"]),
  ...binary(COMPARE.i64, liftI64, ["i64", "i32"]),
  ...loads(LOAD.i64, "i64"),
  /** Makes a constant. */
  const: (value: bigint): Expr<"i64"> => constantI64(value),
  /** Extends the number with 32 zero bits. */
  extendU: (a: Int): Expr<"i64"> => new Expr("i64", [liftI32(a)], [CONVERT.i64.extendI32U]),
};

/** Instructions on 32-bit floats; `min` and `max` propagate NaN and order -0 below +0, as `Math` does. */
export const f32 = {
  ...unary(UNARY.f32, liftF32, "f32"),
  ...binary(BINARY.f32, liftF32, ["f32", "f32"]),
  ...binary(COMPARE.f32, liftF32, ["f32", "i32"]),
  ...loads(LOAD.f32, "f32"),
  /** Makes a constant. */
  const: (value: number): Constant<"f32"> => constant("f32", value),
  /** Converts a signed integer to the nearest float. */
  convertI32: (a: Int): Expr<"f32"> => new Expr("f32", [liftI32(a)], [CONVERT.f32.convertI32S]),
  /** Converts an unsigned integer to the nearest float. */
  convertI32U: (a: Int): Expr<"f32"> => new Expr("f32", [liftI32(a)], [CONVERT.f32.convertI32U]),
  /** Makes the float with these bits. */
  reinterpret: (a: Int): Expr<"f32"> => new Expr("f32", [liftI32(a)], [CONVERT.f32.reinterpretI32]),
  /** Converts a double to the nearest float. */
  demote: (a: ExprOrNumber<"f64">): Expr<"f32"> =>
    new Expr("f32", [liftF64(a)], [CONVERT.f32.demoteF64]),
};

/** Instructions on 64-bit floats. */
export const f64 = {
  ...unary(UNARY.f64, liftF64, "f64"),
  ...binary(BINARY.f64, liftF64, ["f64", "f64"]),
  ...binary(COMPARE.f64, liftF64, ["f64", "i32"]),
  ...loads(LOAD.f64, "f64"),
  /** Makes a constant. */
  const: (value: number): Constant<"f64"> => constant("f64", value),
  /** Converts the number to a double. */
  convertI32: (a: Int): Expr<"f64"> => new Expr("f64", [liftI32(a)], [CONVERT.f64.convertI32S]),
  /** Converts the number to the nearest double. */
  convertI64: (a: Expr<"i64">): Expr<"f64"> => new Expr("f64", [a], [CONVERT.f64.convertI64S]),
  /** Converts the number to a double. */
  promote: (a: ExprOrNumber<"f32">): Expr<"f64"> =>
    new Expr("f64", [liftF32(a)], [CONVERT.f64.promoteF32]),
};
