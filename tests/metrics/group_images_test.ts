/** Groups of images: the nearest mean decides, labels are not used, and bad input is refused. */
import assert from "node:assert/strict";
import { loadMnist, MNIST_PIXELS, type MnistSet, Random } from "../../lib/data/mod.ts";
import { groupImages } from "../../lib/metrics/mod.ts";

/** Makes images with ink in one of `kinds` bands of rows, and some random grey. */
function bands(count: number, kinds: number): MnistSet {
  const rng = new Random(5);
  const images = Uint8Array.from({ length: count * MNIST_PIXELS }, (_, p) => {
    const row = Math.floor(p % MNIST_PIXELS / 28);
    const band = Math.floor(p / MNIST_PIXELS) % kinds;
    return Math.floor(row * kinds / 28) === band ? 255 : rng.below(40);
  });
  return { count, images, labels: new Uint8Array(count) };
}

/** Lists the sets of positions with the same label, in order of their first position. */
function parts(labels: Uint8Array): string[] {
  const found = new Map<number, number[]>();
  labels.forEach((label, i) => found.set(label, [...found.get(label) ?? [], i]));
  return [...found.values()].map(String);
}

Deno.test("groupImages() puts images that look alike into one group", async () => {
  const set = bands(40, 2);
  const even = Array.from({ length: 20 }, (_, i) => 2 * i);
  for (const seed of [1, 2, 3]) {
    const { labels, classes, images } = await groupImages(set, {
      groups: 2,
      rng: new Random(seed),
    });
    assert.equal(classes, 2);
    assert.equal(images, set.images);
    assert.deepEqual(parts(labels), [String(even), String(even.map((i) => i + 1))]);
  }
});

Deno.test("groupImages() sorts each image to the nearest mean, of all images and not of a slice", async () => {
  const { labels } = await groupImages(bands(1203, 2), { groups: 2, rng: new Random(1) });
  assert.equal(labels.length, 1203);
  labels.forEach((label, i) => assert.equal(label, labels[i % 2], `image ${i}`));
});

Deno.test("groupImages() does not use labels, and the same seed gives the same groups", async () => {
  const { test } = await loadMnist();
  const set = {
    count: 300,
    images: test.images.slice(0, 300 * MNIST_PIXELS),
    labels: test.labels.slice(0, 300),
  };
  const options = () => ({ groups: 12, rng: new Random(3) });
  const first = await groupImages(set, options());
  const other = { ...set, labels: new Uint8Array(300), classes: 1 };
  assert.deepEqual((await groupImages(other, options())).labels, first.labels);
  assert.equal(new Set(first.labels).size, 12);
  const changed = await groupImages(set, { groups: 12, rng: new Random(4) });
  assert.notDeepEqual(parts(changed.labels), parts(first.labels));
});

Deno.test("groups of digits have more digits of one kind than chance", async () => {
  const { test } = await loadMnist();
  const count = 2000;
  const images = test.images.slice(0, count * MNIST_PIXELS);
  const set = { count, images, labels: test.labels.slice(0, count) };
  const { labels } = await groupImages(set, { groups: 30, rng: new Random(1) });
  const counts = Array.from({ length: 30 }, () => new Uint32Array(10));
  labels.forEach((group, i) => counts[group]![test.labels[i]!]!++);
  const most = counts.reduce((sum, row) => sum + Math.max(...row), 0);
  assert(most / count > 0.85, `${most} of ${count}`);
});

Deno.test("groupImages() shows its progress and can be stopped", async () => {
  const seen: number[] = [];
  const set = bands(600, 3);
  await groupImages(set, {
    groups: 3,
    rng: new Random(1),
    sliceMs: 0,
    onProgress: ({ step, steps }) => seen.push(step / steps),
  });
  assert.deepEqual(seen, seen.toSorted((a, b) => a - b));
  assert.equal(seen.at(-1), 1);
  assert.equal(seen.filter((share) => share === 0).length, 1); // each would start a bar of its own
  const stop = new AbortController();
  const stopped = groupImages(set, {
    groups: 3,
    sliceMs: 0,
    signal: stop.signal,
    onProgress: () => stop.abort(new Error("enough")),
  });
  await assert.rejects(stopped, /enough/);
});

Deno.test("groupImages() works with as many groups as images, and with equal images", async () => {
  const set = bands(4, 4);
  const { labels } = await groupImages(set, { groups: 4, rng: new Random(1) });
  assert.equal(new Set(labels).size, 4);
  const equal = { count: 5, images: new Uint8Array(5 * MNIST_PIXELS), labels: new Uint8Array(5) };
  const one = await groupImages(equal, { groups: 2, rng: new Random(1) });
  assert.equal(new Set(one.labels).size, 1);
});

Deno.test("groupImages() refuses wrong sets and options", async () => {
  const set = bands(4, 2);
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => groupImages(set, { groups: 5 }), /expected at least 5 images, got 4/],
    [() => groupImages(set, { groups: 1 }), /groups.*from 2 to 256, got 1/],
    [() => groupImages(set, { groups: 257 }), /groups.*from 2 to 256, got 257/],
    [() => groupImages(set, { grops: 2 } as never), /grops/],
    [() => groupImages({ ...set, count: 3 }), /3136|2352/],
    [() => groupImages(undefined as never), /Cannot group images/],
  ];
  for (const [call, message] of cases) await assert.rejects(call, message);
});
