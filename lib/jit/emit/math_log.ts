/**
 * The logarithm family as emitted SIMD code: log.
 * @module
 */
import { f32x4, type FunctionBuilder, i32x4, type Local, v128 } from "./assembler.ts";
import { choose, named, polynomial, type Vector } from "./math_common.ts";

/** The bits of sqrt(1/2): mantissas are taken from there to sqrt(2). */
const SQRT_HALF_BITS = 0x3f3504f3;
const EXPONENT_BITS = 0xff800000 | 0;
const SMALLEST_NORMAL = 2 ** -126;

/** ln 2 in two parts: the high one has 9 bits, so its product with an exponent is exact. */
const LN2_HIGH = 355 / 512;
const LN2_LOW = Math.LN2 - LN2_HIGH;

/** (log(1+t) - t + t^2/2) / t^3 for 1+t in sqrt(1/2)..sqrt(2), minimax; relative error below 7e-9. */
const LOG = [
  -0.0786544755,
  0.1287920028,
  -0.1312529593,
  0.1418142021,
  -0.1662496924,
  0.2000228316,
  -0.2500079572,
  0.3333331645,
] as const;

/** log(x) for positive finite lanes, denormal ones too; other lanes are undefined. */
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

/** The natural logarithm: -Infinity at 0, NaN below. */
export function log(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    // Infinity and NaN are their own logarithms.
    const finite = choose(f32x4.lt(at, Infinity), positiveLog(f, at), at);
    const rest = choose(f32x4.eq(at, 0), f32x4.const(-Infinity), f32x4.const(NaN));
    return choose(f32x4.gt(at, 0), finite, rest);
  });
}
