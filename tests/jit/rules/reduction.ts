/** Rules of operations that put many values into one, or run along an axis. */
import * as tf from "@tensorflow/tfjs";
import {
  bool,
  float,
  given,
  type Input,
  int,
  type Operation,
  type Rule,
  rule,
  rules,
  SUMS,
} from "../rule.ts";

type Reduce = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

/** Shapes with the axes to reduce over; `undefined` is all of them. */
const AXES: readonly (readonly [readonly number[], number | number[] | undefined])[] = [
  [[], undefined],
  [[1], 0],
  [[6], undefined],
  [[3, 4], undefined],
  [[3, 4], 0],
  [[3, 4], 1],
  [[3, 4], -1],
  [[3, 4], [0, 1]],
  [[5, 1], 1],
  [[1, 7], 0],
  [[2, 3, 4], 1],
  [[2, 3, 4], [0, 2]],
  [[2, 3, 4], [1, 2]],
  [[2, 3, 4], [-1, 0]],
  [[17, 33], undefined],
  [[17, 33], 0],
  [[17, 33], 1],
  [[2, 5, 3, 7], [0, 2, 3]],
  [[2, 5, 3, 7], [1, 2]],
];

/** Only the ends of int32 or float32, in lists and in the rows and columns of matrices. */
function ends(): Rule[] {
  const lists = {
    int32: [[2147483647, 2147483646], [-2147483648, -2147483647]],
    float32: [[3.4e38, Infinity], [-3.4e38, -Infinity]],
  } as const;
  return Object.entries(lists).flatMap(([dtype, pairs]) =>
    pairs.flatMap(([one, end]) =>
      [[3], [129], [5, 40], [40, 5]].map((shape) => {
        const size = shape.reduce((a, b) => a * b);
        const values = Array.from({ length: size }, (_, i) => i % 7 === 0 ? one : end);
        const input = given(values, { shape, dtype: dtype as Input["dtype"] });
        return rule(
          `max, min, argMax, argMin of ${one} and ${end} in [${shape}]`,
          (x) => [
            tf.max(x),
            tf.min(x),
            ...x.shape.flatMap((_, axis) => [
              tf.max(x, axis),
              tf.min(x, axis),
              tf.argMax(x, axis),
              tf.argMin(x, axis),
            ]),
          ],
          [[input]],
          { gradient: false },
        );
      })
    )
  );
}

/** One rule for each way to reduce: shapes and axes, with and without keeping dimensions. */
function reductions(
  name: string,
  reduce: Reduce,
  input: (shape: readonly number[]) => Input,
  options: Parameters<typeof rule>[3] = {},
): Rule[] {
  return AXES.flatMap(([shape, axis]) =>
    [false, true].map((keepDims) =>
      rule(
        `${name} of [${shape}] over ${axis === undefined ? "everything" : `[${axis}]`}` +
          (keepDims ? " kept" : ""),
        (x) => reduce(x, axis as number[], keepDims),
        [[input(shape)]],
        { tolerance: SUMS, ...options },
      )
    )
  );
}

const NO_GRADIENT = { gradient: false };

const FLOATS: Record<string, Reduce> = {
  sum: tf.sum,
  mean: tf.mean,
  max: tf.max,
  min: tf.min,
  logSumExp: tf.logSumExp,
  variance: (x, axis, keepDims) => tf.moments(x, axis, keepDims).variance,
};

const ALONG: Record<string, Operation> = {
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
};

const ARGUMENTS: Record<string, Operation> = {
  "argMax 0": (x) => tf.argMax(x, 0),
  "argMax -1": (x) => tf.argMax(x, -1),
  "argMin 0": (x) => tf.argMin(x, 0),
  "argMin -1": (x) => tf.argMin(x, -1),
};

const CUMULATIVE: Record<string, Operation> = {
  "cumsum 0": (x) => tf.cumsum(x, 0),
  "cumsum 1 exclusive": (x) => tf.cumsum(x, 1, true),
  "cumsum 1 reverse": (x) => tf.cumsum(x, 1, false, true),
  "cumsum 0 exclusive reverse": (x) => tf.cumsum(x, 0, true, true),
};

/** The gradient of a cumsum along another axis than the last is wrong in TensorFlow.js. */
const CUMULATIVE_3D: Record<string, Operation> = {
  "cumsum 0 of three axes": (x) => tf.cumsum(x, 0),
  "cumsum 1 of three axes": (x) => tf.cumsum(x, 1),
  "cumsum 2 of three axes": (x) => tf.cumsum(x, 2),
};

/** Rules of reductions. */
export const REDUCTION_RULES = [
  ...ends(),
  ...Object.entries(FLOATS).flatMap(([name, reduce]) =>
    reductions(name, reduce, (shape) => float(shape, 0.5, 2))
  ),
  ...reductions("prod", tf.prod, (shape) => float(shape, 0.9, 1.1), NO_GRADIENT),
  ...reductions("sum of int32", tf.sum, (shape) => int(shape), NO_GRADIENT),
  ...reductions("max of int32", tf.max, (shape) => int(shape), NO_GRADIENT),
  ...reductions("all", tf.all, bool, NO_GRADIENT),
  ...reductions("any", tf.any, bool, NO_GRADIENT),
  rule(
    "sum, mean of bool, prod of int32",
    (x, y) => [
      tf.sum(x),
      tf.mean(x),
      tf.sum(x, 0),
      tf.prod(y, 0),
    ],
    [[bool([5, 3]), int([3, 4], 1, 4)]],
    NO_GRADIENT,
  ),
  rule("mean of int32", (x) => [tf.mean(x), tf.mean(x, 1)], [[int([5, 3])]], NO_GRADIENT),
  rule(
    "reductions of nothing",
    (x) => [
      tf.sum(x, 0),
      tf.sum(x),
      tf.max(x, 0),
      tf.mean(x, 0),
      tf.prod(x, 0),
    ],
    [[float([0, 3])]],
    NO_GRADIENT,
  ),
  rule("max, min at ties", (x) => [tf.max(x, 1), tf.min(x, 1)], [
    [given([1, 1, 0, 2, 2, 2], { shape: [2, 3] })],
  ]),
  rule(
    "reductions with NaN and infinities",
    (x) => [
      tf.max(x, 1),
      tf.min(x, 1),
      tf.sum(x, 1),
      tf.argMax(x, 1),
      tf.argMin(x, 1),
      tf.softmax(x),
      tf.logSumExp(x, 1),
    ],
    [[given([NaN, 1, 2, 1, NaN, 2, 1, 2, NaN, Infinity, 1, -Infinity], { shape: [4, 3] })]],
    {
      gradient: false,
    },
  ),
  rule(
    "argMax, argMin of NaN, ties and infinities",
    (x) => [0, 1, 2].flatMap((axis) => [tf.argMax(x, axis), tf.argMin(x, axis)]),
    [
      [given(
        [3, NaN, NaN, 1, -Infinity, NaN, 0, -0, 0, Infinity, Infinity, 2].flatMap((
          n,
        ) => [n, NaN, n]),
        { shape: [2, 6, 3] },
      )],
      [float([5, 7, 33])],
      [given(new Array(24).fill(-Infinity), { shape: [2, 3, 4] })],
      [int([3, 5, 4])],
      [given([-(2 ** 31), 2 ** 31 - 1, 0, 0, 5, 5], { shape: [1, 2, 3], dtype: "int32" })],
      [bool([3, 4, 5])],
    ],
    NO_GRADIENT,
  ),
  ...rules(
    ALONG,
    [[float([4], -3, 3)], [float([2, 3], -3, 3)], [float([2, 3, 5])], [float([9, 33])]],
    { tolerance: SUMS },
  ),
  rule("softmax, logSoftmax of values that exp cannot hold", (x) => [
    tf.softmax(x),
    tf.logSoftmax(x),
    tf.logSumExp(x, 1),
  ], [[given([1000, 999, -1000, -200, -201, -202, 0, 100, 90], { shape: [3, 3] })]]),
  rule("sum twice", (x) => tf.sum(tf.square(x), 1), [[float([3, 4])]], { second: true }),
  rule("mean of squares twice", (x) => tf.mean(tf.square(x)), [[float([3, 4])]], {
    second: true,
  }),
  rule("norm twice", (x) => tf.norm(x, "euclidean", 1), [[float([3, 4], 0.5, 1)]], {
    second: true,
  }),
  rule(
    "norm",
    (x) => [
      tf.norm(x),
      tf.norm(x, "euclidean", 0),
      tf.norm(x, 2, 1, true),
      tf.norm(x, "euclidean", [0, 1], true),
    ],
    [[float([3, 4])], [float([17, 33])]],
    { tolerance: SUMS },
  ),
  rule(
    "norms of other orders",
    (x) => [tf.norm(x, 1), tf.norm(x, Infinity, 0), tf.norm(x, "fro", [0, 1])],
    [
      [float([3, 4])],
    ],
    { tolerance: SUMS },
  ),
  ...rules(ARGUMENTS, [
    [float([3, 4])],
    [float([17, 33])],
    [int([3, 4])],
    [given([1, 1, 0, 2, 2, 2], { shape: [2, 3] })],
  ], NO_GRADIENT),
  ...rules(CUMULATIVE, [[float([4, 4])], [float([9, 9])], [float([1, 1])]]),
  ...rules(CUMULATIVE_3D, [[float([2, 5, 3])]], NO_GRADIENT),
  rule("cumsum of int32", (x) => tf.cumsum(x, 1), [[int([3, 4])]], NO_GRADIENT),
  rule(
    "cumprod",
    (x) => [
      tf.cumprod(x, 0),
      tf.cumprod(x, 1, true),
      tf.cumprod(x, 1, false, true),
    ],
    [[float([3, 4], 0.5, 1.5)]],
    NO_GRADIENT,
  ),
  rule(
    "topk",
    (x) => {
      const { values, indices } = tf.topk(x, 2);
      return [values, indices];
    },
    [[float([3, 4])], [float([9])]],
    NO_GRADIENT,
  ),
  rule(
    "moments",
    (x) => {
      const { mean, variance } = tf.moments(x, 0);
      return [mean, variance];
    },
    [[float([5, 3])], [float([33, 9])]],
    { tolerance: SUMS },
  ),
  rule(
    "bincount, denseBincount",
    (x, w) => [
      tf.bincount(x as tf.Tensor1D, w as tf.Tensor1D, 5),
      tf.denseBincount(x as tf.Tensor1D, w as tf.Tensor1D, 5),
    ],
    [[int([9], 0, 5), float([9])]],
    NO_GRADIENT,
  ),
  rule(
    "searchSorted",
    (x, y) => [
      tf.lowerBound(tf.cumsum(tf.abs(x)), y),
      tf.upperBound(tf.cumsum(tf.abs(x)), y),
    ],
    [[float([9]), float([4], 0, 5)]],
    NO_GRADIENT,
  ),
  rule("unsortedSegmentSum", (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 3), [
    [float([5]), int([5], 0, 3)],
    [float([5, 4]), int([5], 0, 3)],
    [float([50, 3, 7]), int([50], -2, 3)],
    [float([9, 33]), int([9], -2, 3)],
  ]),
  rule(
    "confusionMatrix",
    (a, b) => tf.math.confusionMatrix(a as tf.Tensor1D, b as tf.Tensor1D, 3),
    [
      [int([9], 0, 3), int([9], 0, 3)],
    ],
    NO_GRADIENT,
  ),
];
