/**
 * Elementary functions as emitted code, for four floats at once and for single ones, with the same bits.
 *
 * Each has a relative error of at most 2e-7 (the spacing of floats is 1.2e-7 at its widest)
 * and the special values of `Math`. No branches, no tables: range reduction, then a polynomial.
 * @module
 */
import { type Expr, f32x4, type FunctionBuilder, type Vector } from "../../wasm/mod.ts";
import { acos, asin, atan } from "./arc.ts";
import { cosh, exp, expm1, sigmoid, sinh, tanh } from "./exp.ts";
import { acosh, asinh, atanh, log, log1p } from "./log.ts";
import { cos, sin, tan } from "./trig.ts";

/** A function that writes the code of an elementary function of four floats. */
export type VectorMath = (f: FunctionBuilder, x: Vector) => Vector;

/** A function that writes the code of an elementary function of one float. */
export type ScalarMath = (f: FunctionBuilder, x: Expr<"f32">) => Expr<"f32">;

const TABLE = {
  exp,
  expm1,
  log,
  log1p,
  sigmoid,
  tanh,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  asin,
  acos,
  atan,
  sin,
  cos,
  tan,
} satisfies Readonly<Record<string, VectorMath>>;

/** The name of a function that can be emitted. */
export type UnaryMath = keyof typeof TABLE;

/** Functions of four floats. Each result is a variable, so it can be used twice at no cost. */
export const vectorMath: Readonly<Record<UnaryMath, VectorMath>> = TABLE;

/**
 * Functions of one float.
 *
 * They run the vector code with the number in every lane. So a loop and the elements left after it get the
 * same bits.
 */
export const scalarMath: Readonly<Record<UnaryMath, ScalarMath>> = Object.fromEntries(
  Object.entries(vectorMath).map(([name, emit]) => {
    const scalar: ScalarMath = (f, x) => f32x4.extract(emit(f, f32x4.splat(x)), 0);
    return [name, scalar];
  }),
) as Record<UnaryMath, ScalarMath>;
