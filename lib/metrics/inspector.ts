/**
 * Inspector of generated digits: measures the faults that a person sees, each with its value for
 * real digits as a comparison.
 */
import { check, checkOptions, instanceOf, type Kinds, wholeNumber } from "../check/mod.ts";
import { classesOf, type Mnist, MNIST_PIXELS, pixelsOf } from "../data/mod.ts";
import { LOOP_KINDS, type LoopOptions, steps } from "../train/mod.ts";
import { choosePositions } from "./choose.ts";
import { checkClasses, Classifier } from "./classifier.ts";
import { fineEnergy } from "./fine_energy.ts";
import type { JudgementRow } from "./judge.ts";
import { nearestImages } from "./nearest.ts";
import { checkPixels } from "./pixels.ts";
import { Stages } from "./stages.ts";
import { countStrokes } from "./strokes.ts";

/** Options of {@linkcode Inspector}. */
export interface InspectorOptions {
  /**
   * Maximum number of images whose nearest training image is searched for, because each takes a few
   * hundredths of a second; 100 by default.
   */
  readonly nearestSamples?: number;
}

/** Measures of images that a person sees. */
export interface Appearance {
  /** Share of the images for which the classifier gives a label more than `SURE`, 0.9, of probability. */
  readonly sure: number;
  /**
   * Share of the images with broken strokes: they have more strokes than the median of the training
   * images with their label. For every digit the median is one stroke.
   */
  readonly broken: number;
  /** Share of the images with at least one speck. */
  readonly specks: number;
  /** Mean energy at the highest spatial frequencies, in squared pixels. */
  readonly fineEnergy: number;
  /** Mean distance to the nearest training image; 0 for copies. */
  readonly nearest: number;
}

/** Result of an {@linkcode Inspector}: measures of the generated images, and the same for test images. */
export interface Inspection {
  /** Number of generated images, and of test images that they are compared with. */
  readonly samples: number;
  /** Number of images on each side whose nearest training image was searched for. */
  readonly nearestSamples: number;
  /** Measures of the generated images. */
  readonly generated: Appearance;
  /** Measures of test images. */
  readonly real: Appearance;
  /** Measures as rows of a table, each with the better direction and the value of test images. */
  readonly rows: readonly JudgementRow[];
}

const TASK = { make: "make an inspector", inspect: "inspect images" } as const;

const KINDS: Kinds<InspectorOptions> = { nearestSamples: wholeNumber({ from: 1 }) };

/** Probability above which a classifier counts as sure of its label. */
export const SURE = 0.9;

/** Number of images per step, which takes a few milliseconds. */
const SLICE = 50;

/** Progress-bar weight per image and stage, roughly in microseconds. */
const WEIGHT = { count: 10, read: 150, look: 60, nearest: 25_000 } as const;

/**
 * Inspector of generated digits, `[samples, 784]`. It measures what a person sees in single images,
 * and a `Judge` what can be seen only in many: whether all forms of the digits are there.
 *
 * The labels and their probabilities are the classifier's. So compare `sure` with its value for
 * test images, which the classifier has not seen in training. `countStrokes` defines strokes and
 * specks, and `fineEnergy` the highest frequencies. One kind of damage can change several measures:
 * noise makes specks, and also makes the classifier less sure. Missing digits change the measures
 * only if the other digits are easier or harder.
 *
 * Measures of real images are computed once for each number of images and then reused.
 *
 * ```ts
 * import { loadMnist, pixelsOf } from "../data/mod.ts";
 * import { Classifier, Inspector } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const mnist = await loadMnist();
 * const classifier = new Classifier(); // better: loadClassifier(mnist, { folder })
 * const inspector = new Inspector(classifier, mnist, { nearestSamples: 1 });
 * const { generated, real } = await inspector.inspect(pixelsOf(mnist.train, [0, 1, 2]));
 * assert(generated.nearest < 1e-3 && real.nearest > 1); // the first three are copies
 * ```
 */
export class Inspector {
  readonly #classifier: Classifier;
  readonly #mnist: Mnist;
  readonly #nearestSamples: number;
  readonly #real: Map<number, Appearance> = new Map();
  #usualStrokes: Uint16Array | undefined;

  /**
   * Checks the arguments. Does not measure yet.
   *
   * @throws {TypeError | RangeError} if the classifier, the data or an option is wrong, or the
   * classifier has another number of classes than the data.
   */
  constructor(classifier: Classifier, mnist: Mnist, options: InspectorOptions = {}) {
    check(TASK.make, { classifier }, instanceOf(Classifier));
    checkOptions(TASK.make, options, { kinds: KINDS });
    checkClasses(classifier, { classes: classesOf(mnist, TASK.make), task: TASK.make });
    this.#classifier = classifier;
    this.#mnist = mnist;
    this.#nearestSamples = options.nearestSamples ?? 100;
  }

  /**
   * Measures generated images, `[samples, 784]` pixels in [0, 1], and the same number of test
   * images, which is the maximum.
   *
   * @throws {TypeError | RangeError} if the pixels are not whole images of numbers in [0, 1], there
   * are too many images, or an option is unknown or wrong; then nothing was measured.
   */
  async inspect(pixels: Float32Array, options: LoopOptions = {}): Promise<Inspection> {
    checkOptions(TASK.inspect, options, { kinds: LOOP_KINDS });
    const samples = checkPixels(pixels, TASK.inspect);
    const { train, test } = this.#mnist;
    if (samples > test.count) {
      throw new RangeError(
        `Cannot ${TASK.inspect}: expected at most ${test.count} images, got ${samples}`,
      );
    }
    const known = this.#real.get(samples);
    const counting = this.#usualStrokes ? 0 : WEIGHT.count * train.count;
    const total = counting + (known ? 1 : 2) * this.#weight(samples);
    const stages = new Stages(total, { ...options, steps: samples });
    const usual = this.#usualStrokes ??= await this.#countUsualStrokes(stages);
    const positions = choosePositions(samples, test.count);
    const real = known ?? await this.#look(pixelsOf(test, positions), { usual, stages });
    this.#real.set(samples, real);
    const generated = await this.#look(pixels, { usual, stages });
    const inspection = { samples, nearestSamples: this.#fewOf(samples), generated, real };
    return { ...inspection, rows: rowsOf(inspection) };
  }

  /** Returns the number of images whose nearest training image is searched for. */
  #fewOf(samples: number): number {
    return Math.min(samples, this.#nearestSamples);
  }

  /** Returns the progress-bar weight of one set of images. */
  #weight(samples: number): number {
    return (WEIGHT.read + WEIGHT.look) * samples + WEIGHT.nearest * this.#fewOf(samples);
  }

  /** Finds the median number of strokes of the training images with each label, `[classes]`. */
  async #countUsualStrokes(stages: Stages): Promise<Uint16Array> {
    const { train } = this.#mnist;
    const counts = Array.from({ length: this.#classifier.classes }, (): number[] => []);
    const slices = Math.ceil(train.count / SLICE);
    for await (const slice of steps(slices, stages.next(WEIGHT.count * train.count))) {
      const start = slice * SLICE;
      const length = Math.min(SLICE, train.count - start);
      const { strokes } = countStrokes(
        pixelsOf(train, Array.from({ length }, (_, i) => start + i)),
      );
      strokes.forEach((count, i) => counts[train.labels[start + i]!]!.push(count));
    }
    return Uint16Array.from(counts, (ofLabel) => medianOf(ofLabel) ?? 1);
  }

  async #look(
    pixels: Float32Array,
    { usual, stages }: { readonly usual: Uint16Array; readonly stages: Stages },
  ): Promise<Appearance> {
    const samples = pixels.length / MNIST_PIXELS;
    const reading = stages.next(WEIGHT.read * samples);
    const { labels, confidence } = await this.#classifier.read(pixels, reading);
    const faults = { broken: 0, specks: 0, fineEnergy: 0 };
    const slices = Math.ceil(samples / SLICE);
    for await (const slice of steps(slices, stages.next(WEIGHT.look * samples))) {
      const start = slice * SLICE;
      const some = pixels.subarray(start * MNIST_PIXELS, (start + SLICE) * MNIST_PIXELS);
      const { strokes, specks } = countStrokes(some);
      strokes.forEach((count, i) => faults.broken += Number(count > usual[labels[start + i]!]!));
      specks.forEach((count) => faults.specks += Number(count > 0));
      fineEnergy(some).forEach((energy) => faults.fineEnergy += energy);
    }
    return {
      sure: confidence.reduce((sum, value) => sum + Number(value > SURE), 0) / samples,
      broken: faults.broken / samples,
      specks: faults.specks / samples,
      fineEnergy: faults.fineEnergy / samples,
      nearest: await this.#meanNearest(pixels, stages),
    };
  }

  async #meanNearest(pixels: Float32Array, stages: Stages): Promise<number> {
    const samples = pixels.length / MNIST_PIXELS;
    const few = choosePositions(this.#fewOf(samples), samples);
    let sum = 0;
    for await (const i of steps(few.length, stages.next(WEIGHT.nearest * few.length))) {
      const image = pixels.subarray(few[i]! * MNIST_PIXELS, (few[i]! + 1) * MNIST_PIXELS);
      sum += nearestImages(this.#mnist.train, image)[0]!.distance;
    }
    return sum / few.length;
  }
}

/** Finds the lower median; undefined if there are no values. */
function medianOf(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** Makes a row for each measure. */
function rowsOf(inspection: Omit<Inspection, "rows">): JudgementRow[] {
  const { generated, real, samples, nearestSamples } = inspection;
  const row = (measure: string, better: string, name: keyof Appearance) => ({
    measure,
    better,
    generated: generated[name],
    real: real[name],
    samples: name === "nearest" ? nearestSamples : samples,
  });
  return [
    row(`classifier is sure (> ${SURE})`, "higher ↑", "sure"),
    row("broken strokes", "lower ↓", "broken"),
    row("specks", "lower ↓", "specks"),
    row("energy at high frequencies", "like real", "fineEnergy"),
    row("distance to nearest training image", "like real", "nearest"),
  ];
}
