/** Stacked digits are mixed and taken apart, their modes are counted, and the networks train on them. */
import assert from "node:assert/strict";
import { Random } from "../../../lib/data/mod.ts";
import { Classifier } from "../../../lib/metrics/mod.ts";
import { smallMnist } from "../../metrics/small_mnist.ts";
import { judgeStacked, MODES, modesOf, stack, unstack } from "./stacked.ts";

Deno.test("stack() puts three digits into the values of each pixel, and unstack() takes them out", () => {
  const digits = Float32Array.from({ length: 6 * 784 }, (_, i) => i);
  const images = stack(digits);
  // The first pixel of the first image: the first pixels of the first three digits.
  assert.deepEqual([...images.subarray(0, 3)], [0, 784, 2 * 784]);
  assert.deepEqual([...images.subarray(2352 + 3, 2352 + 6)], [3, 4, 5].map((i) => 784 * i + 1));
  assert.deepEqual(unstack(images), digits);
});

Deno.test("modesOf() counts different rows of three labels, and is 0 from equal shares", () => {
  const all = Array.from(
    { length: MODES },
    (_, i) => [Math.floor(i / 100), Math.floor(i / 10) % 10, i % 10],
  );
  assert.deepEqual(modesOf(all.flat()).found, MODES);
  assert(Math.abs(modesOf(all.flat()).divergence) < 1e-12);
  const { found, divergence } = modesOf([1, 2, 3, 1, 2, 3, 3, 2, 1, 3, 2, 1]);
  assert.equal(found, 2);
  assert(Math.abs(divergence - Math.log(500)) < 1e-12);
});

Deno.test("judgeStacked() trains for a while and reads what was drawn", async () => {
  const classifier = new Classifier({ rng: new Random(1) });
  const options = { seed: 1, seconds: 0.01, count: 130, channels: 2, classifier };
  const { steps, found, divergence } = await judgeStacked(await smallMnist(50, 20), options);
  assert(steps >= 1);
  assert(found >= 1 && found <= 130);
  assert(divergence > 0 && divergence <= Math.log(MODES));
});
