/** Random programs of all types and shapes, on any number at all: NaN, infinities, nothing, six dimensions. */
import * as tf from "@tensorflow/tfjs";
import type { Instruction } from "./random_program.ts";
import type { Tolerance } from "./trees.ts";
import {
  bool,
  CLASSES,
  digit,
  factor,
  fitted,
  float,
  int,
  isExact,
  moderate,
  number,
  small,
  type Value,
  wild,
  worse,
} from "./mixed_values.ts";

/** What an instruction works with. */
interface Context {
  /** Operands as they come, for operations that keep their error as it is. */
  readonly a: Value;
  readonly b: Value;
  /** Operands without an error. */
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
  readonly p: number;
  readonly variables: readonly tf.Variable[];
}

type Build = (context: Context) => Value;
type Kind = (x: tf.Tensor) => tf.Tensor;
type Unary = (x: tf.Tensor, p: number) => tf.Tensor;
type Binary = (x: tf.Tensor, y: tf.Tensor, p: number) => tf.Tensor;

/** An operation on operands of a kind that have no error. */
function of(kind: Kind, fn: Unary, error: Tolerance = CLASSES.exact): Build {
  return ({ x, p }) => ({ tensor: fn(kind(x), p), error });
}

function ofBoth(kind: Kind, fn: Binary, error: Tolerance = CLASSES.exact): Build {
  return ({ x, y, p }) => {
    const first = kind(x);
    return { tensor: fn(first, fitted(first, kind(y)), p), error };
  };
}

/** An operation that makes no relative error larger. */
function keeping(fn: Unary, kind: Kind = (x) => x): Build {
  return ({ a, p }) => ({ tensor: fn(kind(a.tensor), p), error: a.error });
}

function keepingBoth(kind: Kind, fn: Binary): Build {
  return ({ a, b, p }) => {
    const first = kind(a.tensor);
    const tensor = fn(first, fitted(first, kind(b.tensor)), p);
    return { tensor, error: worse(a.error, b.error) };
  };
}

/** Along an axis; scalars and what is empty there are left as they are. */
function along(fn: (x: tf.Tensor, axis: number, p: number) => tf.Tensor): Unary {
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
function over(fn: (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor): Unary {
  return (x, p) => fn(x, axesOf(x, p), p % 2 === 0);
}

/** Six sizes whose product is `size`, the first five being small. */
function sixFactors(size: number): number[] {
  let rest = size;
  const first = Array.from({ length: 5 }, () => {
    const divisor = [2, 3, 5].find((one) => rest > one && rest % one === 0) ?? 1;
    rest /= divisor;
    return divisor;
  });
  return [...first, rest];
}

const COMPARE = [tf.equal, tf.notEqual, tf.less, tf.lessEqual, tf.greater, tf.greaterEqual];
const LOGIC = [tf.logicalAnd, tf.logicalOr, tf.logicalXor];
const STEPS = [tf.floor, tf.ceil, tf.round, tf.sign, tf.isNaN, tf.isInf, tf.isFinite];
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

/** Four dimensions out of any number, for images: `[batch, height, width, channels]`. */
function images(x: tf.Tensor, p: number): tf.Tensor4D {
  const flat = tf.reshape(wild(small(x)), [-1]);
  const [height, width, channels] = [2 + p % 3, 2 + (p >> 2) % 4, 1 + (p >> 4) % 3];
  const one = height * width * channels;
  const times = Math.ceil(one / Math.max(1, flat.size));
  const enough = flat.size === 0 ? tf.ones([one]) : tf.tile(flat, [times]);
  const batch = Math.min(3, Math.floor(enough.size / one));
  return tf.reshape(tf.slice(enough, 0, batch * one), [batch, height, width, channels]);
}

const PADS = ["valid", "same"] as const;

/** How a window moves over images. */
interface Windows {
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly pad: typeof PADS[number];
}

function windowsOf(p: number): Windows {
  return {
    rows: 1 + p % 2,
    columns: 1 + (p >> 1) % 2,
    stride: 1 + (p >> 3) % 2,
    pad: PADS[(p >> 2) % 2]!,
  };
}

/** A filter of any numbers; of finite ones where it meets the zeros around an image. */
function filterOf(y: tf.Tensor, { rows, columns, pad }: Windows, [channels, filters]: number[]) {
  const numbers = pad === "same" ? float(digit(small(y))) : wild(small(y));
  const [flat, size] = [tf.reshape(numbers, [-1]), rows * columns * channels! * filters!];
  const repeated = flat.size === 0 ? tf.ones([size]) : tf.tile(flat, [Math.ceil(size / flat.size)]);
  return tf.reshape(tf.slice(repeated, 0, size), [
    rows,
    columns,
    channels!,
    filters!,
  ]) as tf.Tensor4D;
}

/** A pooling of images. */
function pooled(fn: typeof tf.maxPool): Unary {
  return (x, p) => {
    const { rows, stride, pad } = windowsOf(p);
    return fn(images(x, p), [rows, 2], stride, pad);
  };
}

/** Arithmetic, exactly rounded. */
const ARITHMETIC: Readonly<Record<string, Build>> = {
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

const CHOICES: Readonly<Record<string, Build>> = {
  "comparison of floats": ofBoth(float, (x, y, p) => COMPARE[p % 6]!(x, y)),
  "comparison of ints": ofBoth(int, (x, y, p) => COMPARE[p % 6]!(x, y)),
  "comparison of truths": ofBoth(bool, (x, y, p) => COMPARE[p % 6]!(x, y)),
  logic: ofBoth(bool, (x, y, p) => LOGIC[p % 3]!(x, y)),
  logicalNot: of(bool, tf.logicalNot),
  steps: of(float, (x, p) => STEPS[p % STEPS.length]!(x)),
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

const MOVES: Readonly<Record<string, Build>> = {
  reverse: keeping(along((x, axis) => tf.reverse(x, axis))),
  "reverse of all": keeping((x) => x.rank === 0 ? x.clone() : tf.reverse(x)),
  concat: keeping(along((x, axis) => tf.concat([x, x], axis)), small),
  "concat of two": ({ a, b, p }) => {
    const [x, y] = [a, b].map(({ tensor }) => tf.reshape(float(tensor), [1, -1]));
    const same = x!.shape[1] === y!.shape[1];
    const tensor = tf.concat([x!, y!, x!], same ? p % 2 : 1);
    return { tensor, error: worse(a.error, b.error) };
  },
  stack: keeping((x, p) => x.rank > 5 ? x.clone() : tf.stack([x, x], p % (x.rank + 1)), small),
  transpose: keeping((x, p) => tf.transpose(x, x.shape.map((_, i) => (i + p) % x.rank))),
  "transpose of the last": keeping((x) => {
    if (x.rank < 2) return x.clone();
    const axes = x.shape.map((_, i) => i);
    return tf.transpose(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
  }),
  unstack: keeping(along((x, axis, p) => tf.unstack(x, axis)[p % x.shape[axis]!]!)),
  split: keeping(
    along((x, axis, p) => tf.split(x, [1, x.shape[axis]! - 1].filter(Boolean), axis).at(-(p % 2))!),
  ),
  slice: keeping((x, p) => {
    const begin = x.shape.map((n, d) => Math.min(n, (p >> d) % 3));
    return x.rank === 0
      ? x.clone()
      : tf.slice(x, begin, x.shape.map((n, d) => Math.ceil((n - begin[d]!) / (1 + p % 2))));
  }),
  stridedSlice: keeping((x, p) => {
    if (x.rank === 0) return x.clone();
    const strides = x.shape.map((_, d) => [1, 2, -1, 3, -2][(p + d) % 5]!);
    const begin = x.shape.map((n, d) => strides[d]! < 0 ? n - 1 : 0);
    return tf.stridedSlice(x, begin, [...x.shape], strides, 0, 2 ** x.rank - 1);
  }),
  pad: ({ a, p }) => {
    const x = small(number(a.tensor));
    const sides = x.shape.map((_, i): [number, number] => [(p >> i) % 2, (p + i) % 3]);
    return { tensor: x.rank === 0 ? x.clone() : tf.pad(x, sides, p % 3 - 1), error: a.error };
  },
  mirrorPad: keeping(
    along((x, axis, p) => {
      const sides = x.shape.map((n, i): [number, number] =>
        i === axis && n > 1 ? [1, p % 2] : [0, 0]
      );
      return tf.mirrorPad(x, sides, p % 2 ? "reflect" : "symmetric");
    }),
    small,
  ),
  gather: keeping(along((x, axis, p) => {
    const n = x.shape[axis]!;
    return tf.gather(x, tf.tensor([p % n, 0, n - 1, (7 * p) % n], [2, 2], "int32"), axis);
  })),
  "gather by number": ({ a, x }) => {
    const rows = tf.reshape(a.tensor, [-1]);
    if (rows.size === 0) return a;
    const numbers = tf.mod(tf.abs(digit(small(x))), tf.scalar(rows.size, "int32"));
    return { tensor: tf.gather(rows, tf.cast(numbers, "int32") as tf.Tensor1D), error: a.error };
  },
  gatherND: keeping(along((x, _, p) => {
    const rows = x.shape[0]!;
    return rows === 0
      ? x.clone()
      : tf.gatherND(number(x), tf.tensor2d([[p % rows], [0]], [2, 1], "int32"));
  })),
  tile: keeping((x, p) => tf.tile(x, x.shape.map((_, d) => 1 + (p >> d) % 2)), small),
  flatten: keeping((x) => tf.reshape(x, [-1])),
  squeeze: keeping((x) => tf.squeeze(x)),
  expandDims: keeping((x, p) => x.rank > 5 ? tf.squeeze(x) : tf.expandDims(x, p % (x.rank + 1))),
  "six dimensions": keeping((x) => tf.reshape(x, sixFactors(x.size))),
  broadcastTo: keeping((x, p) =>
    x.size > 300 || x.rank > 5 ? x.clone() : tf.broadcastTo(x, [1 + p % 3, ...x.shape])
  ),
  nothing: keeping((x) =>
    x.rank === 0
      ? x.clone()
      : tf.slice(x, x.shape.map(() => 0), x.shape.map((n, d) => d === 0 ? 0 : n))
  ),
};

const SUMS: Readonly<Record<string, Build>> = {
  max: keeping(over((x, axes, keep) => tf.max(x, axes, keep)), number),
  min: keeping(over((x, axes, keep) => tf.min(x, axes, keep)), number),
  argMax: of(number, along((x, axis) => tf.argMax(x, axis))),
  argMin: of(number, along((x, axis) => tf.argMin(x, axis))),
  "sum of ints": of(int, over((x, axes, keep) => tf.sum(x, axes, keep))),
  "sum of truths": of(bool, over((x, axes, keep) => tf.sum(x, axes, keep))),
  "sum of floats that do not round": of(wild, over((x, axes, keep) => tf.sum(x, axes, keep))),
  "sum of floats": of(
    (x) => tf.abs(float(x)),
    over((x, axes, keep) => tf.sum(x, axes, keep)),
    CLASSES.summed,
  ),
  "prod of signs": of((x) => tf.sign(number(x)), over((x, axes, keep) => tf.prod(x, axes, keep))),
  mean: of(
    (x) => tf.abs(float(x)),
    over((x, axes, keep) => tf.mean(x, axes, keep)),
    CLASSES.summed,
  ),
  "mean of ints": of(
    (x) => tf.abs(digit(x)),
    over((x, axes, keep) => tf.mean(x, axes, keep)),
    CLASSES.summed,
  ),
  any: of(bool, over((x, axes, keep) => tf.any(x, axes, keep))),
  all: of(bool, over((x, axes, keep) => tf.all(x, axes, keep))),
  cumsum: of(int, along((x, axis, p) => tf.cumsum(x, axis, p % 2 === 0, p % 3 === 0))),
  oneHot: of(
    (x) => small(digit(x)),
    (x, p) => tf.oneHot(tf.cast(tf.reshape(x, [-1]), "int32"), 1 + p % 5),
  ),
  "product with its transpose": of((x) => small(wild(x)), (x) => {
    const columns = tf.reshape(x, [x.size, 1]);
    return x.size === 0 ? x.clone() : tf.matMul(columns, columns, true);
  }, CLASSES.unsigned),
  product: ({ x, y, p }) => {
    const [left, right] = [x, y].map((side) => {
      const flat = tf.reshape(wild(small(side)), [-1]);
      const inner = 1 + p % 5;
      const rows = Math.floor(flat.size / inner);
      return rows === 0
        ? tf.ones([1, inner])
        : tf.reshape(tf.slice(flat, 0, rows * inner), [rows, inner]);
    });
    return { tensor: tf.matMul(left!, right!, false, true), error: CLASSES.unsigned };
  },
  conv2d: ({ x, y, p }) => {
    const [image, windows] = [images(x, p), windowsOf(p)];
    const filter = filterOf(y, windows, [image.shape[3], 1 + p % 3]);
    const tensor = tf.conv2d(image, filter, windows.stride, windows.pad);
    return { tensor, error: CLASSES.unsigned };
  },
  depthwiseConv2d: ({ x, y, p }) => {
    const [image, windows] = [images(x, p), windowsOf(p)];
    const filter = filterOf(y, windows, [image.shape[3], 1 + p % 2]);
    const tensor = tf.depthwiseConv2d(image, filter, windows.stride, windows.pad);
    return { tensor, error: CLASSES.unsigned };
  },
  maxPool: of((x) => x, pooled(tf.maxPool)),
  avgPool: of((x) => tf.abs(wild(x)), pooled(tf.avgPool), CLASSES.rounded),
  unsortedSegmentSum: ({ x, p }) => {
    const flat = tf.reshape(float(digit(small(x))), [-1]);
    if (flat.size === 0) return { tensor: flat, error: CLASSES.exact };
    const numbers = tf.range(0, flat.size, 1, "int32").mod(tf.scalar(1 + p % 4, "int32"));
    const tensor = tf.unsortedSegmentSum(flat, tf.cast(numbers, "int32") as tf.Tensor1D, 1 + p % 5);
    return { tensor, error: CLASSES.exact };
  },
};

const ROUNDED: Readonly<Record<string, Build>> = {
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

/** Puts values into variables of their type and shape; they have no error, so that none grows from call to call. */
const ASSIGNMENTS: Readonly<Record<string, Build>> = {
  variable: ({ p, variables }) => ({
    tensor: variables[p % variables.length]!.clone(),
    error: CLASSES.exact,
  }),
  assign: ({ x, p, variables }) => {
    const variable = variables[p % variables.length]!;
    const old = variable.clone();
    const typed = { float32: float, int32: int, bool }[variable.dtype as "float32"](x);
    const isSame = String(x.shape) === String(variable.shape);
    const value = isSame ? typed : tf.where(
      tf.equal(variable, variable),
      fitted(variable, typed).add(0).cast(variable.dtype),
      variable,
    );
    variable.assign(isSame && p % 3 > 0 ? value : tf.reverse(value));
    return { tensor: p % 2 === 0 ? old : variable.clone(), error: CLASSES.exact };
  },
};

const TABLE: readonly (readonly [string, Build])[] = [
  ARITHMETIC,
  CHOICES,
  MOVES,
  SUMS,
  ROUNDED,
  ASSIGNMENTS,
  ASSIGNMENTS,
].flatMap(Object.entries);

/** What a program gives: its last values, and how far each may be from eager's. */
export interface Outcome {
  readonly results: tf.Tensor[];
  readonly errors: Tolerance[];
}

/** Names the operations of instructions. */
export function operationsOf(instructions: readonly Instruction[]): string[] {
  return instructions.map(({ op }) => TABLE[op % TABLE.length]![0]);
}

/** All operations that a program may have. */
export const OPERATIONS: readonly string[] = TABLE.map(([name]) => name);

/** Runs instructions; `skip` decides what becomes of one that TensorFlow.js refuses. */
export function execute(
  instructions: readonly Instruction[],
  args: readonly tf.Tensor[],
  variables: readonly tf.Variable[],
  skip: (instruction: Instruction, error: unknown) => void,
): Outcome {
  const values: Value[] = [...args, ...variables].map((tensor) => ({
    tensor: tensor.clone(),
    error: CLASSES.exact,
  }));
  const pick = (list: readonly Value[], back: number) =>
    list[list.length - 1 - back % list.length]!;
  for (const instruction of instructions) {
    const { op, a, b, p } = instruction;
    const exact = values.filter(isExact);
    const [x, y] = [pick(exact, a).tensor, pick(exact, b).tensor];
    try {
      const context = { a: pick(values, a), b: pick(values, b), x, y, p, variables };
      values.push(TABLE[op % TABLE.length]![1](context));
    } catch (error) {
      skip(instruction, error);
    }
  }
  const last = values.slice(-3);
  return {
    results: last.map(({ tensor }) => tensor.clone()),
    errors: last.map(({ error }) => error),
  };
}
