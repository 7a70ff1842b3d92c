/** How operations of random programs are made of functions of TensorFlow.js. */
import * as tf from "@tensorflow/tfjs";
import type { Tolerance } from "../trees.ts";
import { CLASSES, fitted, float, type Value, worse } from "./values.ts";

/** What an instruction works with. */
export interface Context {
  /** Operands as they come, for operations that keep their error as it is. */
  readonly a: Value;
  readonly b: Value;
  /** Operands without an error. */
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
  readonly p: number;
  readonly variables: readonly tf.Variable[];
}

/** Makes the value of an instruction. */
export type Build = (context: Context) => Value;
/** Makes operands what an operation takes. */
export type Kind = (x: tf.Tensor) => tf.Tensor;
/** An operation on one tensor, in the variation `p`. */
export type Unary = (x: tf.Tensor, p: number) => tf.Tensor;
/** An operation on two tensors. */
export type Binary = (x: tf.Tensor, y: tf.Tensor, p: number) => tf.Tensor;

/** An operation on operands of a kind that have no error. */
export function of(kind: Kind, fn: Unary, error: Tolerance = CLASSES.exact): Build {
  return ({ x, p }) => ({ tensor: fn(kind(x), p), error });
}

/** The same for two operands. */
export function ofBoth(kind: Kind, fn: Binary, error: Tolerance = CLASSES.exact): Build {
  return ({ x, y, p }) => {
    const first = kind(x);
    return { tensor: fn(first, fitted(first, kind(y)), p), error };
  };
}

/** An operation that makes no relative error larger. */
export function keeping(fn: Unary, kind: Kind = (x) => x): Build {
  return ({ a, p }) => ({ tensor: fn(kind(a.tensor), p), error: a.error });
}

/** The same for two operands, which have the worse error of both. */
export function keepingBoth(kind: Kind, fn: Binary): Build {
  return ({ a, b, p }) => {
    const first = kind(a.tensor);
    const tensor = fn(first, fitted(first, kind(b.tensor)), p);
    return { tensor, error: worse(a.error, b.error) };
  };
}

/** Along an axis; scalars and what is empty there are left as they are. */
export function along(fn: (x: tf.Tensor, axis: number, p: number) => tf.Tensor): Unary {
  return (x, p) => {
    const axis = p % Math.max(x.rank, 1);
    return x.rank === 0 || x.shape[axis] === 0 ? tf.neg(float(x)) : fn(x, axis, p);
  };
}

function axesOf({ rank }: tf.Tensor, p: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return p % 3 === 0 ? axes : axes.filter((axis) => (p >> axis) % 2 === 0);
}

/** Over some axes: all of them, none or any. */
export function over(fn: (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor): Unary {
  return (x, p) => fn(x, axesOf(x, p), p % 2 === 0);
}
