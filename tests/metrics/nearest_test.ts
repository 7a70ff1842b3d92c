/** The nearest real image: a copy is found at distance 0, and no image of the set is nearer than it. */
import assert from "node:assert/strict";
import { pixelsOf } from "../../lib/data/mod.ts";
import { nearestImages } from "../../lib/metrics/mod.ts";
import { smallMnist } from "./small_mnist.ts";

const { train } = await smallMnist(300, 10);

Deno.test("nearestImages() finds a copy at its own place, at distance 0", () => {
  const found = nearestImages(train, pixelsOf(train, [7, 299, 0]));
  assert.deepEqual(found.map(({ position }) => position), [7, 299, 0]);
  for (const { distance } of found) assert(distance < 1e-4);
});

Deno.test("nearestImages() finds what a search through all distances finds", () => {
  const images = pixelsOf(train, [3, 50]).map((ink, i) => Math.min(1, Math.abs(ink - (i % 7) / 9)));
  const all = pixelsOf(train, Array.from({ length: train.count }, (_, i) => i));
  nearestImages(train, images).forEach(({ position, distance }, i) => {
    const distances = Array.from({ length: train.count }, (_, at) => {
      let sum = 0;
      for (let p = 0; p < 784; p++) sum += (images[i * 784 + p]! - all[at * 784 + p]!) ** 2;
      return Math.sqrt(sum);
    });
    const least = Math.min(...distances);
    assert.equal(position, distances.indexOf(least));
    assert(Math.abs(distance - least) < 1e-3, `${distance} ${least}`);
  });
});

Deno.test("nearestImages() refuses parts of images and an empty set", () => {
  assert.throws(
    () => nearestImages(train, new Float32Array(10)),
    /Cannot find the nearest image: /,
  );
  const none = { count: 0, images: new Uint8Array(), labels: new Uint8Array() };
  assert.throws(
    () => nearestImages(none, new Float32Array(784)),
    /expected count to be a whole number from 1 on, got 0/,
  );
});
