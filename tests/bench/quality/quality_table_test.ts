import assert from "node:assert/strict";
import type { Quality } from "./notebook_run.ts";
import { meanAndSpread, qualityTable } from "./quality_table.ts";

function quality(seed: number, overall: number, changed: Partial<Quality> = {}): Quality {
  const coverage = { precision: 0.8, recall: 0.7 };
  return {
    notebook: "04",
    seed,
    steps: 4000,
    seconds: 200,
    liveShare: 0.02,
    peakMiB: 900,
    tensors: 60,
    verdict: {
      samples: 10_000,
      classifierAccuracy: 0.9936,
      accuracy: { overall, ofLabel: [overall] },
      modes: { generated: [0.4, 0.6], distance: { generated: 0.1, real: 0.01 } },
      frechet: { generated: 5, real: 2, noise: 600 },
      coverage: { generated: coverage, real: coverage },
    },
    ...changed,
  };
}

Deno.test("meanAndSpread() is the mean, and the range where there are several", () => {
  assert.equal(meanAndSpread([], 2), "");
  assert.equal(meanAndSpread([1], 2), "1.00");
  assert.equal(meanAndSpread([1, 2, 3], 1), "2.0 (1.0–3.0)");
});

Deno.test("qualityTable() has a row for each notebook and length, and one for real digits and noise", () => {
  const table = qualityTable([
    quality(1, 0.95),
    quality(2, 0.97),
    quality(1, 0.98, { steps: 10_000 }),
  ]);
  const rows = table.split("\n").slice(2);
  assert.equal(rows.length, 4);
  assert.match(rows[0]!, /^\| 04, 4,000 steps \| 200 \(200–200\) \| 96\.00 \(95\.00–97\.00\) \|/);
  assert.match(rows[1]!, /^\| 04, 10,000 steps \| 200 \| 98\.00 \| 0\.100 \| 40\.0 \|/);
  assert.match(rows[2]!, /^\| real digits \| {2}\| 99\.36 \| 0\.010 \|/);
  assert.match(rows[3]!, /^\| noise images \|.*600\.00/);
});
