/**
 * The logarithm family as emitted SIMD code: log, log1p, asinh, acosh, atanh.
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
import { choose, LN2_HIGH, LN2_LOW, named, polynomial, signOf } from "./common.ts";

/** The bits of sqrt(1/2): mantissas are taken from there to sqrt(2). */
export const SQRT_HALF_BITS: number = 0x3f3504f3;
const EXPONENT_BITS = 0xff800000 | 0;
const SMALLEST_NORMAL = 2 ** -126;

/** (log(1+t) - t + t^2/2) / t^3 for 1+t in sqrt(1/2)..sqrt(2), minimax; relative error below 7e-9. */
export const LOG: readonly number[] = [
  -0.0786544755,
  0.1287920028,
  -0.1312529593,
  0.1418142021,
  -0.1662496924,
  0.2000228316,
  -0.2500079572,
  0.3333331645,
];

/** Computes log(x) for positive finite lanes, including denormal ones; other lanes are undefined. */
function positiveLog(f: FunctionBuilder, x: Local<"v128">): Vector {
  const denormal = f.let(f32x4.lt(x, SMALLEST_NORMAL));
  const normal = f.let(choose(denormal, f32x4.mul(x, 2 ** 23), x));
  const offset = f.let(i32x4.sub(normal, SQRT_HALF_BITS));
  const mantissa = i32x4.sub(normal, v128.and(offset, i32x4.const(EXPONENT_BITS)));
  const shift = v128.and(denormal, i32x4.const(23));
  const power = f.let(f32x4.convertI32x4S(i32x4.sub(i32x4.shrS(offset, 23), shift)));
  const t = f.let(f32x4.sub(mantissa, 1));
  const square = f.let(f32x4.mul(t, t));
  const cubic = f32x4.mul(f32x4.mul(square, t), polynomial(t, LOG));
  const tail = f32x4.relaxedNmadd(square, 0.5, f32x4.relaxedMadd(power, LN2_LOW, cubic));
  return f32x4.relaxedMadd(power, LN2_HIGH, f32x4.add(t, tail));
}

/** Computes the natural logarithm: -Infinity at 0, NaN below. */
export function log(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    // Infinity and NaN are their own logarithms.
    const finite = choose(f32x4.lt(at, Infinity), positiveLog(f, at), at);
    const rest = choose(f32x4.eq(at, 0), f32x4.const(-Infinity), f32x4.const(NaN));
    return choose(f32x4.gt(at, 0), finite, rest);
  });
}

/**
 * Computes log(1 + x) without cancellation: the logarithm of the rounded sum, plus a correction for the
 * rounding.
 *
 * With u = 1 + x rounded, log(1 + x) = log(u) + log1p((x - (u - 1)) / u), where the last term is so
 * small that it is its argument.
 */
export function log1p(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const sum = f.let(f32x4.add(at, 1));
    const lost = f32x4.div(f32x4.sub(at, f32x4.sub(sum, 1)), sum);
    const value = f32x4.add(positiveLog(f, sum), lost);
    const finite = choose(f32x4.lt(at, Infinity), value, at);
    // Where the sum is 1 the result is x itself, a zero with its sign.
    const inside = choose(f32x4.eq(sum, 1), at, finite);
    const rest = choose(f32x4.eq(at, -1), f32x4.const(-Infinity), f32x4.const(NaN));
    return choose(f32x4.gt(at, -1), inside, rest);
  });
}

/**
 * From this number on, the inverse hyperbolic functions are log(2x) to the last bit; its square is still
 * finite.
 */
const LARGE = 2 ** 30;

/** Computes log1p of `near`, or log(2x) for large x. */
function logOf(f: FunctionBuilder, x: Local<"v128">, near: Vector): Vector {
  const isLarge = f.let(f32x4.ge(x, LARGE));
  const value = log1p(f, choose(isLarge, x, near));
  return f32x4.add(value, v128.and(isLarge, f32x4.const(Math.LN2)));
}

/** Computes the inverse hyperbolic sine: log1p(|x| + x^2 / (1 + sqrt(1 + x^2))) with the sign of x. */
export function asinh(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const size = f.let(f32x4.abs(at));
    const square = f.let(f32x4.mul(size, size));
    const root = f32x4.sqrt(f32x4.add(square, 1));
    const near = f32x4.add(size, f32x4.div(square, f32x4.add(root, 1)));
    return v128.or(logOf(f, size, near), signOf(at));
  });
}

/** Computes the inverse hyperbolic cosine: log1p(t + sqrt(2t + t^2)) with t = x - 1; NaN below 1. */
export function acosh(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const t = f.let(f32x4.sub(at, 1));
    const root = f32x4.sqrt(f32x4.mul(t, f32x4.add(t, 2)));
    const value = logOf(f, at, f32x4.add(t, root));
    return choose(f32x4.ge(at, 1), value, f32x4.const(NaN));
  });
}

/** Computes the inverse hyperbolic tangent: log1p(2|x| / (1 - |x|)) / 2 with the sign of x; NaN beyond 1. */
export function atanh(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const size = f.let(f32x4.abs(at));
    const ratio = f32x4.div(f32x4.add(size, size), f32x4.sub(1, size));
    const value = f32x4.mul(log1p(f, ratio), 0.5);
    const isInside = f32x4.le(size, 1);
    return choose(isInside, v128.or(value, signOf(at)), f32x4.const(NaN));
  });
}
