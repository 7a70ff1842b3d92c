/** Rules of convolutions, pooling and normalisation. */
import * as tf from "@tensorflow/tfjs";
import { float, given, type Rule, rule, type RuleOptions, SUMS } from "../rule.ts";

const OPTIONS: RuleOptions = { tolerance: SUMS };
const FORWARD: RuleOptions = { tolerance: SUMS, gradient: false };

type Pad = "valid" | "same" | number;

/** Sizes `[batch, height, width, in, filter height, filter width, out]`. */
type Sizes = readonly [number, number, number, number, number, number, number];

const CONVOLUTIONS: readonly (readonly [Sizes, number | [number, number], Pad, number?])[] = [
  [[1, 3, 3, 1, 1, 1, 1], 1, "valid"],
  [[1, 4, 4, 1, 2, 2, 1], 1, "valid"],
  [[2, 5, 5, 3, 3, 3, 4], 1, "same"],
  [[2, 5, 6, 3, 3, 2, 4], 1, "valid"],
  [[2, 6, 6, 2, 4, 4, 5], 2, "same"],
  [[2, 7, 7, 2, 3, 3, 3], 2, "valid"],
  [[1, 6, 8, 2, 3, 3, 2], [1, 2], "same"],
  [[1, 6, 6, 2, 3, 3, 2], 1, 1],
  [[1, 7, 7, 2, 3, 3, 2], 1, "same", 2],
  [[3, 14, 14, 4, 4, 4, 8], 2, "same"],
  [[2, 28, 28, 3, 4, 4, 16], 2, "same"],
];

function conv2d(): Rule[] {
  return CONVOLUTIONS.map(([[n, h, w, i, fh, fw, o], strides, pad, dilation = 1]) =>
    rule(
      `conv2d [${n},${h},${w},${i}] filter [${fh},${fw}] to ${o}, strides ${strides}, ` +
        `${pad}, dilation ${dilation}`,
      (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, strides, pad, "NHWC", dilation),
      [[float([n, h, w, i]), float([fh, fw, i, o])]],
      { ...OPTIONS, gradient: dilation === 1 },
    )
  );
}

function transposed(): Rule[] {
  const sizes = [
    [1, 3, 3, 2, 2, 1, "valid"],
    [2, 4, 4, 3, 4, 2, "same"],
    [1, 3, 5, 1, 3, 2, "same"],
    [2, 7, 7, 16, 4, 2, "same"],
  ];
  return sizes.map((size) => {
    const [n, h, w, i, k, s, pad] = size as [number, number, number, number, number, number, Pad];
    const out = (side: number) => pad === "same" ? side * s : (side - 1) * s + k;
    return rule(
      `conv2dTranspose [${n},${h},${w},${i}] filter ${k}, strides ${s}, ${pad}`,
      (x, f) =>
        tf.conv2dTranspose(
          x as tf.Tensor4D,
          f as tf.Tensor4D,
          [n, out(h), out(w), 3],
          s,
          pad,
        ),
      [[float([n, h, w, i]), float([k, k, 3, i])]],
      OPTIONS,
    );
  });
}

function depthwise(): Rule[] {
  const fn =
    (strides: number, pad: "valid" | "same", dilation: number) => (x: tf.Tensor, f: tf.Tensor) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, strides, pad, "NHWC", dilation);
  const small = [[float([2, 5, 5, 3]), float([3, 3, 3, 2])]];
  return [
    rule("depthwiseConv2d", fn(1, "same", 1), small, OPTIONS),
    rule("depthwiseConv2d strides 2", fn(2, "valid", 1), small, OPTIONS),
    ...([[2, "same"], [3, "valid"], [3, "same"]] as const).map(([strides, pad]) =>
      rule(`depthwiseConv2d strides ${strides}, ${pad}`, fn(strides, pad, 1), [
        [float([2, 7, 6, 5]), float([3, 2, 5, 1])],
        [float([1, 8, 8, 16]), float([1, 5, 16, 1])],
        [float([3, 6, 5, 1]), float([2, 3, 1, 4])],
        [float([1, 4, 4, 2]), float([1, 1, 2, 3])],
      ], OPTIONS)
    ),
    rule(
      "depthwiseConv2d, a border of 2",
      (x, f) => tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 2),
      [
        [float([2, 5, 4, 3]), float([3, 3, 3, 2])],
      ],
      OPTIONS,
    ),
    rule("depthwiseConv2d dilation 2", fn(1, "same", 2), small, FORWARD),
    rule(
      "separableConv2d",
      (x, d, p) =>
        tf.separableConv2d(
          x as tf.Tensor4D,
          d as tf.Tensor4D,
          p as tf.Tensor4D,
          1,
          "same",
        ),
      [[float([1, 5, 5, 2]), float([3, 3, 2, 1]), float([1, 1, 2, 4])]],
      OPTIONS,
    ),
  ];
}

type FusedConvolution = Parameters<typeof tf.fused.depthwiseConv2d>[0];

function fused(): Rule[] {
  const activations = ["linear", "relu", "sigmoid", "elu", "leakyrelu"] as const;
  return activations.flatMap((activation) => {
    const options = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
      ({
        x,
        filter,
        bias,
        strides: 1,
        pad: "same",
        activation,
        leakyreluAlpha: 0.2,
      }) as unknown as FusedConvolution;
    const gradient = activation !== "leakyrelu";
    return [
      rule(
        `fused.conv2d ${activation}`,
        (x, f, b) => tf.fused.conv2d(options(x, f, b)),
        [[float([2, 5, 5, 3]), float([3, 3, 3, 4]), float([4])]],
        { ...OPTIONS, gradient },
      ),
      rule(
        `fused.depthwiseConv2d ${activation}`,
        (x, f, b) => tf.fused.depthwiseConv2d(options(x, f, b)),
        [[float([2, 5, 5, 3]), float([3, 3, 3, 2]), float([6])]],
        { ...OPTIONS, gradient },
      ),
    ];
  });
}

function pooling(): Rule[] {
  const settings = [[2, 2, "valid"], [2, 1, "same"], [3, 2, "same"], [3, 1, 1]] as const;
  return settings.flatMap(([size, strides, pad]) => [
    rule(
      `maxPool ${size}, strides ${strides}, ${pad}`,
      (x) => tf.maxPool(x as tf.Tensor4D, size, strides, pad),
      [[float([2, 5, 6, 3])], [float([1, 4, 4, 1])]],
    ),
    rule(
      `avgPool ${size}, strides ${strides}, ${pad}`,
      (x) => tf.avgPool(x as tf.Tensor4D, size, strides, pad),
      [[float([2, 5, 6, 3])], [float([1, 4, 4, 1])]],
      OPTIONS,
    ),
  ]);
}

/** Windows of one number are copies; larger strides leave some out. */
function poolingByOne(): Rule[] {
  const values = [NaN, 1, -Infinity, Infinity, -0, 2, NaN, NaN, 3];
  return [1, 2].flatMap((strides) =>
    (["valid", "same"] as const).map((pad) =>
      rule(
        `maxPool and avgPool 1, strides ${strides}, ${pad}`,
        (x) => [
          tf.maxPool(x as tf.Tensor4D, 1, strides, pad),
          tf.avgPool(x as tf.Tensor4D, 1, strides, pad),
        ],
        [[given(values, { shape: [1, 3, 3, 1] })]],
        { gradient: false },
      )
    )
  );
}

function inOtherDimensions(): Rule[] {
  return [
    rule("conv1d", (x, f) => tf.conv1d(x as tf.Tensor3D, f as tf.Tensor3D, 1, "same"), [
      [float([2, 7, 3]), float([3, 3, 4])],
    ], OPTIONS),
    rule("conv3d", (x, f) => tf.conv3d(x as tf.Tensor5D, f as tf.Tensor5D, 1, "same"), [
      [float([1, 3, 4, 3, 2]), float([2, 2, 2, 2, 3])],
    ], OPTIONS),
    rule(
      "conv3dTranspose",
      (x, f) =>
        tf.conv3dTranspose(
          x as tf.Tensor5D,
          f as tf.Tensor5D,
          [1, 4, 4, 4, 2],
          2,
          "same",
        ),
      [[float([1, 2, 2, 2, 3]), float([2, 2, 2, 2, 3])]],
      FORWARD,
    ),
    rule(
      "maxPool3d, avgPool3d",
      (x) => [
        tf.maxPool3d(x as tf.Tensor5D, 2, 2, "valid"),
        tf.avgPool3d(x as tf.Tensor5D, 2, 2, "valid"),
      ],
      [[float([1, 4, 4, 4, 2])]],
      OPTIONS,
    ),
    rule(
      "maxPoolWithArgmax",
      (x) => {
        const { result, indexes } = tf.maxPoolWithArgmax(x as tf.Tensor4D, 2, 2, "valid");
        return [result!, indexes!];
      },
      [[float([2, 4, 4, 2])]],
      FORWARD,
    ),
    rule("pool with dilation", (x) => tf.pool(x as tf.Tensor4D, 2, "avg", "valid", 2, 1), [
      [float([1, 6, 6, 2])],
    ], OPTIONS),
    rule("dilation2d", (x, f) => tf.dilation2d(x as tf.Tensor4D, f as tf.Tensor3D, 1, "same"), [
      [float([1, 5, 5, 2]), float([2, 2, 2])],
    ], OPTIONS),
  ];
}

function normalisation(): Rule[] {
  const channel = [3] as const;
  return [
    rule(
      "batchNorm 2-d",
      (x, m, v, o, s) =>
        tf.batchNorm2d(
          x as tf.Tensor2D,
          m as tf.Tensor1D,
          v as tf.Tensor1D,
          o as tf.Tensor1D,
          s as tf.Tensor1D,
        ),
      [
        [float([5, 3]), float(channel), float(channel, 0.5, 2), float(channel), float(channel)],
      ],
      OPTIONS,
    ),
    rule("batchNorm 4-d", (x, m, v, o, s) =>
      tf.batchNorm(
        x,
        m as tf.Tensor1D,
        v as tf.Tensor1D,
        o as tf.Tensor1D,
        s as tf.Tensor1D,
        1e-3,
      ), [
      [
        float([2, 4, 4, 3]),
        float(channel),
        float(channel, 0.5, 2),
        float(channel),
        float(channel),
      ],
    ], OPTIONS),
    rule(
      "batchNorm without offset and scale",
      (x, m, v) => tf.batchNorm(x, m as tf.Tensor1D, v as tf.Tensor1D),
      [
        [float([2, 4, 3]), float(channel), float(channel, 0.5, 2)],
      ],
      FORWARD,
    ),
    rule(
      "localResponseNormalization",
      (x) => tf.localResponseNormalization(x as tf.Tensor4D, 2, 1, 0.5, 0.5),
      [
        [float([1, 3, 3, 6])],
      ],
      OPTIONS,
    ),
  ];
}

/** Rules of convolutions, pooling and normalisation. */
export const SPATIAL_RULES = [
  ...conv2d(),
  ...transposed(),
  ...depthwise(),
  ...fused(),
  ...pooling(),
  ...poolingByOne(),
  ...poolingByOne(),
  ...inOtherDimensions(),
  ...normalisation(),
];
