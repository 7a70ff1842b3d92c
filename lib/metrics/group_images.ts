/** Sorts images into groups that look alike, without using their labels. */
import { type kmeans, kmeansGenerator } from "ml-kmeans";
import { checkOptions, instanceOf, type Kinds, wholeNumber } from "../check/mod.ts";
import {
  checkSet,
  defaultRandom,
  MNIST_PIXELS,
  MNIST_SIDE,
  type MnistSet,
  Random,
} from "../data/mod.ts";
import { LOOP_KINDS, type LoopOptions, steps } from "../train/mod.ts";
import { choosePositions } from "./choose.ts";
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

/** Side of the squares of pixels that are averaged before images are compared. */
const SQUARE = 2;

/** Width and height of a small image. */
const SIDE = MNIST_SIDE / SQUARE;

/** Number of images that are sorted into the groups at once, in some milliseconds. */
const SLICE = 500;

/**
 * Sorts images into groups that look alike, and returns the same images with the number of the group
 * as their label. The labels of `set` are not used.
 *
 * It is k-means (Lloyd, "Least squares quantization in PCM", 1982): each image belongs to the group
 * with the nearest mean, by the squared differences of pixels. Images are compared at half their
 * width and height, and the means are those of at most 10,000 images. 60,000 images take a few
 * seconds. The groups have different sizes, and one can be empty if many images are equal.
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
  const rows = Array.from(choosePositions(samples, set.count), (at) => smallImage(set, at));
  const rounds = kmeansGenerator(rows, groups, {
    initialization: "random",
    maxIterations: ROUNDS,
    seed: rng.bits(),
  });
  let found: ReturnType<typeof kmeans> | undefined;
  for await (const _ of steps(ROUNDS, stages.next(ROUNDS * samples))) {
    found = rounds.next().value ?? found; // nothing new when no image moves
  }
  const labels = new Uint8Array(set.count);
  for await (const slice of steps(slices, stages.next(set.count))) {
    const first = slice * SLICE;
    const length = Math.min(SLICE, set.count - first);
    labels.set(found!.nearest(Array.from({ length }, (_, i) => smallImage(set, first + i))), first);
  }
  return { ...set, labels, classes: groups };
}

/** Averages squares of pixels of an image: `[196]` numbers in [0, 1]. */
function smallImage({ images }: MnistSet, position: number): number[] {
  const start = position * MNIST_PIXELS;
  const small = new Array<number>(SIDE * SIDE).fill(0);
  for (let p = 0; p < MNIST_PIXELS; p++) {
    const row = Math.floor(p / MNIST_SIDE / SQUARE);
    const column = Math.floor(p % MNIST_SIDE / SQUARE);
    small[row * SIDE + column]! += images[start + p]! / (255 * SQUARE * SQUARE);
  }
  return small;
}
