/** Grids of small images as one picture: dark ink on white paper, a gap of paper between them. */
import { encode } from "fast-png";

/** How images are laid out. */
export interface ImageGridOptions {
  /** How many images stand in a row. */
  readonly columns?: number;
  /** The width and the height of an image, in pixels. */
  readonly side?: number;
}

/** A grid as a picture. */
export interface ImageGrid {
  /** The picture, a PNG of 8-bit grey, as a data URI. */
  readonly source: string;
  /** Its size in pixels. */
  readonly width: number;
  /** Its size in pixels. */
  readonly height: number;
  /** Images in a row. */
  readonly columns: number;
  /** Rows of images. */
  readonly rows: number;
  /** From one image to the next, in pixels. */
  readonly pitch: number;
}

/** Pixels of paper between two images and around the grid. */
const GAP = 2;

/** A pixel may be outside of [0, 1] by no more than rounding makes it. */
const ROUNDING = 1e-6;

/** 0 is paper and 1 is ink, so a byte is 255 for 0. */
function greyOf(pixel: number, position: number): number {
  if (!(pixel >= -ROUNDING && pixel <= 1 + ROUNDING)) {
    throw new RangeError(
      `Cannot draw images: expected pixels in [0, 1], got ${pixel} at position ${position}`,
    );
  }
  return Math.round(255 * (1 - Math.min(1, Math.max(0, pixel))));
}

function checkCount(images: ArrayLike<number>, columns: number, side: number): number {
  for (const [name, value] of Object.entries({ columns, side })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot draw images: expected ${name} to be a whole number from 1 on, got ${value}`,
      );
    }
  }
  const count = images.length / (side * side);
  if (!Number.isInteger(count)) {
    throw new RangeError(
      `Cannot draw images: expected images of ${side} x ${side} pixels, got ${images.length} numbers`,
    );
  }
  return count;
}

/**
 * Images `[count, side * side]`, pixels in [0, 1] where 1 is ink, as one picture.
 *
 * @throws {RangeError} if they are not whole images, or a pixel is not in [0, 1].
 */
export function imageGrid(
  images: ArrayLike<number>,
  { columns = 8, side = 28 }: ImageGridOptions = {},
): ImageGrid {
  const count = checkCount(images, columns, side);
  const rows = Math.max(1, Math.ceil(count / columns));
  const pitch = side + GAP;
  const [width, height] = [columns * pitch + GAP, rows * pitch + GAP];
  const data = new Uint8Array(width * height).fill(255);
  for (let i = 0; i < images.length; i++) {
    const [image, pixel] = [Math.floor(i / (side * side)), i % (side * side)];
    const y = GAP + Math.floor(image / columns) * pitch + Math.floor(pixel / side);
    const x = GAP + image % columns * pitch + pixel % side;
    data[y * width + x] = greyOf(images[i]!, i);
  }
  const png = encode({ width, height, data, depth: 8, channels: 1 });
  const source = `data:image/png;base64,${new Uint8Array(png).toBase64()}`;
  return { source, width, height, columns, rows, pitch };
}
