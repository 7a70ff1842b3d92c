/**
 * Rules for two-dimensional convolutions, their gradients, and upsampling by whole factors.
 *
 * Sizes and padding come from TensorFlow.js's own functions, so that every padding mode is the same.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry, ConvKind, Var } from "../program/equation.ts";
import { geometryFrom } from "./geometry.ts";
import type { Builder } from "../program/builder.ts";
import { withBiasAndActivation } from "./product.ts";
import { allFloat, type Call, input, listAttr, type Rule, type RuleTable } from "./rule.ts";

type Shape4 = [number, number, number, number];
type Padding = "valid" | "same" | number | tf.backend_util.ExplicitPadding;
type Rounding = "floor" | "round" | "ceil";

/** Returns the sizes of a convolution with channels last; undefined for other layouts. */
function geometryOf(
  call: Call,
  inShape: readonly number[],
  filterShape: readonly number[],
): ConvGeometry | undefined {
  const { strides, dilations, pad, dimRoundingMode, dataFormat } = call.attrs;
  if (dataFormat !== undefined && dataFormat !== null && dataFormat !== "NHWC") return undefined;
  const info = tf.backend_util.computeConv2DInfo(
    [...inShape] as Shape4,
    [...filterShape] as Shape4,
    strides as number | [number, number],
    (dilations ?? 1) as number | [number, number],
    pad as Padding,
    (dimRoundingMode ?? undefined) as Rounding | undefined,
  );
  if (info.inChannels !== filterShape[2]) return undefined;
  return geometryFrom(info);
}

/** The inputs of a convolution kernel, and ways to find the shapes of its arrays. */
interface ConvForm {
  readonly kind: ConvKind;
  readonly operands: readonly [string, string];
  readonly inShape: (call: Call) => readonly number[];
  readonly filterShape: (call: Call) => readonly number[];
}

function convolution({ kind, operands, inShape, filterShape }: ConvForm): Rule {
  return (b, call) => {
    const [a, c] = operands.map((name) => input(call, name)) as [Var, Var];
    const geometry = allFloat(a, c) && geometryOf(call, inShape(call), filterShape(call));
    return geometry ? b.conv(kind, [a, c], geometry) : undefined;
  };
}

const conv2d = convolution({
  kind: "conv2d",
  operands: ["x", "filter"],
  inShape: (call) => input(call, "x").shape,
  filterShape: (call) => input(call, "filter").shape,
});

function fusedConv2d(b: Builder, call: Call): Var | undefined {
  const made = conv2d(b, call) as Var | undefined;
  return made && withBiasAndActivation(b, made, call);
}

/** Convolutions. */
export const CONVOLUTIONS: RuleTable = {
  Conv2D: conv2d,
  Conv2DBackpropFilter: convolution({
    kind: "conv2dFilter",
    operands: ["x", "dy"],
    inShape: (call) => input(call, "x").shape,
    filterShape: (call) => listAttr(call, "filterShape"),
  }),
  Conv2DBackpropInput: convolution({
    kind: "conv2dInput",
    operands: ["dy", "filter"],
    inShape: (call) => listAttr(call, "inputShape"),
    filterShape: (call) => input(call, "filter").shape,
  }),
  FusedConv2D: fusedConv2d,
};
