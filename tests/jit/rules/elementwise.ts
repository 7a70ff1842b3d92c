/** Rules of operations on each value of one tensor. */
import * as tf from "@tensorflow/tfjs";
import { bool, float, given, type Input, int, type Operation, rule, rules } from "../rule.ts";

/** From a single value, unrolled, to loops with and without a remainder, and nothing at all. */
const SHAPES = [[], [1], [3], [2, 3], [4, 4], [5, 13], [3, 1, 50], [0, 3]] as const;

/** One case for each shape, all in one range. */
function inRange(low: number, high: number): Input[][] {
  return SHAPES.map((shape) => [float(shape, low, high)]);
}

/** Where float32 ends: signed zeros, denormals, overflow, infinities, NaN. */
// deno-fmt-ignore
const EXTREMES = [
  0, -0, 1e-40, -1e-40, 1e-38, 1e-20, -1e-20, 1e-7, -1e-7, 1e-4, 0.5, -0.5, 1, -1, 1.5, 2.5, -2.5,
  10, -10, 17, -17, 50, -50, 87, -87, 88.7, 88.8, 89, -88, -103, -104, 110, 1000, -1000, 1e10, -1e10,
  3e38, -3e38, Infinity, -Infinity, NaN,
];

const FINITE_EVERYWHERE: Record<string, Operation> = {
  abs: tf.abs,
  neg: tf.neg,
  sign: tf.sign,
  floor: tf.floor,
  ceil: tf.ceil,
  round: tf.round,
  square: tf.square,
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
  selu: tf.selu,
  "leakyRelu .2": (x) => tf.leakyRelu(x, 0.2),
  "leakyRelu .02": (x) => tf.leakyRelu(x, 0.02),
  "step -.5": (x) => tf.step(x, -0.5),
  sigmoid: tf.sigmoid,
  logSigmoid: tf.logSigmoid,
  softplus: tf.softplus,
  tanh: tf.tanh,
  exp: tf.exp,
  expm1: tf.expm1,
  sin: tf.sin,
  cos: tf.cos,
  atan: tf.atan,
  asinh: tf.asinh,
  sinh: tf.sinh,
  cosh: tf.cosh,
  erf: tf.erf,
  clipByValue: (x) => tf.clipByValue(x, -0.5, 1.5),
  "onesLike times": (x) => tf.mul(tf.onesLike(x), x),
  "zerosLike plus": (x) => tf.add(tf.zerosLike(x), x),
  clone: (x) => x.clone(),
};

const PARTIAL = { log: tf.log, sqrt: tf.sqrt, rsqrt: tf.rsqrt, reciprocal: tf.reciprocal };
const WITHIN_ONE = { asin: tf.asin, acos: tf.acos, atanh: tf.atanh };
const TESTS = { isNaN: tf.isNaN, isFinite: tf.isFinite, isInf: tf.isInf };

/** Everything that can be asked of any float, for the extremes. */
const EVERYWHERE: Record<string, Operation> = {
  ...FINITE_EVERYWHERE,
  ...PARTIAL,
  ...WITHIN_ONE,
  log1p: tf.log1p,
  acosh: tf.acosh,
  tan: (x) => tf.tan(tf.clipByValue(x, -1.5, 1.5)),
  "cast to bool": (x) => tf.cast(x, "bool"),
};
/** sin and cos of huge arguments are left to JavaScript's own functions on both sides. */
const HUGE = 1e30;
const MODERATE = EXTREMES.filter((value) => !(Math.abs(value) > HUGE));

function named(table: Record<string, Operation>, suffix: string): Record<string, Operation> {
  return Object.fromEntries(Object.entries(table).map(([name, fn]) => [`${name} ${suffix}`, fn]));
}

const INTEGERS: Record<string, Operation> = {
  abs: tf.abs,
  neg: tf.neg,
  sign: tf.sign,
  square: tf.square,
  relu: tf.relu,
  relu6: tf.relu6,
  round: tf.round,
  clipByValue: (x) => tf.clipByValue(x, -2, 3),
  step: (x) => tf.step(x),
  leakyRelu: (x) => tf.leakyRelu(x, 0.5),
  zerosLike: tf.zerosLike,
  onesLike: tf.onesLike,
};

const CASTS = {
  "cast to int32": (x: tf.Tensor) => tf.cast(x, "int32"),
  "cast to bool": (x: tf.Tensor) => tf.cast(x, "bool"),
  "cast to float32": (x: tf.Tensor) => tf.cast(x, "float32"),
  "cast to int32 and back": (x: tf.Tensor) => tf.cast(tf.cast(x, "int32"), "float32"),
} as unknown as Record<string, Operation>;

/** Values that int32 cannot hold: eager wraps them around and makes NaN 0. */
const BEYOND_INT32 = [2147483647, 2147483648, -2147483649, 3e9, 1e12, -1e12, 1e20, NaN, Infinity];

/** Passes its argument on, and twice its gradient back. */
const doubling = tf.customGrad((x) => ({
  value: tf.neg(x as tf.Tensor),
  gradFunc: (dy) => tf.mul(dy as tf.Tensor, 2),
}));

/** Rules of operations on each value of one tensor. */
export const ELEMENTWISE_RULES = [
  ...rules(FINITE_EVERYWHERE, inRange(-3, 3)),
  ...rules(PARTIAL, inRange(0.25, 4)),
  ...rules(WITHIN_ONE, inRange(-0.9, 0.9)),
  ...rules({ log1p: tf.log1p }, inRange(-0.7, 3)),
  ...rules({ acosh: tf.acosh }, inRange(1.2, 4)),
  ...rules({ tan: tf.tan }, inRange(-1.2, 1.2)),
  ...rules({ customGrad: (x) => doubling(x) }, inRange(-1, 1)),
  ...rules(TESTS, [[given(EXTREMES)], [float([2, 3])]], { gradient: false }),
  ...rules(named(EVERYWHERE, "at the ends of float32"), [[given(MODERATE)]], { gradient: false }),
  ...rules(named(INTEGERS, "of int32"), [[int([2, 3])], [int([7, 11])], [int([])]], {
    gradient: false,
  }),
  ...rules(
    CASTS,
    [[float([2, 3], -5, 5)], [int([3, 5])], [bool([19])], [float([])], [bool([0])]],
    { gradient: false },
  ),
  rule("cast to int32 beyond int32", (x) => tf.cast(x, "int32"), [[given(BEYOND_INT32)]], {
    gradient: false,
  }),
  ...rules({ logicalNot: tf.logicalNot }, [[bool([2, 3])], [bool([])], [bool([33])]], {
    gradient: false,
  }),
  ...rules(
    named(
      { square: tf.square, sin: tf.sin, softplus: tf.softplus, logSigmoid: tf.logSigmoid },
      "twice",
    ),
    [[float([2, 3])], [float([9, 9])]],
    { second: true },
  ),
  ...rules(
    named({ sqrt: tf.sqrt, log: tf.log, reciprocal: tf.reciprocal }, "twice"),
    [[float([2, 3], 0.5, 2)]],
    { second: true },
  ),
  ...rules(
    named({ relu: tf.relu, abs: tf.abs, "leakyRelu .2": (x) => tf.leakyRelu(x, 0.2) }, "at ties"),
    [[given([0, -0, 1, -1, 2, -2])]],
  ),
];
