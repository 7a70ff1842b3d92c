/** Figures as data: their points, lines and texts. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Figure,
  lossFigure,
  outputFigure,
  progressFigure,
  scoreFigure,
} from "../../lib/plot/mod.ts";
import { linePoints } from "../../lib/plot/lines.ts";
import { COLORS } from "../../lib/plot/theme.ts";

interface Points {
  readonly name: string;
  readonly mode: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly marker?: { readonly symbol: string; readonly color: string };
  readonly line?: { readonly color: string; readonly width: number };
  readonly opacity?: number;
  readonly hoverinfo?: string;
  readonly yhoverformat?: string;
  readonly showlegend?: boolean;
}

function pointsOf({ data }: Figure): Points[] {
  return data as unknown as Points[];
}

Deno.test("progressFigure() draws every loss as a star at its iteration, in its player's colour", () => {
  const figure = progressFigure([0.3, 0.2, 0.25], {
    title: "Loss of D",
    every: 10,
    player: "generator",
  });
  const [stars, ...others] = pointsOf(figure);
  assert.equal(others.length, 0);
  assert.deepEqual(stars!.x, [10, 20, 30]);
  assert.deepEqual(stars!.y, [0.3, 0.2, 0.25]);
  assert.equal(stars!.mode, "markers");
  assert.equal(stars!.marker!.symbol, "star");
  assert.equal(stars!.marker!.color, COLORS.generator);
  assert.equal(figure.layout.title!.text, "Loss of D");
  assert.equal(figure.layout.xaxis!.title!.text, "iteration");
  assert.equal(figure.layout.yaxis!.title!.text, "loss");
});

Deno.test("lossFigure() draws means in front, single losses faintly behind, and the line of balance", () => {
  const losses = { real: [0, 3, 6, 3], fake: [1, 1, 1, 1], generator: [2, 2] };
  const figure = lossFigure(losses, { equilibrium: Math.LN2, smoothing: 3, every: 5 });
  const faint = pointsOf(figure).filter(({ opacity }) => opacity !== undefined);
  assert.deepEqual(faint.map(({ y }) => y), [[0, 3, 6, 3], [1, 1, 1, 1], [2, 2]]);
  assert(faint.every(({ opacity, line }) => opacity! < 0.5 && line!.width < 2));
  assert(faint.every(({ hoverinfo, showlegend }) => hoverinfo === "skip" && showlegend === false));
  const lines = pointsOf(figure).filter(({ opacity }) => opacity === undefined);
  const colours = [COLORS.real, COLORS.fake, COLORS.generator];
  assert.deepEqual(faint.map(({ line }) => line!.color), colours);
  assert.deepEqual(lines.slice(0, 3).map(({ line }) => line!.color), colours);
  const below = "lines: means over 15 iterations; faint: single values";
  assert.equal(figure.layout.title!.subtitle!.text, below);
  const names = ["D on real", "D on generated", "G", "D cannot tell (0.693)"];
  assert.deepEqual(lines.map(({ name }) => name), names);
  assert.deepEqual(lines[0]!.y, [1.5, 3, 4, 4.5]);
  assert.deepEqual(lines[0]!.x, [5, 10, 15, 20]);
  assert.deepEqual(lines[2]!.y, [2, 2]);
  assert.deepEqual(lines[3]!.x, [0, 20]);
  assert.deepEqual(lines[3]!.y, [Math.LN2, Math.LN2]);
});

Deno.test("outputFigure() draws a line for each position and a band for each range once", () => {
  const outputs = [new Float32Array([0.5, 0.25]), new Float32Array([0.75, 0.125])];
  const bands = [[0.9, 1.1], [0, 0.1], [0.9, 1.1]] as const;
  const figure = outputFigure(outputs, { bands, every: 10 });
  assert.deepEqual(pointsOf(figure).map(({ name, x, y }) => ({ name, x, y })), [
    { name: "position 1", x: [10, 20], y: [0.5, 0.75] },
    { name: "position 2", x: [10, 20], y: [0.25, 0.125] },
  ]);
  assert.deepEqual(figure.layout.shapes!.map(({ y0, y1 }) => [y0, y1]), [[0.9, 1.1], [0, 0.1]]);
});

Deno.test("outputFigure() draws two lines through and the next two dotted, in turn", () => {
  const { data } = outputFigure([[1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7]]);
  const dashes = data.map((trace) => (trace as { line: { dash: string } }).line.dash);
  assert.deepEqual(dashes, ["solid", "solid", "dot", "dot", "solid", "solid", "dot"]);
});

Deno.test("outputFigure() draws outputs over anything else, one place for each", () => {
  const figure = outputFigure([[0.5], [0.75]], { at: [0, 1], axis: "input" });
  assert.deepEqual(pointsOf(figure)[0]!.x, [0, 1]);
  assert.equal(figure.layout.xaxis!.title!.text, "input");
  assert.throws(() => outputFigure([[1]], { at: [1, 2] }), {
    name: "RangeError",
    message: "Cannot draw outputs: expected 1 places in at, got 2",
  });
});

Deno.test("figures of lines say the iteration and three digits in the hover box", () => {
  const losses = { real: [1], fake: [1], generator: [1] };
  for (
    const figure of [
      lossFigure(losses),
      scoreFigure(losses),
      progressFigure([1]),
      outputFigure([[1]]),
    ]
  ) {
    assert.equal(figure.layout.hovermode, "x unified");
    const { unifiedhovertitle } = figure.layout.xaxis as { unifiedhovertitle?: { text: string } };
    assert.equal(unifiedhovertitle!.text, "iteration %{x:,}");
    const shown = pointsOf(figure).filter(({ hoverinfo }) => hoverinfo !== "skip");
    assert(shown.length > 0 && shown.every(({ yhoverformat }) => yhoverformat === ".3g"));
  }
});

Deno.test("figures of lines have a sentence that says where the lines begin and end", () => {
  const losses = { real: [0.1234, 0.5], fake: [1, 2], generator: [] };
  assert.equal(
    lossFigure(losses, { title: "<Losses>" }).alt,
    "<Losses>: D on real goes from 0.123 to 0.5, D on generated goes from 1 to 2, over 20 iterations.",
  );
  assert.equal(scoreFigure(losses).alt!.match(/on real goes from 0.123 to 0.5/g)!.length, 1);
  assert.equal(progressFigure([]).alt, "Loss: no values yet.");
  assert.equal(
    outputFigure([[0.5, NaN], [1, 2]]).alt,
    "What the generator makes: position 1 goes from 0.5 to 1, position 2 goes from NaN to 2, " +
      "over 20 iterations.",
  );
});

Deno.test("figures of lines refuse wrong arguments by name, in one sentence", () => {
  const losses = { real: [], fake: [], generator: [] };
  const refused: [() => unknown, RegExp][] = [
    [
      () => progressFigure("0.5" as never),
      /^Cannot draw losses: expected losses to be an array of/,
    ],
    [() => progressFigure([1], { titel: "x" } as never), /got "titel"; did you mean title\?$/],
    [() => progressFigure([1], { player: "both" as never }), /expected player to be one of/],
    [
      () => progressFigure([1], { every: 0 }),
      /expected every to be a finite number above 0, got 0$/,
    ],
    [
      () => lossFigure({ real: [], fake: [] } as never),
      /expected generator to be an array of numbers/,
    ],
    [() => lossFigure(null as never), /^Cannot draw losses: expected the series to be an object/],
    [
      () => lossFigure(losses, { smoothing: 2.5 }),
      /expected smoothing to be a whole number from 1/,
    ],
    [
      () => lossFigure(losses, { equilibrium: "ln 2" as never }),
      /expected equilibrium to be a finite/,
    ],
    [
      () => scoreFigure({ real: [1], fake: ["1"] } as never),
      /expected fake to be an array of numbers/,
    ],
    [() => outputFigure([1, 2] as never), /^Cannot draw outputs: expected outputs to be an array/],
    [() => outputFigure([[1]], { bands: [1] as never }), /expected bands to be an array/],
  ];
  for (const [run, words] of refused) {
    assert.throws(run, (error: Error) => {
      assert(error instanceof TypeError || error instanceof RangeError);
      assert.match(error.message, words);
      assert.match(error.message, /^Cannot .*: expected .*, got .*/);
      return true;
    });
  }
});

Deno.test("figures without data are empty", () => {
  assert.deepEqual(pointsOf(progressFigure([]))[0]!.x, []);
  assert.equal(lossFigure({ real: [], fake: [], generator: [] }).data.length, 7);
  assert.equal(outputFigure([]).data.length, 0);
});

Deno.test("figures survive JSON: no typed arrays, no undefined, no NaN", () => {
  const outputs = [new Float32Array([0.5, 0.25])];
  for (
    const figure of [
      progressFigure([1]),
      outputFigure(outputs),
      lossFigure({ real: [1], fake: [], generator: [] }),
    ]
  ) {
    const { data, layout } = figure;
    assert.deepEqual(JSON.parse(JSON.stringify({ data, layout })), { data, layout });
  }
});

Deno.test("titles are text: Plotly's own markup in them is escaped", () => {
  const title = "<b>1 & 0</b></script><img onerror=alert(1)>";
  const escaped = "&lt;b&gt;1 &amp; 0&lt;/b&gt;&lt;/script&gt;&lt;img onerror=alert(1)&gt;";
  const losses = { real: [], fake: [], generator: [] };
  for (
    const figure of [
      progressFigure([], { title }),
      outputFigure([], { title }),
      lossFigure(losses, { title }),
    ]
  ) {
    assert.equal(figure.layout.title!.text, escaped);
  }
});

Deno.test("smoothed lines keep length, bounds and constants; a window of 1 changes nothing", () => {
  const values = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { maxLength: 60 });
  const lineOf = (list: readonly number[], smoothing: number) =>
    linePoints(list, { every: 1, smoothing, columns: 1000 }).y;
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 80 }), (list, window) => {
    const means = lineOf(list, window);
    assert.equal(means.length, list.length);
    const [low, high] = [Math.min(...list), Math.max(...list)];
    assert(means.every((mean) => mean >= low * (1 - 1e-4) && mean <= high * (1 + 1e-4)));
    assert.deepEqual(lineOf(list, 1), list);
    assert(lineOf(list.map(() => 0.25), window).every((mean) => mean === 0.25));
  }));
});
