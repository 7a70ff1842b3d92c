/**
 * Judge of generated digits: computes all measures, each with its value for real digits and for
 * noise as a comparison.
 */
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
import { choosePositions } from "./choose.ts";
import { checkClasses, Classifier } from "./classifier.ts";
import type { Features } from "./features.ts";
import { type Gaussian, gaussianDistance, gaussianOf } from "./frechet.ts";
import { type LabelAccuracy, labelAccuracy, modeHistogram, totalVariation } from "./labels.ts";
import { checkPixels } from "./pixels.ts";
import { NEIGHBOUR, precisionAndRecall, type PrecisionRecall } from "./precision_recall.ts";
import { Stages } from "./stages.ts";

/** Options of {@linkcode Judge}. */
export interface JudgeOptions {
  /**
   * Maximum number of images for precision and recall, because their time grows with its square;
   * 1,000 by default.
   */
  readonly coverageSamples?: number;
  /** Neighbourhoods of a sample reach to its k-th nearest neighbour; 3 by default, as in the paper. */
  readonly k?: number;
  /** Random generator of the noise images. */
  readonly rng?: Random;
}

/** Options of {@linkcode Judge.measure}. */
export interface MeasureOptions extends LoopOptions {
  /**
   * Requested label of each image, `[samples]`. Request them in the shares of the data, for example
   * the labels of the test images. Otherwise the Fréchet distance and recall also measure how far
   * the requested shares are from those of the data.
   */
  readonly asked?: ArrayLike<number>;
}

/** Result of a {@linkcode Judge}: measures of the generated images, and the same for real images. */
export interface Judgement {
  /** Number of generated images, and of real images that they were compared with. */
  readonly samples: number;
  /** Label that the classifier gives to each image, `[samples]`. */
  readonly labels: Uint8Array;
  /**
   * Share of the test images that the classifier labels correctly, to compare the accuracy of a
   * generator with. It is not an upper limit: a generator may draw only easy digits.
   */
  readonly classifierAccuracy: number;
  /** Accuracy of the requested labels; undefined if no labels were requested. */
  readonly accuracy: LabelAccuracy | undefined;
  /** Distribution of the labels. */
  readonly modes: {
    /** Share of each label among the generated images, `[classes]`. */
    readonly generated: readonly number[];
    /** Share of each label among the test images, `[classes]`. */
    readonly real: readonly number[];
    /** Total variation distance from the test images: of the generated images, and of training images. */
    readonly distance: { readonly generated: number; readonly real: number };
  };
  /** Squared Fréchet distances from test images, on the classifier's features, each for `samples` images. */
  readonly frechet: {
    /** Distance of the generated images. */
    readonly generated: number;
    /** Distance of training images: the value of a generator that only repeats them. */
    readonly real: number;
    /** Distance of images of uniform noise. */
    readonly noise: number;
  };
  /**
   * Measures as rows of a table, each with the better direction and the values of real digits and
   * of noise. If labels were requested, there is a row for their accuracy, and none for the total
   * variation of the modes.
   */
  readonly rows: readonly JudgementRow[];
  /** Precision and recall with respect to test images, on the classifier's features. */
  readonly coverage: {
    /** Number of images on each side. */
    readonly samples: number;
    /** Neighbourhoods reach to the k-th nearest neighbour. */
    readonly k: number;
    /** Values of the generated images. */
    readonly generated: PrecisionRecall;
    /** Values of training images. */
    readonly real: PrecisionRecall;
  };
}

/** Measure of a {@linkcode Judgement}, as a row of a table. */
export type JudgementRow = Readonly<Record<string, string | number>>;

/** Labels and features of a set of images, as the classifier computed them. */
interface Sight {
  readonly labels: Uint8Array;
  readonly modes: readonly number[];
  readonly gaussian: Gaussian;
  /** Features of the samples that are used for precision and recall. */
  readonly few: Features;
}

/** Measures of real images and of noise, for sets of one size. */
interface Reference {
  readonly test: Sight;
  /** Measures of training images, compared with test images. */
  readonly real: {
    readonly frechet: number;
    readonly modes: number;
    readonly coverage: PrecisionRecall;
  };
  /** Fréchet distance of noise. */
  readonly noise: number;
}

/** Labels, features and measures of generated images. */
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

/**
 * Progress-bar weight per image and stage, roughly in microseconds; precision and recall use a
 * subset of the images.
 */
const WEIGHT = { make: 10, read: 150, gaussian: 10, cover: 500 } as const;

/** Chooses `count` rows at random. */
function someRows({ values, width }: Features, count: number): Features {
  const rows = new Float32Array(count * width);
  choosePositions(count, values.length / width).forEach((row, i) =>
    rows.set(values.subarray(row * width, (row + 1) * width), i * width)
  );
  return { values: rows, width };
}

/** Makes `count` images of independent pixels, uniform in [0, 1). */
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
 * Judge of generated digits. All its measures are based on a classifier.
 *
 * The Fréchet distance uses the classifier's 128 features. It falls as the number of images grows,
 * so compare it only with distances of the same classifier and the same number of images; those of
 * real images and of noise are in the result. (The real images are training images, which the
 * classifier knows slightly better than test images.) Measures of real images are computed once for
 * each number of images and then reused. The first 10,000 images take a few seconds, the next ones
 * one or two.
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
   * Checks the arguments. Does not measure yet.
   *
   * @throws {TypeError} if the classifier, the data or an option has the wrong type.
   * @throws {RangeError} if `k` is not a whole number from 1 on, `coverageSamples` is not above
   * `k`, or the classifier has another number of classes than the data.
   */
  constructor(classifier: Classifier, mnist: Mnist, options: JudgeOptions = {}) {
    check(TASK.make, { classifier }, instanceOf(Classifier));
    checkOptions(TASK.make, options, { kinds: KINDS });
    const { coverageSamples = 1000, k = 3, rng = new Random(1) } = options;
    if (coverageSamples <= k) {
      throw new RangeError(
        `Cannot ${TASK.make}: expected coverageSamples above k, which is ${k}, got ${coverageSamples}`,
      );
    }
    checkClasses(classifier, { classes: classesOf(mnist), task: TASK.make });
    this.#classifier = classifier;
    this.#mnist = mnist;
    this.#options = { coverageSamples, k, rng };
  }

  /**
   * Measures generated images, `[samples, 784]` pixels in [0, 1].
   *
   * They are compared with the same number of test images, and these with the same number of
   * training images. 10,000 is usual; the number of test images is the maximum.
   *
   * @throws {TypeError | RangeError} if the pixels are not whole images of numbers in [0, 1], there
   * are too few or too many images, there is not one requested label for each image, or an option
   * is unknown or wrong; then nothing was measured.
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
        `Cannot ${TASK.measure}: expected ${samples} requested labels, one for each image, ` +
          `got ${asked.length}`,
      );
    }
    if (asked) checkLabels(TASK.measure, asked, this.#classifier.classes);
    return samples;
  }

  /** Returns the number of images that are used for precision and recall. */
  #fewOf(samples: number): number {
    return Math.min(samples, this.#options.coverageSamples);
  }

  /** Returns the progress-bar weight of one set of images. */
  #weight(samples: number): number {
    return (WEIGHT.make + WEIGHT.read + WEIGHT.gaussian) * samples +
      WEIGHT.cover * this.#fewOf(samples);
  }

  /** Computes labels and features of a set of images. */
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
    return this.#see(pixelsOf(set, choosePositions(samples, set.count)), stages);
  }

  #cover(test: Sight, { few }: Sight, stages: Stages): Promise<PrecisionRecall> {
    const { k } = this.#options;
    const weight = WEIGHT.cover * few.values.length / few.width;
    return precisionAndRecall(test.few, few, { k, ...stages.next(weight) });
  }

  /** Measures real images and noise. */
  async #refer(samples: number, stages: Stages): Promise<Reference> {
    const test = await this.#seeSome(this.#mnist.test, samples, stages);
    const train = await this.#seeSome(this.#mnist.train, samples, stages);
    const frechet = gaussianDistance(test.gaussian, train.gaussian);
    const coverage = await this.#cover(test, train, stages);
    const made = stages.next(2 * WEIGHT.cover * this.#fewOf(samples)); // of two sets that are not covered
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
    const judgement = {
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
    return { ...judgement, rows: rowsOf(judgement) };
  }
}

/** Makes a row for each measure. */
function rowsOf(judgement: Omit<Judgement, "rows">): JudgementRow[] {
  const { accuracy, classifierAccuracy, frechet, coverage, modes, samples } = judgement;
  const [higher, lower] = [{ better: "higher ↑" }, { better: "lower ↓" }];
  const shares = (name: keyof PrecisionRecall) => ({
    measure: name,
    ...higher,
    generated: coverage.generated[name],
    real: coverage.real[name],
    samples: coverage.samples,
  });
  const named = { measure: "named as asked", ...higher };
  return [
    ...accuracy
      ? [{ ...named, generated: accuracy.overall, real: classifierAccuracy, samples }]
      : [],
    { measure: "Fréchet distance", ...lower, ...frechet, samples },
    shares("precision"),
    shares("recall"),
    // Requested labels have the shares that were requested, which say nothing about the generator.
    ...accuracy
      ? []
      : [{ measure: "modes: total variation", ...lower, ...modes.distance, samples }],
  ];
}
