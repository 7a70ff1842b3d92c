/** Draws digits with a generator: some from given noise, or many in a loop that can be stopped. */
import { check, checkOptions, instanceOf, type Kinds, list, wholeNumber } from "../check/mod.ts";
import {
  checkLabels,
  joinColumns,
  MNIST_PIXELS,
  oneHot,
  Random,
  withoutLabels,
} from "../data/mod.ts";
import { Generator } from "../nn/mod.ts";
import { LOOP_KINDS, type LoopOptions, steps } from "../train/mod.ts";

/** Options of {@linkcode drawDigits}. */
export interface DrawDigitsOptions extends LoopOptions {
  /** Random generator of the noise. */
  readonly rng: Random;
  /** Number of digits, for a generator without labels. */
  readonly count?: number;
  /** Requested label of each digit, `[digits]`, for a generator with labels. */
  readonly asked?: ArrayLike<number>;
}

/** Inputs of {@linkcode drawFrom}. */
export interface DrawFromInputs {
  /** Noise `[digits, latentSize]`. */
  readonly noise: Float32Array;
  /** Requested label of each digit, `[digits]`. A generator without labels does not use it. */
  readonly asked?: ArrayLike<number>;
}

const TASK = "draw digits";

const FROM_KINDS: Kinds<DrawFromInputs> = { noise: instanceOf(Float32Array), asked: list };

const KINDS: Kinds<DrawDigitsOptions> = {
  ...LOOP_KINDS,
  rng: instanceOf(Random),
  count: wholeNumber({ from: 1, to: 1_000_000 }),
  asked: list,
};

/** Number of digits per call of the generator. Larger calls would need much memory. */
const SLICE = 100;

/**
 * Draws digits as pixels `[digits, 784]`: `count` digits with a generator without labels, or digits
 * with the labels `asked` with a generator whose inputs and outputs end with a label.
 *
 * @throws {TypeError | RangeError} if the generator does not make images, `count` or `asked` is
 * missing, or an option is unknown or wrong; then nothing was drawn.
 */
export async function drawDigits(
  artist: Generator,
  options: DrawDigitsOptions,
): Promise<Float32Array> {
  check(TASK, { artist }, instanceOf(Generator));
  checkOptions(TASK, options, { kinds: KINDS, required: ["rng"] });
  const { rng, count, asked, ...watch } = options;
  const classes = checkWanted(artist, { count, asked });
  const digits = asked?.length ?? count!;
  const latentSize = artist.inputSize - classes;
  const images = new Float32Array(digits * MNIST_PIXELS);
  for await (const slice of steps(Math.ceil(digits / SLICE), watch)) {
    const start = slice * SLICE;
    const rows = Math.min(SLICE, digits - start);
    const noise = rng.fillNormal(new Float32Array(rows * latentSize));
    const labels = asked && Array.from({ length: rows }, (_, i) => asked[start + i]!);
    const drawn = drawFrom(artist, { noise, ...labels && { asked: labels } });
    images.set(drawn, start * MNIST_PIXELS);
  }
  return images;
}

/**
 * Draws the digits of given noise as pixels `[digits, 784]`. If the generator's inputs and outputs end
 * with a label, each digit has the label in `asked`.
 *
 * @throws {TypeError | RangeError} if the generator does not make images, the noise does not have its
 * size, labels are missing or wrong, or an option is unknown or wrong; then nothing was drawn.
 */
export function drawFrom(artist: Generator, inputs: DrawFromInputs): Float32Array {
  check(TASK, { artist }, instanceOf(Generator));
  checkOptions(TASK, inputs, { kinds: FROM_KINDS, required: ["noise"] });
  const { noise, asked } = inputs;
  const classes = classesOf(artist);
  if (classes === 0) return artist.forward(noise);
  check(TASK, { asked }, list);
  const labels = oneHot(asked!, { classes });
  const [latentSize, rows] = [artist.inputSize - classes, asked!.length];
  if (noise.length !== rows * latentSize || rows === 0) {
    throw new RangeError(
      `Cannot ${TASK}: expected labels and ${latentSize} numbers of noise for each, ` +
        `got ${rows} labels and ${noise.length} numbers`,
    );
  }
  return withoutLabels(artist.forward(joinColumns(noise, labels, { rows })), { classes });
}

type Wanted = { readonly [Name in "count" | "asked"]: DrawDigitsOptions[Name] | undefined };

/** Returns the number of classes of a generator of images, 0 if it does not take labels. */
function classesOf(artist: Generator): number {
  const classes = artist.outputSize - MNIST_PIXELS;
  if (classes < 0 || classes >= artist.inputSize) {
    throw new RangeError(
      `Cannot ${TASK}: expected a generator of ${MNIST_PIXELS} pixels and as many labels as it takes, ` +
        `got one of ${artist.outputSize} numbers`,
    );
  }
  return classes;
}

/**
 * Checks that the generator can draw the requested digits. Returns its number of classes, 0 if it
 * does not take labels.
 */
function checkWanted(artist: Generator, { count, asked }: Wanted): number {
  const classes = classesOf(artist);
  const [needed, other] = classes > 0 ? [asked, count] : [count, asked];
  if (needed === undefined || other !== undefined) {
    const options = classes > 0 ? "asked and no count" : "count and nothing asked";
    const found = other === undefined ? "neither" : needed === undefined ? "the other" : "both";
    throw new TypeError(`Cannot ${TASK}: expected ${options} for this generator, got ${found}`);
  }
  if (asked) checkLabels(TASK, asked, classes);
  if (asked?.length === 0) throw new RangeError(`Cannot ${TASK}: expected labels, got none`);
  return classes;
}
