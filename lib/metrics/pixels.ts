/** Checks the pixels of images. */
import { check, instanceOf } from "../check/mod.ts";
import { MNIST_PIXELS } from "../data/mod.ts";

const PIXELS = instanceOf(Float32Array);

/**
 * Counts images and checks their pixels.
 *
 * @throws {TypeError} if `pixels` is not a Float32Array.
 * @throws {RangeError} if it is not one or more whole images of numbers in [0, 1].
 */
export function checkPixels(pixels: Float32Array, task: string): number {
  check(task, { pixels }, PIXELS);
  if (pixels.length === 0 || pixels.length % MNIST_PIXELS !== 0) {
    throw new RangeError(
      `Cannot ${task}: expected ${MNIST_PIXELS} pixels for each image, got ${pixels.length} pixels`,
    );
  }
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i]!;
    if (value >= 0 && value <= 1) continue; // NaN fails both
    const image = Math.floor(i / MNIST_PIXELS);
    throw new RangeError(
      `Cannot ${task}: expected pixels in [0, 1], got ${value} in image ${image}`,
    );
  }
  return pixels.length / MNIST_PIXELS;
}
