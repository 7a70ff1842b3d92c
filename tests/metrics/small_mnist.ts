/** Selects few digits, so that a classifier learns them in seconds. */
import { loadMnist, type Mnist, MNIST_PIXELS, type MnistSet } from "../../lib/data/mod.ts";

/** Selects every n-th image of a set, `count` of them. */
function some({ count: all, images, labels }: MnistSet, count: number): MnistSet {
  const positions = Array.from({ length: count }, (_, i) => Math.floor(i * all / count));
  const chosen = new Uint8Array(count * MNIST_PIXELS);
  positions.forEach((position, i) => {
    const start = position * MNIST_PIXELS;
    chosen.set(images.subarray(start, start + MNIST_PIXELS), i * MNIST_PIXELS);
  });
  return { count, images: chosen, labels: Uint8Array.from(positions, (p) => labels[p]!) };
}

/** Returns MNIST with fewer images, evenly chosen. */
export async function smallMnist(train: number, test: number): Promise<Mnist> {
  const mnist = await loadMnist();
  return { train: some(mnist.train, train), test: some(mnist.test, test) };
}

/** Returns images in the form in which a classifier reads them. */
export function joined(images: readonly Float32Array[]): Float32Array {
  const pixels = new Float32Array(images.length * MNIST_PIXELS);
  images.forEach((image, i) => pixels.set(image, i * MNIST_PIXELS));
  return pixels;
}
