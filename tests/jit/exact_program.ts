/** Random programs without rounding: moves, comparisons, choices and int32, on any float at all. */
import * as tf from "@tensorflow/tfjs";
import type { Instruction } from "./random_program.ts";

/** NaN, infinities, signed zeros, denormals, ties, and whole numbers. */
// deno-fmt-ignore
const VALUES = [
  0, -0, 1, -1, 2, -2, 3, 5, -7, 100, 0.5, -0.5, 1.5, 2.5, NaN, Infinity, -Infinity, 1e-40, -1e-40,
  1, 2, 3, -3, 4,
];

/** A float32 tensor of such values, the same for the same seed. */
export function awkwardTensor(shape: readonly number[], seed: number): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  const values = Array.from({ length: size }, (_, i) => {
    const mixed = Math.imul(seed * 31 + i + 1, 0x9e3779b1) >>> 0;
    return VALUES[(mixed >>> 12) % VALUES.length]!;
  });
  return tf.tensor(values, [...shape]);
}

interface Context {
  readonly a: tf.Tensor;
  readonly b: tf.Tensor;
  readonly p: number;
  readonly variables: readonly tf.Variable[];
}

type Build = (context: Context) => tf.Tensor;

function float(x: tf.Tensor): tf.Tensor {
  return tf.cast(x, "float32");
}

/** Small enough for sums of products to be whole numbers of float32 and int32 alike. */
function int(x: tf.Tensor): tf.Tensor {
  if (x.dtype !== "float32") return tf.cast(x, "int32");
  return tf.cast(tf.clipByValue(tf.where(tf.isNaN(x), tf.zerosLike(x), x), -9, 9), "int32");
}

function bool(x: tf.Tensor): tf.Tensor {
  return x.dtype === "bool" ? x : tf.greater(x, tf.scalar(0, x.dtype));
}

function fits(a: tf.Tensor, b: tf.Tensor): boolean {
  try {
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    return tf.util.sizeFromShape(shape) <= 3000;
  } catch {
    return false;
  }
}

/** The second operand, or its first value where the shapes do not fit. */
function fitted(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return fits(a, b) ? b : tf.slice(tf.reshape(b, [-1]), 0, 1);
}

function pairwise(
  kind: (x: tf.Tensor) => tf.Tensor,
  fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): Build {
  return ({ a, b }) => fn(kind(a), fitted(a, kind(b)));
}

function each(kind: (x: tf.Tensor) => tf.Tensor, fn: (x: tf.Tensor) => tf.Tensor): Build {
  return ({ a }) => fn(kind(a));
}

/** Along an axis; scalars are left as they are. */
function along(fn: (x: tf.Tensor, axis: number, p: number) => tf.Tensor): Build {
  return ({ a, p }) => a.rank === 0 ? tf.neg(float(a)) : fn(a, p % a.rank, p);
}

/** Numbers only: TensorFlow.js moves truth values with few of its operations. */
function number(x: tf.Tensor): tf.Tensor {
  return x.dtype === "bool" ? tf.cast(x, "int32") : x;
}

function small(x: tf.Tensor): tf.Tensor {
  return x.size > 700 ? tf.slice(x, x.shape.map(() => 0), x.shape.map((n) => Math.ceil(n / 2))) : x;
}

const COMPARE = [tf.equal, tf.notEqual, tf.less, tf.lessEqual, tf.greater, tf.greaterEqual];
const LOGIC = [tf.logicalAnd, tf.logicalOr, tf.logicalXor];
const STEPS = [tf.floor, tf.ceil, tf.round, tf.sign, tf.relu, tf.relu6, tf.abs];

const BUILDS: readonly Build[] = [
  pairwise(float, tf.maximum),
  pairwise(float, tf.minimum),
  pairwise(int, tf.add),
  pairwise(int, tf.sub),
  pairwise(int, tf.mul),
  pairwise(int, tf.maximum),
  ({ a, b, p }) => COMPARE[p % 6]!(float(a), fitted(a, float(b))),
  ({ a, b, p }) => COMPARE[p % 6]!(int(a), fitted(a, int(b))),
  ({ a, b, p }) => LOGIC[p % 3]!(bool(a), fitted(a, bool(b))),
  ({ a, p }) => STEPS[p % STEPS.length]!(float(a)),
  each(float, tf.neg),
  each(int, tf.neg),
  each(int, tf.abs),
  each(bool, tf.logicalNot),
  each(float, (x) => tf.clipByValue(x, -2, 3)),
  each(float, (x) => tf.step(x, 0.5)),
  each(float, (x) => tf.mul(x, -0.5)),
  each(float, (x) => tf.leakyRelu(x, 0.25)),
  ({ a }) => float(a),
  ({ a }) => int(a),
  ({ a }) => bool(a),
  ({ a, b }) => {
    const no = fitted(a, float(b));
    return tf.where(tf.equal(float(a), no), float(a), no);
  },
  along((x, axis) => tf.reverse(number(x), axis)),
  along((x, axis) => tf.concat([number(small(x)), number(small(x))], axis)),
  along((x, axis, p) => tf.stack([number(small(x)), number(small(x))], p % 2 ? axis : 0)),
  along((x, _, p) => tf.transpose(x, x.shape.map((_, i) => (i + p) % x.rank))),
  along((x, axis, p) => tf.unstack(number(x), axis)[p % x.shape[axis]!]!),
  along((x, axis, p) =>
    tf.split(number(x), [1, x.shape[axis]! - 1].filter(Boolean), axis).at(-(p % 2))!
  ),
  along((x, axis, p) =>
    tf.pad(number(small(x)), x.shape.map((_, i) => [i === axis ? 1 : 0, p % 2]), p % 3)
  ),
  along((x, axis, p) => tf.gather(number(x), tf.tensor1d([0, p % x.shape[axis]!], "int32"), axis)),
  along((x, axis, p) => tf.max(number(x), axis, p % 2 === 0)),
  along((x, axis, p) => tf.min(number(x), axis, p % 2 === 0)),
  along((x, axis) => tf.argMax(number(x), axis)),
  along((x, axis) => tf.argMin(number(x), axis)),
  along((x, axis, p) => tf.sum(int(x), axis, p % 2 === 0)),
  along((x, axis, p) => (p % 4 < 2 ? tf.any : tf.all)(bool(x), axis, p % 2 === 0)),
  along((x, axis) => tf.cumsum(int(x), axis)),
  along((x) => tf.tile(number(small(x)), x.shape.map((_, i) => i === 0 ? 2 : 1))),
  ({ a }) => tf.reshape(a, [-1]),
  ({ a, p }) =>
    tf.expandDims(a, p % (a.rank + 1)).rank > 4
      ? tf.squeeze(a)
      : tf.expandDims(a, p % (a.rank + 1)),
  ({ a }) => tf.oneHot(tf.slice(tf.reshape(int(a), [-1]), 0, Math.min(a.size, 9)), 4),
  ({ a }) => {
    const x = tf.reshape(float(int(small(a))), [small(a).size, 1]);
    return tf.matMul(x, x, true); // sums of at most 700 squares below 100
  },
  ({ p, variables }) => variables[p % variables.length]!.clone(),
  ({ a, p, variables }) => {
    const variable = variables[p % variables.length]!;
    const before = tf.neg(variable);
    const same = String(a.shape) === String(variable.shape);
    if (same && p % 3 === 0) {
      const old = variable.clone();
      variable.assign(float(a).clone());
      return old;
    }
    const value = same ? float(a) : tf.reshape(tf.slice(tf.reshape(float(a), [-1]), 0, 1), []);
    variable.assign(tf.maximum(value, tf.neg(variable)));
    return p % 2 === 0 ? before : tf.neg(variable);
  },
];

/** A function that runs instructions of exact operations and returns the last of their values. */
export function exactProgram(
  instructions: readonly Instruction[],
  variables: readonly tf.Variable[],
): (...args: tf.Tensor[]) => tf.Tensor[] {
  return (...args) => {
    const values: tf.Tensor[] = [...args, ...variables];
    const pick = (back: number) => values[values.length - 1 - back % values.length]!;
    for (const { op, a, b, p } of instructions) {
      values.push(BUILDS[op % BUILDS.length]!({ a: pick(a), b: pick(b), p, variables }));
    }
    return values.slice(-3).map((value) => value.clone());
  };
}
