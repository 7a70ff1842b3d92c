/**
 * Rules for two-dimensional convolutions, their gradients, and upsampling by whole factors.
 *
 * Sizes and padding come from TensorFlow.js's own functions, so that every padding mode is the same.
 * @module
 */
import type { ConvKind, Var } from "../program/equation.ts";
import { convGeometry } from "./geometry.ts";
import type { Builder } from "../program/builder.ts";
import { withBiasAndActivation } from "./product.ts";
import { allFloat, type Call, input, listAttr, type Rule, type RuleTable } from "./rule.ts";

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
    const shapes = { images: inShape(call), filter: filterShape(call) };
    const geometry = allFloat(a, c) && convGeometry(call, shapes);
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

/** Rules for convolutions, by the names of their kernels. */
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
