/** The Fréchet distance has the known values for normal distributions, and grows when it should. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "../../lib/data/mod.ts";
import { type Features, frechetDistance } from "../../lib/metrics/mod.ts";
import { type Gaussian, gaussianDistance, gaussianOf } from "../../lib/metrics/frechet.ts";
import {
  blurred,
  digits,
  mapped,
  modes,
  normalRows,
  referenceSets,
  rowsOf,
  tileFeatures,
} from "./sets.ts";

function assertClose(actual: number, expected: number, tolerance = 1e-9): void {
  const scale = Math.max(1, Math.abs(expected));
  assert(Math.abs(actual - expected) <= tolerance * scale, `${actual} ≠ ${expected}`);
}

function assertGrowing(values: readonly number[]): void {
  values.slice(1).forEach((value, i) => assert(value > values[i]!, `${values.join(" < ")}`));
}

const number = fc.double({ min: -5, max: 5, noNaN: true });
const deviation = fc.double({ min: 0, max: 5, noNaN: true });

/** Makes a diagonal matrix. */
function diagonal(values: readonly number[]): number[][] {
  return values.map((value, i) => values.map((_, j) => i === j ? value : 0));
}

Deno.test("gaussianDistance() is (m1 - m2)² + (s1 - s2)² for each independent number", () => {
  const column = fc.tuple(number, number, deviation, deviation);
  fc.assert(fc.property(fc.array(column, { minLength: 1, maxLength: 8 }), (columns) => {
    const gaussian = (mean: 0 | 1, spread: 2 | 3): Gaussian => ({
      mean: columns.map((c) => c[mean]),
      covariance: diagonal(columns.map((c) => c[spread] ** 2)),
    });
    const expected = columns.reduce(
      (sum, [m1, m2, s1, s2]) => sum + (m1 - m2) ** 2 + (s1 - s2) ** 2,
      0,
    );
    assertClose(gaussianDistance(gaussian(0, 2), gaussian(1, 3)), expected, 1e-7);
  }));
});

Deno.test("gaussianDistance() has the closed form of two correlated numbers", () => {
  // For 2 x 2 matrices, trace((AB)^½)² = trace(AB) + 2 sqrt(det(A) det(B)).
  const covariance = fc.tuple(deviation, deviation, fc.double({ min: -1, max: 1, noNaN: true }));
  const matrix = ([s, t, rho]: readonly [number, number, number]) => ({
    xx: s * s,
    xy: rho * s * t,
    yy: t * t,
    determinant: (s * t) ** 2 * (1 - rho ** 2),
  });
  const gaussian = ({ xx, xy, yy }: ReturnType<typeof matrix>): Gaussian => ({
    mean: [0, 0],
    covariance: [[xx, xy], [xy, yy]],
  });
  fc.assert(fc.property(covariance, covariance, (first, second) => {
    const [a, b] = [matrix(first), matrix(second)];
    const product = a.xx * b.xx + 2 * a.xy * b.xy + a.yy * b.yy;
    const shared = Math.sqrt(product + 2 * Math.sqrt(a.determinant * b.determinant));
    const expected = a.xx + a.yy + b.xx + b.yy - 2 * shared;
    assertClose(gaussianDistance(gaussian(a), gaussian(b)), Math.max(0, expected), 1e-6);
  }));
});

Deno.test("gaussianDistance() takes covariances from the smallest to large numbers", () => {
  for (const tiny of [5e-324, 1e-308, 1e-160, 1e-40]) {
    const crumbs: Gaussian = { mean: [0, 0], covariance: [[0, -tiny], [-tiny, 0.25]] };
    const none: Gaussian = { mean: [0, 0], covariance: [[0, 0], [0, 0]] };
    assertClose(gaussianDistance(crumbs, none), 0.25, 1e-12);
    assertClose(gaussianDistance(crumbs, crumbs), 0, 1e-12);
    const wide: Gaussian = { mean: [0, 0], covariance: [[1e12, tiny], [tiny, 4e12]] };
    assertClose(gaussianDistance(wide, none) / 5e12, 1, 1e-12);
  }
});

Deno.test("frechetDistance() is what NumPy's cov and SciPy's sqrtm give", async () => {
  const [x, y] = referenceSets();
  assertClose(await frechetDistance(x, y), 3.848673770615, 1e-9);
});

Deno.test("gaussianOf() gives means and covariances over n - 1", async () => {
  const values = Float32Array.of(1, 10, 2, 14, 3, 12);
  const { mean, covariance } = await gaussianOf({ values, width: 2 });
  assert.deepEqual(mean.map((value) => Math.round(value * 1e9) / 1e9), [2, 12]);
  assert.deepEqual(covariance, [[1, 1], [1, 4]]);
});

/** Makes sets of 3 to 40 samples of 1 to 6 numbers, also with fewer samples than numbers. */
const sets = fc.record({
  seed: fc.nat(),
  count: fc.integer({ min: 3, max: 40 }),
  width: fc.integer({ min: 1, max: 6 }),
});

Deno.test("frechetDistance() is zero on equal sets, in any order of their samples", async () => {
  await fc.assert(fc.asyncProperty(sets, async ({ seed, count, width }) => {
    const rng = new Random(seed);
    const set = normalRows(count, width, rng);
    const order = rng.shuffle(Array.from({ length: count }, (_, i) => i));
    assertClose(await frechetDistance(set, set), 0, 1e-6);
    assertClose(await frechetDistance(set, rowsOf(set, order)), 0, 1e-6);
  }));
});

Deno.test("frechetDistance() is symmetric and never negative", async () => {
  await fc.assert(fc.asyncProperty(sets, fc.integer({ min: 2, max: 9 }), async (set, other) => {
    const rng = new Random(set.seed);
    const a = normalRows(set.count, set.width, rng);
    const b = mapped(normalRows(other, set.width, rng), (value, column) => value * column + 1);
    const there = await frechetDistance(a, b);
    assert(there >= 0);
    assertClose(there, await frechetDistance(b, a), 1e-6);
  }));
});

Deno.test("frechetDistance() of a moved set is the length of the move squared; of a stretched one, what theory says", async () => {
  const factors = fc.double({ min: 0.1, max: 4, noNaN: true });
  await fc.assert(fc.asyncProperty(sets, number, factors, async (set, move, factor) => {
    const rows = normalRows(set.count, set.width, new Random(set.seed));
    const moved = mapped(rows, (value) => value + move);
    assertClose(await frechetDistance(rows, moved), set.width * move ** 2, 1e-6);
    const { mean, covariance } = await gaussianOf(rows);
    const spread = covariance.reduce((sum, row, i) => sum + row[i]!, 0);
    const length = mean.reduce((sum, value) => sum + value * value, 0);
    const stretched = mapped(rows, (value) => value * factor);
    const expected = (factor - 1) ** 2 * (spread + length);
    assertClose(await frechetDistance(rows, stretched), expected, 1e-6);
  }));
});

Deno.test("frechetDistance() grows with noise and with missing modes", async () => {
  const rng = new Random(1);
  const real = modes(10, 200, rng);
  const noise = [0, 0.5, 1, 2, 4].map((sd) => mapped(real, (value) => value + rng.normal(0, sd)));
  assertGrowing(await Promise.all(noise.map((set) => frechetDistance(real, set))));
  const missing = [10, 8, 6, 4, 2].map((kept) => modes(kept, 200, rng));
  assertGrowing(await Promise.all(missing.map((set) => frechetDistance(real, set))));
});

Deno.test("frechetDistance() of digits grows with noise, blur and missing digits, and is least real against real", async () => {
  const [{ images, labels }, other] = await digits();
  const real = tileFeatures(images);
  const distances = (sets: readonly (readonly Float32Array[])[]) =>
    Promise.all(sets.map((set) => frechetDistance(real, tileFeatures(set))));
  const rng = new Random(1);
  const noisy = (sd: number) =>
    other.images.map((image) => image.map((p) => p + rng.normal(0, sd)));
  const without = (missing: number) => other.images.filter((_, i) => other.labels[i]! >= missing);
  const [realAgainstReal] = await distances([other.images]);
  for (
    const sets of [
      [0.05, 0.1, 0.2, 0.4].map(noisy),
      [1, 2, 4, 8].map((times) => other.images.map((image) => blurred(image, times))),
      [4, 6, 8, 9].map(without),
    ]
  ) {
    assertGrowing([realAgainstReal!, ...await distances(sets)]);
  }
  assert(labels.length === 500 && realAgainstReal! > 0);
});

Deno.test("frechetDistance() reports progress and stops at an abort", async () => {
  const set = normalRows(50, 3, new Random(1));
  const reports: number[] = [];
  await frechetDistance(set, set, { sliceMs: 0, onProgress: ({ step }) => reports.push(step) });
  assert(reports.length > 50);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(() => frechetDistance(set, set, { signal }), { message: "enough" });
});

Deno.test("frechetDistance() refuses sets that cannot be compared", async () => {
  const good: Features = { values: new Float32Array(6), width: 2 };
  const cases: readonly [Features, string][] = [
    [{ values: new Float32Array(6), width: 3 }, "expected features of one width, got 2 and 3"],
    [
      { values: new Float32Array(5), width: 2 },
      "expected a multiple of 2 numbers, one row for each sample, got 5",
    ],
    [{ values: new Float32Array(2), width: 2 }, "expected at least 2 samples, got 1"],
    [
      { values: Float32Array.of(0, 0, 0, NaN), width: 2 },
      "expected finite features, got NaN in sample 1",
    ],
  ];
  for (const [bad, message] of cases) {
    await assert.rejects(() => frechetDistance(good, bad), {
      name: "RangeError",
      message: `Cannot measure a Fréchet distance: ${message}`,
    });
  }
});
