/**
 * Rules for two-dimensional pooling and its gradients.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry, Var } from "../program/equation.ts";
import { geometryFrom } from "./geometry.ts";
import { allFloat, type Call, input, type Rule, type RuleTable } from "./rule.ts";

/** The windows of a pooling; the gradients of the backend know no rounding mode. */
function geometryOf({ attrs }: Call, inShape: readonly number[], rounded: boolean): ConvGeometry {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const info = tf.backend_util.computePool2DInfo(
    [...inShape] as [number, number, number, number],
    filterSize as number | [number, number],
    strides as number | [number, number],
    1,
    pad as "valid" | "same" | number,
    (rounded ? dimRoundingMode ?? undefined : undefined) as "floor" | "round" | "ceil" | undefined,
  );
  return { ...geometryFrom(info), dilationHeight: 1, dilationWidth: 1 };
}

function pool(name: string): Rule {
  return (b, call) => {
    const x = input(call, "x");
    if (!allFloat(x)) return undefined;
    const geometry = geometryOf(call, x.shape, true);
    const { batch, outHeight, outWidth, outChannels } = geometry;
    const shape = [batch, outHeight, outWidth, outChannels];
    return b.nest(name, [x], { attrs: { ...geometry }, dtype: "float32", shape });
  };
}

function poolGradient(name: string, rounded: boolean): Rule {
  return (b, call) => {
    const [dy, x] = [input(call, "dy"), input(call, "input")];
    const y: Var | undefined = call.inputs["output"];
    const inputs = y ? [dy, x, y] : [dy, x];
    if (!allFloat(...inputs)) return undefined;
    const attrs = { ...geometryOf(call, x.shape, rounded) };
    return b.nest(name, inputs, { attrs, dtype: "float32", shape: x.shape });
  };
}

/** Poolings. */
export const POOLS: RuleTable = {
  AvgPool: pool("avgPool"),
  AvgPoolGrad: poolGradient("avgPoolGradient", false),
  MaxPool: pool("maxPool"),
  MaxPoolGrad: poolGradient("maxPoolGradient", true),
};
