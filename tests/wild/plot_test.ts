/** Calls lib/plot with wild arguments. */
import * as plot from "../../lib/plot/mod.ts";
import { testWildCalls } from "./wild_calls.ts";

const losses = () => ({ real: [0.5, 0.25], fake: [0.5, 0.25], generator: [0.5, 0.25] });
const scores = () => ({ real: [0.5, 0.75], fake: [0.5, 0.25] });
const shares = [0.25, 0.75];
const title = "title";
/** Values that are not finite leave gaps. */
const isGap = (value: unknown) => Number.isNaN(value);
const gapsAt = (...paths: readonly string[]) => ({
  accepts: Object.fromEntries(paths.map((path) => [path, isGap])),
});

const panelParts = () => ({
  reach: 3,
  surface: [0, 0.25, 0.5, 1],
  real: [1, 2, 3, 4],
  fake: [1, 0, 0, 1],
});
const lattice = () => [0, 0, 0, 1, 1, 0, 1, 1];
const answers = () => ({ ...panelParts(), pushes: [0, 1, 1, 0] });
const plane = () => ({ iteration: 1, ...answers(), lattice: lattice() });
const planeGaps = (prefix: string) =>
  ["surface", "real", "fake", "pushes", "lattice"].map((part) => `${prefix}.${part}.0`);
const panel = () => ({
  title,
  below: "below",
  ...panelParts(),
  change: [0, 0.25, 0.5, 1],
  arrows: { name: "arrows", from: [1, 2], along: [0, 1] },
  lattice: lattice(),
});
const points = (): [number, number][] => [[0, 0], [1, 0], [0, 1], [1, 1]];
const isUndefined = (value: unknown) => value === undefined;

testWildCalls("plot", plot, {
  Figure: {
    unread: ["0.0.y", "1.title"],
    good:
      () => [[{ y: [1, 2] }], { title: { text: title } }, { alt: "alt", narrow: {}, aspect: 1 }],
  },
  accuracyFigure: {
    accepts: { "0.0": isUndefined },
    good: () => [[0.5, 1], { title, labels: ["a", "b"], overall: 0.75 }],
  },
  answerPanel: {
    ...gapsAt(...planeGaps("0")),
    anyResult: true,
    good: () => [answers(), title],
  },
  coverageFigure: {
    good: () => [[{ iteration: 1, coverage: { found: 1, good: 0.5 } }], { title, modes: 2 }],
  },
  histogramFigure: {
    good: () => [{ generated: shares, real: shares }, { title, labels: ["a", "b"] }],
  },
  imageColumnsFigure: {
    good: () => [
      { a: new Float32Array(8), b: new Float32Array(8) },
      { title, rows: 2, side: 2 },
    ],
  },
  imagesFigure: {
    good: () => [new Float32Array(8), { title, columns: 2, side: 2 }],
  },
  imagesOverTimeFigure: {
    good: () => [
      [{ step: 1, images: new Float32Array(8) }, { step: 2, images: new Float32Array(8) }],
      { title, columns: 2, side: 2 },
    ],
  },
  lossFigure: {
    ...gapsAt("0.real.0", "0.fake.0", "0.generator.0"),
    good: () => [losses(), { title, every: 10, equilibrium: 0.25, smoothing: 2 }],
  },
  lossPanelsFigure: {
    ...gapsAt(
      ...["a", "b"].flatMap((name) =>
        ["real", "fake", "generator"].map((series) => `0.${name}.${series}.0`)
      ),
    ),
    good: () => [
      { a: { ...losses(), equilibrium: 0.25 }, b: losses() },
      { title, every: 10, least: 0.01, columns: 2 },
    ],
  },
  measuresFigure: {
    good: () => [
      { a: { real: points(), generated: points(), precision: 1, recall: 0.5, frechet: 2 } },
      { title, k: 2 },
    ],
  },
  outputFigure: {
    ...gapsAt("0.0.0", "1.at.0", "1.bands.0.0"),
    good: () => [
      [[1, 0], [0.5, 0.5]],
      { title, every: 10, at: [0, 1], axis: "axis", bands: [[0, 1], [0, 1]] },
    ],
  },
  pathsFigure: {
    ...gapsAt("0.0.points.0"),
    good: () => [[{ name: "path", points: [1, 2, 3, 4] }], { title, reach: 2, x: "x", y: "y" }],
  },
  planeFigure: { ...gapsAt(...planeGaps("0")), good: () => [plane(), { title }] },
  planesFigure: {
    ...gapsAt(
      ...["surface", "change", "real", "fake", "lattice"].map((part) => `0.0.${part}.0`),
      "0.0.arrows.from.0",
      "0.0.arrows.along.0",
    ),
    good: () => [[panel(), panel()], { title, columns: 2 }],
  },
  planesOverTimeFigure: {
    ...gapsAt(...planeGaps("0.0")),
    good: () => [[plane(), plane()], { title }],
  },
  progressFigure: { ...gapsAt("0.0"), good: () => [[0.5, 0.25], { title, every: 10 }] },
  scoreFigure: {
    ...gapsAt("0.real.0", "0.fake.0"),
    good: () => [scores(), { title, every: 10, equilibrium: 0.5, smoothing: 2 }],
  },
  spreadFigure: {
    ...gapsAt("0.real.0.0", "0.fake.0.0"),
    good: () => [{ real: [[1, 0], [0, 1]], fake: [[0.5, 0.5]] }, { title }],
  },
  stepFigure: {
    ...gapsAt(...planeGaps("0"), ...planeGaps("1")),
    good: () => [plane(), plane(), { title }],
  },
  trainingFigure: {
    ...gapsAt(
      ...["real", "fake", "generator"].map((name) => `0.losses.${name}.0`),
      ...["real", "fake"].map((name) => `0.scores.${name}.0`),
    ),
    good: () => [
      { losses: losses(), scores: scores(), samples: new Float32Array(8) },
      {
        title,
        every: 10,
        equilibrium: { loss: 0.25, score: 0.5 },
        smoothing: 2,
        columns: 2,
        side: 2,
      },
    ],
  },
});
