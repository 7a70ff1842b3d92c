/** Arranges small images on one sheet, white paper with black ink, and encodes it as a PNG. */
import { encode } from "fast-png";
import { check, type Kind, wholeNumber } from "../check/mod.ts";

/** Options of {@linkcode layOut}. */
interface SheetOptions {
  /** Number of images per row. */
  readonly columns: number;
  /** Side of an image in pixels. */
  readonly side: number;
  /** Number of shades from paper to ink; 256 by default, the maximum of the PNG. */
  readonly shades?: number;
  /** Height of the space below each image for its caption, in pixels; 0 by default. */
  readonly room?: number;
}

/**
 * Number of shades in figures with many pictures. A generator's paper is never exactly white. With
 * 32 shades the PNG of 64 such digits has 9 kB instead of 22 kB, and looks the same.
 */
export const FEW_SHADES = 32;

/** Sheet of paper with images, each in a thin frame: 8-bit grey pixels, 255 is paper and 0 is ink. */
export interface Sheet {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Number of images per row. */
  readonly columns: number;
  /** Number of rows of images; the last may not be full. */
  readonly rows: number;
  /** Distance in pixels from the top of one row to the top of the next. */
  readonly rowHeight: number;
  /** Pixels `[height * width]`, row by row. */
  readonly pixels: Uint8Array;
}

/** Allowed numbers of columns. A wider sheet would not fit into a page. */
export const COLUMNS: Kind = wholeNumber({ from: 1, to: 1000 });

/** Number of pixels of paper around each image. */
export const GAP = 2;

/** Grey of the frame around each image, which makes blank images visible. */
const FRAME = 224;

/** Maximum distance of a number from [0, 1], to allow for rounding. */
const ROUNDING = 1e-4;

/** Counts the images in an array of pixels. */
export function countImages(images: ArrayLike<number>, side: number): number {
  check("draw images", { side }, wholeNumber({ from: 1 }));
  const count = images.length / (side * side);
  if (Number.isInteger(count)) return count;
  throw new RangeError(
    `Cannot draw images: expected a multiple of ${side * side} pixels, got ${images.length}`,
  );
}

/** Computes the number of columns for a nearly square sheet. */
export function squareColumns(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(count)));
}

/** Computes the first pixel of a column of images. */
export function columnOffset(at: number, side: number): number {
  return GAP + at * (side + GAP);
}

/** Computes the first pixel of a row of images. */
export function rowOffset(at: number, { rowHeight }: Pick<Sheet, "rowHeight">): number {
  return GAP + at * rowHeight;
}

/**
 * Arranges images `[count, side * side]` in [0, 1] on a sheet, row by row; 0 is paper and 1 is ink.
 * Without images, makes one blank row.
 *
 * @throws {RangeError} if pixels are missing, not numbers, or outside [0, 1] by more than 0.0001,
 * or `columns` or `side` is not a whole number from 1 on.
 */
export function layOut(
  images: ArrayLike<number>,
  { columns, side, shades = 256, room = 0 }: SheetOptions,
): Sheet {
  const count = countImages(images, side);
  check("draw images", { columns }, COLUMNS);
  const rows = Math.max(1, Math.ceil(count / columns));
  const rowHeight = side + GAP + room;
  const width = columnOffset(columns, side);
  const height = rowOffset(rows, { rowHeight });
  const pixels = new Uint8Array(width * height).fill(255);
  for (let image = 0; image < count; image++) {
    const x = columnOffset(image % columns, side) - 1;
    const y = rowOffset(Math.floor(image / columns), { rowHeight }) - 1;
    for (let row = y; row < y + side + 2; row++) {
      pixels.fill(FRAME, row * width + x, row * width + x + side + 2);
    }
  }
  for (let at = 0; at < images.length; at++) {
    const image = Math.floor(at / (side * side));
    const row = Math.floor(at / side) % side;
    const y = rowOffset(Math.floor(image / columns), { rowHeight }) + row;
    const x = columnOffset(image % columns, side) + at % side;
    pixels[y * width + x] = greyOf(images[at]!, at, shades);
  }
  return { width, height, columns, rows, rowHeight, pixels };
}

/** Converts an amount of ink to the nearest shade of grey. */
function greyOf(ink: number, at: number, shades: number): number {
  if (!(ink >= -ROUNDING && ink <= 1 + ROUNDING)) {
    throw new RangeError(
      `Cannot draw images: expected numbers from 0 to 1, got ${ink} at position ${at}`,
    );
  }
  const paper = 1 - Math.min(1, Math.max(0, ink));
  return Math.round(Math.round(paper * (shades - 1)) * 255 / (shades - 1));
}

/** Encodes the sheet as a PNG in a data URI. */
export function sheetSource({ width, height, pixels }: Sheet): string {
  // Level 9 would take twice as long for a PNG that is 2 % smaller.
  const png = encode(
    { width, height, data: pixels, channels: 1, depth: 8 },
    { zlib: { level: 6 } },
  );
  return `data:image/png;base64,${png.toBase64()}`;
}
