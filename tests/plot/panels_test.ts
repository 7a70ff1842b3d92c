/** Panels of several attempts, and the figure that explains precision, recall and Fréchet distance. */
import assert from "node:assert/strict";
import { type Figure, lossPanelsFigure, measuresFigure } from "../../lib/plot/mod.ts";
import { COLORS } from "../../lib/plot/theme.ts";

interface Trace {
  readonly name: string;
  readonly mode: string;
  readonly x: readonly (number | null)[];
  readonly y: readonly (number | null)[];
  readonly xaxis: string;
  readonly showlegend: boolean;
  readonly line?: { readonly color: string };
}

function tracesOf({ data }: Figure): Trace[] {
  return data as unknown as Trace[];
}

const losses = { real: [0.5, 0.6], fake: [0.7, 0.8], generator: [1, 20] };

Deno.test("lossPanelsFigure() has a panel for each attempt, all on the same axes", () => {
  const all = { ...losses, equilibrium: Math.LN2 };
  const figure = lossPanelsFigure({ all, "no <R1>": losses });
  const names = tracesOf(figure).map(({ name, xaxis, showlegend }) => [name, xaxis, showlegend]);
  assert.deepEqual(names, [
    ["D on real", "x", true],
    ["D on generated", "x", true],
    ["G", "x", true],
    ["D cannot tell", "x", true],
    ["D on real", "x2", false],
    ["D on generated", "x2", false],
    ["G", "x2", false],
  ]);
  const { xaxis, xaxis2, yaxis, yaxis2, annotations } = figure.layout;
  assert.deepEqual([xaxis!.range, yaxis!.range], [xaxis2!.range, yaxis2!.range]);
  assert.equal(yaxis!.type, "log");
  assert(xaxis!.domain![1]! < xaxis2!.domain![0]!);
  assert.deepEqual(annotations!.map(({ text }) => text), ["all", "no &lt;R1&gt;"]);
  assert.match(figure.alt!, /^Losses: all: D on real goes from 0.5 to 0.6, .* G goes from 1 to 20/);
});

Deno.test("lossPanelsFigure() panels never overlap, wide or narrow", () => {
  for (let count = 1; count <= 7; count++) {
    const names = Array.from({ length: count }, (_, i) => [`attempt ${i}`, losses]);
    const figure = lossPanelsFigure(Object.fromEntries(names));
    for (const layout of [figure.layout, figure.narrow!]) {
      const panels = Array.from({ length: count }, (_, i) => {
        const at = (letter: string) =>
          (layout as Record<string, { domain: [number, number] }>)[
            `${letter}axis${i === 0 ? "" : i + 1}`
          ]!.domain;
        return { x: at("x"), y: at("y") };
      });
      for (const [i, a] of panels.entries()) {
        for (const share of [...a.x, ...a.y]) assert(share >= 0 && share <= 1);
        for (const b of panels.slice(i + 1)) {
          assert(a.x[1] < b.x[0] || b.x[1] < a.x[0] || a.y[0] > b.y[1] || b.y[0] > a.y[1]);
        }
      }
    }
  }
});

Deno.test("lossPanelsFigure() refuses no attempts, parts of one, and unknown options", () => {
  assert.throws(() => lossPanelsFigure({}), /expected at least one attempt, got none/);
  assert.throws(
    () => lossPanelsFigure({ a: { real: [] } } as never),
    /expected fake to be an array/,
  );
  assert.throws(
    () => lossPanelsFigure({ a: losses }, { colums: 2 } as never),
    /did you mean columns/,
  );
});

const square = [[0, 0], [1, 0], [0, 1], [1, 1]] as const;

Deno.test("measuresFigure() draws a disc around each real point, up to its k-th nearest other", () => {
  const figure = measuresFigure({ both: { real: square, generated: square } }, { k: 1 });
  const [discs] = tracesOf(figure);
  assert.equal(discs!.x.filter((x) => x === null).length, 4);
  const first = discs!.x.slice(0, discs!.x.indexOf(null)) as number[];
  // The nearest neighbour of a square's corner is one side away.
  assert(Math.abs(Math.max(...first) - 1) < 1e-9 && Math.abs(Math.min(...first) + 1) < 1e-9);
  const second = tracesOf(
    measuresFigure({ both: { real: square, generated: square } }, { k: 3 }),
  )[0]!;
  assert(Math.abs(Math.max(...second.x.slice(0, 33) as number[]) - Math.SQRT2) < 1e-9);
});

Deno.test("measuresFigure() draws the ellipse of two standard deviations of each set", () => {
  const wide = square.map(([x, y]) => [4 * x, y] as const);
  const figure = measuresFigure({ both: { real: square, generated: wide } });
  const [, real, generated] = tracesOf(figure);
  assert.deepEqual([real!.line!.color, generated!.line!.color], [COLORS.real, COLORS.fake]);
  const span = (
    values: Trace["x"],
  ) => [Math.min(...values as number[]), Math.max(...values as number[])];
  assert.deepEqual(span(real!.x).map((x) => Number(x.toFixed(6))), [-0.5, 1.5]);
  assert.deepEqual(span(generated!.x).map((x) => Number(x.toFixed(6))), [-2, 6]);
  assert.deepEqual(span(generated!.y).map((y) => Number(y.toFixed(6))), [-0.5, 1.5]);
});

Deno.test("measuresFigure() says below each name how good the points are", () => {
  const sets = { real: square, generated: square };
  const figure = measuresFigure({
    "a <b>": { ...sets, precision: 0.5, recall: 1, frechet: 1.234 },
    plain: sets,
  });
  const texts = figure.layout.annotations!.map(({ text }) => text);
  assert.deepEqual(texts, [
    "a &lt;b&gt;<br>precision ↑ 0.50<br>recall ↑ 1.00<br>distance ↓ 1.23",
    "plain",
  ]);
  assert.match(
    figure.alt!,
    /4 generated points, precision ↑ 0.50, recall ↑ 1.00, distance ↓ 1.23;/,
  );
  assert.throws(
    () => measuresFigure({ a: { ...sets, recall: -1 } }),
    /expected recall to be a finite number from 0 on, got -1/,
  );
});

Deno.test("measuresFigure() refuses too few points and what is no point", () => {
  assert.throws(
    () => measuresFigure({ a: { real: square, generated: square.slice(1) } }),
    {
      name: "RangeError",
      message: "Cannot draw neighbourhoods: expected more than 3 generated points, got 3",
    },
  );
  assert.throws(() => measuresFigure({}), /expected at least one pair of sets, got none/);
  assert.throws(() => measuresFigure([] as never), /expected sets to be an object/);
  assert.throws(() => measuresFigure({ a: { real: [[1, NaN]], generated: square } } as never), {
    name: "TypeError",
    message: /expected real to be an array with a point of two finite numbers/,
  });
});
