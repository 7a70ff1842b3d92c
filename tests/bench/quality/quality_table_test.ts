import assert from "node:assert/strict";
import type { Figures } from "./draws.ts";
import type { Quality } from "./notebook_run.ts";
import { explanation, meanAndSpread, qualityTable } from "./quality_table.ts";

const FIGURES: Figures = {
  named: 0.98,
  modes: undefined,
  rarest: undefined,
  frechet: 5,
  precision: 0.8,
  recall: 0.7,
  sure: 0.9,
  broken: 0.07,
  specks: 0.12,
  fineEnergy: 3,
  nearest: 5,
  namedBySecond: 0.97,
  sureBySecond: 0.85,
};

function quality(seed: number, named: readonly number[], changed: Partial<Quality> = {}): Quality {
  return {
    notebook: "04",
    seed,
    steps: 4000,
    seconds: 200,
    liveShare: 0.02,
    peakMiB: 900,
    tensors: 60,
    draws: named.map((share) => ({ ...FIGURES, named: share })),
    ...changed,
  };
}

const REAL: Figures = { ...FIGURES, named: 0.9936, modes: 0.01, rarest: 0.09, fineEnergy: 2 };

Deno.test("meanAndSpread() is the mean, the deviation of a draw, and the range of several seeds", () => {
  assert.equal(meanAndSpread([], 2), "");
  assert.equal(meanAndSpread([[], []], 2), "");
  assert.equal(meanAndSpread([[1]], 2), "1.00");
  assert.equal(meanAndSpread([[1], [2], [3]], 1), "2.0 (1.0–3.0)");
  assert.equal(meanAndSpread([[1, 2, 3]], 2), "2.00 ± 1.00");
  // Between the seeds there is more noise than between the draws.
  assert.equal(meanAndSpread([[9, 11], [19, 21]], 2), "15.00 ± 1.41 (10.00–20.00)");
});

Deno.test("qualityTable() has a row for each notebook and length, and one for real digits and noise", () => {
  const all = [
    quality(1, [0.95, 0.95]),
    quality(2, [0.97, 0.97]),
    quality(1, [0.98], { steps: 10_000 }),
  ];
  const [head, , ...rows] = qualityTable(all, { real: [REAL, REAL], noise: 600 }).split("\n");
  const columns = (row: string) => row.split("|").slice(1, -1).map((cell) => cell.trim());
  const titles = columns(head!);
  const cell = (row: number, title: string) => columns(rows[row]!)[titles.indexOf(title)];
  assert.deepEqual(rows.map((row) => columns(row)[0]), [
    "04, 4,000 steps",
    "04, 10,000 steps",
    "real digits",
    "noise images",
  ]);
  const list = (title: string) => rows.map((_, row) => cell(row, title));
  assert.deepEqual(list("named as asked, %"), [
    "96.00 ± 0.00 (95.00–97.00)",
    "98.00",
    "99.36 ± 0.00",
    "",
  ]);
  assert.deepEqual(list("named as asked by the second judge, %").slice(1, 2), ["97.00"]);
  assert.deepEqual(list("sure by the second judge, %").slice(1), ["85.0", "85.0 ± 0.0", ""]);
  assert.deepEqual(list("modes, TV"), ["", "", "0.010 ± 0.000", ""]);
  assert.deepEqual(list("Fréchet").slice(1), ["5.00", "5.00 ± 0.00", "600.00"]);
  assert.deepEqual(list("fine energy, of real").slice(1), ["1.50", "1.00 ± 0.00", ""]);
  assert.deepEqual(list("sure (> .9), %").slice(1), ["90.0", "90.0 ± 0.0", ""]);
  assert.deepEqual(list("broken strokes, %").slice(1, 2), ["7.0"]);
  assert.deepEqual(list("seconds"), ["200 (200–200)", "200", "", ""]);
});

Deno.test("explanation() says how many draws and images there were", () => {
  assert.match(explanation({ draws: 5, count: 10_000 }), /5 draws of 10,000 images/);
});
