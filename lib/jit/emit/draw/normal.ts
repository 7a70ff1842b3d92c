/**
 * Normal numbers from random words. They have the same bits on every machine, so no multiply-add may be fused
 * here.
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
import { LN2_HIGH, LN2_LOW, SIGN_BIT } from "../math/common.ts";
import { LOG, SQRT_HALF_BITS } from "../math/log.ts";
import { COS, SIN } from "../math/trig.ts";

const EXPONENT_BITS = 0xff800000 | 0;
/** erf(sqrt(2)): the part of a normal distribution within two standard deviations of its mean. */
const INSIDE = 0.9544997361036416;

/** 2 ** .5 times the inverse of erf(x) / x for |x| <= INSIDE, as a polynomial in -ln(1 - x^2) - 2.5 (Giles, 2010). */
const INVERSE = [
  2.81022636e-08,
  3.43273939e-07,
  -3.5233877e-06,
  -4.39150654e-06,
  0.00021858087,
  -0.00125372503,
  -0.00417768164,
  0.246640727,
  1.50140941,
].map((coefficient) => coefficient * Math.SQRT2);

/** Computes two standard normal numbers from each pair of words (Box and Muller, 1958). */
export function normalPair(
  f: FunctionBuilder,
  [size, angle]: readonly [Local<"v128">, Local<"v128">],
): readonly [Vector, Vector] {
  // In (0, 1]: 32 bits reach 6.66 standard deviations.
  const unit = f32x4.mul(f32x4.add(f32x4.convertI32x4U(size), 1), 2 ** -32);
  const radius = f.let(f32x4.sqrt(f32x4.mul(logarithm(f, unit), -2)));
  const { sin, cos } = sinCos(f, angle);
  return [f32x4.mul(radius, cos), f32x4.mul(radius, sin)];
}

/** Computes a normal number from each word, at most two standard deviations from the mean. */
export function truncatedNormal(f: FunctionBuilder, word: Vector): Vector {
  const x = f.let(f32x4.mul(f32x4.convertI32x4S(word), INSIDE * 2 ** -31));
  const rest = f32x4.sub(1, f32x4.mul(x, x));
  const w = f.let(f32x4.sub(f32x4.neg(logarithm(f, rest)), 2.5));
  return f32x4.mul(polynomial(w, INVERSE), x);
}

/** Computes ln(x) for positive lanes. */
function logarithm(f: FunctionBuilder, x: Vector): Vector {
  const bits = f.let(x);
  const offset = f.let(i32x4.sub(bits, SQRT_HALF_BITS));
  const mantissa = i32x4.sub(bits, v128.and(offset, i32x4.const(EXPONENT_BITS)));
  const power = f.let(f32x4.convertI32x4S(i32x4.shrS(offset, 23)));
  const t = f.let(f32x4.sub(mantissa, 1));
  const square = f.let(f32x4.mul(t, t));
  const cubic = f32x4.mul(f32x4.mul(square, t), polynomial(t, LOG));
  const tail = f32x4.sub(f32x4.add(f32x4.mul(power, LN2_LOW), cubic), f32x4.mul(square, 0.5));
  return f.let(f32x4.add(f32x4.mul(power, LN2_HIGH), f32x4.add(t, tail)));
}

/** Computes the sine and cosine of angles; a word is a part of a full turn. */
function sinCos(f: FunctionBuilder, word: Local<"v128">): { sin: Vector; cos: Vector } {
  const quarter = f.let(i32x4.shrU(i32x4.add(word, 2 ** 29), 30));
  const rest = i32x4.sub(word, i32x4.shl(quarter, 30));
  const x = f.let(f32x4.mul(f32x4.convertI32x4S(rest), 2 * Math.PI * 2 ** -32));
  const square = f.let(f32x4.mul(x, x));
  const sin = f.let(f32x4.add(x, f32x4.mul(f32x4.mul(square, x), polynomial(square, SIN))));
  const fourth = f32x4.mul(f32x4.mul(square, square), polynomial(square, COS));
  const cos = f.let(f32x4.add(f32x4.sub(1, f32x4.mul(square, 0.5)), fourth));
  const isOdd = f.let(i32x4.ne(v128.and(quarter, i32x4.const(1)), 0));
  // Quarter turns 2 and 3 have a negative sine, 1 and 2 a negative cosine.
  const sinSign = v128.and(i32x4.shl(quarter, 30), SIGN_BIT);
  const cosSign = v128.and(i32x4.shl(i32x4.add(quarter, 1), 30), SIGN_BIT);
  return {
    sin: v128.xor(v128.bitselect(cos, sin, isOdd), sinSign),
    cos: v128.xor(v128.bitselect(sin, cos, isOdd), cosSign),
  };
}

/** Computes a polynomial by Horner's rule, each step rounded twice. */
function polynomial(x: Local<"v128">, [first, ...rest]: readonly number[]): Vector {
  return rest.reduce<Vector>(
    (sum, coefficient) => f32x4.add(f32x4.mul(sum, x), coefficient),
    f32x4.const(first ?? 0),
  );
}
