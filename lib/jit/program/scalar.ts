/**
 * The scalar functions that programs apply elementwise: their arity and their meaning in JavaScript.
 *
 * The emitter has the same names in `emit/loop/scalar.ts`; constant folding uses the meaning here.
 * @module
 */
import type { DType } from "./dtype.ts";

type Meaning = (...args: readonly number[]) => number;

/**
 * A scalar function: its number of arguments, its meaning, and the type of its result if that is not its
 * operands'.
 */
export interface Scalar {
  /** The number of its arguments. */
  readonly arity: number;
  /** The function in double precision. */
  readonly meaning: (...args: readonly number[]) => number;
  /** The type of its result, if that is always the same. */
  readonly result?: DType;
}

function scalar(arity: number, meaning: Meaning): Scalar {
  return { arity, meaning };
}

function test(arity: number, meaning: (...args: readonly number[]) => boolean): Scalar {
  return { arity, meaning: (...args) => Number(meaning(...args)), result: "bool" };
}

function unary(meaning: (x: number) => number): Scalar {
  return scalar(1, (x) => meaning(x!));
}

function binary(meaning: (x: number, y: number) => number): Scalar {
  return scalar(2, (x, y) => meaning(x!, y!));
}

const TABLE = {
  copy: unary((x) => x),
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sqrt: unary(Math.sqrt),
  exp: unary(Math.exp),
  expm1: unary(Math.expm1),
  log: unary(Math.log),
  log1p: unary(Math.log1p),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  tanh: unary(Math.tanh),
  floor: unary(Math.floor),
  ceil: unary(Math.ceil),
  round: unary(roundHalfEven),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tan: unary(Math.tan),
  asin: unary(Math.asin),
  acos: unary(Math.acos),
  atan: unary(Math.atan),
  sinh: unary(Math.sinh),
  cosh: unary(Math.cosh),
  asinh: unary(Math.asinh),
  acosh: unary(Math.acosh),
  atanh: unary(Math.atanh),
  add: binary((x, y) => x + y),
  sub: binary((x, y) => x - y),
  mul: binary((x, y) => x * y),
  div: binary((x, y) => x / y),
  max: binary(Math.max),
  min: binary(Math.min),
  pow: binary(Math.pow),
  mod: binary(floorMod),
  atan2: binary(Math.atan2),
  eq: test(2, (x, y) => x === y),
  ne: test(2, (x, y) => x !== y),
  lt: test(2, (x, y) => x! < y!),
  le: test(2, (x, y) => x! <= y!),
  gt: test(2, (x, y) => x! > y!),
  ge: test(2, (x, y) => x! >= y!),
  and: test(2, (x, y) => x !== 0 && y !== 0),
  or: test(2, (x, y) => x !== 0 || y !== 0),
  not: test(1, (x) => x === 0),
  /** `condition ? x : y`. */
  select: scalar(3, (condition, x, y) => condition ? x! : y!),
  toFloat: { ...unary((x) => x), result: "float32" },
  toInt: { ...unary((x) => Math.trunc(x) | 0), result: "int32" },
  toBool: test(1, (x) => x !== 0),
} satisfies Readonly<Record<string, Scalar>>;

/** The name of a scalar function. */
export type ScalarFn = keyof typeof TABLE;

/** The scalar functions by name. */
export const SCALARS: Readonly<Record<ScalarFn, Scalar>> = TABLE;

/** Returns the type of a scalar function's result for operands of these types. */
export function resultType(fn: ScalarFn, operands: readonly DType[]): DType {
  return SCALARS[fn].result ?? operands.at(-1)!;
}

/** Computes a scalar function of known operands, rounded to its type. */
export function evaluate(fn: ScalarFn, args: readonly number[], dtype: DType): number {
  const exact = SCALARS[fn].meaning(...args);
  if (dtype === "float32") return Math.fround(exact);
  return dtype === "int32" ? exact | 0 : Number(exact !== 0);
}

function roundHalfEven(x: number): number {
  if (x === -0.5) return -0;
  const base = Math.floor(x);
  if (x - base < 0.5) return base;
  if (x - base > 0.5) return Math.ceil(x);
  return base % 2 === 0 ? base : base + 1;
}

function floorMod(x: number, y: number): number {
  const rest = x % y;
  return (x < 0) === (y < 0) ? rest : (rest + y) % y;
}
