/** Finds the nearest real images, to see whether a generator only copies them. */
import {
  checkSet,
  classesOf,
  type Mnist,
  MNIST_PIXELS,
  type MnistSet,
  pixelsOf,
} from "../data/mod.ts";
import { checkPixels } from "./pixels.ts";

/** Nearest image of a set. */
export interface Nearest {
  /** Position of the image in the set. */
  readonly position: number;
  /** Euclidean distance of the pixels in [0, 1]: 0 for a copy, about 10 for two different digits. */
  readonly distance: number;
}

/** Number of pixels that are added before the sum is compared with the limit. */
const BLOCK = 56;

/**
 * Finds the nearest image of a set for each of `images`, `[samples, 784]` in [0, 1]. Comparing one
 * image with 60,000 takes a few hundredths of a second.
 *
 * @throws {TypeError | RangeError} if `images` are not whole images of numbers in [0, 1], or the
 * set is empty.
 */
export function nearestImages(set: MnistSet, images: Float32Array): Nearest[] {
  const count = checkPixels(images, "find the nearest image");
  checkSet("find the nearest image", set);
  return Array.from({ length: count }, (_, i) => {
    const bytes = images.subarray(i * MNIST_PIXELS, (i + 1) * MNIST_PIXELS).map((ink) => ink * 255);
    let nearest = { position: 0, squared: Infinity };
    for (let position = 0; position < set.count; position++) {
      const squared = squaredDistance(bytes, set.images, { position, limit: nearest.squared });
      if (squared < nearest.squared) nearest = { position, squared };
    }
    return { position: nearest.position, distance: Math.sqrt(nearest.squared) / 255 };
  });
}

/** Generated images and their nearest training images. */
export interface Twins {
  /** Nearest training image of each generated image, `[drawings, 784]`. */
  readonly images: Float32Array;
  /** Mean distance from a generated image to its nearest training image; 0 for copies. */
  readonly distance: number;
  /** The same mean distance for as many test images, which cannot be copies of training images. */
  readonly testDistance: number;
}

/**
 * Finds the nearest training image of each of the `drawings` `[drawings, 784]` in [0, 1], and
 * compares the mean distance with that of test images.
 *
 * @throws {TypeError | RangeError} if `mnist` is not a data set, or `drawings` are not whole images
 * of numbers in [0, 1], or more than the test images.
 */
export function findTwins(mnist: Mnist, drawings: Float32Array): Twins {
  const task = "find twins";
  classesOf(mnist, task);
  const count = checkPixels(drawings, task);
  if (count > mnist.test.count) {
    throw new RangeError(
      `Cannot ${task}: expected at most ${mnist.test.count} drawings, got ${count}`,
    );
  }
  const found = nearestImages(mnist.train, drawings);
  const test = pixelsOf(mnist.test, Array.from({ length: count }, (_, i) => i));
  return {
    images: pixelsOf(mnist.train, found.map(({ position }) => position)),
    distance: meanDistance(found),
    testDistance: meanDistance(nearestImages(mnist.train, test)),
  };
}

function meanDistance(found: readonly Nearest[]): number {
  return found.reduce((sum, { distance }) => sum + distance, 0) / found.length;
}

/**
 * Computes the squared distance to the image at a position. If it is above `limit`, stops early and
 * returns a partial sum above `limit`.
 */
function squaredDistance(
  image: Float32Array,
  all: Uint8Array,
  { position, limit }: { readonly position: number; readonly limit: number },
): number {
  const shift = position * MNIST_PIXELS;
  let sum = 0;
  for (let start = 0; start < MNIST_PIXELS && sum <= limit; start += BLOCK) {
    for (let p = start; p < start + BLOCK; p++) {
      const difference = image[p]! - all[p + shift]!;
      sum += difference * difference;
    }
  }
  return sum;
}
