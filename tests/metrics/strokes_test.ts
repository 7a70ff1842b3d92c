/** Strokes and specks are the parts of the ink that hang together, also at corners. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { MNIST_PIXELS, MNIST_SIDE } from "../../lib/data/mod.ts";
import { countStrokes } from "../../lib/metrics/mod.ts";
import { digits } from "./sets.ts";
import { joined } from "./small_mnist.ts";

type Place = readonly [row: number, column: number];

function imageWith(places: readonly Place[], ink = 1): Float32Array {
  const image = new Float32Array(MNIST_PIXELS);
  for (const [row, column] of places) image[row * MNIST_SIDE + column] = ink;
  return image;
}

/** Finds the sizes of the parts by joining touching pixels until nothing changes. */
function partSizes(image: Float32Array): number[] {
  const ink = [...image.keys()].filter((pixel) => image[pixel]! > Math.fround(0.3));
  const part = new Map(ink.map((pixel) => [pixel, pixel]));
  const touch = (a: number, b: number) =>
    Math.abs(a % 28 - b % 28) <= 1 && Math.abs(Math.floor(a / 28) - Math.floor(b / 28)) <= 1;
  for (const a of ink) {
    for (const b of ink) {
      if (!touch(a, b)) continue;
      const [from, to] = [part.get(a)!, part.get(b)!];
      if (from !== to) { for (const p of ink) if (part.get(p) === from) part.set(p, to); }
    }
  }
  const sizes = new Map<number, number>();
  for (const p of part.values()) sizes.set(p, (sizes.get(p) ?? 0) + 1);
  return [...sizes.values()];
}

function assertCounts(images: Float32Array, strokes: number[], specks: number[]): void {
  const found = countStrokes(images);
  assert.deepEqual([[...found.strokes], [...found.specks]], [strokes, specks]);
}

Deno.test("countStrokes() counts what joining touching pixels gives, on random images", () => {
  const images = fc.array(fc.constantFrom(0, 0, 0, 0.3, 0.31, 1), {
    minLength: MNIST_PIXELS,
    maxLength: MNIST_PIXELS,
  });
  const property = fc.property(images, (pixels) => {
    const image = Float32Array.from(pixels, (ink, p) => p % 28 > 13 ? 0 : ink);
    const sizes = partSizes(image);
    const specks = sizes.filter((size) => size <= 5).length;
    assertCounts(image, [sizes.length - specks], [specks]);
  });
  fc.assert(property, { numRuns: 20 });
});

Deno.test("countStrokes() finds nothing on paper and one stroke on ink", () => {
  assertCounts(new Float32Array(MNIST_PIXELS), [0], [0]);
  assertCounts(new Float32Array(MNIST_PIXELS).fill(1), [1], [0]);
});

Deno.test("countStrokes() joins at corners, but not over the edge of the image or to the next one", () => {
  const diagonal = Array.from({ length: 6 }, (_, i): Place => [i, i]);
  const edges = Array.from({ length: 6 }, (_, i): Place => [i, i % 2 ? 0 : 27]);
  const [last, first] = [imageWith([[27, 26], [27, 27]]), imageWith([[0, 0], [0, 1]])];
  assertCounts(joined([imageWith(diagonal), imageWith(edges)]), [1, 0], [0, 6]);
  assertCounts(joined([last, first]), [0, 0], [1, 1]);
});

Deno.test("countStrokes() takes 5 pixels for a speck and 6 for a stroke, of more than 0.3 ink", () => {
  const line = (length: number) => Array.from({ length }, (_, i): Place => [4, i]);
  assertCounts(joined([imageWith(line(5)), imageWith(line(6))]), [0, 1], [1, 0]);
  assertCounts(joined([imageWith(line(6), 0.3), imageWith(line(6), 0.31)]), [0, 1], [0, 0]);
});

Deno.test("countStrokes() sees one stroke in nearly every digit, and two where it is cut", async () => {
  const [{ images }] = await digits();
  const { strokes, specks } = countStrokes(joined(images));
  const share = (counts: Uint16Array, of: (count: number) => boolean) =>
    counts.filter(of).length / counts.length;
  assert(share(strokes, (count) => count === 1) > 0.97);
  assert(share(specks, (count) => count > 0) < 0.03);
  const cut = images.map((image) => image.map((ink, p) => p < 364 || p >= 420 ? ink : 0)); // rows 13, 14
  assert(share(countStrokes(joined(cut)).strokes, (count) => count > 1) > 0.9);
});

Deno.test("countStrokes() refuses parts of images, and numbers that are not ink", () => {
  const refusal = { name: "RangeError", message: /^Cannot count strokes: expected / };
  assert.throws(() => countStrokes(new Float32Array(0)), refusal);
  assert.throws(() => countStrokes(new Float32Array(785)), refusal);
  assert.throws(() => countStrokes(new Float32Array(784).fill(NaN)), refusal);
  assert.throws(() => countStrokes([1] as unknown as Float32Array), TypeError);
});
