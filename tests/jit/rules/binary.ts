/** Rules of operations on pairs of values, with broadcasting, and of choices between values. */
import * as tf from "@tensorflow/tfjs";
import { bool, float, given, type Input, int, type Operation, rule, rules } from "../rule.ts";

/** Pairs of shapes that broadcast in every way: ranks, ones on either side, scalars, nothing. */
const PAIRS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[1], [1]],
  [[3], [3]],
  [[2, 3], [2, 3]],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [[2, 3], []],
  [[], [2, 3]],
  [[2, 3], [1, 1]],
  [[2, 1], [1, 3]],
  [[1, 3], [2, 1]],
  [[2, 1, 4], [3, 1]],
  [[4, 1, 3], [4, 5, 1]],
  [[1, 5], [6, 5]],
  [[9, 15], [15]],
  [[9, 15], [9, 1]],
  [[2, 3, 4, 5], [4, 1]],
  [[0, 3], [3]],
];

function pairs(low: number, high: number, low2 = low, high2 = high): Input[][] {
  return PAIRS.map(([a, b]) => [float(a, low, high), float(b, low2, high2)]);
}

const SMOOTH: Record<string, Operation> = {
  add: (a, b) => tf.add(a, b),
  sub: (a, b) => tf.sub(a, b),
  mul: (a, b) => tf.mul(a, b),
  atan2: (a, b) => tf.atan2(a, b),
};

/** Their gradients in TensorFlow.js do not broadcast. */
const OF_ONE_SHAPE: Record<string, Operation> = {
  maximum: (a, b) => tf.maximum(a, b),
  minimum: (a, b) => tf.minimum(a, b),
  squaredDifference: (a, b) => tf.squaredDifference(a, b),
};

const DIVISIONS: Record<string, Operation> = {
  div: (a, b) => tf.div(a, b),
  mod: (a, b) => tf.mod(a, b),
};

const COMPARISONS: Record<string, Operation> = {
  equal: (a, b) => tf.equal(a, b),
  notEqual: (a, b) => tf.notEqual(a, b),
  less: (a, b) => tf.less(a, b),
  lessEqual: (a, b) => tf.lessEqual(a, b),
  greater: (a, b) => tf.greater(a, b),
  greaterEqual: (a, b) => tf.greaterEqual(a, b),
};

const LOGICAL: Record<string, Operation> = {
  logicalAnd: (a, b) => tf.logicalAnd(a, b),
  logicalOr: (a, b) => tf.logicalOr(a, b),
  logicalXor: (a, b) => tf.logicalXor(a, b),
};

const ARITHMETIC: Record<string, Operation> = {
  ...SMOOTH,
  ...OF_ONE_SHAPE,
  ...DIVISIONS,
  ...COMPARISONS,
  floorDiv: (a, b) => tf.floorDiv(a, b),
  pow: (a, b) => tf.pow(a, b),
};
delete ARITHMETIC.atan2; // of floats alone

function sameShape([a, b]: readonly Input[]): boolean {
  return String(a?.shape) === String(b?.shape);
}

function broadcast(table: Record<string, Operation>): Record<string, Operation> {
  return Object.fromEntries(Object.entries(table).map(([name, fn]) => [`${name} broadcast`, fn]));
}

/** Every pair of two lists, for operations on the ends of float32. */
function crossed(values: readonly number[]): Input[] {
  return [
    given(values.flatMap((value) => values.map(() => value))),
    given(values.flatMap(() => values)),
  ];
}

const SPECIAL = [0, -0, 1, -1, 2.5, -3, 1e-40, 1e30, -1e30, Infinity, -Infinity, NaN];

function ofIntegers(table: Record<string, Operation>): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(table).map(([name, fn]) => [`${name} of int32`, fn]),
  );
}

const INTEGER_PAIRS = PAIRS.map(([a, b]) => [int(a), int(b, 1, 4)]);
const MIXED = [
  [int([2, 3]), float([3], 1, 3)],
  [float([2, 3]), int([], 1, 4)],
  [bool([2, 3]), float([2, 3], 1, 2)],
  [int([4]), bool([4])],
];

/** Wraps around in eager: every product is below 2^53, so it wraps exactly. */
const OVERFLOWING = [
  given([2147483647, -2147483648, 100000, 65536, -7, 46341], { dtype: "int32" }),
  given([1, -1, 100000, 65536, 3, 46341], { dtype: "int32" }),
];
const BY_ZERO = [
  given([5, -5, 0, 7], { dtype: "int32" }),
  given([0, 0, 0, 2], { dtype: "int32" }),
];

const CONDITION: Input[][] = [
  [bool([2, 3]), float([2, 3]), float([2, 3])],
  [bool([]), float([]), float([])],
  [bool([3]), float([2, 3]), float([2, 3])],
  [bool([2, 1]), float([1, 3]), float([2, 3])],
  [bool([7, 9]), float([7, 9]), float([])],
  [bool([2, 3, 4]), float([4]), float([3, 1])],
];

/** Rules of operations on pairs of values and of choices. */
export const BINARY_RULES = [
  ...rules(SMOOTH, pairs(-2, 2)),
  ...rules(OF_ONE_SHAPE, pairs(-2, 2).filter(sameShape)),
  ...rules(broadcast(OF_ONE_SHAPE), pairs(-2, 2), { gradient: false }),
  rule("divNoNan", (a, b) => tf.divNoNan(a, b), [
    ...pairs(-2, 2),
    [given([1, 0, -1]), given([0, 0, 2])],
  ], { gradient: false }),
  ...rules(DIVISIONS, pairs(-2, 2, 0.5, 2)),
  ...rules({ pow: (a, b) => tf.pow(a, b) }, pairs(0.5, 2, -2, 2)),
  ...rules({ floorDiv: (a, b) => tf.floorDiv(a, b) }, pairs(-9, 9, 0.5, 2)),
  ...rules(COMPARISONS, pairs(-2, 2), { gradient: false }),
  rule("comparisons at ties", (a, b) => Object.values(COMPARISONS).flatMap((fn) => fn(a, b)), [
    [given([1, 2, 3, -0, 0]), given([1, 3, 2, 0, -0])],
    [given([1, 2, 3], { dtype: "int32" }), given([1, 3, 2], { dtype: "int32" })],
  ], { gradient: false }),
  ...rules(LOGICAL, [
    [bool([2, 3]), bool([2, 3])],
    [bool([2, 3]), bool([3])],
    [bool([]), bool([])],
    [bool([4, 1]), bool([1, 17])],
  ], { gradient: false }),
  ...rules(ofIntegers(ARITHMETIC), INTEGER_PAIRS, { gradient: false }),
  rule("arithmetic of mixed dtypes", (a, b) => [
    tf.add(a, b),
    tf.mul(a, b),
    tf.div(a, b),
  ], MIXED.slice(0, 3)),
  rule("maximum of mixed dtypes", (a, b) => tf.maximum(a, b), MIXED, { gradient: false }),
  rule("comparisons of mixed dtypes", (a, b) => [tf.less(a, b), tf.equal(a, b)], MIXED, {
    gradient: false,
  }),
  rule(
    "add, sub, mul of int32 that overflow",
    (a, b) => [
      tf.add(a, b),
      tf.sub(a, b),
      tf.mul(a, b),
      tf.squaredDifference(a, b),
    ],
    [OVERFLOWING],
    { gradient: false },
  ),
  rule(
    "div, floorDiv, mod of int32 by zero",
    (a, b) => [
      tf.div(a, b),
      tf.floorDiv(a, b),
      tf.mod(a, b),
    ],
    [BY_ZERO],
    { gradient: false },
  ),
  rule(
    "arithmetic at the ends of float32",
    (a, b) => [
      ...Object.values(SMOOTH).flatMap((fn) => fn(a, b)),
      ...Object.values(OF_ONE_SHAPE).flatMap((fn) => fn(a, b)),
      ...Object.values(DIVISIONS).flatMap((fn) => fn(a, b)),
      ...Object.values(COMPARISONS).flatMap((fn) => fn(a, b)),
      tf.pow(a, b) as tf.Tensor,
      tf.floorDiv(a, b),
      tf.prelu(a, b),
    ],
    [crossed(SPECIAL)],
    { gradient: false },
  ),
  rule("maximum, minimum, relu, clip at ties", (a, b) => [
    tf.maximum(a, b),
    tf.minimum(a, b),
    tf.relu(a),
    tf.clipByValue(a, -1, 1),
  ], [[given([1, 2, 0, -1, 1]), given([1, 1, 0, -1, 2])]]),
  rule("bitwiseAnd", (a, b) => tf.bitwiseAnd(a, b), [[int([2, 3], 0, 99), int([2, 3], 0, 99)]], {
    gradient: false,
  }),
  rule("prelu", (x, alpha) => tf.prelu(x, alpha), [
    [float([2, 3]), float([3], 0.1, 0.5)],
    [float([5, 13]), float([5, 13], 0.1, 0.5)],
    [float([2, 4, 4, 3]), float([1, 1, 3], 0.1, 0.5)],
  ]),
  rule("prelu of mixed dtypes", (x, alpha) => tf.prelu(x, alpha), [
    [int([5, 13]), float([13], 0.1, 0.5)],
    [float([5, 13]), int([13])],
    [int([2, 3]), int([3])],
    [bool([4]), float([4])],
  ], { gradient: false }),
  rule("addN", (...xs) => tf.addN(xs), [
    [float([2, 3])],
    [float([2, 3]), float([2, 3]), float([2, 3])],
    [float([]), float([])],
    [float([9, 9]), float([9, 9]), float([9, 9]), float([9, 9])],
  ]),
  rule("addN of int32", (...xs) => tf.addN(xs), [[int([5]), int([5]), int([5])]], {
    gradient: false,
  }),
  rule("where", (condition, a, b) => tf.where(condition, a, b), CONDITION),
  rule("where of int32", (condition, a, b) => tf.where(condition, a, b), [
    [bool([2, 3]), int([2, 3]), int([2, 3])],
  ], { gradient: false }),
  rule("where of a comparison", (a, b) => tf.where(tf.greater(a, b), tf.mul(a, 2), b), [
    [float([2, 3]), float([2, 3])],
    [float([11, 7]), float([7])],
  ], { gradient: false }),
  rule(
    "shared subexpressions",
    (a, b) => {
      const shared = tf.mul(a, b);
      return [tf.add(shared, a), tf.sub(shared, b), tf.mul(shared, shared), tf.mul(a, b)];
    },
    pairs(-2, 2),
    { second: true },
  ),
  rule("numbers as operands", (a) => [
    tf.add(a, 2),
    tf.sub(1, a),
    tf.mul(a, -0.5),
    tf.div(a, 3),
    tf.pow(a, 2),
    tf.maximum(a, 0.25),
  ], [[float([])], [float([2, 3])], [float([9, 9])]]),
  rule("mul and div twice", (a, b) => tf.div(tf.mul(a, a), b), [
    [float([2, 3], 0.5, 2), float([3], 0.5, 2)],
  ], { second: true }),
];
