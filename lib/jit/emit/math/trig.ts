/**
 * The trigonometric functions as emitted SIMD code: sin, cos, tan.
 *
 * An angle is cut into quarter turns and a rest in -pi/4..pi/4. Up to 2^19 that is done in doubles with
 * pi/2 in two parts; beyond, lane by lane, with the bits of 2/pi that matter for the exponent (Payne and
 * Hanek, Radian reduction for trigonometric functions, 1983).
 * @module
 */
import {
  call,
  type Callee,
  type Expr,
  f32,
  f32x4,
  f64,
  f64x2,
  type FunctionBuilder,
  i32,
  i32x4,
  i64,
  type Local,
  select,
  v128,
  type Vector,
} from "../../wasm/mod.ts";
import { choose, named, polynomial, signOf } from "./common.ts";

/** (sin(x) - x) / x^3 as a polynomial in x^2 for |x| <= pi/4, minimax; relative error below 4e-9. */
export const SIN = [-0.00019517528, 0.0083321808, -0.1666665524] as const;

/** (cos(x) - 1 + x^2/2) / x^4 as a polynomial in x^2 for |x| <= pi/4, minimax; error below 1e-10. */
export const COS = [2.443941e-5, -0.0013887377, 0.0416666456] as const;

/** (tan(x) - x) / x^3 as a polynomial in x^2 for |x| <= pi/4, minimax; relative error below 2e-9. */
const TAN = [
  0.0044090771,
  2.0633415e-5,
  0.0108921863,
  0.0212596357,
  0.0540644303,
  0.1333262324,
  0.3333335221,
] as const;

/** pi/2 in two parts: the high one has 33 bits, so its product with up to 2^20 turns is exact. */
const QUARTER_HIGH = 1.5707963267341256;
const QUARTER_LOW = 6.077100506506192e-11;

/** Angles from this size on need the bits of 2/pi. */
const LARGE = 2 ** 19;

/** Number that, added to a float below 2^22, rounds it to an integer in the low bits of the sum. */
const ROUNDER = 1.5 * 2 ** 23;

/** 2/pi as a binary fraction: 64 zeros, then its first 256 bits. */
const TWO_OVER_PI = [
  0n,
  0xa2f9836e4e441529n,
  0xfc2757d1f534ddc0n,
  0xdb6295993c439041n,
  0xfe5163abdebbc561n,
] as const;

/** An angle as quarter turns and the rest. */
interface Turns {
  readonly quarters: Local<"v128">;
  readonly rest: Local<"v128">;
}

/** Cuts angles that are not negative into quarter turns and a rest. */
function cut(f: FunctionBuilder, size: Local<"v128">): Turns {
  const rounded = f.let(f32x4.relaxedMadd(size, 2 / Math.PI, ROUNDER));
  const count = f.let(f32x4.sub(rounded, ROUNDER));
  const upper = (vector: Vector) => i32x4.shuffle(vector, vector, [2, 3, 2, 3]);
  const low = f64x2.promoteLowF32x4;
  const restOf = (x: Vector, n: Vector) =>
    f32x4.demoteF64x2Zero(
      f64x2.sub(f64x2.sub(x, f64x2.mul(n, QUARTER_HIGH)), f64x2.mul(n, QUARTER_LOW)),
    );
  const lowRest = restOf(low(size), low(count));
  const highRest = restOf(low(upper(size)), low(upper(count)));
  const rest = f.let(i32x4.shuffle(lowRest, highRest, [0, 1, 4, 5]));
  // The low bits of the sum are the integer; its other bits are even, and only two bits are used.
  const quarters = f.let(v128.and(rounded, i32x4.const(3)));
  f.if(v128.anyTrue(f32x4.ge(size, LARGE)), () => cutLarge(f, size, { quarters, rest }));
  return { quarters, rest };
}

function cutLarge(f: FunctionBuilder, size: Local<"v128">, { quarters, rest }: Turns): void {
  const turn = largeTurnFunction(f);
  for (let lane = 0; lane < 4; lane++) {
    f.scope(() => {
      const x = f.let(f32x4.extract(size, lane));
      f.if(f32.ge(x, LARGE), () => {
        const fixed = f.let(call(turn, x));
        const count = f.let(i64.shrU(i64.add(fixed, 2n ** 61n), 62n));
        const left = i64.sub(fixed, i64.shl(count, 62n));
        const angle = f64.mul(f64.convertI64(left), Math.PI / 2 / 2 ** 62);
        f.set(quarters, i32x4.replace(quarters, lane, i32.wrap(count)));
        f.set(rest, f32x4.replace(rest, lane, f32.demote(angle)));
      });
    });
  }
}

/** Returns the function that computes x * 2/pi modulo 4, as a fixed point number with 62 bits behind the point. */
function largeTurnFunction(f: FunctionBuilder): Callee<"i64"> {
  const spec = { name: "quarter turns", params: { x: "f32" }, result: "i64" } as const;
  return f.module.shared(spec, (body, { x }) => {
    const bits = body.let(i32.reinterpret(x));
    const mantissa = body.let(
      i64.extendU(i32.or(i32.and(bits, 0x7fffff), 0x800000)),
    );
    // x is mantissa * 2^(exponent - 150); the bits of 2/pi before that and two more are whole turns.
    const exponent = i32.shrU(i32.and(bits, 0x7f800000), 23);
    const position = body.let(i32.add(exponent, 64 - 2 - 150));
    const word = body.let(i32.shrU(position, 6));
    const shift = body.let(i64.extendU(i32.and(position, 63)));
    const [first, second, third] = [0, 1, 2].map((offset) => body.let(wordAt(word, offset)));
    const high = joined(first as Expr<"i64">, second as Expr<"i64">, shift);
    const next = i64.shrU(joined(second as Expr<"i64">, third as Expr<"i64">, shift), 32n);
    const carried = i64.shrU(i64.mul(mantissa, next), 32n);
    body.return(i64.add(i64.mul(mantissa, high), carried));
  });
}

/** Chooses the word of 2/pi with number `word + offset`; `word` is 0, 1 or 2. */
function wordAt(word: Local<"i32">, offset: number): Expr<"i64"> {
  const [zero, one, two] = TWO_OVER_PI.slice(offset, offset + 3).map((bits) => i64.const(bits));
  const later = select(i32.eq(word, 1), one as Expr<"i64">, two as Expr<"i64">);
  return select(i32.eqz(word), zero as Expr<"i64">, later);
}

/** Takes 64 bits of two words, from the bit `shift` on. */
function joined(first: Expr<"i64">, second: Expr<"i64">, shift: Local<"i64">): Expr<"i64"> {
  // In two steps, because a shift by 64 would be a shift by 0.
  return i64.or(i64.shl(first, shift), i64.shrU(i64.shrU(second, 1n), i64.sub(63n, shift)));
}

/** Computes the sine of an angle plus `ahead` quarter turns; NaN for infinities. */
function sineOf(f: FunctionBuilder, size: Local<"v128">, ahead: number): Vector {
  const { quarters, rest } = cut(f, size);
  const turn = f.let(i32x4.add(quarters, ahead));
  const square = f.let(f32x4.mul(rest, rest));
  const sine = f32x4.relaxedMadd(f32x4.mul(square, rest), polynomial(square, SIN), rest);
  const half = f.let(f32x4.relaxedNmadd(square, 0.5, 1));
  const cosine = f32x4.relaxedMadd(f32x4.mul(square, square), polynomial(square, COS), half);
  const isOdd = i32x4.ne(v128.and(turn, i32x4.const(1)), 0);
  const value = f.let(choose(isOdd, cosine, sine));
  const flipped = v128.xor(value, i32x4.shl(v128.and(turn, i32x4.const(2)), 30));
  return choose(f32x4.lt(size, Infinity), flipped, f32x4.const(NaN));
}

/** Computes the sine. */
export function sin(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    return v128.xor(sineOf(f, f.let(f32x4.abs(at)), 0), signOf(at));
  });
}

/** Computes the cosine. */
export function cos(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => sineOf(f, f.let(f32x4.abs(x)), 1));
}

/** Computes the tangent: that of the rest, or minus its inverse after an odd number of quarter turns. */
export function tan(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const size = f.let(f32x4.abs(at));
    const { quarters, rest } = cut(f, size);
    const square = f.let(f32x4.mul(rest, rest));
    const cube = f32x4.mul(square, rest);
    const near = f.let(f32x4.relaxedMadd(cube, polynomial(square, TAN), rest));
    const isOdd = i32x4.ne(v128.and(quarters, i32x4.const(1)), 0);
    const value = choose(isOdd, f32x4.div(-1, near), near);
    const finite = choose(f32x4.lt(size, Infinity), value, f32x4.const(NaN));
    return v128.xor(finite, signOf(at));
  });
}
