/** The judge: all measures of generated digits at once, each beside what real digits and noise give. */
import { type Mnist, MNIST_PIXELS, type MnistSet, pixelsOf, Random } from "../data/mod.ts";
import { steps, type StepsOptions } from "../train/mod.ts";
import type { Classifier, Readings } from "./classifier.ts";
import type { Features } from "./features.ts";
import { type Gaussian, gaussianDistance, gaussianOf } from "./frechet.ts";
import { type LabelAccuracy, labelAccuracy, modeHistogram, totalVariation } from "./labels.ts";
import { checkPixels } from "./pixels.ts";
import { precisionAndRecall, type PrecisionRecall } from "./precision_recall.ts";
import { Stages } from "./stages.ts";

/** How a {@linkcode Judge} measures. */
export interface JudgeOptions {
  /** Of how many images precision and recall are taken at most, since their time grows with the square. */
  readonly coverageSamples?: number;
  /** A neighbourhood reaches to the k-th nearest neighbour; 3 as in the paper. */
  readonly k?: number;
  /** Where the noise images come from. */
  readonly rng?: Random;
}

/** What was asked for, and who watches. */
export interface MeasureOptions extends StepsOptions {
  /** The digit that each image was asked to be, `[samples]`. */
  readonly asked?: ArrayLike<number>;
}

/** What a {@linkcode Judge} finds. Every number for generated images has one for real ones beside it. */
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
    /** The shares of the digits among the generated images, `[10]`. */
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
    /** Of training images: what a perfect generator would have. */
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

/** What all sets of one size are measured against. */
interface Reference {
  readonly gaussian: Gaussian;
  /** The rows that precision and recall are taken of. */
  readonly few: Features;
  readonly modes: readonly number[];
  readonly real: {
    readonly frechet: number;
    readonly modes: number;
    readonly coverage: PrecisionRecall;
  };
  readonly noise: number;
}

/** What was found about generated images alone. */
interface Findings {
  readonly readings: Readings;
  readonly gaussian: Gaussian;
  readonly coverage: PrecisionRecall;
  readonly asked: ArrayLike<number> | undefined;
}

const TASK = "judge images";

/** What a set takes of the bar for each image: reading is most of the time. */
const WEIGHT = { make: 1, read: 20, gaussian: 1 } as const;
/** What an image in precision and recall takes of it. */
const COVERAGE_WEIGHT = 10;

/**
 * `count` of `all` positions, drawn at random but always the same ones. (No stride will do: MNIST's two
 * sources take turns in the training file, and stand one after the other in the test file; and digits
 * are often asked for in turn.)
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
async function noiseImages(count: number, rng: Random, options: StepsOptions) {
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
 * that of real images and of noise stands beside it. Those are measured once for each number of
 * images and reused.
 */
export class Judge {
  readonly #classifier: Classifier;
  readonly #mnist: Mnist;
  readonly #options: Required<JudgeOptions>;
  readonly #references: Map<number, Reference> = new Map();

  /** Measures nothing yet. */
  constructor(
    classifier: Classifier,
    mnist: Mnist,
    { coverageSamples = 1000, k = 3, rng = new Random(1) }: JudgeOptions = {},
  ) {
    for (const [name, value] of Object.entries({ k, coverageSamples: coverageSamples - k })) {
      if (!Number.isSafeInteger(value) || value < 1) {
        throw new RangeError(
          `Cannot make a judge: expected k as a whole number from 1 on and more coverageSamples, ` +
            `got ${k} and ${coverageSamples} (${name})`,
        );
      }
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
   * too many, or there is not a digit asked for each of them; then nothing was measured.
   */
  async measure(
    pixels: Float32Array,
    { asked, ...watch }: MeasureOptions = {},
  ): Promise<Judgement> {
    const samples = this.#check(pixels, asked);
    const stages = new Stages(this.#weigh(samples), watch);
    const reference = this.#references.get(samples) ?? await this.#refer(samples, stages);
    this.#references.set(samples, reference);
    const readings = await this.#read(pixels, stages);
    const gaussian = await this.#gaussian(readings, stages);
    const coverage = await this.#cover(reference.few, readings.features, stages);
    return this.#judge(reference, { readings, gaussian, coverage, asked });
  }

  #check(pixels: Float32Array, asked: ArrayLike<number> | undefined): number {
    const samples = checkPixels(pixels, TASK);
    const [least, most] = [this.#options.k + 1, this.#mnist.test.count];
    if (samples < least || samples > most) {
      throw new RangeError(
        `Cannot ${TASK}: expected from ${least} to ${most} images, as many as there are test images, ` +
          `got ${samples}`,
      );
    }
    if (asked && asked.length !== samples) {
      throw new RangeError(
        `Cannot ${TASK}: expected as many asked digits as images, got ${asked.length} and ${samples}`,
      );
    }
    return samples;
  }

  #coverageSamples(samples: number): number {
    return Math.min(samples, this.#options.coverageSamples);
  }

  /** The weight of all stages of a measurement. */
  #weigh(samples: number): number {
    const own = samples * (WEIGHT.read + WEIGHT.gaussian) +
      this.#coverageSamples(samples) * COVERAGE_WEIGHT;
    if (this.#references.has(samples)) return own;
    const others = samples * (3 * WEIGHT.read + WEIGHT.make + 3 * WEIGHT.gaussian) +
      this.#coverageSamples(samples) * COVERAGE_WEIGHT;
    return own + others;
  }

  async #read(pixels: Float32Array, stages: Stages): Promise<Readings> {
    return await this.#classifier.read(
      pixels,
      stages.next(pixels.length / MNIST_PIXELS * WEIGHT.read),
    );
  }

  async #readSome(set: MnistSet, samples: number, stages: Stages): Promise<Readings> {
    return await this.#read(pixelsOf(set, some(samples, set.count)), stages);
  }

  async #gaussian({ labels, features }: Readings, stages: Stages): Promise<Gaussian> {
    return await gaussianOf(features, stages.next(labels.length * WEIGHT.gaussian));
  }

  async #cover(real: Features, features: Features, stages: Stages): Promise<PrecisionRecall> {
    const count = real.values.length / real.width;
    const watch = stages.next(count * COVERAGE_WEIGHT);
    return await precisionAndRecall(real, someRows(features, count), {
      k: this.#options.k,
      ...watch,
    });
  }

  /** What test images, training images and noise give at that number of images. */
  async #refer(samples: number, stages: Stages): Promise<Reference> {
    const { train, test } = this.#mnist;
    const readings = await this.#readSome(test, samples, stages);
    const gaussian = await this.#gaussian(readings, stages);
    const few = someRows(readings.features, this.#coverageSamples(samples));
    const modes = modeHistogram(readings.labels);
    const others = await this.#readSome(train, samples, stages);
    const real = {
      frechet: gaussianDistance(gaussian, await this.#gaussian(others, stages)),
      modes: totalVariation(modes, modeHistogram(others.labels)),
      coverage: await this.#cover(few, others.features, stages),
    };
    const rng = Random.from(this.#options.rng.state());
    const images = await noiseImages(samples, rng, stages.next(samples * WEIGHT.make));
    const noise = await this.#gaussian(await this.#read(images, stages), stages);
    return { gaussian, few, modes, real, noise: gaussianDistance(gaussian, noise) };
  }

  #judge(reference: Reference, { readings, gaussian, coverage, asked }: Findings): Judgement {
    const { real, noise } = reference;
    const generated = modeHistogram(readings.labels);
    return {
      samples: readings.labels.length,
      labels: readings.labels,
      classifierAccuracy: this.#classifier.accuracy,
      accuracy: asked && labelAccuracy(asked, readings.labels),
      modes: {
        generated,
        real: reference.modes,
        distance: { generated: totalVariation(reference.modes, generated), real: real.modes },
      },
      frechet: {
        generated: gaussianDistance(reference.gaussian, gaussian),
        real: real.frechet,
        noise,
      },
      coverage: {
        samples: reference.few.values.length / reference.few.width,
        k: this.#options.k,
        generated: coverage,
        real: real.coverage,
      },
    };
  }
}
