/**
 * The sizes of a convolution or pooling, from TensorFlow.js's own description of it.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../program/equation.ts";
import type { Call } from "./rule.ts";

/** Picks the sizes that a program needs from the description of an operation whose images have channels last. */
export function geometryFrom(info: tf.backend_util.Conv2DInfo): ConvGeometry {
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}

type Shape4 = [number, number, number, number];

/** Returns the sizes of a convolution with channels last; undefined for other layouts and for grouped channels. */
export function convGeometry(
  { attrs }: Call,
  { images, filter }: { readonly images: readonly number[]; readonly filter: readonly number[] },
  isDepthwise: boolean = false,
): ConvGeometry | undefined {
  const { strides, dilations, pad, dimRoundingMode, dataFormat } = attrs;
  if (dataFormat !== undefined && dataFormat !== null && dataFormat !== "NHWC") return undefined;
  const info = tf.backend_util.computeConv2DInfo(
    [...images] as Shape4,
    [...filter] as Shape4,
    strides as [number, number],
    (dilations ?? 1) as [number, number],
    pad as "valid" | "same" | number,
    (dimRoundingMode ?? undefined) as "floor" | "round" | "ceil" | undefined,
    isDepthwise,
  );
  return isDepthwise || info.inChannels === filter[2] ? geometryFrom(info) : undefined;
}
