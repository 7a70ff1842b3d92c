/**
 * Rules for two-dimensional pooling and its gradients.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { sameShape } from "../program/access.ts";
import type { ConvGeometry, PoolKind, Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";
import { geometryFrom } from "./geometry.ts";
import { allFloat, type Call, input, type Rule, type RuleTable } from "./rule.ts";

/** Returns the sizes of a pooling; the backend's gradients ignore the rounding mode. */
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

function pool(kind: PoolKind): Rule {
  return (b, call) => {
    const x = input(call, "x");
    if (!allFloat(x)) return undefined;
    const geometry = geometryOf(call, x.shape, true);
    const { shape } = call.outs[0]!;
    return isCopy(geometry) && sameShape(x.shape, shape)
      ? b.reshape(x, shape)
      : b.pool(kind, x, geometry);
  };
}

/** Tells whether windows have one pixel. The backend copies these, even NaN, which a maximum would ignore. */
function isCopy({ filterHeight, filterWidth }: ConvGeometry): boolean {
  return filterHeight === 1 && filterWidth === 1;
}

function avgPoolGradient(b: Builder, call: Call): Var | undefined {
  const [dy, x] = [input(call, "dy"), input(call, "input")];
  return allFloat(dy) ? b.avgPoolGradient(dy, geometryOf(call, x.shape, false)) : undefined;
}

function maxPoolGradient(b: Builder, call: Call): Var | undefined {
  const [dy, x, y] = [input(call, "dy"), input(call, "input"), input(call, "output")];
  if (!allFloat(dy, x, y)) return undefined;
  return b.maxPoolGradient([dy, x, y], geometryOf(call, x.shape, true));
}

/** Rules for pooling, by the names of their kernels. */
export const POOLS: RuleTable = {
  AvgPool: pool("avg"),
  AvgPoolGrad: avgPoolGradient,
  MaxPool: pool("max"),
  MaxPoolGrad: maxPoolGradient,
};
