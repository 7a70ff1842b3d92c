/** Figure of the images of several generators, in one column for each. */
import { check, checkOptions, type Kinds, recordOf, text, wholeNumber } from "../check/mod.ts";
import type { Figure } from "./figure.ts";
import { imagesFigure } from "./images.ts";
import { countImages } from "./picture.ts";
import { numbers } from "./series.ts";

/** Options of {@linkcode imageColumnsFigure}. */
export interface ImageColumnsFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Number of images per column, starting at the first; by default as many as all columns have. */
  readonly rows?: number;
  /** Side of an image in pixels; 28 by default, as in MNIST. */
  readonly side?: number;
}

const TASK = "draw columns of images";

const KINDS: Kinds<ImageColumnsFigureOptions> = {
  title: text,
  rows: wholeNumber({ from: 1 }),
  side: wholeNumber({ from: 1 }),
};

/**
 * Draws a column of images `[count, side * side]` in [0, 1] for each name, from top to bottom. To
 * compare generators in a row, give all columns images of the same inputs.
 *
 * @throws {TypeError | RangeError} if there is no column, a column has fewer images than `rows`, or
 * an argument is wrong.
 */
export function imageColumnsFigure(
  columns: Readonly<Record<string, ArrayLike<number>>>,
  options: ImageColumnsFigureOptions = {},
): Figure {
  check(TASK, { columns }, recordOf(numbers));
  checkOptions(TASK, options, { kinds: KINDS });
  const [columnLabels, lists] = [Object.keys(columns), Object.values(columns)];
  check(TASK, { "the number of columns": lists.length }, wholeNumber({ from: 1 }));
  const { title = "A column for each generator", side = 28 } = options;
  const counts = lists.map((images) => countImages(images, side));
  const { rows = Math.min(...counts) } = options;
  const few = counts.find((count) => count < rows);
  if (few !== undefined) {
    throw new RangeError(`Cannot ${TASK}: expected ${rows} images in every column, got ${few}`);
  }
  const pixels = side * side;
  const sheet = new Float32Array(rows * lists.length * pixels);
  lists.forEach((images, column) => {
    for (let at = 0; at < rows * pixels; at++) {
      const row = Math.floor(at / pixels);
      sheet[(row * lists.length + column) * pixels + at % pixels] = images[at]!;
    }
  });
  return imagesFigure(sheet, { title, side, columns: lists.length, columnLabels });
}
