/**
 * The judge ranks real digits first, then damaged ones, then noise, and states the number of images.
 * Its results do not depend on the order of requested digits, or of MNIST's files.
 */
import assert from "node:assert/strict";
import { MNIST_PIXELS, type MnistSet, pixelsOf, Random } from "../../lib/data/mod.ts";
import {
  frechetDistance,
  Judge,
  labelAccuracy,
  modeHistogram,
  precisionAndRecall,
  totalVariation,
} from "../../lib/metrics/mod.ts";
import { blurred } from "./sets.ts";
import { joined } from "./small_mnist.ts";
import { briefly } from "./trained.ts";

const { classifier, mnist } = await briefly();
const { train, test } = mnist;
const judge = new Judge(classifier, mnist, { coverageSamples: 200 });

/** Returns the images of a set from position `from` on. */
function images(set: typeof test, { from, count }: { from: number; count: number }): Float32Array {
  return pixelsOf(set, Array.from({ length: count }, (_, i) => from + i));
}

function each(pixels: Float32Array, change: (image: Float32Array) => Float32Array): Float32Array {
  const starts = Array.from({ length: pixels.length / MNIST_PIXELS }, (_, i) => i * MNIST_PIXELS);
  return joined(starts.map((start) => change(pixels.subarray(start, start + MNIST_PIXELS))));
}

/** Chooses positions of digits in turn: one of each kind, repeatedly. */
function taking(
  turns: readonly (readonly number[])[],
  { from: { labels }, count }: { readonly from: MnistSet; readonly count: number },
): number[] {
  const kinds = turns.map((digits) =>
    [...labels].flatMap((label, position) => digits.includes(label) ? [position] : [])
  );
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % kinds.length]!;
    return kind[Math.floor(i / kinds.length) % kind.length]!;
  });
}

/** Selects images of a set. */
function reordered({ images, labels }: MnistSet, positions: readonly number[]): MnistSet {
  const chosen = new Uint8Array(positions.length * MNIST_PIXELS);
  positions.forEach((position, i) => {
    const start = position * MNIST_PIXELS;
    chosen.set(images.subarray(start, start + MNIST_PIXELS), i * MNIST_PIXELS);
  });
  return {
    count: positions.length,
    images: chosen,
    labels: Uint8Array.from(positions, (position) => labels[position]!),
  };
}

Deno.test("measure() gives what each measure gives alone", async () => {
  const pixels = images(train, { from: 700, count: test.count });
  const asked = train.labels.slice(700, 700 + test.count);
  const found = await new Judge(classifier, mnist).measure(pixels, { asked });
  const generated = await classifier.read(pixels);
  const real = await classifier.read(images(test, { from: 0, count: test.count }));
  assert.equal(found.samples, 600);
  assert.equal(found.classifierAccuracy, classifier.accuracy);
  assert.deepEqual(found.labels, generated.labels);
  assert.deepEqual(found.accuracy, labelAccuracy(asked, generated.labels));
  assert.deepEqual(found.modes.generated, modeHistogram(generated.labels));
  assert.deepEqual(found.modes.real, modeHistogram(real.labels));
  const { modes } = found;
  assert.equal(modes.distance.generated, totalVariation(modes.generated, modes.real));
  const distance = await frechetDistance(generated.features, real.features);
  assert(Math.abs(found.frechet.generated - distance) < 1e-9 * distance);
  const { samples, k } = found.coverage;
  assert.deepEqual([samples, k], [600, 3]);
  assert.deepEqual(
    found.coverage.generated,
    await precisionAndRecall(real.features, generated.features),
  );
});

Deno.test("measure() gives a row for each measure, with the direction that is better", async () => {
  const pixels = images(train, { from: 0, count: 100 });
  const { rows, frechet, coverage, modes } = await judge.measure(pixels);
  const [lower, higher] = [{ better: "lower ↓" }, { better: "higher ↑" }];
  const { generated, real } = coverage;
  assert.deepEqual(rows, [
    { measure: "Fréchet distance", ...lower, ...frechet, samples: 100 },
    {
      measure: "precision",
      ...higher,
      generated: generated.precision,
      real: real.precision,
      samples: 100,
    },
    { measure: "recall", ...higher, generated: generated.recall, real: real.recall, samples: 100 },
    { measure: "modes: total variation", ...lower, ...modes.distance, samples: 100 },
  ]);
  const asked = train.labels.slice(0, 100);
  const { rows: namedRows, accuracy } = await judge.measure(pixels, { asked });
  const [named, ...others] = namedRows;
  assert.deepEqual(others, rows.slice(0, 3)); // no total variation of shares that were requested
  assert.deepEqual(named, {
    measure: "named as asked",
    ...higher,
    generated: accuracy!.overall,
    real: classifier.accuracy,
    samples: 100,
  });
  // Columns of a table are in this order.
  assert.deepEqual(Object.keys(named!), ["measure", "better", "generated", "real", "samples"]);
});

Deno.test("real digits are judged like real ones, blurred ones worse, noise like noise", async () => {
  const count = 500;
  const real = images(train, { from: 1, count });
  const rng = new Random(99);
  const noise = new Float32Array(real.length).map(() => rng.uniform());
  const sets = [real, each(real, (image) => blurred(image, 3).map((p) => Math.min(1, p))), noise];
  const found = [];
  for (const set of sets) found.push(await judge.measure(set));
  const [good, blurry, noisy] = found.map(({ frechet, coverage }) => ({ frechet, coverage }));
  assert(good!.frechet.generated < 2 * good!.frechet.real);
  assert(blurry!.frechet.generated > 2 * good!.frechet.generated);
  assert(noisy!.frechet.generated > 2 * blurry!.frechet.generated);
  const ratio = noisy!.frechet.generated / noisy!.frechet.noise;
  assert(ratio > 0.9 && ratio < 1.1, `${ratio}`);
  assert(good!.coverage.generated.precision > 0.8);
  assert(Math.abs(good!.coverage.generated.recall - good!.coverage.real.recall) < 0.15);
  assert(noisy!.coverage.generated.precision < 0.05);
  assert.equal(found[0]!.accuracy, undefined);
});

Deno.test("missing digits are seen in the modes, wrong ones in the accuracy", async () => {
  const positions = [...train.labels].flatMap((label, i) => label < 5 ? [i] : []).slice(0, 300);
  const pixels = pixelsOf(train, positions);
  const right = positions.map((position) => train.labels[position]!);
  const { modes, accuracy } = await judge.measure(pixels, { asked: right });
  assert(modes.distance.generated > 0.4 && modes.distance.real < 0.15);
  assert(accuracy!.overall > 0.9);
  assert.equal(accuracy!.ofLabel[7], undefined);
  const wrong = right.map((label) => (label + 1) % 10);
  assert((await judge.measure(pixels, { asked: wrong })).accuracy!.overall < 0.1);
});

Deno.test("digits that were asked for in turn cover as much as the same digits in any order", async () => {
  const judge = new Judge(classifier, mnist, { coverageSamples: 60 });
  const eachInTurn = Array.from({ length: 10 }, (_, digit) => [digit]);
  const inTurn = taking(eachInTurn, { from: mnist.train, count: 600 });
  const mixed = new Random(1).shuffle([...inTurn]);
  const recalls: number[] = [];
  for (const positions of [inTurn, mixed]) {
    recalls.push((await judge.measure(pixelsOf(mnist.train, positions))).coverage.generated.recall);
  }
  assert(Math.abs(recalls[0]! - recalls[1]!) < 0.25, recalls.join(" ≠ "));
});

Deno.test("real against real does not see that two sources take turns in a file", async () => {
  const sources = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]];
  const inTurn = reordered(mnist.train, taking(sources, { from: mnist.train, count: 1800 }));
  const mixed = reordered(inTurn, new Random(1).shuffle([...inTurn.labels.keys()]));
  const real: { frechet: number; modes: number }[] = [];
  for (const train of [inTurn, mixed]) {
    const judge = new Judge(classifier, { train, test: mnist.test }, { coverageSamples: 20 });
    const { frechet, modes } = await judge.measure(new Float32Array(300 * MNIST_PIXELS));
    real.push({ frechet: frechet.real, modes: modes.distance.real });
  }
  assert(real[0]!.frechet < 2 * real[1]!.frechet, JSON.stringify(real));
  assert(real[0]!.modes < 0.25, JSON.stringify(real));
});

Deno.test("real digits and noise are measured once for each number of images", async () => {
  const fresh = new Judge(classifier, mnist, { coverageSamples: 50 });
  const { read } = classifier;
  let reads = 0;
  classifier.read = (...args) => {
    reads++;
    return read.apply(classifier, args);
  };
  const measure = async (count: number) => {
    reads = 0;
    return [await fresh.measure(images(train, { from: 0, count })), reads] as const;
  };
  try {
    const [first, readFirst] = await measure(100);
    const [again, readAgain] = await measure(100);
    assert.deepEqual(again, first);
    const [, readFewer] = await measure(60);
    assert.deepEqual([readFirst, readAgain, readFewer], [4, 1, 4]);
  } finally {
    classifier.read = read;
  }
});

Deno.test("measure() shows one bar that never goes back, and stops at the signal", async () => {
  const fresh = new Judge(classifier, mnist, { coverageSamples: 50 });
  const pixels = images(train, { from: 0, count: 120 });
  const reports: { step: number; steps: number; done: boolean }[] = [];
  const onProgress = (report: typeof reports[number]) => void reports.push(report);
  await fresh.measure(pixels, { onProgress, sliceMs: 0 });
  const last = reports.pop()!;
  assert(last.done && last.step === last.steps);
  assert(reports.every(({ done, steps }) => !done && steps === last.steps));
  assert(reports.every(({ step }, i) => i === 0 || step >= reports[i - 1]!.step));
  for (const after of [3, 40, 150]) {
    const controller = new AbortController();
    let [calls, ends] = [0, 0];
    const stopping = fresh.measure(pixels, {
      signal: controller.signal,
      sliceMs: 0,
      onProgress: ({ done }) => {
        if (++calls === after) controller.abort(new Error("enough"));
        if (done) ends++;
      },
    });
    await assert.rejects(stopping, { message: "enough" });
    assert.equal(ends, 1);
  }
  await fresh.measure(pixels); // a judge that was stopped can be used again
});

Deno.test("measure() refuses wrong arguments before it starts", async () => {
  const onProgress = () => assert.fail("it began");
  const image = (count: number) => new Float32Array(count * MNIST_PIXELS);
  const cases: readonly [Float32Array, readonly number[] | undefined, string][] = [
    [
      new Float32Array(5),
      undefined,
      "Cannot judge images: expected 784 pixels for each image, got 5 pixels",
    ],
    [
      image(4).fill(2),
      undefined,
      "Cannot judge images: expected pixels in [0, 1], got 2 in image 0",
    ],
    [
      image(4).fill(-1, 2 * MNIST_PIXELS - 1),
      undefined,
      "Cannot judge images: expected pixels in [0, 1], got -1 in image 1",
    ],
    [image(3), undefined, "Cannot judge images: expected from 4 to 600 images, got 3"],
    [image(601), undefined, "Cannot judge images: expected from 4 to 600 images, got 601"],
    [image(4), [1], "Cannot judge images: expected 4 requested labels, one for each image, got 1"],
    [
      image(4),
      [1, 2, 3, 10],
      "Cannot judge images: expected labels from 0 to 9, got 10 at position 3",
    ],
  ];
  for (const [pixels, asked, message] of cases) {
    const measure = () => judge.measure(pixels, { onProgress, ...(asked && { asked }) });
    await assert.rejects(measure, { name: "RangeError", message });
  }
  for (const options of [{ k: 0 }, { k: 1.5 }, { coverageSamples: 3 }, { coverageSamples: NaN }]) {
    assert.throws(() => new Judge(classifier, mnist, options), RangeError);
  }
  new Judge(classifier, mnist, { k: 999 }); // coverageSamples is 1,000 by default
  assert.throws(() => new Judge(classifier, mnist, { k: 1000 }), {
    name: "RangeError",
    message: "Cannot make a judge: expected coverageSamples above k, which is 1000, got 1000",
  });
});
