/** Images that others hand in: checked before anything is measured. */
import { MNIST_PIXELS } from "../data/mod.ts";

/**
 * How many images there are.
 *
 * @throws {TypeError} if they are not a Float32Array.
 * @throws {RangeError} if they are not whole images, at least one, of numbers in [0, 1].
 */
export function checkPixels(pixels: Float32Array, task: string): number {
  if (!(pixels instanceof Float32Array)) {
    throw new TypeError(`Cannot ${task}: expected pixels in a Float32Array, got ${typeof pixels}`);
  }
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
