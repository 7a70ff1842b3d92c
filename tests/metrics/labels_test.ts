/** Histograms of labels, their distance, and the accuracy of each requested label. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { labelAccuracy, modeHistogram, totalVariation } from "../../lib/metrics/mod.ts";

const labels = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 200 });
const histograms = labels.map((all) => modeHistogram(all));

Deno.test("modeHistogram() gives the share of each label", () => {
  assert.deepEqual(modeHistogram(Uint8Array.of(2, 2, 0, 1), { classes: 4 }), [0.25, 0.25, 0.5, 0]);
  fc.assert(fc.property(labels, (all) => {
    const shares = modeHistogram(all);
    assert.equal(shares.length, 10);
    assert(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
    shares.forEach((share, label) => {
      const count = all.filter((other) => other === label).length;
      assert(Math.abs(share - count / all.length) < 1e-9);
    });
  }));
});

Deno.test("totalVariation() is a distance from 0 to 1", () => {
  fc.assert(fc.property(histograms, histograms, histograms, (a, b, c) => {
    assert.equal(totalVariation(a, a), 0);
    assert.equal(totalVariation(a, b), totalVariation(b, a));
    assert(totalVariation(a, b) <= 1 + 1e-9);
    assert(totalVariation(a, c) <= totalVariation(a, b) + totalVariation(b, c) + 1e-9);
  }));
  assert.equal(totalVariation([1, 0], [0, 1]), 1);
  assert.equal(totalVariation([0.5, 0.5, 0], [0.25, 0.5, 0.25]), 0.25);
});

Deno.test("totalVariation() grows by a mode's share with every mode that is missing", () => {
  const all = Array.from({ length: 1000 }, (_, i) => i % 10);
  for (let missing = 0; missing < 10; missing++) {
    const kept = modeHistogram(all.filter((label) => label >= missing));
    assert(Math.abs(totalVariation(modeHistogram(all), kept) - missing / 10) < 1e-9);
  }
});

Deno.test("labelAccuracy() counts what was asked and named", () => {
  const { overall, ofLabel, confusion } = labelAccuracy([0, 0, 1, 1, 1, 3], [0, 1, 1, 1, 2, 3], {
    classes: 4,
  });
  assert.equal(overall, 4 / 6);
  assert.deepEqual(ofLabel, [1 / 2, 2 / 3, undefined, 1]);
  assert.deepEqual(confusion, [[1, 1, 0, 0], [0, 2, 1, 0], [0, 0, 0, 0], [0, 0, 0, 1]]);
});

Deno.test("labelAccuracy() is 1 for equal labels and the mean over what was asked", () => {
  fc.assert(fc.property(labels, fc.nat(), (asked, seed) => {
    assert.equal(labelAccuracy(asked, asked).overall, 1);
    const named = asked.map((label, i) => (i * 7 + seed) % 3 === 0 ? label : (label + 1) % 10);
    const { overall, ofLabel } = labelAccuracy(asked, named);
    const shares = modeHistogram(asked);
    const mean = shares.reduce((sum, share, label) => sum + share * (ofLabel[label] ?? 0), 0);
    assert(Math.abs(overall - mean) < 1e-9);
  }));
});

Deno.test("wrong labels are refused", () => {
  const cases: readonly [() => unknown, string][] = [
    [() => modeHistogram([]), "Cannot count labels: expected labels, got none"],
    [
      () => modeHistogram([0, 10]),
      "Cannot count labels: expected labels from 0 to 9, got 10 at position 1",
    ],
    [
      () => modeHistogram([0.5]),
      "Cannot count labels: expected labels from 0 to 9, got 0.5 at position 0",
    ],
    [
      () => modeHistogram([0], { classes: 0 }),
      "Cannot count labels: expected classes to be a whole number from 1 to 256, got 0",
    ],
    [
      () => labelAccuracy([1, 2], [1]),
      "Cannot measure the accuracy of labels: expected as many named as asked labels, got 1 and 2",
    ],
    [
      () => labelAccuracy([1], [-1]),
      "Cannot measure the accuracy of labels: expected labels from 0 to 9, got -1 at position 0",
    ],
    [
      () => totalVariation([1], [0.5, 0.5]),
      "Cannot compare histograms: expected as many classes in both, got 1 and 2",
    ],
    [
      () => totalVariation([4, 6], [0.5, 0.5]),
      "Cannot compare histograms: expected shares from 0 on with the sum 1, got 4,6",
    ],
    [
      () => totalVariation([2, -1], [0.5, 0.5]),
      "Cannot compare histograms: expected shares from 0 on with the sum 1, got 2,-1",
    ],
    [
      () => totalVariation([NaN, 1], [0.5, 0.5]),
      "Cannot compare histograms: expected shares from 0 on with the sum 1, got NaN,1",
    ],
  ];
  for (const [run, message] of cases) assert.throws(run, { name: "RangeError", message });
});
