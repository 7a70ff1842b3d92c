/** Operations of random programs on each number: arithmetic, comparisons, choices, functions. */
import * as tf from "@tensorflow/tfjs";
import { along, type Build, keeping, keepingBoth, of, ofBoth } from "./build.ts";
import {
  bool,
  CLASSES,
  digit,
  factor,
  fitted,
  float,
  int,
  moderate,
  wild,
  worse,
} from "./values.ts";

const COMPARE = [tf.equal, tf.notEqual, tf.less, tf.lessEqual, tf.greater, tf.greaterEqual];
const LOGIC = [tf.logicalAnd, tf.logicalOr, tf.logicalXor];
const STEPS = [tf.floor, tf.ceil, tf.sign, tf.isNaN, tf.isInf, tf.isFinite];
const FUNCTIONS = [
  tf.exp,
  tf.expm1,
  tf.log,
  tf.log1p,
  tf.sigmoid,
  tf.tanh,
  tf.sin,
  tf.cos,
  tf.atan,
  tf.sinh,
  tf.cosh,
  tf.asinh,
  tf.rsqrt,
  tf.asin,
  tf.acos,
  tf.acosh,
  tf.atanh,
];

/** Arithmetic, exactly rounded. */
export const ARITHMETIC: Readonly<Record<string, Build>> = {
  add: ofBoth(float, tf.add),
  sub: ofBoth(float, tf.sub),
  mul: ofBoth(float, tf.mul),
  div: ofBoth(float, tf.div),
  "divNoNan of floats": ofBoth(float, tf.divNoNan),
  "mod of floats": ofBoth(float, tf.mod),
  "floorDiv of floats": ofBoth(float, tf.floorDiv),
  square: of(float, tf.square),
  sqrt: of(float, tf.sqrt),
  reciprocal: of(float, tf.reciprocal),
  "add of ints": ofBoth(int, tf.add),
  "sub of ints": ofBoth(int, tf.sub),
  "mul of ints": ofBoth(factor, tf.mul),
  "div of ints": ofBoth(int, tf.div),
  "mod of ints": ofBoth(int, tf.mod),
  "floorDiv of ints": ofBoth(int, tf.floorDiv),
  "squaredDifference of ints": ofBoth(digit, tf.squaredDifference),
  "bitwiseAnd": ofBoth(int, tf.bitwiseAnd),
  "maximum of ints": ofBoth(int, tf.maximum),
  "minimum of ints": ofBoth(int, tf.minimum),
  "pow of ints": ofBoth(digit, (x, y) => tf.pow(x, tf.abs(y))),
  "neg of ints": of(moderate, tf.neg),
  "abs of ints": of(moderate, tf.abs),
  "sign of ints": of(moderate, tf.sign),
  "square of ints": of(moderate, tf.square),
  "relu of ints": of(moderate, tf.relu),
  "relu6 of ints": of(moderate, tf.relu6),
  "clipByValue of ints": of(moderate, (x) => tf.clipByValue(x, -2, 3)),
  "product of truths": ofBoth(bool, tf.mul),
  "maximum of truths": ofBoth(bool, tf.maximum),
  "mixed types": ({ x, y, p }) => {
    const fn = [tf.add, tf.sub, tf.mul, tf.maximum, tf.minimum][p % 5]!;
    return { tensor: fn(float(x), fitted(x, digit(y))), error: CLASSES.exact };
  },
  "numbers as operands": of(float, (x, p) => tf.mul(tf.sub(p - 30, x), 0.5)),
  addN: of(float, (x) => tf.addN([x, tf.neg(x), x])),
};

/** Comparisons, choices, and what makes no error larger. */
export const CHOICES: Readonly<Record<string, Build>> = {
  "comparison of floats": ofBoth(float, (x, y, p) => COMPARE[p % 6]!(x, y)),
  "comparison of ints": ofBoth(int, (x, y, p) => COMPARE[p % 6]!(x, y)),
  "comparison of truths": ofBoth(bool, (x, y, p) => COMPARE[p % 6]!(x, y)),
  logic: ofBoth(bool, (x, y, p) => LOGIC[p % 3]!(x, y)),
  logicalNot: of(bool, tf.logicalNot),
  steps: of(float, (x, p) => STEPS[p % STEPS.length]!(x)),
  round: of(float, tf.round, CLASSES.unsigned),
  step: of(float, (x) => tf.step(x, 0.5)),
  "cast to float": keeping((x) => float(x)),
  "cast to int": of((x) => x, (x) => tf.cast(x, "int32")),
  "cast to bool": of((x) => x, (x) => tf.cast(x, "bool")),
  "positive or not": of((x) => x, (x) => bool(x)),
  "maximum of floats": keepingBoth(float, tf.maximum),
  "minimum of floats": keepingBoth(float, tf.minimum),
  neg: keeping(tf.neg, float),
  abs: keeping(tf.abs, float),
  relu: keeping(tf.relu, float),
  relu6: keeping(tf.relu6, float),
  clipByValue: keeping((x) => tf.clipByValue(x, -2, 3), float),
  half: keeping((x) => tf.mul(x, -0.5), float),
  leakyRelu: keeping((x) => tf.leakyRelu(x, 0.25), float),
  prelu: keeping((x, p) => tf.prelu(x, tf.scalar(0.5 * (p % 3))), float),
  where: ({ a, b, x, p }) => {
    const first = float(a.tensor);
    const second = fitted(first, float(b.tensor));
    const both = tf.add(tf.zerosLike(first), tf.zerosLike(second));
    const truths = bool(x);
    const condition = String(truths.shape) === String(both.shape)
      ? truths
      : tf.greater(tf.mul(tf.onesLike(both), p % 2), 0);
    return { tensor: tf.where(condition, first, second), error: worse(a.error, b.error) };
  },
  "where of ints": ofBoth(int, (x, y) => tf.where(tf.greater(x, y), x, y)),
  "where of truths": ofBoth(bool, (x, y) => tf.where(tf.equal(x, y), x, y)),
};

/** Functions that are rounded in another way. */
export const ROUNDED: Readonly<Record<string, Build>> = {
  functions: of(float, (x, p) => FUNCTIONS[p % FUNCTIONS.length]!(x), CLASSES.rounded),
  "leakyRelu .2": of(float, (x) => tf.leakyRelu(x, 0.2), CLASSES.rounded),
  squaredDifference: ofBoth(float, tf.squaredDifference, CLASSES.rounded),
  pow: ofBoth(float, tf.pow, CLASSES.rounded),
  atan2: ofBoth(float, tf.atan2, CLASSES.rounded),
  elu: of(float, tf.elu, CLASSES.cancelled),
  selu: of(float, tf.selu, CLASSES.cancelled),
  erf: of(float, tf.erf, CLASSES.cancelled),
  softplus: of(float, tf.softplus, CLASSES.cancelled),
  softmax: of(wild, along((x) => tf.softmax(x)), CLASSES.summed),
};
