/**
 * The inverse trigonometric functions as emitted SIMD code: asin, acos, atan.
 * @module
 */
import { f32x4, type FunctionBuilder, type Local, v128, type Vector } from "../../wasm/mod.ts";
import { choose, named, polynomial, signOf } from "./common.ts";

/** (atan(x) - x) / x^3 as a polynomial in x^2 for |x| <= 1, minimax; relative error below 3e-9. */
const ATAN = [
  -0.0018326844,
  0.0110897394,
  -0.0315046608,
  0.0582859404,
  -0.0842262506,
  0.1095873266,
  -0.1426548511,
  0.1999866366,
  -0.3333330154,
] as const;

/** (asin(x) - x) / x^3 as a polynomial in x^2 for |x| <= 5/8, minimax; relative error below 2e-8. */
const ASIN = [
  0.0633359477,
  -0.00859157,
  0.0395069979,
  0.0433431938,
  0.0750831664,
  0.1666649282,
] as const;

/** Computes x + x^3 p(x^2). */
function odd(f: FunctionBuilder, x: Local<"v128">, coefficients: readonly number[]): Vector {
  const square = f.let(f32x4.mul(x, x));
  return f32x4.relaxedMadd(f32x4.mul(square, x), polynomial(square, coefficients), x);
}

/** Computes the inverse tangent: of 1/|x| beyond 1, with the sign of x. */
export function atan(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const size = f.let(f32x4.abs(at));
    const isFar = f.let(f32x4.gt(size, 1));
    const near = f.let(choose(isFar, f32x4.div(1, size), size));
    const angle = f.let(odd(f, near, ATAN));
    return v128.or(choose(isFar, f32x4.sub(Math.PI / 2, angle), angle), signOf(at));
  });
}

/**
 * Computes asin of |x| up to 5/8. Beyond that, computes asin of sqrt((1 - |x|) / 2), which is half of the
 * angle that is left.
 *
 * Folding at 1/2 already would lose a digit: there twice the half angle is larger than the result.
 */
function foldedAsin(f: FunctionBuilder, size: Local<"v128">): {
  readonly isFar: Local<"v128">;
  readonly angle: Local<"v128">;
} {
  const isFar = f.let(f32x4.gt(size, 0.625));
  const root = f32x4.sqrt(f32x4.mul(f32x4.sub(1, size), 0.5));
  const near = f.let(choose(isFar, root, size));
  return { isFar, angle: f.let(odd(f, near, ASIN)) };
}

/** Computes the inverse sine; NaN beyond 1. */
export function asin(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const { isFar, angle } = foldedAsin(f, f.let(f32x4.abs(at)));
    const far = f32x4.sub(Math.PI / 2, f32x4.add(angle, angle));
    return v128.or(choose(isFar, far, angle), signOf(at));
  });
}

/** Computes the inverse cosine; NaN beyond 1. */
export function acos(f: FunctionBuilder, x: Vector): Local<"v128"> {
  return named(f, () => {
    const at = f.let(x);
    const { isFar, angle } = foldedAsin(f, f.let(f32x4.abs(at)));
    const isNegative = f.let(f32x4.lt(at, 0));
    const twice = f.let(f32x4.add(angle, angle));
    const far = choose(isNegative, f32x4.sub(Math.PI, twice), twice);
    const near = f32x4.sub(Math.PI / 2, v128.or(angle, signOf(at)));
    return choose(isFar, far, near);
  });
}
