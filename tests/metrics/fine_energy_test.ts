/** The energy at the highest frequencies is that of the cosine transform, and reacts to edges. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { MNIST_PIXELS, MNIST_SIDE, Random } from "../../lib/data/mod.ts";
import { fineEnergy } from "../../lib/metrics/mod.ts";
import { blurred, digits } from "./sets.ts";
import { joined } from "./small_mnist.ts";

/** Makes an image in [0, 1] around 1/2, of one wave with u half periods across and v down. */
function waveImage(u: number, v: number, height = 0.25): Float32Array {
  const cosine = (pixel: number, frequency: number) =>
    Math.cos(Math.PI * (2 * pixel + 1) * frequency / (2 * MNIST_SIDE));
  return Float32Array.from(
    { length: MNIST_PIXELS },
    (_, p) => 0.5 + height * cosine(p % MNIST_SIDE, u) * cosine(Math.floor(p / MNIST_SIDE), v),
  );
}

const mean = (images: readonly Float32Array[]) =>
  fineEnergy(joined(images)).reduce((sum, energy) => sum + energy, 0) / images.length;

function assertNear(actual: number, expected: number): void {
  assert(Math.abs(actual - expected) < 1e-4 * Math.max(1, expected), `${actual} ≠ ${expected}`);
}

Deno.test("fineEnergy() of a wave is its whole energy from the radius 21 on, and 0 below", () => {
  const frequency = fc.integer({ min: 1, max: MNIST_SIDE - 1 });
  const property = fc.property(frequency, frequency, (u, v) => {
    const wave = waveImage(u, v).map((ink) => ink - 0.5);
    const energy = wave.reduce((sum, value) => sum + value * value, 0);
    assertNear(fineEnergy(waveImage(u, v))[0]!, u * u + v * v >= 21 * 21 ? energy : 0);
  });
  fc.assert(property, { examples: [[21, 1], [20, 6], [20, 7], [14, 15], [15, 15], [1, 21]] });
});

Deno.test("fineEnergy() of paper and of ink is 0, of a checkerboard nearly its whole contrast", () => {
  const board = Float32Array.from(
    { length: MNIST_PIXELS },
    (_, p) => (p + Math.floor(p / MNIST_SIDE)) % 2,
  );
  const [paper, ink] = [new Float32Array(MNIST_PIXELS), new Float32Array(MNIST_PIXELS).fill(1)];
  const found = fineEnergy(joined([paper, ink, board]));
  assertNear(found[0]!, 0);
  assertNear(found[1]!, 0);
  assert(found[2]! > 0.9 * MNIST_PIXELS / 4 && found[2]! < MNIST_PIXELS / 4, `${found[2]}`);
});

Deno.test("fineEnergy() falls with blur, and rises with noise and with hard edges", async () => {
  const [{ images }, other] = await digits();
  const real = mean(images);
  assert(Math.abs(mean(other.images) / real - 1) < 0.1, "equal for other real digits");
  const clamped = (value: number) => Math.min(1, Math.max(0, value));
  const smooth = images.map((image) => blurred(image, 1).map(clamped));
  assert(mean(smooth) < 0.1 * real, `${mean(smooth)} < ${real}`);
  const rng = new Random(1);
  const noisy = images.map((image) => image.map((ink) => clamped(ink + rng.normal(0, 0.05))));
  assert(mean(noisy) > 1.05 * real, `${mean(noisy)} > ${real}`);
  const hard = images.map((image) => image.map((ink) => Number(ink > 0.5)));
  assert(mean(hard) > 1.5 * real, `${mean(hard)} > ${real}`);
});

Deno.test("fineEnergy() gives each image its own energy, and refuses parts of images", () => {
  const images = [waveImage(27, 27), waveImage(1, 1), waveImage(25, 3)];
  const alone = images.map((image) => fineEnergy(image)[0]);
  assert.deepEqual([...fineEnergy(joined(images))], alone);
  const refusal = {
    name: "RangeError",
    message: /^Cannot measure the energy at high frequencies: expected /,
  };
  assert.throws(() => fineEnergy(new Float32Array(0)), refusal);
  assert.throws(() => fineEnergy(new Float32Array(784).fill(-1)), refusal);
});
