/** A classifier recognizes digits, and distances of sets on its features are sensible. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { MNIST_PIXELS, Random } from "../../lib/data/mod.ts";
import { Classifier, type Features, frechetDistance } from "../../lib/metrics/mod.ts";
import { CLASSIFIER_FEATURES } from "../../lib/metrics/classifier.ts";
import { blurred, digits, rowsOf } from "./sets.ts";
import { joined } from "./small_mnist.ts";
import { briefly } from "./trained.ts";

const { classifier } = await briefly();
const [first, second] = await digits();
const real = await featuresOf(first.images);

async function featuresOf(images: readonly Float32Array[]): Promise<Features> {
  return (await classifier.read(joined(images))).features;
}

async function distances(sets: readonly (readonly Float32Array[])[]): Promise<number[]> {
  const found: number[] = [];
  for (const set of sets) found.push(await frechetDistance(real, await featuresOf(set)));
  return found;
}

/** In other rows of a batch, matrix products may round differently. */
function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert(Math.abs(actual[i]! - expected[i]!) < 1e-4, `${actual[i]} ≠ ${expected[i]} at ${i}`);
  }
}

function assertGrowing(values: readonly number[]): void {
  values.slice(1).forEach((value, i) => assert(value > values[i]!, values.join(" < ")));
}

Deno.test("a briefly trained classifier recognizes most test digits", async () => {
  assert(classifier.accuracy > 0.9, `${classifier.accuracy}`);
  const { labels, confidence } = await classifier.read(joined(first.images));
  const isRight = [...labels].map((label, i) => label === first.labels[i]);
  assert(isRight.filter(Boolean).length > 0.9 * labels.length);
  const mean = (right: boolean) => {
    const chosen = [...confidence].filter((_, i) => isRight[i] === right);
    return chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
  };
  assert(mean(true) > mean(false), "it is surer where it is right");
  assert(confidence.every((value) => value >= 0.1 && value <= 1));
});

Deno.test("a classifier has from 2 to 256 classes", () => {
  for (const classes of [2, 256]) assert.equal(new Classifier({ classes }).classes, classes);
  for (const classes of [1, 257]) {
    assert.throws(() => new Classifier({ classes }), /expected classes .* from 2 to 256, got /);
  }
});

Deno.test("a classifier looks at squares of 5 by 5 pixels, a pooled one of 3 by 3", async () => {
  const pooled = new Classifier({ network: "pooled" });
  for (const [{ model }, side] of [[classifier, 5], [pooled, 3]] as const) {
    const shapes = model.getWeights().map(({ shape }) => shape);
    const kernels = shapes.filter(({ length }) => length === 4);
    assert.deepEqual(kernels.map(([height, width]) => [height, width]), [[side, side], [
      side,
      side,
    ]]);
  }
  const { features } = await pooled.read(new Float32Array(784));
  assert.equal(features.values.length, CLASSIFIER_FEATURES);
});

Deno.test("a briefly trained pooled classifier recognizes most test digits", async () => {
  const { classifier } = await briefly({ network: "pooled" });
  assert(classifier.accuracy > 0.9, `${classifier.accuracy}`);
});

Deno.test("read() gives the same for an image whatever the other images are", async () => {
  const all = await classifier.read(joined(first.images));
  const ranges = fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 130 }));
  const property = fc.asyncProperty(ranges, async ([start, count]) => {
    const part = await classifier.read(joined(first.images.slice(start, start + count)));
    const end = start + count;
    assert.deepEqual(part.labels, all.labels.slice(start, end));
    assertClose(part.confidence, all.confidence.slice(start, end));
    const width = CLASSIFIER_FEATURES;
    assert.equal(part.features.width, width);
    assertClose(part.features.values, all.features.values.slice(start * width, end * width));
  });
  await fc.assert(property, { numRuns: 10, examples: [[[7, 50]], [[0, 1]], [[3, 51]]] });
});

Deno.test("read() gives the hidden layer and the largest of the model's own logits", async () => {
  const images = first.images.slice(0, 8);
  const { labels, confidence, features } = await classifier.read(joined(images));
  const logits = classifier.forward(joined(images));
  assert.equal(features.values.length, 8 * CLASSIFIER_FEATURES);
  assert(features.values.every((value) => value >= 0), "after the ReLU");
  const [kernel, bias] = classifier.model.getWeights().slice(-2).map((weight) => weight.dataSync());
  for (let i = 0; i < 8; i++) {
    const row = [...logits.slice(10 * i, 10 * (i + 1))];
    assert.equal(labels[i], row.indexOf(Math.max(...row)));
    const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
    assert(Math.abs(confidence[i]! - Math.exp(Math.max(...row)) / sum) < 1e-4);
    row.forEach((logit, digit) => {
      let expected = bias![digit]!;
      for (let j = 0; j < CLASSIFIER_FEATURES; j++) {
        expected += features.values[i * CLASSIFIER_FEATURES + j]! * kernel![10 * j + digit]!;
      }
      assert(Math.abs(logit - expected) < 1e-3, `${logit} ≠ ${expected}`);
    });
  }
});

Deno.test("on its features equal sets have the distance 0, and distances are symmetric", async () => {
  const other = await featuresOf(second.images);
  const [there, back] = [await frechetDistance(real, other), await frechetDistance(other, real)];
  assert(Math.abs(there - back) < 1e-6 * there, `${there} ≠ ${back}`);
  assert(await frechetDistance(real, real) < 1e-6 * there);
});

Deno.test("on its features distances grow with noise, with blur and with missing digits", async () => {
  const rng = new Random(1);
  const clamped = (value: number) => Math.min(1, Math.max(0, value));
  const noisy = (sd: number) =>
    second.images.map((image) => image.map((pixel) => clamped(pixel + rng.normal(0, sd))));
  assertGrowing(await distances([0, 0.1, 0.2, 0.4].map(noisy)));
  const smooth = (times: number) =>
    second.images.map((image) => blurred(image, times).map((pixel) => clamped(pixel)));
  assertGrowing(await distances([0, 1, 2, 4].map(smooth)));
  const all = await featuresOf(second.images);
  const without: number[] = [];
  for (const missing of [0, 2, 5, 8]) {
    const rows = second.labels.flatMap((label, row) => label >= missing ? [row] : []);
    without.push(await frechetDistance(real, rowsOf(all, rows.slice(0, 90))));
  }
  assertGrowing(without);
});

Deno.test("read() reports every slice and stops at the signal", async () => {
  const pixels = joined(first.images);
  const reports: string[] = [];
  await classifier.read(pixels, {
    sliceMs: 0,
    onProgress: ({ step, steps, done }) => reports.push(`${step}/${steps}${done ? "!" : ""}`),
  });
  assert.deepEqual(reports.slice(0, 2), ["0/25", "1/25"]);
  assert.equal(reports.at(-1), "25/25!");
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(() => classifier.read(pixels, { signal }), { message: "enough" });
});

Deno.test("train() lowers the loss of a batch and moves nothing at the rate 0", () => {
  const untrained = new Classifier({ rng: new Random(3) });
  assert(Number.isNaN(untrained.accuracy));
  const pixels = joined(first.images.slice(0, 10));
  const labels = first.labels.slice(0, 10);
  const losses = [0.001, 0.001, 0.001, 0, 0, 0].map((learningRate) =>
    untrained.train(pixels, labels, { learningRate })
  );
  assertGrowing(losses.slice(0, 4).reverse());
  const still = untrained.forward(pixels);
  untrained.train(pixels, labels, { learningRate: 0 });
  assert.deepEqual(untrained.forward(pixels), still);
  assert.equal(untrained.counter, 7);
});

Deno.test("read() and train() refuse wrong images before anything changes", async () => {
  const bad = (value: number) => {
    const pixels = new Float32Array(3 * MNIST_PIXELS);
    pixels[2 * MNIST_PIXELS + 5] = value;
    return pixels;
  };
  const cases: readonly [Float32Array, string][] = [
    [new Float32Array(0), "expected 784 pixels for each image, got 0 pixels"],
    [new Float32Array(785), "expected 784 pixels for each image, got 785 pixels"],
    [bad(NaN), "expected pixels in [0, 1], got NaN in image 2"],
    [bad(-0.5), "expected pixels in [0, 1], got -0.5 in image 2"],
    [bad(1.5), "expected pixels in [0, 1], got 1.5 in image 2"],
  ];
  const { counter } = classifier;
  for (const [pixels, reason] of cases) {
    const refusal = (task: string) => ({
      name: "RangeError",
      message: `Cannot ${task}: ${reason}`,
    });
    await assert.rejects(() => classifier.read(pixels), refusal("read digits"));
    assert.throws(() => classifier.train(pixels, [1, 2, 3]), refusal("train the classifier"));
  }
  await assert.rejects(() => classifier.read([0.5] as unknown as Float32Array), TypeError);
  assert.throws(() => classifier.train(bad(0), [1, 2]), {
    name: "RangeError",
    message: "Cannot train the classifier: expected 3 labels, one for each image, got 2",
  });
  assert.throws(() => classifier.train(bad(0), [1, 2, 10]), RangeError);
  assert.equal(classifier.counter, counter);
});
