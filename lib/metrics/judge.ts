/** The judge: all measures of generated digits at once, each beside what real digits and noise give. */
import { check, checkOptions, instanceOf, type Kinds, list, wholeNumber } from "../check/mod.ts";
import {
  checkLabels,
  classesOf,
  type Mnist,
  MNIST_PIXELS,
  type MnistSet,
  pixelsOf,
  Random,
} from "../data/mod.ts";
import { LOOP_KINDS, type LoopOptions, steps } from "../train/mod.ts";
import { Classifier } from "./classifier.ts";
import type { Features } from "./features.ts";
import { type Gaussian, gaussianDistance, gaussianOf } from "./frechet.ts";
import { type LabelAccuracy, labelAccuracy, modeHistogram, totalVariation } from "./labels.ts";
import { checkPixels } from "./pixels.ts";
import { NEIGHBOUR, precisionAndRecall, type PrecisionRecall } from "./precision_recall.ts";
import { Stages } from "./stages.ts";

/** Options of {@linkcode Judge}. */
export interface JudgeOptions {
  /**
   * Of how many images precision and recall are taken at most, since their time grows with the
   * square; 1,000 by default.
   */
  readonly coverageSamples?: number;
  /** A neighbourhood reaches to the k-th nearest neighbour; 3 as in the paper. */
  readonly k?: number;
  /** Where the noise images come from. */
  readonly rng?: Random;
}

/** Options of a measurement: what was asked for, and who watches. */
export interface MeasureOptions extends LoopOptions {
  /** The label that each image was asked to be, `[samples]`. */
  readonly asked?: ArrayLike<number>;
}

/** What a {@linkcode Judge} finds: every number for generated images, and for real ones beside it. */
export interface Judgement {
  /** How many images were judged, and against how many real ones. */
  readonly samples: number;
  /** What the classifier says that each image shows, `[samples]`. */
  readonly labels: Uint8Array;
  /** The share of test images that the classifier names right: more than that nobody can expect. */
  readonly classifierAccuracy: number;
  /** How often what was asked for was drawn; undefined if nothing was asked for. */
  readonly accuracy: LabelAccuracy | undefined;
  /** Which digits there are, as the classifier names them. */
  readonly modes: {
    /** The shares of the labels among the generated images, `[classes]`. */
    readonly generated: readonly number[];
    /** The same among as many test images. */
    readonly real: readonly number[];
    /** The total variation distance of the two, and that of training images to test images. */
    readonly distance: { readonly generated: number; readonly real: number };
  };
  /** Squared Fréchet distances to test images on the classifier's features, all of `samples` images. */
  readonly frechet: {
    /** Of the generated images. */
    readonly generated: number;
    /** Of training images: what a generator that only repeats them would have. */
    readonly real: number;
    /** Of images of uniform noise. */
    readonly noise: number;
  };
  /** Precision and recall against test images on the classifier's features. */
  readonly coverage: {
    /** Of how many images on each side. */
    readonly samples: number;
    /** The number of the neighbour that a neighbourhood reaches to. */
    readonly k: number;
    /** Of the generated images. */
    readonly generated: PrecisionRecall;
    /** Of training images. */
    readonly real: PrecisionRecall;
  };
}

/** What is known of a set of images once the classifier saw it. */
interface Sight {
  readonly labels: Uint8Array;
  readonly modes: readonly number[];
  readonly gaussian: Gaussian;
  /** The rows that precision and recall are taken of. */
  readonly few: Features;
}

/** What sets of one size are measured against. */
interface Reference {
  readonly test: Sight;
  /** Training images against test images. */
  readonly real: {
    readonly frechet: number;
    readonly modes: number;
    readonly coverage: PrecisionRecall;
  };
  /** The Fréchet distance of noise. */
  readonly noise: number;
}

/** What was found out about generated images. */
interface Found {
  readonly sight: Sight;
  readonly coverage: PrecisionRecall;
  readonly asked: ArrayLike<number> | undefined;
}

const TASK = { make: "make a judge", measure: "judge images" } as const;

const KINDS: Kinds<JudgeOptions> = {
  coverageSamples: wholeNumber({ from: 2 }),
  k: NEIGHBOUR,
  rng: instanceOf(Random),
};
const MEASURE_KINDS: Kinds<MeasureOptions> = { ...LOOP_KINDS, asked: list };

/** What an image takes of the bar, in microseconds or so; precision and recall take only some. */
const WEIGHT = { make: 10, read: 150, gaussian: 10, cover: 500 } as const;

/**
 * `count` of `all` positions, drawn at random but always the same ones.
 *
 * No stride will do. The writers of MNIST's two sources take turns in the training file, and digits are
 * often asked for in turn: with an even stride real against real was 10.5 instead of 1.9, and with a
 * stride of 10 recall 0.10 instead of 0.86.
 */
function some(count: number, all: number): Int32Array {
  const positions = Int32Array.from({ length: all }, (_, i) => i);
  return count === all ? positions : new Random(0).shuffle(positions).subarray(0, count);
}

/** `count` rows, drawn at random. */
function someRows({ values, width }: Features, count: number): Features {
  const rows = new Float32Array(count * width);
  some(count, values.length / width).forEach((row, i) =>
    rows.set(values.subarray(row * width, (row + 1) * width), i * width)
  );
  return { values: rows, width };
}

/** `count` images of independent pixels uniform in [0, 1). */
async function noiseImages(
  count: number,
  from: Random,
  options: LoopOptions,
): Promise<Float32Array> {
  const rng = from.split("noise images"); // the same ones every time
  const pixels = new Float32Array(count * MNIST_PIXELS);
  for await (const i of steps(count, options)) {
    for (let p = 0; p < MNIST_PIXELS; p++) pixels[i * MNIST_PIXELS + p] = rng.uniform();
  }
  return pixels;
}

/**
 * Judges generated digits by a classifier's eyes.
 *
 * The Fréchet distance has the scale of this classifier's 128 features and falls with the number of
 * images: it is comparable only to others by the same classifier at the same number, which is why
 * that of real images and of noise stands beside it. (The classifier learnt from the real ones, the
 * training images, and knows them a little better than test images.) Those are measured once for
 * each number of images and reused. The first 10,000 images take some seconds, further ones one or
 * two.
 *
 * ```ts
 * import { loadMnist, pixelsOf } from "../data/mod.ts";
 * import { Classifier, Judge } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const mnist = await loadMnist();
 * const judge = new Judge(new Classifier(), mnist); // better: loadClassifier(mnist, { folder })
 * const positions = Array.from({ length: 50 }, (_, i) => i);
 * const { samples, frechet } = await judge.measure(pixelsOf(mnist.train, positions));
 * assert.equal(samples, 50);
 * assert(frechet.generated < frechet.noise);
 * ```
 */
export class Judge {
  readonly #classifier: Classifier;
  readonly #mnist: Mnist;
  readonly #options: Required<JudgeOptions>;
  readonly #references: Map<number, Reference> = new Map();

  /**
   * Measures nothing yet.
   *
   * @throws {TypeError} if the classifier, the data or an option is of another kind.
   * @throws {RangeError} if `k` is not a whole number from 1 on or `coverageSamples` not above it, or the
   * classifier does not tell as many labels apart as the data have.
   */
  constructor(classifier: Classifier, mnist: Mnist, options: JudgeOptions = {}) {
    check(TASK.make, { classifier }, instanceOf(Classifier));
    checkOptions(TASK.make, options, { kinds: KINDS });
    const { coverageSamples = 1000, k = 3, rng = new Random(1) } = options;
    if (coverageSamples <= k) {
      throw new RangeError(
        `Cannot ${TASK.make}: expected more coverageSamples than the k ${k}, got ${coverageSamples}`,
      );
    }
    const classes = classesOf(mnist);
    if (classifier.classes !== classes) {
      throw new RangeError(
        `Cannot ${TASK.make}: expected a classifier of ${classes} labels, as many as the data have, ` +
          `got one of ${classifier.classes}`,
      );
    }
    this.#classifier = classifier;
    this.#mnist = mnist;
    this.#options = { coverageSamples, k, rng };
  }

  /**
   * Everything about generated images, `[samples, 784]` pixels in [0, 1].
   *
   * They are compared with as many test images, and those with as many training images; 10,000 is
   * the usual number, and at most as many as there are test images.
   *
   * @throws {TypeError | RangeError} if they are not whole images of numbers in [0, 1], too few or
   * too many, there is not a label asked for each of them, or an option is of another kind; then
   * nothing was measured.
   */
  async measure(pixels: Float32Array, options: MeasureOptions = {}): Promise<Judgement> {
    checkOptions(TASK.measure, options, { kinds: MEASURE_KINDS });
    const { asked, ...watch } = options;
    const samples = this.#check(pixels, asked);
    const known = this.#references.get(samples);
    const stages = new Stages((known ? 1 : 4) * this.#weight(samples), {
      ...watch,
      steps: samples,
    });
    const reference = known ?? await this.#refer(samples, stages);
    this.#references.set(samples, reference);
    const sight = await this.#see(pixels, stages);
    const coverage = await this.#cover(reference.test, sight, stages);
    return this.#judge(reference, { sight, coverage, asked });
  }

  #check(pixels: Float32Array, asked: ArrayLike<number> | undefined): number {
    const samples = checkPixels(pixels, TASK.measure);
    const { train, test } = this.#mnist;
    const [least, most] = [this.#options.k + 1, Math.min(train.count, test.count)];
    if (samples < least || samples > most) {
      throw new RangeError(
        `Cannot ${TASK.measure}: expected from ${least} to ${most} images, got ${samples}`,
      );
    }
    if (asked && asked.length !== samples) {
      throw new RangeError(
        `Cannot ${TASK.measure}: expected ${samples} labels asked for, one for each image, ` +
          `got ${asked.length}`,
      );
    }
    if (asked) checkLabels(TASK.measure, asked, this.#classifier.classes);
    return samples;
  }

  /** How many images precision and recall are taken of. */
  #fewOf(samples: number): number {
    return Math.min(samples, this.#options.coverageSamples);
  }

  /** What one set of images takes of the bar. */
  #weight(samples: number): number {
    return (WEIGHT.make + WEIGHT.read + WEIGHT.gaussian) * samples +
      WEIGHT.cover * this.#fewOf(samples);
  }

  /** How images look to the classifier. */
  async #see(pixels: Float32Array, stages: Stages): Promise<Sight> {
    const samples = pixels.length / MNIST_PIXELS;
    const { labels, features } = await this.#classifier.read(
      pixels,
      stages.next((WEIGHT.make + WEIGHT.read) * samples),
    );
    const gaussian = await gaussianOf(features, stages.next(WEIGHT.gaussian * samples));
    const few = someRows(features, this.#fewOf(samples));
    const { classes } = this.#classifier;
    return { labels, gaussian, few, modes: modeHistogram(labels, { classes }) };
  }

  #seeSome(set: MnistSet, samples: number, stages: Stages): Promise<Sight> {
    return this.#see(pixelsOf(set, some(samples, set.count)), stages);
  }

  #cover(test: Sight, { few }: Sight, stages: Stages): Promise<PrecisionRecall> {
    const { k } = this.#options;
    const weight = WEIGHT.cover * few.values.length / few.width;
    return precisionAndRecall(test.few, few, { k, ...stages.next(weight) });
  }

  /** Test images, beside training images and noise. */
  async #refer(samples: number, stages: Stages): Promise<Reference> {
    const test = await this.#seeSome(this.#mnist.test, samples, stages);
    const train = await this.#seeSome(this.#mnist.train, samples, stages);
    const frechet = gaussianDistance(test.gaussian, train.gaussian);
    const coverage = await this.#cover(test, train, stages);
    const made = stages.next(2 * WEIGHT.cover * this.#fewOf(samples)); // two sets are not covered
    const noise = await this.#see(await noiseImages(samples, this.#options.rng, made), stages);
    return {
      test,
      real: { frechet, modes: totalVariation(test.modes, train.modes), coverage },
      noise: gaussianDistance(test.gaussian, noise.gaussian),
    };
  }

  #judge({ test, real, noise }: Reference, { sight, coverage, asked }: Found): Judgement {
    const { k } = this.#options;
    const { classes } = this.#classifier;
    const samples = sight.labels.length;
    return {
      samples,
      labels: sight.labels,
      classifierAccuracy: this.#classifier.accuracy,
      accuracy: asked && labelAccuracy(asked, sight.labels, { classes }),
      modes: {
        generated: sight.modes,
        real: test.modes,
        distance: { generated: totalVariation(sight.modes, test.modes), real: real.modes },
      },
      frechet: {
        generated: gaussianDistance(sight.gaussian, test.gaussian),
        real: real.frechet,
        noise,
      },
      coverage: { samples: this.#fewOf(samples), k, generated: coverage, real: real.coverage },
    };
  }
}
