/** Sorts images into groups of one form, without using their labels. */
import { type kmeans, kmeansGenerator } from "ml-kmeans";
import { checkOptions, instanceOf, type Kinds, wholeNumber } from "../check/mod.ts";
import { checkSet, defaultRandom, MNIST_PIXELS, type MnistSet, Random } from "../data/mod.ts";
import { LOOP_KINDS, type LoopOptions, steps } from "../train/mod.ts";
import { choosePositions } from "./choose.ts";
import { normaliseForm } from "./moments.ts";
import { Stages } from "./stages.ts";

/** Options of {@linkcode groupImages}. */
export interface GroupImagesOptions extends LoopOptions {
  /** Number of groups, from 2 to 256; 64 by default. */
  readonly groups?: number;
  /** Random generator that chooses the first images of the groups. */
  readonly rng?: Random;
}

const TASK = "group images";

const KINDS: Kinds<GroupImagesOptions> = {
  ...LOOP_KINDS,
  groups: wholeNumber({ from: 2, to: 256 }),
  rng: instanceOf(Random),
};

/** Number of rounds of k-means. Later rounds move few images. */
const ROUNDS = 20;

/** Number of images whose means are the centres of the groups; more take longer and give similar groups. */
const SAMPLES = 10_000;

/** Number of images that are sorted into the groups at once, in some milliseconds. */
const SLICE = 500;

/**
 * Sorts images into groups of one form, and returns the same images with the number of the group
 * as their label. The labels of `set` are not used.
 *
 * It is k-means (Lloyd, "Least squares quantization in PCM", 1982): each image belongs to the group
 * with the nearest mean, by the squared differences of 196 numbers. Before that, all images are brought
 * to the same position, size, slant and brightness (Casey, "Moment normalization of handprinted
 * characters", 1970), so that most groups have one form of digit in many handwritings. The means are
 * those of at most 10,000 images. 60,000 images take about ten seconds. The groups have different
 * sizes, and some can be empty if many images are equal.
 *
 * ```ts
 * import { loadMnist } from "../data/mod.ts";
 * import { groupImages } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const { test } = await loadMnist();
 * const grouped = await groupImages(test, { groups: 20 });
 * assert.equal(grouped.images, test.images);
 * assert.equal(grouped.classes, 20);
 * assert(grouped.labels.every((group) => group < 20));
 * ```
 *
 * @throws {TypeError | RangeError} if `set` is not a set of images, has fewer images than groups, or
 * an option is unknown or wrong.
 */
export async function groupImages(
  set: MnistSet,
  options: GroupImagesOptions = {},
): Promise<MnistSet & { readonly classes: number }> {
  checkSet(TASK, set);
  checkOptions(TASK, options, { kinds: KINDS });
  const { groups = 64, rng = defaultRandom(), ...watch } = options;
  if (set.count < groups) {
    throw new RangeError(`Cannot ${TASK}: expected at least ${groups} images, got ${set.count}`);
  }
  const slices = Math.ceil(set.count / SLICE);
  const samples = Math.min(set.count, SAMPLES);
  const stages = new Stages(ROUNDS * samples + set.count, { ...watch, steps: ROUNDS + 1 });
  const rows = Array.from(choosePositions(samples, set.count), (at) => formAt(set, at));
  const rounds = kmeansGenerator(rows, groups, {
    initialization: "random",
    maxIterations: ROUNDS,
    seed: rng.bits(),
  });
  let found: ReturnType<typeof kmeans> | undefined;
  for await (const _ of steps(ROUNDS, stages.next(ROUNDS * samples))) {
    found = rounds.next().value ?? found; // nothing new when no mean moves
  }
  const labels = new Uint8Array(set.count);
  for await (const slice of steps(slices, stages.next(set.count))) {
    const first = slice * SLICE;
    const length = Math.min(SLICE, set.count - first);
    labels.set(found!.nearest(Array.from({ length }, (_, i) => formAt(set, first + i))), first);
  }
  return { ...set, labels, classes: groups };
}

/** Returns an image of a set in the form in which images are compared. */
function formAt({ images }: MnistSet, position: number): number[] {
  return normaliseForm(images.subarray(position * MNIST_PIXELS, (position + 1) * MNIST_PIXELS));
}
