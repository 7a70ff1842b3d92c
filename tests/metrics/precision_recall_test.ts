/** Precision and recall follow the paper's definition, and each reacts to its own faults. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "../../lib/data/mod.ts";
import { type Features, precisionAndRecall, type PrecisionRecall } from "../../lib/metrics/mod.ts";
import { blurred, digits, mapped, modes, normalRows, referenceSets, tileFeatures } from "./sets.ts";

/** Computes precision and recall literally as defined. */
function byDefinition(real: Features, generated: Features, k: number): PrecisionRecall {
  const rows = ({ values, width }: Features) =>
    Array.from(
      { length: values.length / width },
      (_, i) => [...values.slice(i * width, (i + 1) * width)],
    );
  const squared = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
  const covered = (set: Features, by: Features) => {
    const centres = rows(by);
    const radii = centres.map((centre) =>
      centres.map((other) => squared(centre, other)).sort((a, b) => a - b)[k]! // [0] is the point itself
    );
    const inside = rows(set).filter((row) => centres.some((c, j) => squared(row, c) <= radii[j]!));
    return inside.length / rows(set).length;
  };
  return { precision: covered(generated, real), recall: covered(real, generated) };
}

function assertFalling(values: readonly number[]): void {
  values.slice(1).forEach((value, i) => assert(value < values[i]!, values.join(" > ")));
}

Deno.test("precisionAndRecall() is the definition, on sets of any size and width", async () => {
  const sizes = fc.record({
    seed: fc.nat(),
    reals: fc.integer({ min: 6, max: 25 }),
    fakes: fc.integer({ min: 6, max: 25 }),
    width: fc.constantFrom(1, 2, 15, 16, 17, 40),
    k: fc.integer({ min: 1, max: 5 }),
  });
  await fc.assert(fc.asyncProperty(sizes, async ({ seed, reals, fakes, width, k }) => {
    const rng = new Random(seed);
    // With whole numbers, equal distances are common.
    const real = mapped(normalRows(reals, width, rng), (value) => Math.round(2 * value));
    const fake = mapped(normalRows(fakes, width, rng), (value) => Math.round(2 * value + 1));
    assert.deepEqual(await precisionAndRecall(real, fake, { k }), byDefinition(real, fake, k));
  }));
});

Deno.test("precisionAndRecall() is what sorting all distances in NumPy gives", async () => {
  const [x, y] = referenceSets();
  assert.deepEqual(await precisionAndRecall(x, y), { precision: 0.55, recall: 0.97 });
});

Deno.test("precisionAndRecall() is 1 on equal sets and 0 on sets far apart; sets swapped swap it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const rng = new Random(seed);
      const real = normalRows(30, 4, rng);
      const near = mapped(normalRows(40, 4, rng), (value) => value * 0.7 + 0.3);
      const far = mapped(real, (value) => value + 1000);
      assert.deepEqual(await precisionAndRecall(real, real), { precision: 1, recall: 1 });
      assert.deepEqual(await precisionAndRecall(real, far), { precision: 0, recall: 0 });
      const { precision, recall } = await precisionAndRecall(real, near);
      assert.deepEqual(await precisionAndRecall(near, real), {
        precision: recall,
        recall: precision,
      });
    }),
    { numRuns: 20 },
  );
});

Deno.test("missing modes cost recall alone, samples between the modes cost precision alone", async () => {
  const rng = new Random(1);
  const real = modes(10, 60, rng);
  for (const kept of [9, 7, 5, 2]) {
    const { precision, recall } = await precisionAndRecall(real, modes(kept, 60, rng));
    assert(precision > 0.9, `precision ${precision} with ${kept} modes`);
    assert(Math.abs(recall - kept / 10) < 0.06, `recall ${recall} with ${kept} modes`);
  }
  for (const share of [3, 7]) { // every third or seventh row is moved to the middle
    const between = mapped(modes(10, 60, rng), (value, _, row) => row % share ? value : value / 2);
    const { precision, recall } = await precisionAndRecall(real, between);
    assert(
      Math.abs(precision - (1 - 1 / share)) < 0.06,
      `precision ${precision} of 1 - 1/${share}`,
    );
    assert(recall > 0.9, `recall ${recall}`);
  }
});

Deno.test("precision of digits falls with noise and blur, recall with missing digits", async () => {
  const [first, second] = await digits();
  const images = second.images.slice(0, 250);
  const real = tileFeatures(first.images.slice(0, 250));
  const measure = (set: readonly Float32Array[]) => precisionAndRecall(real, tileFeatures(set));
  const rng = new Random(1);
  const precisions = async (sets: readonly (readonly Float32Array[])[]) =>
    (await Promise.all(sets.map(measure))).map(({ precision }) => precision);
  const noisy = (sd: number) => images.map((image) => image.map((p) => p + rng.normal(0, sd)));
  assertFalling(await precisions([0, 0.1, 0.2, 0.3].map(noisy)));
  const smooth = (times: number) => images.map((image) => blurred(image, times));
  assertFalling(await precisions([0, 2, 4, 8].map(smooth)));
  const without = (missing: number) =>
    second.images.filter((_, i) => second.labels[i]! >= missing).slice(0, 60);
  const recalls = (await Promise.all([0, 4, 7, 9].map(without).map(measure)))
    .map(({ recall }) => recall);
  assertFalling(recalls);
});

Deno.test("precisionAndRecall() reports progress over all its work", async () => {
  const rng = new Random(1);
  const steps: number[] = [];
  await precisionAndRecall(normalRows(20, 2, rng), normalRows(10, 2, rng), {
    sliceMs: 0,
    onProgress: ({ step, steps: all }) => steps.push(step / all),
  });
  assert(steps.length > 60 && steps.at(-1) === 1);
});

Deno.test("precisionAndRecall() refuses wrong sets and k", async () => {
  const set = normalRows(4, 2, new Random(1));
  const cases: readonly [Features, k: number, message: string][] = [
    [set, 0, "expected k to be a whole number from 1 on, got 0"],
    [set, 1.5, "expected k to be a whole number from 1 on, got 1.5"],
    [set, 4, "expected at least 5 samples, got 4"],
    [{ ...set, width: 4 }, 1, "expected features of one width, got 4 and 2"],
  ];
  for (const [real, k, message] of cases) {
    await assert.rejects(() => precisionAndRecall(real, set, { k }), {
      name: "RangeError",
      message: `Cannot measure precision and recall: ${message}`,
    });
  }
});
