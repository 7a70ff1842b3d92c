/** Draws the pictures that replace playgrounds where scripts do not run. */
import { encode } from "fast-png";
import { inputsOf, type Sizes } from "./directions.ts";
import { answerColor, placesOf, runRows } from "./page/surface.ts";
import type { PlayedProgram } from "./page/program.ts";
import { normalNumbers } from "./page/random.ts";

/** PNG in base 64. */
export type Picture = string;

/**
 * Draws a row of all classes for each of `hands` handwritings. The first is the one with which the
 * playground starts.
 */
export function handsPicture(
  generator: PlayedProgram,
  { sizes, seed, hands = 4 }: {
    readonly sizes: Sizes;
    readonly seed: number;
    readonly hands?: number;
  },
): Picture {
  const { classes, side, latentSize } = sizes;
  const next = normalNumbers(seed);
  const cell = side + 4;
  const [width, height] = [2 * classes * cell, 2 * hands * cell];
  const grey = new Uint8Array(width * height).fill(255);
  for (let row = 0; row < hands; row++) {
    const hand = Float32Array.from({ length: latentSize }, next);
    const [samples] = generator.run(inputsOf(hand, sizes)) as [Float32Array];
    for (let at = 0; at < classes; at++) {
      const image = samples.subarray(at * samples.length / classes);
      place(grey, { image, side, width, left: 2 * (at * cell + 2), top: 2 * (row * cell + 2) });
    }
  }
  return encode({ width, height, data: grey, channels: 1, depth: 8 }, { zlib: { level: 9 } })
    .toBase64();
}

/** Copies an image into a picture, with four pixels for each of its own, in 32 shades. */
function place(
  grey: Uint8Array,
  { image, side, width, left, top }: {
    readonly image: Float32Array;
    readonly side: number;
    readonly width: number;
    readonly left: number;
    readonly top: number;
  },
): void {
  for (let i = 0; i < 4 * side * side; i++) {
    const [x, y] = [i % (2 * side), Math.floor(i / (2 * side))];
    const ink = image[Math.floor(y / 2) * side + Math.floor(x / 2)]!;
    grey[(top + y) * width + left + x] = Math.round(Math.round((1 - ink) * 31) * 255 / 31);
  }
}

/** Draws D's surface with real points (blue) and generated ones (orange). */
export function planePicture(
  { generator, discriminator }: {
    readonly generator: PlayedProgram;
    readonly discriminator: PlayedProgram;
  },
  { real, reach, seed }: {
    readonly real: ArrayLike<number>;
    readonly reach: number;
    readonly seed: number;
  },
): Picture {
  const cells = 320;
  const [answers] = runRows(discriminator, placesOf(cells, reach)) as [Float32Array];
  const rgb = new Uint8Array(3 * cells * cells);
  answers.forEach((answer, i) => rgb.set(answerColor(answer), 3 * i));
  const next = normalNumbers(seed);
  const [fake] = runRows(generator, Float32Array.from({ length: 2 * 192 }, next)) as [Float32Array];
  const dots = (points: ArrayLike<number>, color: readonly number[]) => {
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = [points[i]!, -points[i + 1]!].map((value) =>
        Math.round((value / reach + 1) * cells / 2)
      );
      for (let k = 0; k < 9; k++) {
        const [px, py] = [x! + k % 3 - 1, y! + Math.floor(k / 3) - 1];
        if (px >= 0 && px < cells && py >= 0 && py < cells) rgb.set(color, 3 * (py * cells + px));
      }
    }
  };
  dots(real, [0, 114, 178]);
  dots(fake, [213, 94, 0]);
  return encode({ width: cells, height: cells, data: rgb, channels: 3, depth: 8 }).toBase64();
}
