/** Each damage of digits moves the measure of an inspector that is for it, and the others little. */
import assert from "node:assert/strict";
import { MNIST_PIXELS, pixelsOf, Random } from "../../lib/data/mod.ts";
import {
  type Appearance,
  Classifier,
  countStrokes,
  fineEnergy,
  Inspector,
  nearestImages,
} from "../../lib/metrics/mod.ts";
import { blurred } from "./sets.ts";
import { joined } from "./small_mnist.ts";
import { briefly } from "./trained.ts";

const { classifier, mnist } = await briefly();
const { train, test } = mnist;
const inspector = new Inspector(classifier, mnist, { nearestSamples: 200 });
const clamped = (value: number) => Math.min(1, Math.max(0, value));

/** Test images that the damages below are done to, at positions of one parity. */
const half = (parity: number) =>
  [...test.labels.keys()].filter((i) => i % 2 === parity).map((i) => pixelsOf(test, [i]));
const whole = await look(half(0));

async function look(images: readonly Float32Array[]): Promise<Appearance> {
  return (await inspector.inspect(joined(images))).generated;
}

/** Tells by how much each measure has changed: shares by a difference, the others by a factor. */
function changes(to: Appearance, from: Appearance): Record<keyof Appearance, number> {
  return {
    sure: to.sure - from.sure,
    broken: to.broken - from.broken,
    specks: to.specks - from.specks,
    fineEnergy: to.fineEnergy / from.fineEnergy,
    nearest: to.nearest / from.nearest,
  };
}

/** Asserts that each change is within its bounds; those of measures that should stay are narrow. */
function assertChanges(
  to: Appearance,
  bounds: Partial<Record<keyof Appearance, readonly [from: number, to: number]>>,
): void {
  const narrow = {
    sure: [-0.06, 0.06],
    broken: [-0.02, 0.03],
    specks: [-0.03, 0.03],
    fineEnergy: [0.85, 1.15],
    nearest: [0.9, 1.1],
  } as const;
  const found = changes(to, whole);
  for (const [measure, [low, high]] of Object.entries({ ...narrow, ...bounds })) {
    const change = found[measure as keyof Appearance];
    assert(change >= low && change <= high, `${measure}: ${change} of ${low} to ${high}`);
  }
}

Deno.test("real digits have about the same values as other real digits", async () => {
  assertChanges(await look(half(1)), {});
  const { generated, real } = await inspector.inspect(joined([...half(0), ...half(1)]));
  for (const [name, value] of Object.entries(generated)) { // in another order sums round differently
    const other = real[name as keyof Appearance];
    if (name === "nearest") assert(Math.abs(value / other - 1) < 0.1);
    else assert(Math.abs(value - other) < 1e-9, name);
  }
});

Deno.test("cut strokes are broken, and make the classifier less sure", async () => {
  const cut = half(0).map((image) => image.map((ink, p) => p < 364 || p >= 420 ? ink : 0)); // rows 13, 14
  assertChanges(await look(cut), {
    broken: [0.9, 1],
    sure: [-0.7, -0.1],
    specks: [-0.03, 0.15],
    fineEnergy: [1, 1.4],
    nearest: [1, 1.4],
  });
});

Deno.test("noise makes specks, and raises the energy at high frequencies", async () => {
  const rng = new Random(1);
  const noisy = half(0).map((image) => image.map((ink) => clamped(ink + rng.normal(0, 0.1))));
  assertChanges(await look(noisy), {
    specks: [0.3, 1],
    fineEnergy: [1.3, 3],
    nearest: [1, 1.3],
    sure: [-0.25, 0.02],
  });
});

Deno.test("a speck on every image is seen, and nearly nothing else changes", async () => {
  const dotted = half(0).map((image) => image.map((ink, p) => p === 29 ? 1 : ink));
  assertChanges(await look(dotted), { specks: [0.9, 1], fineEnergy: [1, 1.3] });
});

Deno.test("blur takes the energy at high frequencies away, and does not break strokes", async () => {
  const smooth = half(0).map((image) => blurred(image, 1).map(clamped));
  assertChanges(await look(smooth), {
    fineEnergy: [0, 0.1],
    sure: [-0.25, 0.02],
    nearest: [0.75, 1.1],
  });
});

Deno.test("missing digits are not seen in single images", async () => {
  const few = half(0).filter((_, i) => test.labels[2 * i]! % 2 === 0);
  assertChanges(await look(few), { sure: [-0.06, 0.15] }); // the digits that are left are easier
});

Deno.test("copies of training images are at the distance 0", async () => {
  const positions = Array.from({ length: 100 }, (_, i) => 7 * i);
  const { nearest } = await look(positions.map((position) => pixelsOf(train, [position])));
  assert(nearest < 1e-4, `${nearest}`);
});

Deno.test("images between two digits make the classifier less sure", async () => {
  const images = half(0);
  const between = images.map((image, i) =>
    image.map((ink, p) => (ink + images.at(i - 1)![p]!) / 2)
  );
  assert((await look(between)).sure < whole.sure - 0.2);
});

Deno.test("inspect() gives what each measure gives alone", async () => {
  const pixels = joined(half(1).slice(0, 60));
  const found = await new Inspector(classifier, mnist).inspect(pixels);
  const { confidence } = await classifier.read(pixels);
  const { strokes, specks } = countStrokes(pixels);
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const expected = {
    sure: mean([...confidence].map((value) => Number(value > 0.9))),
    broken: mean([...strokes].map((count) => Number(count > 1))),
    specks: mean([...specks].map((count) => Number(count > 0))),
    fineEnergy: mean(fineEnergy(pixels)),
    nearest: mean(nearestImages(train, pixels).map(({ distance }) => distance)),
  };
  assert.deepEqual([found.samples, found.nearestSamples], [60, 60]);
  for (const [name, value] of Object.entries(expected)) {
    assert(Math.abs(found.generated[name as keyof Appearance] - value) < 1e-9, name);
  }
  assert.deepEqual(found.rows.map((row) => [row.generated, row.real, row.samples]), [
    ...(["sure", "broken", "specks", "fineEnergy", "nearest"] as const).map((name) => [
      found.generated[name],
      found.real[name],
      60,
    ]),
  ]);
});

Deno.test("strokes are broken only if there are more than the label usually has", async () => {
  // Each image is a pair of equal bars, so that two strokes are usual.
  const bars = Uint8Array.from({ length: 20 * MNIST_PIXELS }, (_, p) => p % 28 % 8 < 4 ? 0 : 255);
  const pairs = bars.map((ink, p) => p % 28 < 16 ? ink : 0);
  const labels = Uint8Array.from({ length: 20 }, (_, i) => i % 10);
  const set = { count: 20, images: pairs, labels };
  const other = new Inspector(new Classifier(), { train: set, test: set });
  const share = async (images: Uint8Array) =>
    (await other.inspect(Float32Array.from(images, (ink) => ink / 255))).generated.broken;
  assert.deepEqual([await share(pairs), await share(bars)], [0, 1]);
});

Deno.test("an empty image, a full one and a single one have values", async () => {
  const images = [new Float32Array(MNIST_PIXELS), new Float32Array(MNIST_PIXELS).fill(1)];
  for (const image of images) {
    const { samples, generated, real } = await inspector.inspect(image);
    assert.equal(samples, 1);
    assert.deepEqual([generated.broken, generated.specks], [0, 0]);
    assert(generated.fineEnergy < 1e-6 && generated.nearest > 1);
    for (const value of [...Object.values(generated), ...Object.values(real)]) {
      assert(Number.isFinite(value));
    }
  }
});

Deno.test("real digits are inspected once for each number of images", async () => {
  const fresh = new Inspector(classifier, mnist, { nearestSamples: 2 });
  const { read } = classifier;
  let reads = 0;
  classifier.read = (...args) => {
    reads++;
    return read.apply(classifier, args);
  };
  try {
    const counts: number[] = [];
    for (const count of [30, 30, 20]) {
      reads = 0;
      await fresh.inspect(joined(half(0).slice(0, count)));
      counts.push(reads);
    }
    assert.deepEqual(counts, [2, 1, 2]);
  } finally {
    classifier.read = read;
  }
});

Deno.test("inspect() shows one bar that never goes back, and stops at the signal", async () => {
  const fresh = new Inspector(classifier, mnist, { nearestSamples: 20 });
  const pixels = joined(half(0).slice(0, 100));
  const controller = new AbortController();
  const stopping = fresh.inspect(pixels, {
    signal: controller.signal,
    sliceMs: 0,
    onProgress: () => controller.abort(new Error("enough")),
  });
  await assert.rejects(stopping, { message: "enough" });
  const reports: { step: number; steps: number; done: boolean }[] = [];
  await fresh.inspect(pixels, { onProgress: (report) => void reports.push(report), sliceMs: 0 });
  const last = reports.pop()!;
  assert(last.done && last.step === last.steps && last.steps === 100);
  assert(reports.length > 50 && reports.every(({ done }) => !done));
  assert(reports.every(({ step }, i) => i === 0 || step >= reports[i - 1]!.step));
});

Deno.test("an inspector refuses wrong arguments before it starts", async () => {
  const onProgress = () => assert.fail("it began");
  const refused = (pixels: Float32Array, message: string) =>
    assert.rejects(inspector.inspect(pixels, { onProgress }), {
      name: "RangeError",
      message: `Cannot inspect images: ${message}`,
    });
  await refused(new Float32Array(5), "expected 784 pixels for each image, got 5 pixels");
  await refused(new Float32Array(784).fill(2), "expected pixels in [0, 1], got 2 in image 0");
  await refused(new Float32Array(601 * 784), "expected at most 600 images, got 601");
  assert.throws(() => new Inspector(new Classifier({ classes: 7 }), mnist), {
    name: "RangeError",
    message: "Cannot make an inspector: expected a classifier of 10 labels, as many as the data " +
      "have, got one of 7",
  });
  assert.throws(() => new Inspector(classifier, mnist, { nearestSamples: 0 }), RangeError);
  assert.throws(() => new Inspector(classifier, mnist, { k: 3 } as object), TypeError);
});
