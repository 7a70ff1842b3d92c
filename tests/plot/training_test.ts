/** Figures during training: answers of D, losses and samples, with few points. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { linePoints } from "../../lib/plot/lines.ts";
import {
  type Figure,
  lossFigure,
  outputFigure,
  progressFigure,
  scoreFigure,
  trainingFigure,
} from "../../lib/plot/mod.ts";
import { thin } from "../../lib/plot/thin.ts";

interface Trace {
  readonly type: string;
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly xaxis?: string;
  readonly yaxis?: string;
  readonly showlegend?: boolean;
  readonly legendgroup?: string;
  readonly line: { readonly color: string; readonly dash?: string };
}

function tracesOf({ data }: Figure): Trace[] {
  return data as unknown as Trace[];
}

const exactly = { smoothing: 1, every: 10 };
const nothing = { real: [], fake: [], generator: [] };

Deno.test("lossFigure() draws the line of MSE unless it is told of another, or of none", () => {
  assert.equal(tracesOf(lossFigure(nothing)).at(-1)!.name, "D cannot tell (0.25)");
  assert.equal(tracesOf(lossFigure(nothing, { equilibrium: undefined })).length, 6);
});

Deno.test("scoreFigure() draws both answers and where they meet, from 0 to 1", () => {
  const figure = scoreFigure({ real: [0.9, 0.8], fake: [0.1] }, { ...exactly, equilibrium: 0.5 });
  const [real, fake, balance] = tracesOf(figure);
  assert.deepEqual([real!.name, real!.x, real!.y], ["on real", [10, 20], [0.9, 0.8]]);
  assert.deepEqual([fake!.name, fake!.x, fake!.y], ["on generated", [10], [0.1]]);
  assert.deepEqual([balance!.x, balance!.y, balance!.line.dash], [[0, 20], [0.5, 0.5], "dash"]);
  const [low, high] = figure.layout.yaxis!.range as [number, number];
  assert(low <= 0 && low > -0.1 && high >= 1 && high < 1.1);
});

Deno.test("scoreFigure() of a critic has no line of balance and no fixed axis", () => {
  const figure = scoreFigure({ real: [30, -4], fake: [-7, -90] }, exactly);
  assert.deepEqual(tracesOf(figure).map(({ name }) => name), ["on real", "on generated"]);
  assert.equal(figure.layout.yaxis!.range, undefined);
});

const state = {
  losses: { real: [0.7, 0.6], fake: [0.8, 0.7], generator: [1, 2] },
  scores: { real: [0.5, 0.6], fake: [0.5, 0.4] },
  samples: new Float32Array(4 * 784).fill(0.5),
};

Deno.test("trainingFigure() has losses, answers and samples in panels of their own", () => {
  const equilibrium = { loss: Math.LN2, score: 0.5 };
  const figure = trainingFigure(state, { ...exactly, title: "1 < 2", equilibrium });
  const panels = tracesOf(figure).map(({ name, yaxis = "y", y }) => ({ name, yaxis, y }));
  assert.deepEqual(panels, [
    { name: "D on real", yaxis: "y", y: [0.7, 0.6] },
    { name: "D on real", yaxis: "y2", y: [0.5, 0.6] },
    { name: "D on generated", yaxis: "y", y: [0.8, 0.7] },
    { name: "D on generated", yaxis: "y2", y: [0.5, 0.4] },
    { name: "G", yaxis: "y", y: [1, 2] },
    { name: "D cannot tell", yaxis: "y", y: [Math.LN2, Math.LN2] },
    { name: "D cannot tell", yaxis: "y2", y: [0.5, 0.5] },
    { name: "4 images", yaxis: "y3", y: undefined },
    { name: "names of the images", yaxis: "y3", y: undefined },
  ]);
  assert.equal(figure.layout.title!.text, "1 &lt; 2");
  assert.equal(figure.layout.yaxis3!.scaleanchor, "x3");
});

Deno.test("trainingFigure() the panels do not overlap", () => {
  const { xaxis, xaxis2, xaxis3, yaxis, yaxis2 } = trainingFigure(state).layout;
  assert.deepEqual(xaxis!.domain, xaxis2!.domain);
  assert(xaxis!.domain![1]! < xaxis3!.domain![0]!);
  assert(yaxis2!.domain![1]! < yaxis!.domain![0]!);
});

Deno.test("trainingFigure() on narrow pages the panels stand one below the other", () => {
  const { narrow } = trainingFigure(state);
  const { xaxis, xaxis2, xaxis3, yaxis, yaxis2, yaxis3, height } = narrow!;
  for (const axis of [xaxis, xaxis2, xaxis3]) assert.deepEqual(axis!.domain, [0, 1]);
  assert(yaxis3!.domain![1]! < yaxis2!.domain![0]! && yaxis2!.domain![1]! < yaxis!.domain![0]!);
  assert(height! > trainingFigure(state).layout.height!);
});

Deno.test("trainingFigure() the legend explains each colour once", () => {
  const balances = [{ loss: 0.25, score: 0.5 }, { loss: 0.25 }, { score: 0.5 }];
  for (const equilibrium of balances) {
    const lines = tracesOf(trainingFigure(state, { equilibrium }))
      .filter(({ type }) => type === "scatter");
    const explained = lines.filter(({ showlegend }) => showlegend !== false);
    const names = explained.map(({ name }) => name);
    assert.deepEqual(names, ["D on real", "D on generated", "G", "D cannot tell"]);
    const colours = new Map(explained.map(({ name, line }) => [name, line.color]));
    for (const { legendgroup, line } of lines) {
      assert.equal(
        line.color,
        colours.get(legendgroup === "balance" ? "D cannot tell" : legendgroup!),
      );
    }
  }
  assert.equal(tracesOf(trainingFigure(state)).filter(({ line }) => line?.dash).length, 0);
});

Deno.test("trainingFigure() stays small in a long training", () => {
  const long = (at: number) => Array.from({ length: 20_000 }, (_, i) => Math.sin(i + at) ** 2);
  const figure = trainingFigure({
    losses: { real: long(0), fake: long(1), generator: long(2) },
    scores: { real: long(3), fake: long(4) },
    samples: Float32Array.from({ length: 64 * 784 }, (_, i) => Math.sin(i) > 0.9 ? 1 : 0.01),
  });
  const size = JSON.stringify({ data: figure.data, layout: figure.layout }).length;
  assert(size < 60_000, `${size} characters`);
});

Deno.test("trainingFigure() before the first loss shows samples and empty panels", () => {
  const figure = trainingFigure(
    { losses: nothing, scores: { real: [], fake: [] }, samples: state.samples },
    { equilibrium: { loss: 1 }, every: 5 },
  );
  const traces = tracesOf(figure);
  assert.deepEqual(traces.at(-3)!.x, [0, 5]);
  assert(traces.slice(0, -3).every(({ x }) => x.length === 0));
});

Deno.test("trainingFigure() refuses samples that are not images", () => {
  assert.throws(() => trainingFigure({ ...state, samples: [0.5] }), {
    name: "RangeError",
    message: "Cannot draw images: expected a multiple of 784 pixels, got 1",
  });
});

Deno.test("linePoints() thins means to two a column, keeps the last, and rests on all values", () => {
  const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { maxLength: 200 });
  const whole = fc.integer({ min: 1, max: 60 });
  const window = fc.integer({ min: 2, max: 60 });
  fc.assert(fc.property(values, whole, window, whole, (list, columns, smoothing, every) => {
    const { x, y } = linePoints(list, { every, smoothing, columns });
    assert.equal(x.length, y.length);
    assert(x.length <= 2 * columns);
    assert.equal(x.at(-1), list.length === 0 ? undefined : list.length * every);
    const [low, high] = [Math.min(...list), Math.max(...list)];
    const slack = 1e-4 * Math.max(1, Math.abs(low), Math.abs(high));
    assert(y.every((value) => value >= low - slack && value <= high + slack));
  }));
});

Deno.test("linePoints() one value among many still shows, smoothed or not", () => {
  for (const smoothing of [1, 2]) {
    for (let at = 0; at < 100; at++) {
      const values = Array.from({ length: 100 }, (_, i) => i === at ? 1 : 0);
      const { y } = linePoints(values, { every: 1, smoothing, columns: 4 });
      assert(y.some((value) => value > 0), `position ${at}`);
    }
  }
});

Deno.test("the window that a figure states is the one that a thinned line has", () => {
  const losses = Array.from({ length: 100_000 }, (_, i) => i);
  const figure = lossFigure({ real: losses, fake: losses, generator: losses }, { every: 1 });
  const stated = Number(
    /([\d,]+) iterations/.exec(figure.layout.title!.subtitle!.text!)![1]!.replace(",", ""),
  );
  const { x } = tracesOf(figure)[1]!;
  const distance = x[2]! - x[1]!;
  assert.equal(stated, 2 * distance - 1);
});

Deno.test("thin() keeps ends and extremes, in order, at most four of a column, for any series", () => {
  const number = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(NaN, Infinity, -Infinity));
  const values = fc.array(number, { maxLength: 400 });
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 30 }), (list, columns) => {
    const kept = thin(list, columns);
    assert(kept.length <= 4 * columns);
    assert(kept.every((at, i) => Number.isInteger(at) && (i === 0 || at > kept[i - 1]!)));
    if (list.length <= 4 * columns) assert.equal(kept.length, list.length);
    if (list.length > 0) assert.deepEqual([kept[0], kept.at(-1)], [0, list.length - 1]);
    const finite = list.filter(Number.isFinite);
    if (finite.length === 0) return;
    const shown = kept.map((at) => list[at]!).filter(Number.isFinite);
    assert.equal(shown.reduce((a, b) => Math.max(a, b)), finite.reduce((a, b) => Math.max(a, b)));
    assert.equal(shown.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.min(a, b)));
  }));
});

Deno.test("thin() keeps the extremes of every column, not of the whole alone", () => {
  const values = Float64Array.from({ length: 10_000 }, (_, i) => Math.sin(i * i));
  const kept = thin(values, 50);
  for (let column = 0; column < 50; column++) {
    const part = values.subarray(column * 200, (column + 1) * 200);
    const inside = kept.filter((at) => at >= column * 200 && at < (column + 1) * 200);
    const shown = inside.map((at) => values[at]!);
    assert.equal(Math.max(...shown), Math.max(...part));
    assert.equal(Math.min(...shown), Math.min(...part));
  }
});

Deno.test("figures of a million points are small, and one outlier of each kind survives", () => {
  const losses = new Array<number>(1_000_000).fill(0.25);
  losses[123_456] = 9.5;
  losses[765_432] = -7.5;
  const series = { real: losses, fake: losses, generator: losses };
  const samples = new Float32Array(784);
  const figures = [
    progressFigure(losses),
    lossFigure(series),
    scoreFigure(series),
    outputFigure(losses.map((value) => [value])),
    trainingFigure({ losses: series, scores: series, samples }),
  ];
  for (const figure of figures) {
    const { data, layout } = figure;
    assert(JSON.stringify({ data, layout }).length < 900_000);
    const shown = tracesOf(figure).flatMap(({ type, y = [] }) => type === "scatter" ? y : []);
    assert.equal(shown.reduce((a, b) => Math.max(a, b)), 9.5);
    assert.equal(shown.reduce((a, b) => Math.min(a, b)), -7.5);
  }
});
