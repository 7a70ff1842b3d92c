/**
 * The exponential family as emitted SIMD code: exp, expm1, sigmoid, tanh, sinh, cosh.
 * @module
 */
import {
  f32x4,
  type FunctionBuilder,
  i32x4,
  type Local,
  v128,
  type Vector,
} from "../../wasm/mod.ts";
import { choose, LN2_HIGH, LN2_LOW, named, polynomial, powerOfTwo, signOf } from "./common.ts";

/** Number that, added to a float below 2^22, rounds it to an integer in the low bits of the sum. */
const ROUNDER = 1.5 * 2 ** 23;
const ROUNDER_BITS = 0x4b400000;

/** (exp(r) - 1 - r) / r^2 for |r| <= ln(2)/2, minimax; relative error of exp below 4e-9. */
const EXP = [0.0013814907, 0.0083686747, 0.0416683778, 0.1666652113, 0.4999999404] as const;

/** (tanh(x) - x) / x^3 as a polynomial in x^2 for |x| <= 5/8, minimax; relative error below 5e-9. */
const TANH = [-0.0057216389, 0.0206552278, -0.0537451468, 0.1333151459, -0.3333328366] as const;

/** (sinh(x) - x) / x^3 as a polynomial in x^2 for |x| <= 1, minimax; relative error below 6e-11. */
const SINH = [2.8173997e-6, 0.00019836075, 0.0083333505, 0.1666666717] as const;

/** The bounds of exp: it is 0 below the first, Infinity above the second. */
const EXP_LOWEST = -104;
const EXP_HIGHEST = 89;

/** exp(x) = 2^power * (1 + rest), |rest| < 0.42. */
interface Reduced {
  readonly power: Local<"v128">;
  readonly rest: Vector;
}

/** Splits off the power of two: x = power * ln(2) + r with |r| <= ln(2)/2. */
function reduce(f: FunctionBuilder, x: Local<"v128">): Reduced {
  const rounded = f.let(f32x4.relaxedMadd(x, Math.LOG2E, ROUNDER));
  const count = f.let(f32x4.sub(rounded, ROUNDER));
  const high = f32x4.relaxedNmadd(count, LN2_HIGH, x);
  const r = f.let(f32x4.relaxedNmadd(count, LN2_LOW, high));
  const rest = f32x4.relaxedMadd(f32x4.mul(r, r), polynomial(r, EXP), r);
  return { power: f.let(i32x4.sub(rounded, ROUNDER_BITS)), rest };
}

/** Computes 2^power * (1 + rest) in two steps, so that denormal results are rounded once, at the end. */
function scale(f: FunctionBuilder, { power, rest }: Reduced): Vector {
  const half = f.let(i32x4.shrS(power, 1));
  const first = f32x4.mul(f32x4.add(rest, 1), powerOfTwo(half));
  return f32x4.mul(first, powerOfTwo(i32x4.sub(power, half)));
}

// The clamps have x as their first operand: pmin and pmax give that one when a lane is NaN.

/** Computes e^x: 0 below -104, Infinity above 88.73. */
export function exp(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const clamped = f.let(f32x4.pmin(f32x4.pmax(x, EXP_LOWEST), EXP_HIGHEST));
    return scale(f, reduce(f, clamped));
  });
}

/** Computes 1 / (1 + e^-x) from e^-|x|, so that nothing overflows and small results keep their digits. */
export function sigmoid(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const clamped = f.let(f32x4.pmax(f32x4.neg(f32x4.abs(at)), EXP_LOWEST));
    const e = f.let(scale(f, reduce(f, clamped)));
    return f32x4.div(choose(f32x4.lt(at, 0), e, f32x4.const(1)), f32x4.add(e, 1));
  });
}

/** Computes the hyperbolic tangent: x + x^3 p(x^2) near 0, else 1 - 2 / (e^2|x| + 1) with the sign of x. */
export function tanh(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const size = f.let(f32x4.abs(at));
    const square = f.let(f32x4.mul(size, size));
    const cube = f32x4.mul(square, size);
    const near = f.let(f32x4.relaxedMadd(cube, polynomial(square, TANH), size));
    // Past 9.02 the nearest float is 1; the bound also keeps 2^power a normal number.
    const doubled = f.let(f32x4.pmin(f32x4.add(size, size), 20));
    const { power, rest } = reduce(f, doubled);
    const e = f32x4.mul(f32x4.add(rest, 1), powerOfTwo(power));
    const far = f32x4.sub(1, f32x4.div(2, f32x4.add(e, 1)));
    return v128.or(choose(f32x4.lt(size, 0.625), near, far), signOf(at));
  });
}

/** Computes e^x - 1 without cancellation: 2^n (1 + rest) - 1 as 2 (2^(n-1) rest + (2^(n-1) - 1/2)). */
export function expm1(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    // Below -17.4 the nearest float is -1.
    const clamped = f.let(f32x4.pmin(f32x4.pmax(at, -18), EXP_HIGHEST));
    const { power, rest } = reduce(f, clamped);
    const half = f.let(powerOfTwo(i32x4.sub(power, 1)));
    const sum = f.let(f32x4.relaxedMadd(half, rest, f32x4.sub(half, 0.5)));
    // The result has the sign of x; that of a zero would be lost.
    return v128.or(f32x4.add(sum, sum), signOf(at));
  });
}

/** Computes e^|x| / 2, which is finite wherever sinh and cosh are. */
function halfExp(f: FunctionBuilder, size: Local<"v128">): Local<"v128"> {
  const { power, rest } = reduce(f, f.let(f32x4.pmin(size, EXP_HIGHEST + 1)));
  return f.let(scale(f, { power: f.let(i32x4.sub(power, 1)), rest }));
}

/** Computes the hyperbolic sine: x + x^3 p(x^2) near 0, else (e^|x| - e^-|x|) / 2 with the sign of x. */
export function sinh(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const size = f.let(f32x4.abs(at));
    // Bounded, so that the part that is not chosen stays a number.
    const small = f.let(f32x4.pmin(size, 1));
    const square = f.let(f32x4.mul(small, small));
    const near = f32x4.relaxedMadd(f32x4.mul(square, small), polynomial(square, SINH), small);
    const half = halfExp(f, size);
    const far = f32x4.sub(half, f32x4.div(0.25, half));
    return v128.or(choose(f32x4.lt(size, 1), near, far), signOf(at));
  });
}

/** Computes the hyperbolic cosine. */
export function cosh(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const half = halfExp(f, f.let(f32x4.abs(x)));
    return f32x4.add(half, f32x4.div(0.25, half));
  });
}
