/** Shares of labels: bars start at 0, points need not, and both state their values. */
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

Deno.test("accuracyFigure() writes the number at each point; the axis begins at 90 % or lower", () => {
  const figure = accuracyFigure([1, 0.9734, 0, undefined, 0.9999, 0.0001], { overall: 0.973 });
  const [points, ...others] = barsOf(figure);
  assert.equal(others.length, 0);
  assert.deepEqual(points!.y, [1, 0.9734, 0, null, 0.9999, 0.0001]);
  // Only exact values are shown as 0 % and 100 %.
  assert.deepEqual(points!.text, ["100", "97.3", "0", "", "99.9", "0.1"]);
  assert.equal(figure.layout.title!.subtitle!.text, "97.3 % of all samples");
  assert.equal("subtitle" in accuracyFigure([1]).layout.title!, false);
  const bottoms = [[0.97], [0.9], [0.89], [0.61], [0.6], [0]].map((shares) => {
    const [bottom, top] = accuracyFigure(shares).layout.yaxis!.range as [number, number];
    assert(bottom < shares[0]! || bottom === 0 || shares[0] === 0.9);
    assert(top > 1);
    return bottom;
  });
  assert.deepEqual(bottoms, [0.9, 0.9, 0.8, 0.5, 0.5, 0]);
});

Deno.test("accuracyFigure() draws the line of the real digits across all labels", () => {
  const figure = accuracyFigure([0.95, 0.97], { real: 0.9936 });
  const [line] = barsOf(figure);
  assert.deepEqual([line!.name, line!.y], ["real digits, all together (99.4 %)", [0.9936, 0.9936]]);
  assert.equal(
    figure.alt,
    "How often the asked digit was drawn: 0 95.0 %, 1 97.0 %; real digits 99.4 %.",
  );
  assert.match(histogramFigure({ generated: [1], real: [1] }).alt!, /generated samples, 0 100 %/);
});

Deno.test("accuracyFigure() writes no number on the line of the real digits", () => {
  const { data } = accuracyFigure([0.999, 0.99, undefined, 0.96], { real: 0.9936 });
  const [, points] = data as unknown as { textposition: string[] }[];
  const [above, below] = ["top center", "bottom center"];
  assert.deepEqual(points!.textposition, [above, below, above, above]);
  const [alone] = accuracyFigure([0.5]).data as unknown as { textposition: string[] }[];
  assert.deepEqual(alone!.textposition, ["top center"]);
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
    [() => accuracyFigure([0.5, 1.2]), "accuracies: expected ofLabel to be an array"],
    [() => accuracyFigure([NaN]), "accuracies: expected ofLabel to be an array"],
    [
      () => accuracyFigure([1], { overall: 97 }),
      "accuracies: expected overall to be a finite number",
    ],
    [() => accuracyFigure([1], { real: -1 }), "accuracies: expected real to be a finite number"],
    [
      () => histogramFigure({ generated: [1, 0], real: [1] }),
      "a histogram: expected 2 shares, one for each label, got 1",
    ],
    [
      () => histogramFigure({ generated: [1, 0], real: [2, -1] }),
      "a histogram: expected real to be an array",
    ],
    [
      () => accuracyFigure([1, 0], { labels: ["a"] }),
      "accuracies: expected 1 shares, one for each label, got 2",
    ],
  ];
  for (const [run, words] of refused) {
    assert.throws(run, (error: Error) => {
      assert.equal(error.name, "RangeError");
      assert(error.message.startsWith(`Cannot draw ${words}`), error.message);
      return true;
    });
  }
});
