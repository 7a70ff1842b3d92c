/** The losses of tf.losses in jitted functions: values and gradients, as eager. */
import * as tf from "@tensorflow/tfjs";
import { compareWithEager } from "./compare.ts";
import { bool, float, given, type Input, makeTensor } from "./rule.ts";
import { FLOAT32 } from "./trees.ts";

type Loss = (labels: tf.Tensor, outputs: tf.Tensor) => tf.Tensor;

const { Reduction } = tf as unknown as {
  Reduction: { NONE: number; MEAN: number; SUM: number; SUM_BY_NONZERO_WEIGHTS: number };
};

/** Labels, then outputs. */
const REAL: Input[][] = [
  [float([4, 3]), float([4, 3])],
  [float([1, 1]), float([1, 1])],
  [float([64, 10]), float([64, 10])],
];
const PROBABLE: Input[][] = [
  [float([4, 3], 0, 1), float([4, 3], 0.05, 0.95)],
  [float([64, 10], 0, 1), float([64, 10], 0.05, 0.95)],
];
const EXACT: Input[][] = [[given([0, 1, 1, 0]), given([0, 1, 0, 1])]];

const LOSSES: readonly (readonly [string, Loss, Input[][]])[] = [
  ["meanSquaredError", (y, x) => tf.losses.meanSquaredError(y, x), REAL],
  ["absoluteDifference", (y, x) => tf.losses.absoluteDifference(y, x), REAL],
  ["huberLoss", (y, x) => tf.losses.huberLoss(y, x, undefined, 0.5), REAL],
  ["cosineDistance", (y, x) => tf.losses.cosineDistance(y, x, 1), REAL],
  ["logLoss", (y, x) => tf.losses.logLoss(y, x), PROBABLE],
  ["logLoss at 0 and 1", (y, x) => tf.losses.logLoss(y, x), EXACT],
  ["sigmoidCrossEntropy", (y, x) => tf.losses.sigmoidCrossEntropy(y, x), PROBABLE],
  [
    "sigmoidCrossEntropy smoothed",
    (y, x) => tf.losses.sigmoidCrossEntropy(y, x, undefined, 0.1),
    PROBABLE,
  ],
  [
    "sigmoidCrossEntropy of large logits",
    (y, x) => tf.losses.sigmoidCrossEntropy(y, tf.mul(x, 200)),
    REAL.slice(0, 1).map(([, x]) => [float([4, 3], 0, 1), x!]),
  ],
  ["softmaxCrossEntropy", (y, x) => tf.losses.softmaxCrossEntropy(y, x), PROBABLE],
  [
    "softmaxCrossEntropy smoothed",
    (y, x) => tf.losses.softmaxCrossEntropy(y, x, undefined, 0.1),
    PROBABLE,
  ],
  ["hingeLoss", (y, x) => tf.losses.hingeLoss(tf.step(y), x), REAL],
  ["computeWeightedLoss", (y, x) => tf.losses.computeWeightedLoss(x, tf.abs(y)), REAL],
];

for (const [name, loss, cases] of LOSSES) {
  Deno.test(`jit() losses.${name}: value and gradient as eager`, () => {
    for (const inputs of cases) {
      const args = (call: number) => inputs.map((input, i) => makeTensor(input, 10 * call + i));
      const fn = (...[labels, outputs]: tf.Tensor[]) => {
        const { value, grads } = tf.valueAndGrads((x) => loss(labels!, x!))([outputs!]);
        return { value, grads };
      };
      compareWithEager(() => ({ fn }), args, { tolerance: { ...FLOAT32, absolute: 1e-5 } });
    }
  });
}

for (const [name, reduction] of Object.entries(Reduction ?? {})) {
  if (typeof reduction !== "number") continue;
  Deno.test(`jit() losses reduced by ${name} and weighted: as eager`, () => {
    const fn = (...[labels, outputs, weights]: tf.Tensor[]) =>
      tf.grads((x) =>
        tf.sum(tf.losses.meanSquaredError(labels!, x!, weights!, reduction as tf.Rank & number))
      )([outputs!]);
    const inputs = [float([4, 3]), float([4, 3]), float([4, 1], 0.5, 1)];
    const args = (call: number) => inputs.map((input, i) => makeTensor(input, 10 * call + i));
    compareWithEager(() => ({ fn }), args);
  });
}

Deno.test("jit() losses weighted by truth values, some of them false: as eager", () => {
  const fn = (...[labels, outputs, kept]: tf.Tensor[]) =>
    tf.losses.meanSquaredError(labels!, outputs!, tf.cast(kept!, "float32"));
  const inputs = [float([4, 3]), float([4, 3]), bool([4, 3])];
  const args = (call: number) => inputs.map((input, i) => makeTensor(input, 10 * call + i));
  compareWithEager(() => ({ fn }), args);
});
