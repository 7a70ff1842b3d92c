/**
 * The sizes of a convolution or pooling, from TensorFlow.js's own description of it.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../program/equation.ts";

/** Picks the sizes that programs keep, of an operation with channels last. */
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
