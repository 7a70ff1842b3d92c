/** Twins over a few variables of one size each, for the traps of variables. */
import * as tf from "@tensorflow/tfjs";
import { compareWithEager, type Twin } from "./compare.ts";
import { float, makeTensor, makeVariable } from "./rule.ts";

/** The arguments of a step on one vector. */
export type Vector = [tf.Tensor];
/** A step on one vector. */
export type Step = (x: tf.Tensor) => unknown;

/** Few values become straight-line code, many become loops. */
export const SIZES = [4, 400] as const;

/** The argument of a call, four values. */
export const vector = (call: number): Vector => vectorOf(4, call);

/** The argument of a call. */
export function vectorOf(size: number, call: number): Vector {
  return [makeTensor(float([size]), call)];
}

/** A vector of n² values as an n by n matrix. */
export function squareOf(x: tf.Tensor): tf.Tensor {
  return tf.reshape(x, [Math.sqrt(x.size), Math.sqrt(x.size)]);
}

/** A twin over variables of four values each, or of another size. */
export function over(
  count: number,
  fn: (...variables: tf.Variable[]) => Step,
  size = 4,
): Twin<Vector> {
  const variables = Array.from({ length: count }, (_, i) => makeVariable(float([size]), 60 + i));
  return { fn: fn(...variables), variables: () => variables, dispose: () => tf.dispose(variables) };
}

/** Compares a step over variables with eager, on few values and on many, called and bound. */
export function compareOver(count: number, fn: (...variables: tf.Variable[]) => Step): void {
  for (const size of SIZES) {
    compareWithEager(() => over(count, fn, size), (call) => vectorOf(size, call), {
      calls: 8,
      bound: true,
    });
  }
}
