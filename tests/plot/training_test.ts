/** What one watches while a GAN trains: the discriminator's answers, losses and samples, in few points. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { linePoints } from "../../lib/plot/lines.ts";
import { type Figure, lossFigure, scoreFigure, trainingFigure } from "../../lib/plot/mod.ts";

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
  assert.equal(tracesOf(lossFigure(nothing))[3]!.name, "D cannot tell (0.25)");
  assert.equal(tracesOf(lossFigure(nothing, { equilibrium: undefined })).length, 3);
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

Deno.test("trainingFigure() the legend explains each colour once", () => {
  const balances = [{ loss: 0.25, score: 0.5 }, { loss: 0.25 }, { score: 0.5 }];
  for (const equilibrium of balances) {
    const lines = tracesOf(trainingFigure(state, { equilibrium }))
      .filter(({ type }) => type === "scatter");
    const explained = lines.filter(({ showlegend }) => showlegend !== false);
    const names = explained.map(({ name }) => name);
    assert.deepEqual(names, ["D on real", "D on generated", "G", "D cannot tell"]);
    const colours = new Map(explained.map(({ name, line }) => [name, line.color]));
    for (const { name, line } of lines) assert.equal(line.color, colours.get(name));
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
  assert.deepEqual(traces.at(-2)!.x, [0, 5]);
  assert(traces.slice(0, 5).every(({ x }) => x.length === 0));
});

Deno.test("trainingFigure() refuses samples that are no images", () => {
  assert.throws(() => trainingFigure({ ...state, samples: [0.5] }), {
    name: "RangeError",
    message: "Cannot draw images: expected a multiple of 784 pixels, got 1",
  });
});

Deno.test("linePoints() thins to at most so many points, keeps the last, and rests on all values", () => {
  const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { maxLength: 200 });
  const whole = fc.integer({ min: 1, max: 60 });
  fc.assert(fc.property(values, whole, whole, whole, (list, points, smoothing, every) => {
    const { x, y } = linePoints(list, { every, smoothing, points });
    assert.equal(x.length, y.length);
    assert(x.length <= points);
    assert.equal(x.at(-1), list.length === 0 ? undefined : list.length * every);
    const [low, high] = [Math.min(...list), Math.max(...list)];
    const slack = 1e-4 * Math.max(1, Math.abs(low), Math.abs(high));
    assert(y.every((value) => value >= low - slack && value <= high + slack));
  }));
});

Deno.test("linePoints() one value among many still shows", () => {
  for (let at = 0; at < 100; at++) {
    const values = Array.from({ length: 100 }, (_, i) => i === at ? 1 : 0);
    const { y } = linePoints(values, { every: 1, smoothing: 1, points: 7 });
    assert(y.some((value) => value > 0), `position ${at}`);
  }
});

Deno.test("linePoints() refuses what is no number of points", () => {
  assert.throws(() => linePoints([1], { every: 1, smoothing: 1, points: 0 }), {
    name: "RangeError",
    message:
      "Cannot thin a line: expected a number of points that is a whole number from 1 on, got 0",
  });
});
