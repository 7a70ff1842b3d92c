/** Measures several draws of digits, so that each figure comes with its sampling noise. */

import { labelsOf, type Mnist, MNIST_PIXELS, pixelsOf, Random } from "../../../lib/data/mod.ts";
import {
  type Appearance,
  type Classifier,
  drawDigits,
  Inspector,
  Judge,
  type Judgement,
  labelAccuracy,
  SURE,
} from "../../../lib/metrics/mod.ts";
import type { Generator } from "../../../lib/nn/mod.ts";

/** Figures of one draw. Some of them mean nothing for some generators, or for real digits. */
export interface Figures extends Appearance {
  /** Share of the images that are named as asked; undefined if no digits were asked for. */
  readonly named: number | undefined;
  /** Total variation of the modes; undefined if digits were asked for. */
  readonly modes: number | undefined;
  /** Share of the rarest digit; undefined if digits were asked for. */
  readonly rarest: number | undefined;
  /** Squared Fréchet distance. */
  readonly frechet: number;
  /** Precision. */
  readonly precision: number;
  /** Recall. */
  readonly recall: number;
  /** Share of the images that the second classifier names as asked; undefined as for the first. */
  readonly namedBySecond: number | undefined;
  /** Share of the images for which the second classifier is sure of its label. */
  readonly sureBySecond: number;
}

/** Real digits and noise, for a comparison with generated digits at equal numbers of images. */
export interface Reference {
  /** Figures of draws of real digits. */
  readonly real: readonly Figures[];
  /** Squared Fréchet distance of noise images. */
  readonly noise: number;
}

/** Sizes of a measurement, and what it is made with. */
export interface DrawsOptions {
  /** Classifier of digits. */
  readonly classifier: Classifier;
  /** Classifier of another architecture. */
  readonly second: Classifier;
  /** Data for comparison. */
  readonly mnist: Mnist;
  /** Number of draws. */
  readonly draws: number;
  /** Number of images in a draw. */
  readonly count: number;
  /** Seed of the draws. */
  readonly seed: number;
  /** Groups of real images, if the generator takes a group and not a digit; drawn in their shares. */
  readonly groups?: Uint8Array;
}

/**
 * Draws digits several times with a generator, and measures each draw. A generator that must be
 * asked for digits is asked for those of the test images, so that all digits have MNIST's shares, and
 * one that must be asked for groups for those of as many training images.
 */
export async function measureGenerator(
  artist: Generator,
  { classifier, second, mnist, draws, count, seed, groups }: DrawsOptions,
): Promise<Figures[]> {
  const [judge, inspector] = [new Judge(classifier, mnist), new Inspector(classifier, mnist)];
  const digits = artist.outputSize > MNIST_PIXELS ? mnist.test.labels : undefined;
  const wanted = (groups ?? digits)?.slice(0, count);
  const asked = groups ? undefined : wanted; // only a digit can be named as asked
  const found: Figures[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const rng = new Random(seed).split(`draw ${draw}`);
    const images = await drawDigits(artist, { rng, ...(wanted ? { asked: wanted } : { count }) });
    const judgement = await judge.measure(images, asked ? { asked } : {});
    found.push({
      ...figuresOf(judgement, (await inspector.inspect(images)).generated),
      ...await readBySecond(second, { images, asked }),
    });
  }
  return found;
}

/**
 * Measures draws of real digits in the same way: different training images for the judge, which
 * compares them with test images, and test images for the classifier and the inspector, because the
 * classifier knows the training images. MNIST has only 10,000 test images, so they are drawn with
 * replacement.
 */
export async function measureReal(
  { classifier, second, mnist, draws, count, seed }: DrawsOptions,
): Promise<Reference> {
  const [judge, inspector] = [new Judge(classifier, mnist), new Inspector(classifier, mnist)];
  const rng = new Random(seed).split("real digits");
  const { train, test } = mnist;
  const order = rng.shuffle(Int32Array.from({ length: train.count }, (_, i) => i));
  const real: Figures[] = [];
  let noise = NaN;
  for (let draw = 0; draw < draws; draw++) {
    const known = Int32Array.from(
      { length: count },
      (_, i) => order[(draw * count + i) % order.length]!,
    );
    const unknown = Int32Array.from({ length: count }, () => rng.below(test.count));
    const judgement = await judge.measure(pixelsOf(train, known));
    const images = pixelsOf(test, unknown);
    const asked = labelsOf(test, unknown);
    const { labels } = await classifier.read(images);
    const named = labelAccuracy(asked, labels, { classes: classifier.classes });
    const { generated } = await inspector.inspect(images);
    noise = judgement.frechet.noise;
    real.push({
      ...figuresOf(judgement, generated),
      named: named.overall,
      ...await readBySecond(second, { images, asked }),
    });
  }
  return { real, noise };
}

/** Figures of one classifier, the judge's, without those of the second. */
type FirstFigures = Omit<Figures, "namedBySecond" | "sureBySecond">;

function figuresOf(
  { accuracy, modes, frechet, coverage }: Judgement,
  looks: Appearance,
): FirstFigures {
  return {
    named: accuracy?.overall,
    modes: accuracy ? undefined : modes.distance.generated,
    rarest: accuracy ? undefined : Math.min(...modes.generated),
    frechet: frechet.generated,
    ...coverage.generated,
    ...looks,
  };
}

/** Reads images with the second classifier. */
async function readBySecond(
  second: Classifier,
  { images, asked }: { readonly images: Float32Array; readonly asked: Uint8Array | undefined },
): Promise<Pick<Figures, "namedBySecond" | "sureBySecond">> {
  const { labels, confidence } = await second.read(images);
  return {
    namedBySecond: asked && labelAccuracy(asked, labels, { classes: second.classes }).overall,
    sureBySecond: confidence.reduce((sum, value) => sum + Number(value > SURE), 0) / labels.length,
  };
}
