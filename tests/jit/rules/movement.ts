/** Rules of operations that move values: views, joins, splits, picks. */
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
} from "../rule.ts";

const NO_GRADIENT = { gradient: false };

/** Operations on `[2, 3, 4]`. */
const OF_CUBE: Record<string, Operation> = {
  "reshape flat": (x) => tf.reshape(x, [-1]),
  "reshape [6, 4]": (x) => tf.reshape(x, [6, 4]),
  "reshape of a transpose": (x) => tf.reshape(tf.transpose(x), [8, 3]),
  "expandDims, squeeze": (x) => [
    tf.expandDims(x, 1),
    tf.expandDims(x, -1),
    tf.squeeze(tf.expandDims(x, 0)),
  ],
  "transpose 012": (x) => tf.transpose(x, [0, 1, 2]),
  "transpose 021": (x) => tf.transpose(x, [0, 2, 1]),
  "transpose 102": (x) => tf.transpose(x, [1, 0, 2]),
  "transpose 120": (x) => tf.transpose(x, [1, 2, 0]),
  "transpose 201": (x) => tf.transpose(x, [2, 0, 1]),
  "transpose 210": (x) => tf.transpose(x),
  "transpose twice": (x) => tf.transpose(tf.transpose(x, [1, 2, 0]), [1, 2, 0]),
  "slice": (x) => tf.slice(x, [0, 1, 1], [2, 2, 3]),
  "slice to the end": (x) => tf.slice(x, [1], [-1]),
  "slice one row": (x) => tf.slice(x, [1, 0, 0], [1, 3, 4]),
  "slices that overlap": (x) => [tf.slice(x, 0, 1), tf.slice(x, [0, 1], [1, 2])],
  "pad": (x) => tf.pad(x, [[1, 0], [0, 2], [1, 1]]),
  "pad with 7": (x) => tf.pad(x, [[0, 0], [1, 1], [0, 3]], 7),
  "pad nothing": (x) => tf.pad(x, [[0, 0], [0, 0], [0, 0]]),
  "tile": (x) => tf.tile(x, [2, 1, 3]),
  "tile once": (x) => tf.tile(x, [1, 1, 1]),
  "reverse 0": (x) => tf.reverse(x, 0),
  "reverse 1 and 2": (x) => tf.reverse(x, [1, -1]),
  "reverse all": (x) => tf.reverse(x),
  "split in halves": (x) => tf.split(x, 2, 2),
  "split in sizes": (x) => tf.split(x, [1, 2], 1),
  "unstack 0": (x) => tf.unstack(x, 0),
  "unstack -1": (x) => tf.unstack(x, -1),
  "broadcastTo": (x) => tf.broadcastTo(x, [3, 2, 3, 4]),
};

const STRIDED: Record<string, Operation> = {
  "stridedSlice 2": (x) => tf.stridedSlice(x, [0, 0, 0], [2, 3, 4], [1, 2, 2]),
  "stridedSlice backwards": (x) => tf.stridedSlice(x, [1, 2, 3], [-3, -4, -5], [-1, -1, -2]),
  "stridedSlice masked": (x) => tf.stridedSlice(x, [0, 1, 1], [1, 2, 3], [1, 1, 1], 1, 2),
  "stridedSlice shrunk": (x) => tf.stridedSlice(x, [0, 1], [1, 3], [1, 1], 0, 0, 0, 0, 1),
};

const PERMUTATIONS = [[0, 2, 3, 1], [0, 3, 1, 2], [3, 2, 1, 0], [1, 0, 3, 2]];

const LARGE: Record<string, Operation> = {
  "transpose [17, 33]": (x) => tf.transpose(x),
  "slice [17, 33]": (x) => tf.slice(x, [3, 5], [10, 20]),
  "pad [17, 33]": (x) => tf.pad(x, [[2, 3], [4, 5]]),
  "concat [17, 33] with itself": (x) => tf.concat([x, x], 1),
  "reverse [17, 33]": (x) => tf.reverse(x, 1),
  "tile [17, 33]": (x) => tf.tile(x, [2, 2]),
};

const JOINS: Record<string, Operation> = {
  "concat 0": (...xs) => tf.concat(xs, 0),
  "concat 1": (...xs) => tf.concat(xs, 1),
  "concat -1": (...xs) => tf.concat(xs, -1),
  "stack 0": (...xs) => tf.stack(xs, 0),
  "stack 1": (...xs) => tf.stack(xs, 1),
  "stack -1": (...xs) => tf.stack(xs, -1),
};

const ALIKE: Input[][] = [
  [float([2, 3])],
  [float([2, 3]), float([2, 3])],
  [float([2, 3]), float([2, 3]), float([2, 3])],
  [float([9, 13]), float([9, 13])],
];

function gathers(): Rule[] {
  return [
    rule("gather 0", (x, i) => tf.gather(x, i), [
      [float([5, 3]), int([4], 0, 5)],
      [float([5, 3]), int([2, 3], 0, 5)],
      [float([5]), int([7], 0, 5)],
      [float([5, 3]), int([], 0, 5)],
    ]),
    rule("gather 1", (x, i) => tf.gather(x, i, 1), [
      [float([2, 5, 3]), int([4], 0, 5)],
      [float([2, 5]), int([1], 0, 5)],
    ]),
    rule("gather -1", (x, i) => tf.gather(x, i, -1), [
      [float([2, 3, 5]), int([2, 9], 0, 5)],
      [float([2, 5]), given([4], { dtype: "int32" })],
    ]),
    rule("gather long rows", (x, i) => tf.gather(x, i), [
      [float([17, 45]), int([33], 0, 17)],
      [float([4, 3, 16]), int([5, 2], 0, 4)],
    ]),
    rule("gather of bool", (x, i) => tf.gather(x, i, 1), [
      [bool([3, 5, 19]), int([4], 0, 5)],
    ], NO_GRADIENT),
    rule("gather in batches", (x, i) => tf.gather(x, i, 1, 1), [
      [float([2, 5, 3]), int([2, 4], 0, 5)],
    ], NO_GRADIENT),
    rule("gather of int32", (x, i) => tf.gather(x, i), [[int([5, 3]), int([4], 0, 5)]], {
      gradient: false,
    }),
    rule("gatherND", (x, i) => tf.gatherND(x, i), [
      [float([4, 5, 2]), int([3, 2], 0, 4)],
      [float([6]), int([3, 1], 0, 6)],
    ], NO_GRADIENT),
  ];
}

function scatters(): Rule[] {
  return [
    rule("scatterND", (i, x) => tf.scatterND(i, x, [6, 3]), [
      [int([4, 1], 0, 6), float([4, 3])],
    ], NO_GRADIENT),
    rule("tensorScatterUpdate", (x, i, y) => tf.tensorScatterUpdate(x, i, y), [
      [float([6, 3]), int([2, 1], 0, 6), float([2, 3])],
    ], NO_GRADIENT),
    rule("sparseToDense", (i, x) => tf.sparseToDense(i, x, [9], 0), [
      [int([3, 1], 0, 3), float([3])],
    ], NO_GRADIENT),
    rule("oneHot", (i) => tf.oneHot(i, 5), [
      [int([6], 0, 5)],
      [int([2, 3], 0, 5)],
      [int([4], -2, 8)],
    ], NO_GRADIENT),
    rule("oneHot with values", (i) => tf.oneHot(i, 4, 0.9, 0.1, "float32"), [[int([6], 0, 4)]], {
      gradient: false,
    }),
    rule("diag", (x) => tf.diag(x), [[float([4])], [float([2, 3])]], NO_GRADIENT),
  ];
}

function sparse(): Rule[] {
  return [
    rule(
      "sparse.sparseReshape",
      (i, s, n) => {
        const { outputIndices, outputShape } = tf.sparse.sparseReshape(
          i as tf.Tensor2D,
          s as tf.Tensor1D,
          n as tf.Tensor1D,
        );
        return [outputIndices!, outputShape!];
      },
      [[int([3, 2], 0, 2), int([2], 6, 7), int([1], 36, 37)]],
      NO_GRADIENT,
    ),
    ...rules(
      {
        "sparse.sparseSegmentSum": (x, i, s) =>
          tf.sparse.sparseSegmentSum(x, i as tf.Tensor1D, s as tf.Tensor1D),
        "sparse.sparseSegmentMean": (x, i, s) =>
          tf.sparse.sparseSegmentMean(x, i as tf.Tensor1D, s as tf.Tensor1D),
      },
      [[float([4, 3]), int([2], 0, 4), int([2], 0, 1)]],
      NO_GRADIENT,
    ),
  ];
}

const MADE_INSIDE: Record<string, Operation> = {
  "zeros, ones, fill": (x) => [
    tf.add(x, tf.zeros([3])),
    tf.mul(x, tf.ones([2, 1])),
    tf.add(x, tf.fill([3], 2.5)),
  ],
  "eye": (x) => tf.matMul(x, tf.eye(3)),
  "range, linspace": (x) => [tf.add(x, tf.range(0, 3)), tf.add(x, tf.linspace(0, 1, 3))],
  "tensor, scalar": (x) => [
    tf.add(x, tf.tensor1d([1, 2, 3])),
    tf.mul(x, tf.scalar(3)),
    tf.add(x, tf.tensor2d([[1, 2, 3], [4, 5, 6]])),
  ],
  "meshgrid": (x) => tf.meshgrid(tf.slice(x, 0, 1).flatten(), tf.range(0, 2)) as tf.Tensor[],
};

/** Rules of movement. */
export const MOVEMENT_RULES = [
  ...rules(OF_CUBE, [[float([2, 3, 4])]]),
  ...rules(STRIDED, [[float([2, 3, 4])]], NO_GRADIENT),
  ...rules(LARGE, [[float([17, 33])]]),
  rule("transposes of four axes", (x) => PERMUTATIONS.map((axes) => tf.transpose(x, axes)), [
    [float([2, 3, 4, 5])],
    [float([1, 3, 1, 5])],
  ]),
  rule(
    "movement of int32",
    (x) => [
      tf.transpose(x),
      tf.slice(x, [0, 1], [2, 1]),
      tf.concat([x, x], 1),
      tf.pad(x, [[1, 1], [0, 0]]),
      tf.tile(x, [1, 2]),
      tf.reverse(x, 1),
    ],
    [[int([2, 3])]],
    NO_GRADIENT,
  ),
  rule("movement of bool", (x) => [tf.transpose(x), tf.concat([x, x], 0), tf.reverse(x, 0)], [
    [bool([2, 3])],
  ], NO_GRADIENT),
  rule("movement of nothing", (x, y) => [tf.concat([x, y], 0), tf.transpose(x)], [
    [float([0, 3]), float([2, 3])],
  ], NO_GRADIENT),
  ...rules(JOINS, ALIKE),
  rule("concat of different sizes", (...xs) => tf.concat(xs, 1), [
    [float([2, 1]), float([2, 4]), float([2, 3])],
    [float([3, 1, 2]), float([3, 2, 2])],
  ]),
  rule("stack of scalars", (...xs) => tf.stack(xs), [[float([]), float([])]]),
  rule("broadcastTo from ones", (x) => tf.broadcastTo(x, [4, 3]), [
    [float([])],
    [float([3])],
    [float([1, 3])],
    [float([4, 1])],
  ]),
  rule("mirrorPad", (x) => [
    tf.mirrorPad(x, [[1, 1], [2, 0]], "reflect"),
    tf.mirrorPad(x, [[1, 1], [2, 0]], "symmetric"),
  ], [[float([3, 4])]]),
  rule("batchToSpaceND", (x) => tf.batchToSpaceND(x, [2, 2], [[0, 0], [0, 1]]), [
    [float([4, 2, 3, 1])],
  ]),
  rule("spaceToBatchND", (x) => tf.spaceToBatchND(x, [2, 2], [[0, 0], [1, 1]]), [
    [float([1, 4, 6, 2])],
  ]),
  rule("depthToSpace", (x) => tf.depthToSpace(x as tf.Tensor4D, 2), [[float([1, 2, 3, 8])]], {
    gradient: false,
  }),
  rule("broadcastArgs", (a, b) => tf.broadcastArgs(a, b), [
    [given([2, 1], { dtype: "int32" }), given([1, 3], { dtype: "int32" })],
  ], NO_GRADIENT),
  ...gathers(),
  ...scatters(),
  ...sparse(),
  ...rules(MADE_INSIDE, [[float([2, 3])]]),
];
