/** Small images laid out as one picture, a sheet of paper with ink on it, as a PNG. */
import { encode } from "fast-png";

/** How images lie on a sheet. */
export interface SheetOptions {
  /** How many images are side by side. */
  readonly columns: number;
  /** Pixels along an image's edge. */
  readonly side: number;
  /** How many shades there are from paper to ink; 256, all that the PNG has, by default. */
  readonly shades?: number;
}

/**
 * Shades where pictures are many. A generator's paper is never quite white; in 32 shades the PNG of 64 such
 * digits is 9 kB rather than 22, and looks the same.
 */
export const FEW_SHADES = 32;

/** Images on paper: 8-bit grey pixels, 255 is paper and 0 is ink. */
export interface Sheet {
  /** Pixels from left to right. */
  readonly width: number;
  /** Pixels from top to bottom. */
  readonly height: number;
  /** Rows of images; the last may not be full. */
  readonly rows: number;
  /** `[height * width]`, row by row. */
  readonly pixels: Uint8Array;
}

/** Pixels of paper around every image. */
export const GAP = 2;

/** How far a number may leave [0, 1] before it is not a matter of rounding. */
const ROUNDING = 1e-4;

/** How many images a flat list of pixels holds. */
export function countImages(images: ArrayLike<number>, side: number): number {
  checkWhole(side, "a side");
  const count = images.length / (side * side);
  if (Number.isInteger(count)) return count;
  throw new RangeError(
    `Cannot draw images: expected a multiple of ${side * side} pixels, got ${images.length}`,
  );
}

/** The columns of the sheet that is nearest to a square. */
export function squareColumns(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(count)));
}

/** The first pixel of the column or row `at` of images. */
export function sheetOffset(at: number, side: number): number {
  return GAP + at * (side + GAP);
}

/**
 * Lays out images `[count, side * side]` in [0, 1], 0 is paper and 1 is ink, row by row; without any
 * image it is a blank row.
 *
 * @throws {RangeError} if pixels are missing, not numbers or outside of [0, 1] by more than 0.0001, or if
 * `columns` or `side` is not a whole number from 1 on.
 */
export function layOut(
  images: ArrayLike<number>,
  { columns, side, shades = 256 }: SheetOptions,
): Sheet {
  const count = countImages(images, side);
  checkWhole(columns, "columns");
  const rows = Math.max(1, Math.ceil(count / columns));
  const width = sheetOffset(columns, side);
  const height = sheetOffset(rows, side);
  const pixels = new Uint8Array(width * height).fill(255);
  for (let at = 0; at < images.length; at++) {
    const image = Math.floor(at / (side * side));
    const row = Math.floor(at / side) % side;
    const y = sheetOffset(Math.floor(image / columns), side) + row;
    const x = sheetOffset(image % columns, side) + at % side;
    pixels[y * width + x] = greyOf(images[at]!, at, shades);
  }
  return { width, height, rows, pixels };
}

/** The nearest shade to an amount of ink, as a grey. */
function greyOf(ink: number, at: number, shades: number): number {
  if (!(ink >= -ROUNDING && ink <= 1 + ROUNDING)) {
    throw new RangeError(
      `Cannot draw images: expected numbers from 0 to 1, got ${ink} at position ${at}`,
    );
  }
  const paper = 1 - Math.min(1, Math.max(0, ink));
  return Math.round(Math.round(paper * (shades - 1)) * 255 / (shades - 1));
}

/** The sheet as a PNG in a data URI. */
export function sheetSource({ width, height, pixels }: Sheet): string {
  // At zlib's level 9 it takes twice as long and is 2 % smaller.
  const png = encode(
    { width, height, data: pixels, channels: 1, depth: 8 },
    { zlib: { level: 6 } },
  );
  return `data:image/png;base64,${png.toBase64()}`;
}

function checkWhole(value: number, what: string): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new RangeError(
    `Cannot draw images: expected ${what} that is a whole number from 1 on, got ${value}`,
  );
}
