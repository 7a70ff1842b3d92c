/** The nearest real image: a copy has the distance 0, and no other image of the set is nearer. */
import assert from "node:assert/strict";
import { pixelsOf } from "../../lib/data/mod.ts";
import { findTwins, nearestImages } from "../../lib/metrics/mod.ts";
import { smallMnist } from "./small_mnist.ts";

const mnist = await smallMnist(300, 10);
const { train, test } = mnist;

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

Deno.test("findTwins() shows the nearest training images, and how far test images are from theirs", () => {
  const copies = findTwins(mnist, pixelsOf(train, [7, 299]));
  assert.deepEqual(copies.images, pixelsOf(train, [7, 299]));
  assert(copies.distance < 1e-4);
  const own = nearestImages(train, pixelsOf(test, [0, 1]));
  assert.equal(copies.testDistance, (own[0]!.distance + own[1]!.distance) / 2);
  assert(copies.testDistance > 2);
  assert.equal(findTwins(mnist, pixelsOf(test, [0, 1])).distance, copies.testDistance);
});

Deno.test("findTwins() refuses more drawings than test images, and incomplete images", () => {
  const many = pixelsOf(train, Array.from({ length: 11 }, (_, i) => i));
  assert.throws(() => findTwins(mnist, many), {
    name: "RangeError",
    message: "Cannot find twins: expected at most 10 drawings, got 11",
  });
  assert.throws(() => findTwins(mnist, new Float32Array(10)), /^RangeError: Cannot find twins: /);
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
