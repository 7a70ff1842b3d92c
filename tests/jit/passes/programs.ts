/** Four small functions whose programs are compared as text, and how to get the programs. */
import * as tf from "@tensorflow/tfjs";
import { lower } from "../../../lib/jit/rules/lower.ts";
import { fuse, simplify } from "../../../lib/jit/passes/mod.ts";
import { record } from "../../../lib/jit/trace/record.ts";
import { flatten } from "../../../lib/jit/trace/tree.ts";
import type { FusedProgram, TracedProgram } from "../../../lib/jit/program/program.ts";

/** A program as it is recorded, and after all passes. */
export interface Stages {
  readonly traced: TracedProgram;
  readonly fused: FusedProgram;
}

/** The program of one call, before and after the passes. */
export function stagesOf(
  fn: (...args: tf.Tensor[]) => unknown,
  args: readonly tf.Tensor[],
): Stages {
  const { recording } = record(fn as (...args: never[]) => unknown, flatten(args, "argument"));
  const traced = lower(recording).program;
  return { traced, fused: fuse(simplify(traced)) };
}

/** A dense layer with a sigmoid. */
export function dense(): Stages {
  const w = tf.variable(tf.ones([4, 3]));
  const b = tf.variable(tf.zeros([3]));
  return stagesOf((x) => tf.sigmoid(tf.add(tf.matMul(x, w), b)), [tf.zeros([2, 4])]);
}

/** Views of views: a transposed slice, scaled, with a row added to it. */
export function views(): Stages {
  const fn = (x: tf.Tensor, row: tf.Tensor) =>
    tf.add(tf.mul(tf.transpose(tf.slice(x, [1, 0], [2, 3])), 2), tf.reshape(row, [1, 2]));
  return stagesOf(fn, [tf.zeros([4, 3]), tf.zeros([2])]);
}

/** A softmax: two reductions and two passes over the elements. */
export function softmax(): Stages {
  return stagesOf((x) => tf.softmax(x), [tf.zeros([8, 10])]);
}

/** A moving average, updated in place, and the distance that it moved. */
export function average(): Stages {
  const mean = tf.variable(tf.zeros([6]));
  const fn = (x: tf.Tensor) => {
    const next = tf.add(tf.mul(mean, .9), tf.mul(x, .1));
    const moved = tf.sum(tf.abs(tf.sub(next, mean)));
    mean.assign(next as tf.Tensor1D);
    return moved;
  };
  return stagesOf(fn, [tf.ones([6])]);
}
