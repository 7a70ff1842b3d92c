/**
 * The sizes of a two-dimensional convolution, and the rules by which its work is cut into slabs of images.
 * @module
 */

import type { ConvGeometry } from "../../program/equation.ts";

/** The largest number of bytes of patches that are made at once, so that they stay in the level-2 cache. */
const SLAB_BYTES = 2 ** 19;

/** Counts the floats of one patch: the pixels that one place of the output depends on. */
export function patchSize(geometry: ConvGeometry): number {
  return geometry.filterHeight * geometry.filterWidth * geometry.inChannels;
}

/** Counts the places of the output for one image, `outHeight` times `outWidth`. Each place has all channels. */
export function placesOf({ outHeight, outWidth }: ConvGeometry): number {
  return outHeight * outWidth;
}

/** Counts the images of a slab: a divisor of the batch, so that all slabs have the same size. */
export function slabImages(geometry: ConvGeometry): number {
  const perImage = 4 * placesOf(geometry) * patchSize(geometry);
  for (let images = geometry.batch; images > 1; images--) {
    if (geometry.batch % images === 0 && images * perImage <= SLAB_BYTES) return images;
  }
  return 1;
}

/** Tells whether a patch is one pixel, so that no patches have to be made. */
export function isPointwise(geometry: ConvGeometry): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, padTop, padLeft } = geometry;
  return filterHeight * filterWidth * strideHeight * strideWidth === 1 && padTop + padLeft === 0 &&
    geometry.inHeight === geometry.outHeight && geometry.inWidth === geometry.outWidth;
}

/** The part of the padded images that the filters reach, and the position of the images in it. */
export interface Frame {
  readonly height: number;
  readonly width: number;
  /** Rows of the image that lie in it. */
  readonly rows: number;
  /** Columns of the image that lie in it. */
  readonly columns: number;
  /** True if the frame is the image itself, so that no copy is needed. */
  readonly isImage: boolean;
}

/** Computes the frame of a convolution. */
export function frameOf(geometry: ConvGeometry): Frame {
  const { outHeight, outWidth, filterHeight, filterWidth, padTop, padLeft } = geometry;
  const { inHeight, inWidth, strideHeight, strideWidth } = geometry;
  const height = (outHeight - 1) * strideHeight + (filterHeight - 1) * geometry.dilationHeight + 1;
  const width = (outWidth - 1) * strideWidth + (filterWidth - 1) * geometry.dilationWidth + 1;
  return {
    height,
    width,
    rows: Math.max(0, Math.min(inHeight, height - padTop)),
    columns: Math.max(0, Math.min(inWidth, width - padLeft)),
    isImage: padTop + padLeft === 0 && height === inHeight && width === inWidth,
  };
}

/** Counts the bytes of one image and of one framed image. */
export function imageBytes(
  geometry: ConvGeometry,
): { readonly image: number; readonly frame: number } {
  const { inHeight, inWidth, inChannels } = geometry;
  const { height, width } = frameOf(geometry);
  return { image: 4 * inHeight * inWidth * inChannels, frame: 4 * height * width * inChannels };
}
