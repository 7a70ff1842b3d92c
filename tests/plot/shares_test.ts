/** Bars that compare shares: they begin at 0, and say what they are. */
import assert from "node:assert/strict";
import { accuracyFigure, type Figure, histogramFigure } from "../../lib/plot/mod.ts";

interface Bars {
  readonly type: string;
  readonly name: string;
  readonly x: readonly string[];
  readonly y: readonly (number | null)[];
  readonly text?: readonly string[];
}

function barsOf({ data }: Figure): Bars[] {
  return data as unknown as Bars[];
}

Deno.test("histogramFigure() puts the shares of real and generated samples side by side", () => {
  const figure = histogramFigure({ generated: [0.75, 0.25], real: [0.5, 0.5] });
  assert.deepEqual(barsOf(figure).map(({ type, name, x, y }) => ({ type, name, x, y })), [
    { type: "bar", name: "real", x: ["0", "1"], y: [0.5, 0.5] },
    { type: "bar", name: "generated", x: ["0", "1"], y: [0.75, 0.25] },
  ]);
  assert.equal(figure.layout.barmode, "group");
  assert.equal(figure.layout.yaxis!.rangemode, "tozero");
  assert.equal(figure.layout.xaxis!.type, "category");
});

Deno.test("accuracyFigure() writes the number on each bar, from 0 on", () => {
  const figure = accuracyFigure([1, 0.9734, 0, undefined, 0.9999, 0.0001], { overall: 0.973 });
  const [bars, ...others] = barsOf(figure);
  assert.equal(others.length, 0);
  assert.deepEqual(bars!.y, [1, 0.9734, 0, null, 0.9999, 0.0001]);
  // Only what is all or nothing says so.
  assert.deepEqual(bars!.text, ["100 %", "97.3 %", "0 %", "", "99.9 %", "0.1 %"]);
  const [low, high] = figure.layout.yaxis!.range as [number, number];
  assert.equal(low, 0);
  assert(high > 1);
  assert.equal(figure.layout.title!.subtitle!.text, "97.3 % of all samples");
  assert.equal("subtitle" in accuracyFigure([1]).layout.title!, false);
});

Deno.test("accuracyFigure() and histogramFigure() take labels of their own as text", () => {
  const labels = ["<b>", "coat"];
  const figures = [
    accuracyFigure([1, 0], { labels }),
    histogramFigure({ generated: [1, 0], real: [0, 1] }, { labels }),
  ];
  for (const figure of figures) assert.deepEqual(barsOf(figure)[0]!.x, ["&lt;b&gt;", "coat"]);
});

Deno.test("accuracyFigure() and histogramFigure() refuse what is no share, and other lengths", () => {
  const refused: [() => unknown, string][] = [
    [() => accuracyFigure([0.5, 1.2]), "accuracies: expected shares from 0 to 1, got 1.2 for 1"],
    [() => accuracyFigure([NaN]), "accuracies: expected shares from 0 to 1, got NaN for 0"],
    [
      () => accuracyFigure([1], { overall: 97 }),
      "accuracies: expected shares from 0 to 1, got 97 for overall",
    ],
    [
      () => histogramFigure({ generated: [1, 0], real: [1] }),
      "a histogram: expected 2 shares, one for each label, got 1",
    ],
    [
      () => histogramFigure({ generated: [1, 0], real: [2, -1] }),
      "a histogram: expected shares from 0 to 1, got 2 for 0",
    ],
  ];
  for (const [run, words] of refused) {
    assert.throws(run, { name: "RangeError", message: `Cannot draw ${words}` });
  }
});
