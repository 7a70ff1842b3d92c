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
import {
  type Binary,
  binary,
  type Compare,
  liftF32,
  liftF64,
  liftI32,
  liftI64,
  type Loads,
  loads,
  type Unary,
  unary,
} from "./tables.ts";
import { BINARY, COMPARE, CONVERT, LOAD, TRUNC_SAT, UNARY } from "./opcodes.ts";

/** Instructions on 32-bit integers. */
export interface I32
  extends
    Unary<typeof UNARY.i32, "i32">,
    Binary<typeof BINARY.i32, "i32">,
    Compare<typeof COMPARE.i32, "i32", "i32">,
    Loads<typeof LOAD.i32, "i32"> {
  /** A constant. */
  const(value: number): Constant<"i32">;
  /** 1 if the operand is 0, else 0. */
  eqz(a: Int): Expr<"i32">;
  /** The low 32 bits. */
  wrap(a: Expr<"i64">): Expr<"i32">;
  /** The bits of a float. */
  reinterpret(a: ExprOrNumber<"f32">): Expr<"i32">;
  /** Toward zero; NaN is 0 and what does not fit is the nearest that does. */
  truncSatF32(a: ExprOrNumber<"f32">): Expr<"i32">;
  /** Toward zero; NaN is 0 and what does not fit is the nearest that does. */
  truncSatF64(a: ExprOrNumber<"f64">): Expr<"i32">;
}

const i32Binary: Binary<typeof BINARY.i32, "i32"> = binary(BINARY.i32, liftI32, ["i32", "i32"]);

/** Instructions on 32-bit integers; `add`, `sub`, `mul` and `shl` of constants are folded. */
export const i32: I32 = {
  ...i32Binary,
  ...binary(COMPARE.i32, liftI32, ["i32", "i32"]),
  ...unary(UNARY.i32, liftI32, "i32"),
  ...loads(LOAD.i32, "i32"),
  const: (value) => constant("i32", value),
  add: (a, b) => fold(a, b, { code: i32Binary.add, compute: (x, y) => x + y, neutral: 0 }),
  sub: (a, b) => fold(a, b, { code: i32Binary.sub, compute: (x, y) => x - y, neutral: 0 }),
  mul: (a, b) => fold(a, b, { code: i32Binary.mul, compute: Math.imul, neutral: 1 }),
  shl: (a, b) => fold(a, b, { code: i32Binary.shl, compute: (x, y) => x << y, neutral: 0 }),
  eqz: (a) => new Expr("i32", [liftI32(a)], [CONVERT.i32.eqz]),
  wrap: (a) => new Expr("i32", [a], [CONVERT.i32.wrapI64]),
  reinterpret: (a) => new Expr("i32", [liftF32(a)], [CONVERT.i32.reinterpretF32]),
  truncSatF32: (a) => new Expr("i32", [liftF32(a)], [0xfc, TRUNC_SAT.f32S]),
  truncSatF64: (a) => new Expr("i32", [liftF64(a)], [0xfc, TRUNC_SAT.f64S]),
};

function fold(a: Int, b: Int, rule: {
  readonly code: (a: Int, b: Int) => Expr<"i32">;
  readonly compute: (x: number, y: number) => number;
  readonly neutral: number;
}): Expr<"i32"> {
  const [x, y] = [constantInt(a), constantInt(b)];
  if (x !== undefined && y !== undefined) return constant("i32", rule.compute(x, y) | 0);
  return y === rule.neutral ? liftI32(a) : rule.code(a, b);
}

/** Instructions on 64-bit integers; constants are bigint. */
export interface I64
  extends
    Binary<typeof BINARY.i64, "i64">,
    Compare<typeof COMPARE.i64, "i64", "i32">,
    Loads<typeof LOAD.i64, "i64"> {
  /** A constant. */
  const(value: bigint): Expr<"i64">;
  /** The same number with the sign kept. */
  extendS(a: Int): Expr<"i64">;
  /** The same bits below 32 zero bits. */
  extendU(a: Int): Expr<"i64">;
}

/** Instructions on 64-bit integers. */
export const i64: I64 = {
  ...binary(BINARY.i64, liftI64, ["i64", "i64"]),
  ...binary(COMPARE.i64, liftI64, ["i64", "i32"]),
  ...loads(LOAD.i64, "i64"),
  const: (value) => constantI64(value),
  extendS: (a) => new Expr("i64", [liftI32(a)], [CONVERT.i64.extendI32S]),
  extendU: (a) => new Expr("i64", [liftI32(a)], [CONVERT.i64.extendI32U]),
};

/** Instructions on 32-bit floats; `min` and `max` propagate NaN and order -0 below +0, as `Math` does. */
export interface F32
  extends
    Unary<typeof UNARY.f32, "f32">,
    Binary<typeof BINARY.f32, "f32">,
    Compare<typeof COMPARE.f32, "f32", "i32">,
    Loads<typeof LOAD.f32, "f32"> {
  /** A constant. */
  const(value: number): Constant<"f32">;
  /** The nearest float to a signed integer. */
  convertI32(a: Int): Expr<"f32">;
  /** The nearest float to an unsigned integer. */
  convertI32U(a: Int): Expr<"f32">;
  /** The float with these bits. */
  reinterpret(a: Int): Expr<"f32">;
  /** The nearest float to a double. */
  demote(a: ExprOrNumber<"f64">): Expr<"f32">;
}

/** Instructions on 32-bit floats. */
export const f32: F32 = {
  ...unary(UNARY.f32, liftF32, "f32"),
  ...binary(BINARY.f32, liftF32, ["f32", "f32"]),
  ...binary(COMPARE.f32, liftF32, ["f32", "i32"]),
  ...loads(LOAD.f32, "f32"),
  const: (value) => constant("f32", value),
  convertI32: (a) => new Expr("f32", [liftI32(a)], [CONVERT.f32.convertI32S]),
  convertI32U: (a) => new Expr("f32", [liftI32(a)], [CONVERT.f32.convertI32U]),
  reinterpret: (a) => new Expr("f32", [liftI32(a)], [CONVERT.f32.reinterpretI32]),
  demote: (a) => new Expr("f32", [liftF64(a)], [CONVERT.f32.demoteF64]),
};

/** Instructions on 64-bit floats. */
export interface F64
  extends
    Unary<typeof UNARY.f64, "f64">,
    Binary<typeof BINARY.f64, "f64">,
    Compare<typeof COMPARE.f64, "f64", "i32">,
    Loads<typeof LOAD.f64, "f64"> {
  /** A constant. */
  const(value: number): Constant<"f64">;
  /** The same number as a double. */
  convertI32(a: Int): Expr<"f64">;
  /** The nearest double. */
  convertI64(a: Expr<"i64">): Expr<"f64">;
  /** The same number as a double. */
  promote(a: ExprOrNumber<"f32">): Expr<"f64">;
}

/** Instructions on 64-bit floats. */
export const f64: F64 = {
  ...unary(UNARY.f64, liftF64, "f64"),
  ...binary(BINARY.f64, liftF64, ["f64", "f64"]),
  ...binary(COMPARE.f64, liftF64, ["f64", "i32"]),
  ...loads(LOAD.f64, "f64"),
  const: (value) => constant("f64", value),
  convertI32: (a) => new Expr("f64", [liftI32(a)], [CONVERT.f64.convertI32S]),
  convertI64: (a) => new Expr("f64", [a], [CONVERT.f64.convertI64S]),
  promote: (a) => new Expr("f64", [liftF32(a)], [CONVERT.f64.promoteF32]),
};
