/** Small images laid out as one picture, a sheet of paper with ink on it, as a PNG. */
import { encode } from "fast-png";
import { check, type Kind, wholeNumber } from "../check/mod.ts";

/** Places of images on a sheet. */
export interface SheetOptions {
  /** The number of images side by side. */
  readonly columns: number;
  /** Pixels along an image's edge. */
  readonly side: number;
  /** The number of shades from paper to ink; 256, all that the PNG has, by default. */
  readonly shades?: number;
  /** Pixels of paper below each image, for its caption; none by default. */
  readonly room?: number;
}

/**
 * Shades where pictures are many. A generator's paper is never quite white; in 32 shades the PNG of 64 such
 * digits is 9 kB rather than 22, and looks the same.
 */
export const FEW_SHADES = 32;

/** Images on paper, each in a thin frame: 8-bit grey pixels, 255 is paper and 0 is ink. */
export interface Sheet {
  /** Pixels from left to right. */
  readonly width: number;
  /** Pixels from top to bottom. */
  readonly height: number;
  /** Images side by side. */
  readonly columns: number;
  /** Rows of images; the last may not be full. */
  readonly rows: number;
  /** Pixels from the top of a row to the top of the next. */
  readonly rowHeight: number;
  /** `[height * width]`, row by row. */
  readonly pixels: Uint8Array;
}

/** The kind of numbers of columns; more would make a sheet that no page shows. */
export const COLUMNS: Kind = wholeNumber({ from: 1, to: 1000 });

/** Pixels of paper around every image. */
export const GAP = 2;

/** The grey of the thin frame around each image: without it nobody would see a blank one. */
const FRAME = 224;

/** Numbers may leave [0, 1] by so much, which rounding explains. */
const ROUNDING = 1e-4;

/** Counts the images in a flat list of pixels. */
export function countImages(images: ArrayLike<number>, side: number): number {
  check("draw images", { side }, wholeNumber({ from: 1 }));
  const count = images.length / (side * side);
  if (Number.isInteger(count)) return count;
  throw new RangeError(
    `Cannot draw images: expected a multiple of ${side * side} pixels, got ${images.length}`,
  );
}

/** Finds how many columns make the sheet nearest to a square. */
export function squareColumns(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(count)));
}

/** Finds the first pixel of the column `at` of images. */
export function columnOffset(at: number, side: number): number {
  return GAP + at * (side + GAP);
}

/** Finds the first pixel of the row `at` of images. */
export function rowOffset(at: number, { rowHeight }: Pick<Sheet, "rowHeight">): number {
  return GAP + at * rowHeight;
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

/** Finds the nearest shade to an amount of ink, as a grey. */
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
  // At zlib's level 9 it takes twice as long and is 2 % smaller.
  const png = encode(
    { width, height, data: pixels, channels: 1, depth: 8 },
    { zlib: { level: 6 } },
  );
  return `data:image/png;base64,${png.toBase64()}`;
}
