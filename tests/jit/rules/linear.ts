/** Rules of matrix products: transposed, batched, broadcast, fused with bias and activation. */
import * as tf from "@tensorflow/tfjs";
import {
  float,
  given,
  int,
  type Operation,
  type Rule,
  rule,
  type RuleOptions,
  SUMS,
} from "../rule.ts";

/** Rows, inner size, columns: unrolled, odd, a dense layer's, and with sides of one. */
const SIZES = [
  [1, 1, 1],
  [1, 4, 3],
  [1, 3, 1],
  [3, 1, 5],
  [2, 3, 4],
  [4, 8, 8],
  [5, 7, 9],
  [16, 33, 17],
  [64, 20, 1],
  [1, 65, 40],
  [37, 64, 50],
  [64, 100, 72],
  [65, 300, 130],
  [7, 1030, 19],
] as const;

/** All four ways to transpose two matrices. */
const TRANSPOSES = [[false, false], [false, true], [true, false], [true, true]] as const;

const OPTIONS: RuleOptions = { tolerance: SUMS };

/** The shape of a matrix before it is transposed. */
function sides(rows: number, columns: number, transposed: boolean): number[] {
  return transposed ? [columns, rows] : [rows, columns];
}

function products(): Rule[] {
  return TRANSPOSES.flatMap(([a, b]) =>
    SIZES.map(([m, k, n]) =>
      rule(
        `matMul [${m},${k}]${a ? "ᵀ" : ""} [${k},${n}]${b ? "ᵀ" : ""}`,
        (x, y) => tf.matMul(x, y, a, b),
        [[float(sides(m, k, a)), float(sides(k, n, b))]],
        { ...OPTIONS, second: m * k * n < 100 },
      )
    )
  );
}

/** Leading sizes of both sides: the same, missing, and broadcast. */
const BATCHES = [
  [[3], [3]],
  [[3], []],
  [[], [3]],
  [[1], [3]],
  [[2, 3], [2, 3]],
  [[2, 3], [3]],
] as const;

function batched(): Rule[] {
  return TRANSPOSES.map(([a, b]) =>
    rule(
      `matMul in batches${a ? " ᵀ" : ""}${b ? " and ᵀ" : ""}`,
      (x, y) => tf.matMul(x, y, a, b),
      BATCHES.flatMap(([left, right]) =>
        ([[2, 3, 4], [9, 17, 8]] as const).map((
          [m, k, n],
        ) => [float([...left, ...sides(m, k, a)]), float([...right, ...sides(k, n, b)])])
      ),
      { ...OPTIONS, gradient: false },
    )
  );
}

/** Gradients need the same leading sizes on both sides in TensorFlow.js. */
function batchedAlike(): Rule[] {
  return TRANSPOSES.map(([a, b]) =>
    rule(
      `matMul in equal batches${a ? " ᵀ" : ""}${b ? " and ᵀ" : ""}`,
      (x, y) => tf.matMul(x, y, a, b),
      ([[2, 3, 4], [9, 17, 8]] as const).map((
        [m, k, n],
      ) => [float([3, ...sides(m, k, a)]), float([3, ...sides(k, n, b)])]),
      { ...OPTIONS, second: true },
    )
  );
}

const ACTIVATIONS = ["linear", "relu", "sigmoid", "elu", "relu6", "leakyrelu"] as const;

type Fused = Parameters<typeof tf.fused.matMul>[0];

function fusedProducts(): Rule[] {
  return ACTIVATIONS.map((activation) =>
    rule(
      `fused.matMul ${activation}`,
      (a, b, bias) =>
        tf.fused.matMul(
          { a: a, b: b, bias: bias, activation, leakyreluAlpha: 0.2 } as Fused,
        ),
      [
        [float([2, 3]), float([3, 4]), float([4])],
        [float([1, 5]), float([5, 1]), float([1])],
        [float([17, 33]), float([33, 20]), float([20])],
        [float([3, 4]), float([4, 5]), float([3, 5])],
      ],
      { ...OPTIONS, gradient: activation !== "leakyrelu" },
    )
  );
}

const OTHERS: readonly [string, Operation, Parameters<typeof rule>[2]][] = [
  ["dot", (a, b) => tf.dot(a, b), [
    [float([5]), float([5])],
    [float([5]), float([5, 3])],
    [float([3, 5]), float([5])],
    [float([2, 3]), float([3, 4])],
  ]],
  ["outerProduct", (a, b) => tf.outerProduct(a as tf.Tensor1D, b as tf.Tensor1D), [
    [float([5]), float([3])],
  ]],
  ["a product with itself", (a) => tf.matMul(a, a, false, true), [[float([4, 5])]]],
  ["a product of transposes", (a, b) => tf.matMul(tf.transpose(a), tf.transpose(b)), [
    [float([3, 2]), float([4, 3])],
    [float([33, 17]), float([20, 33])],
  ]],
  ["a chain of products", (a, b, c) => tf.matMul(tf.sigmoid(tf.matMul(a, b)), c), [
    [float([2, 3]), float([3, 4]), float([4, 2])],
    [float([16, 20]), float([20, 30]), float([30, 10])],
  ]],
];

/** Rules of matrix products. */
export const LINEAR_RULES = [
  ...products(),
  ...batched(),
  ...batchedAlike(),
  ...fusedProducts(),
  rule(
    "fused.matMul of transposes",
    (a, b, bias) =>
      tf.fused.matMul(
        { a: a, b: b, bias: bias, transposeA: true, transposeB: true, activation: "sigmoid" },
      ),
    [[float([3, 2]), float([4, 3]), float([4])]],
    OPTIONS,
  ),
  rule(
    "fused.matMul prelu",
    (a, b, alpha) =>
      tf.fused.matMul(
        { a: a, b: b, activation: "prelu", preluActivationWeights: alpha } as Fused,
      ),
    [[float([2, 3]), float([3, 4]), float([4], 0.1, 0.5)]],
    { ...OPTIONS, gradient: false },
  ),
  ...OTHERS.map(([name, fn, cases]) => rule(name, fn, cases, OPTIONS)),
  rule("matMul of NaN, infinities and zeros", (a, b) => [
    tf.matMul(a, b),
    tf.matMul(tf.tile(a, [9, 7]), tf.tile(b, [7, 9])),
  ], [[
    given([0, 1, -2, Infinity, 0, 3, NaN, 0, 0], { shape: [3, 3] }),
    given([0, -0, 2, Infinity, 1, 5, NaN, 0, -1], { shape: [3, 3] }),
  ]], { gradient: false }),
  rule("matMul of int32", (a, b) => tf.matMul(a, b), [[int([2, 3]), int([3, 4])]], {
    gradient: false,
  }),
  rule(
    "einsum",
    (a, b) => [
      tf.einsum("ij,jk->ik", a, b),
      tf.einsum("ij,jk->k", a, b),
    ],
    [[float([2, 3]), float([3, 4])]],
    { ...OPTIONS, gradient: false },
  ),
  rule("linalg.bandPart", (a) => tf.linalg.bandPart(a, 1, 1), [[float([4, 4])]], {
    ...OPTIONS,
    gradient: false,
  }),
  rule("linalg.gramSchmidt", (a) => tf.linalg.gramSchmidt(a as tf.Tensor2D), [[float([3, 4])]], {
    ...OPTIONS,
    gradient: false,
  }),
];
