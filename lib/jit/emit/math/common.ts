/**
 * Helpers of the elementary functions: polynomials, signs, selections, scaling by powers of two.
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

/** The sign bit of every lane. */
export const SIGN_BIT: Vector = i32x4.const(0x80000000 | 0);

/** ln 2 in two parts: the high one has 9 bits, so its product with an exponent is exact. */
export const LN2_HIGH: number = 355 / 512;
export const LN2_LOW: number = Math.LN2 - LN2_HIGH;

/** Names the value that `body` computes; the variables inside `body` are free again after it. */
export function named(f: FunctionBuilder, body: () => Vector): Local<"v128"> {
  const result = f.local("v128");
  f.scope(() => f.set(result, body()));
  return result;
}

/** Computes a polynomial by Horner's rule, with coefficients from the highest power down. */
export function polynomial(x: Local<"v128">, [first, ...rest]: readonly number[]): Vector {
  return rest.reduce<Vector>(
    (sum, coefficient) => f32x4.relaxedMadd(sum, x, coefficient),
    f32x4.const(first ?? 0),
  );
}

/** Chooses `yes` in the lanes where `mask` is set, else `no`. */
export function choose(mask: Vector, yes: Vector, no: Vector): Vector {
  return v128.laneselect(yes, no, mask);
}

/** Keeps only the sign bits of the lanes. */
export function signOf(x: Vector): Vector {
  return v128.and(x, SIGN_BIT);
}

/** Computes `2^power` for lanes of integers from -126 to 127. */
export function powerOfTwo(power: Vector): Vector {
  return i32x4.shl(i32x4.add(power, 127), 23);
}
