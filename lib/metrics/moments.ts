/** Brings images to one position, size, slant and brightness, so that their forms can be compared. */
import { MNIST_SIDE } from "../data/mod.ts";

/** Side of the squares of pixels that are averaged. */
const SQUARE = 2;

/** Width and height of a normalised image. */
const SIDE = MNIST_SIDE / SQUARE;

/**
 * Standard deviation of the ink around its middle in a normalised image, in pixels of 28 x 28, unless
 * {@linkcode STRETCH} is in the way.
 */
const SPREAD = 5;

/** An image becomes at most this many times as wide or as narrow, as high or as low. */
const STRETCH = 2;

/** Where the ink of an image is, in pixels. */
interface Moments {
  /** Mean row of the ink. */
  readonly row: number;
  /** Mean column of the ink. */
  readonly column: number;
  /** Standard deviation of the ink's rows. */
  readonly height: number;
  /** Standard deviation of the ink's columns, without the slant. */
  readonly width: number;
  /** How far the middle of the ink moves to the right from one row to the next. */
  readonly slant: number;
}

/** Measures where the ink of an image is, or returns undefined if it has none. */
function momentsOf(image: Uint8Array): Moments | undefined {
  let [ink, rows, columns, rowRow, rowColumn, columnColumn] = [0, 0, 0, 0, 0, 0];
  image.forEach((value, p) => {
    if (value === 0) return;
    const [row, column] = [Math.floor(p / MNIST_SIDE), p % MNIST_SIDE];
    ink += value;
    rows += value * row;
    columns += value * column;
    rowRow += value * row * row;
    rowColumn += value * row * column;
    columnColumn += value * column * column;
  });
  if (ink === 0) return undefined;
  const covariance = (both: number, one: number, other: number) =>
    (both * ink - one * other) / (ink * ink);
  const ofRows = covariance(rowRow, rows, rows);
  const ofBoth = covariance(rowColumn, rows, columns);
  const ofColumns = covariance(columnColumn, columns, columns);
  const slant = ofRows > 0 ? ofBoth / ofRows : 0; // ink in one row has no slant
  return {
    row: rows / ink,
    column: columns / ink,
    height: Math.sqrt(ofRows),
    width: Math.sqrt(Math.max(0, ofColumns - slant * ofBoth)),
    slant,
  };
}

/** Returns the ink of one pixel; outside the image there is none. */
function inkOf(image: Uint8Array, row: number, column: number): number {
  const inside = row >= 0 && row < MNIST_SIDE && column >= 0 && column < MNIST_SIDE;
  return inside ? image[row * MNIST_SIDE + column]! : 0;
}

/** Returns the ink between four pixels, by linear interpolation. */
function inkBetween(image: Uint8Array, row: number, column: number): number {
  const top = Math.floor(row);
  const left = Math.floor(column);
  const right = column - left;
  const inRow = (at: number) =>
    (1 - right) * inkOf(image, at, left) + right * inkOf(image, at, left + 1);
  return (1 - row + top) * inRow(top) + (row - top) * inRow(top + 1);
}

/**
 * Moves the ink of an image, `[784]` from 0 to 255, into the middle, removes its slant, stretches it
 * to the same width and height as all others, and halves both sides: `[196]` numbers, whose squares
 * add up to 1. Ink outside the frame is cut off. Without ink in the frame all numbers are 0.
 *
 * It follows Casey, "Moment normalization of handprinted characters" (1970). But an image is at most
 * doubled or halved in width and in height, so a narrow 1 stays narrow.
 */
export function normaliseForm(image: Uint8Array): number[] {
  const form = new Array<number>(SIDE * SIDE).fill(0);
  const moments = momentsOf(image);
  if (!moments) return form;
  const { row, column, height, width, slant } = moments;
  const scale = (spread: number) => Math.min(STRETCH, Math.max(1 / STRETCH, spread / SPREAD));
  const [down, across] = [scale(height), scale(width)];
  const middle = (MNIST_SIDE - 1) / 2;
  for (let r = 0; r < MNIST_SIDE; r++) {
    const y = (r - middle) * down;
    for (let c = 0; c < MNIST_SIDE; c++) {
      const x = (c - middle) * across + slant * y;
      const square = Math.floor(r / SQUARE) * SIDE + Math.floor(c / SQUARE);
      form[square]! += inkBetween(image, row + y, column + x);
    }
  }
  const length = Math.hypot(...form);
  return form.map((value) => value / (length || 1));
}
