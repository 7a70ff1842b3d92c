/**
 * Every kind of figure in every detail, as it was when somebody looked at it: `figures.txt` shows
 * each of them. After a wanted change, look at the figures and write the lines again with
 * `deno test -A tests/plot/snapshots_test.ts -- --update`.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as plot from "../../lib/plot/mod.ts";
import type { Figure, PlaneState } from "../../lib/plot/mod.ts";
import { state } from "./plane_state.ts";

const wave = (at: number, count = 12) =>
  Array.from({ length: count }, (_, i) => 0.5 + Math.sin(i / 3 + at) / 3);
const losses = { real: wave(0), fake: wave(1), generator: wave(2) };
const scores = { real: wave(3), fake: wave(4) };
const side = 4;
const images = (count: number) =>
  Array.from({ length: count * side * side }, (_, i) => (i * 7 % 16) / 15);
const real = [[0, 0], [1, 0], [0, 1], [1, 1], [2, 1]] as const;
const generated = [[0.1, 0.2], [1.1, 0.4], [0.3, 1], [0.9, 1.2], [-1, 0]] as const;

const later: PlaneState = {
  ...state,
  iteration: 2400,
  fake: [0.5, 0, 1, 0.5],
  surface: [0.4, 0.6, 0.5, NaN],
};

/** The figures by name: each function with few options and with many. */
const figures: Readonly<Record<string, () => Figure>> = {
  progress: () => plot.progressFigure(wave(0)),
  "progress of G": () =>
    plot.progressFigure(wave(0), { title: "T", every: 5, player: "generator" }),
  loss: () => plot.lossFigure(losses),
  "loss, smooth": () =>
    plot.lossFigure(
      { real: wave(0, 40), fake: wave(1, 40), generator: wave(2, 40) },
      { equilibrium: undefined, smoothing: 5, every: 2, title: "T" },
    ),
  score: () => plot.scoreFigure(scores),
  "score with its equilibrium": () => plot.scoreFigure(scores, { equilibrium: 0.5 }),
  "loss panels": () =>
    plot.lossPanelsFigure({
      first: { ...losses, equilibrium: 0.25 },
      second: losses,
      third: losses,
      "the <fourth>": losses,
    }, { columns: 2 }),
  outputs: () => plot.outputFigure(wave(0).map((value) => [value, 1 - value, 0.2])),
  training: () => plot.trainingFigure({ losses, scores, samples: images(3) }, { side }),
  "training with its equilibrium": () =>
    plot.trainingFigure({ losses, scores, samples: images(4) }, {
      side,
      columns: 4,
      title: "T",
      every: 5,
      smoothing: 2,
      equilibrium: { loss: 0.25, score: 0.5 },
    }),
  images: () => plot.imagesFigure(images(5), { side }),
  "images with labels": () =>
    plot.imagesFigure(images(4), {
      side,
      columns: 2,
      columnLabels: ["a column", "b"],
      rowLabels: ["a row", "b"],
      title: "T",
    }),
  "images with captions": () =>
    plot.imagesFigure(images(3), { side, columns: 2, captions: ["7 → 9", "4", "<b>"] }),
  "images over time": () =>
    plot.imagesOverTimeFigure(
      [{ step: 0, images: images(4) }, { step: 1000, images: images(4).reverse() }],
      { side },
    ),
  "image columns": () => plot.imageColumnsFigure({ a: images(3), b: images(2) }, { side }),
  histogram: () => plot.histogramFigure({ generated: [0.1, 0.9], real: [0.4, 0.6] }),
  accuracy: () => plot.accuracyFigure([0.97, undefined, 0.95], { overall: 0.96, real: 0.99 }),
  "low accuracy": () => plot.accuracyFigure([0.5, 0.2], { labels: ["a", "b"], title: "T" }),
  spread: () => plot.spreadFigure({ real: [[1, 0], [0.9, 0.123456]], fake: [[0.5, 0.5]] }),
  measures: () =>
    plot.measuresFigure({
      good: { real, generated: real, precision: 1, recall: 1, frechet: 0 },
      "less good": { real, generated },
    }, { k: 2 }),
  plane: () => plot.planeFigure(state),
  planes: () =>
    plot.planesFigure([
      plot.answerPanel(state, "An answer"),
      { title: "Points", real: state.real, lattice: state.lattice, reach: 2 },
      { title: "A change", change: [0.1, -0.2, 0, NaN], below: "small" },
      { title: "Empty" },
    ], { columns: 2, title: "T" }),
  "planes over time": () => plot.planesOverTimeFigure([state, later]),
  step: () => plot.stepFigure(state, later),
  coverage: () =>
    plot.coverageFigure([
      { iteration: 0, coverage: { found: 1, good: 0.1 } },
      { iteration: 500, coverage: { found: 7, good: 0.83 } },
    ]),
  paths: () =>
    plot.pathsFigure([
      { name: "SGD", points: [0, 1, 1, 1, 1, 0] },
      { name: "Adam", points: [0, 1, 0.5, 0.5] },
    ]),
};

/** Copies a value with five digits of each number, and with short sums of pictures. */
function short(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(5));
  if (typeof value === "string" && value.length > 200) {
    return `sum ${createHash("sha256").update(value).digest("hex").slice(0, 16)}`;
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array, short);
  if (Array.isArray(value)) return value.map(short);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, short(part)]));
}

/** Prints a value: what is short, or a list of simple values, in one line. */
function print(value: unknown, indent = ""): string {
  const flat = JSON.stringify(value) ?? "undefined";
  const isSimple = (item: unknown) => typeof item !== "object" || item === null;
  if (flat.length < 160 || isSimple(value) || (Array.isArray(value) && value.every(isSimple))) {
    return flat;
  }
  const parts = Object.entries(value as object).filter(([, part]) => part !== undefined);
  const lines = parts.map(([key, part]) => `\n${indent}  ${key}: ${print(part, indent + "  ")}`);
  return Array.isArray(value) ? `[${lines.join("")}]` : `{${lines.join("")}}`;
}

const file = new URL("figures.txt", import.meta.url);
const printed = new Map(
  Object.entries(figures).map(([name, draw]) => [name, print(short(draw()))]),
);
if (Deno.args.includes("--update")) {
  const sections = [...printed].map(([name, text]) => `# ${name}\n${text}\n`);
  Deno.writeTextFileSync(file, sections.join("\n"));
}
const known = new Map(
  Deno.readTextFileSync(file).split(/^# /m).slice(1).map((section) => {
    const end = section.indexOf("\n");
    return [section.slice(0, end), section.slice(end + 1).trimEnd()];
  }),
);

for (const [name, text] of printed) {
  Deno.test(`the figure «${name}» is as it was in every detail`, () => {
    assert.equal(text, known.get(name));
  });
}

Deno.test("there is a figure of each function", () => {
  const drawn = Object.values(figures).join();
  const functions = Object.keys(plot).filter((name) => /^.+Figure$/.test(name));
  assert.deepEqual(functions.filter((name) => !drawn.includes(`plot.${name}(`)), []);
  assert.deepEqual([...known.keys()], [...printed.keys()]);
});
