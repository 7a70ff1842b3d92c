/** Twins over a few variables of four values each, for the traps of variables. */
import * as tf from "@tensorflow/tfjs";
import type { Twin } from "./compare.ts";
import { float, makeTensor, makeVariable } from "./rule.ts";

/** The arguments of a step on four values. */
export type Vector = [tf.Tensor];
/** A step on four values. */
export type Step = (x: tf.Tensor) => unknown;

/** The argument of a call. */
export const vector = (call: number): Vector => [makeTensor(float([4]), call)];

/** A twin over variables of four values each. */
export function over(count: number, fn: (...variables: tf.Variable[]) => Step): Twin<Vector> {
  const variables = Array.from({ length: count }, (_, i) => makeVariable(float([4]), 60 + i));
  return { fn: fn(...variables), variables: () => variables, dispose: () => tf.dispose(variables) };
}
