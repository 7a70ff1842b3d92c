/** Rules of images and signals: resizing, cropping, flipping, turning, complex numbers. */
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

const FORWARD: RuleOptions = { gradient: false, tolerance: SUMS };

const RESIZES: Record<string, (x: tf.Tensor4D, size: [number, number]) => tf.Tensor> = {
  "resizeBilinear": (x, size) => tf.image.resizeBilinear(x, size),
  "resizeBilinear aligned": (x, size) => tf.image.resizeBilinear(x, size, true),
  "resizeNearestNeighbor": (x, size) => tf.image.resizeNearestNeighbor(x, size),
  "resizeNearestNeighbor aligned": (x, size) => tf.image.resizeNearestNeighbor(x, size, true),
};

const CENTERED: Record<string, Operation> = {
  "resizeBilinear centred": (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [6, 8], false, true),
  "resizeNearestNeighbor centred": (x) =>
    tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [6, 8], false, true),
};

function resizing(): Rule[] {
  const sizes: [number, number][] = [[6, 8], [2, 3], [4, 4], [7, 5], [8, 12], [12, 4]];
  return Object.entries(RESIZES).flatMap(([name, resize]) =>
    sizes.map((size) =>
      rule(`${name} [4,4] to [${size}]`, (x) => resize(x as tf.Tensor4D, size), [
        // Eager gradients of the nearest neighbour are wrong for more than one image.
        [float([name.startsWith("resizeNearest") ? 1 : 2, 4, 4, 2])],
      ], { tolerance: SUMS })
    )
  );
}

/** Sizes that are no multiples, one pixel among them, and images that are not square. */
function unevenResizing(): Rule[] {
  const sizes: [number, number][] = [[7, 10], [1, 1], [5, 3], [10, 6], [3, 13]];
  return Object.entries(RESIZES).flatMap(([name, resize]) =>
    sizes.map((size) =>
      rule(`${name} [5,3] to [${size}]`, (x) => resize(x as tf.Tensor4D, size), [
        [float([name.startsWith("resizeNearest") ? 1 : 2, 5, 3, 5])],
      ], { tolerance: SUMS, gradient: name.startsWith("resizeNearest") })
    )
  );
}

/** By 49, since 49 * (1 / 49) is below 1: TensorFlow.js takes pixel 49 from the first, not from the second. */
function roundedResizing(): Rule {
  return rule(
    "resizeNearestNeighbor by 49",
    (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [98, 2]),
    [[float([1, 2, 2, 1])]],
    { tolerance: SUMS },
  );
}

function pictures(): Rule[] {
  return [
    rule("image.flipLeftRight", (x) => tf.image.flipLeftRight(x as tf.Tensor4D), [
      [float([2, 3, 4, 3])],
    ], FORWARD),
    rule("image.rotateWithOffset", (x) => tf.image.rotateWithOffset(x as tf.Tensor4D, 0.5, 0.25), [[
      float([1, 5, 5, 3]),
    ]], FORWARD),
    rule("image.grayscaleToRGB", (x) => tf.image.grayscaleToRGB(x as tf.Tensor4D), [
      [float([1, 3, 3, 1])],
    ]),
    rule(
      "image.cropAndResize",
      (x, boxes) =>
        tf.image.cropAndResize(
          x as tf.Tensor4D,
          boxes as tf.Tensor2D,
          tf.tensor1d([0, 1], "int32"),
          [3, 3],
        ),
      [[float([2, 5, 5, 2]), given([0, 0, 0.6, 0.7, 0.2, 0.3, 1, 1], { shape: [2, 4] })]],
      FORWARD,
    ),
    rule("image.transform", (x, t) => tf.image.transform(x as tf.Tensor4D, t as tf.Tensor2D), [
      [float([1, 4, 4, 1]), given([1, 0.1, 0.5, 0, 1, 0.2, 0, 0], { shape: [1, 8] })],
    ], FORWARD),
    rule("image.threshold", (x) => tf.image.threshold(x as tf.Tensor3D, "binary", false, 0.5), [
      [int([4, 4, 1], 0, 255)],
    ], FORWARD),
  ];
}

function signals(): Rule[] {
  return [
    rule(
      "complex numbers",
      (a, b) => {
        const z = tf.complex(a, b);
        return [tf.real(z), tf.imag(z), tf.abs(z), tf.real(tf.mul(z, z))];
      },
      [[float([2, 3]), float([2, 3])]],
      FORWARD,
    ),
    rule(
      "fft and back",
      (a, b) => {
        const f = tf.fft(tf.complex(a, b));
        return [tf.real(f), tf.imag(f), tf.real(tf.ifft(f))];
      },
      [[float([2, 8]), float([2, 8])]],
      FORWARD,
    ),
    rule("signal.frame", (x) => tf.signal.frame(x as tf.Tensor1D, 4, 2), [[float([10])]], FORWARD),
  ];
}

/** Kernels whose results have as many values as their input's values say: equal values each call. */
function sizedByValues(): Rule[] {
  return [
    rule(
      "unique of the same values",
      (x) => {
        const { values, indices } = tf.unique(x);
        return [values, indices];
      },
      [[given([1, 2, 1, 3, 2])]],
      FORWARD,
    ),
    rule("image.nonMaxSuppression of the same boxes", (boxes, scores) => {
      const [b, s] = [boxes as tf.Tensor2D, scores as tf.Tensor1D];
      const soft = tf.image.nonMaxSuppressionWithScore(b, s, 2);
      const padded = tf.image.nonMaxSuppressionPadded(b, s, 2, 0.5, 0.1, true);
      return [
        tf.image.nonMaxSuppression(b, s, 2),
        soft.selectedIndices!,
        soft.selectedScores!,
        padded.selectedIndices!,
        padded.validOutputs!,
      ];
    }, [[
      given([0, 0, 1, 1, 0, 0.1, 1, 1.1, 2, 2, 3, 3], { shape: [3, 4] }),
      given([0.9, 0.8, 0.7]),
    ]], FORWARD),
    rule("multinomial with a seed", (x) => tf.multinomial(x as tf.Tensor2D, 4, 7), [
      [float([2, 3])],
    ], FORWARD),
  ];
}

/** Rules of images and signals. */
export const IMAGE_RULES = [
  ...resizing(),
  ...unevenResizing(),
  roundedResizing(),
  ...Object.entries(CENTERED).map(([name, fn]) => rule(name, fn, [[float([1, 3, 4, 2])]], FORWARD)),
  ...pictures(),
  ...signals(),
  ...sizedByValues(),
];
