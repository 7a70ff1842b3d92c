/** A training at a glance, drawn again and again: losses, D's answers, and what G makes. */
import { type Data, Figure } from "./figure.ts";
import { imageGrid, type ImageGridOptions } from "./image_grid.ts";
import { gridAxes, gridTrace } from "./images.ts";
import { balanceLine, type LossSeries, movingMean, stepsOf } from "./losses.ts";
import { axis, chartLayout, COLORS, plainText, titleOf } from "./theme.ts";

/** Mean answers of a discriminator, each at every `every`th step of its kind. */
export interface ScoreSeries {
  /** On real samples. */
  readonly real: readonly number[];
  /** On generated samples. */
  readonly fake: readonly number[];
}

/** What {@linkcode scoreFigure} can be told besides the answers. */
export interface ScoreFigureOptions {
  /** The title, plain text. */
  readonly title?: string;
  /** How many training steps lie between two answers. */
  readonly every?: number;
  /** The answer of a D that cannot tell; no line without one. */
  readonly equilibrium?: number | undefined;
  /** Over how many answers the drawn lines are averaged. */
  readonly smoothing?: number;
}

/** What {@linkcode trainingFigure} shows. */
export interface TrainingSeries {
  /** Losses of both networks. */
  readonly losses: LossSeries;
  /** D's mean answers. */
  readonly scores: ScoreSeries;
  /** Images `[count, side * side]` of the same noise every time, pixels in [0, 1]. */
  readonly samples: ArrayLike<number>;
}

/** What {@linkcode trainingFigure} can be told besides. */
export interface TrainingFigureOptions extends ImageGridOptions {
  /** The title, plain text. */
  readonly title?: string;
  /** How many training steps lie between two numbers. */
  readonly every?: number;
  /** D's loss where it cannot tell; no line without one. */
  readonly equilibrium?: number | undefined;
  /** D's answer where it cannot tell; no line without one. */
  readonly undecided?: number | undefined;
}

/** A line of at most so many points looks the same on a screen and is sent quickly. */
const MOST_POINTS = 200;

/**
 * Numbers at every `every`th step as at most about 200 points, each the mean of its neighbours.
 *
 * ```ts
 * import { thinned } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(thinned([1, 3, 5, 7], { every: 10, most: 2 }), { x: [15, 35], y: [2, 6] });
 * ```
 */
export function thinned(
  values: readonly number[],
  { every, most = MOST_POINTS }: { readonly every: number; readonly most?: number },
): { x: number[]; y: number[] } {
  const size = Math.ceil(values.length / most);
  const line: { x: number[]; y: number[] } = { x: [], y: [] };
  for (let start = 0; start < values.length; start += size) {
    const part = values.slice(start, start + size);
    line.x.push((start + (part.length + 1) / 2) * every);
    line.y.push(part.reduce((sum, value) => sum + value, 0) / part.length);
  }
  return line;
}

/** D's mean answers to real and to generated samples over training steps. */
export function scoreFigure(
  { real, fake }: ScoreSeries,
  { title = "D's mean answers", every = 10, equilibrium, smoothing = 25 }: ScoreFigureOptions = {},
): Figure {
  const line = (name: string, values: readonly number[], color: string): Data => ({
    type: "scatter",
    mode: "lines",
    name,
    x: stepsOf(values, every),
    y: movingMean(values, smoothing),
    line: { color, width: 2 },
  });
  const last = Math.max(real.length, fake.length) * every;
  return new Figure([
    line("D(real)", real, COLORS.real),
    line("D(generated)", fake, COLORS.fake),
    ...balanceLine(equilibrium, last),
  ], chartLayout(title, "training step of each kind", "mean answer"));
}

/** The parts of the width that the panels take. */
const PANELS = { losses: [0, 0.28], scores: [0.37, 0.65], samples: [0.69, 1] } as const;

/** A panel's heading, above its middle. */
function heading(text: string, [left, right]: readonly [number, number]): object {
  return {
    text: plainText(text),
    x: (left + right) / 2,
    y: 1.01,
    xref: "paper",
    yref: "paper",
    xanchor: "center",
    yanchor: "bottom",
    showarrow: false,
    font: { size: 13 },
  };
}

function panelLine(
  values: readonly number[],
  { every, ...line }: { every: number; name: string; color: string; panel: "losses" | "scores" },
): Data {
  const onScores = line.panel === "scores";
  return {
    type: "scatter",
    mode: "lines",
    name: line.name,
    ...thinned(values, { every }),
    line: { color: line.color, width: 2 },
    legendgroup: line.name,
    showlegend: !onScores,
    ...(onScores && { xaxis: "x2", yaxis: "y2" }),
  } as Data;
}

function panelBalance(at: number | undefined, last: number, panel: "losses" | "scores"): Data[] {
  const place = panel === "scores" && { xaxis: "x2" as const, yaxis: "y2" as const };
  return balanceLine(at, last).map((line) => ({
    ...line,
    ...place,
    name: "D cannot tell",
    legendgroup: "balance",
    showlegend: !place,
    hoverinfo: "skip",
  } as Data));
}

/**
 * Losses, D's mean answers and samples side by side, small enough to be sent every second.
 *
 * @throws {RangeError} if the samples are not whole images of pixels in [0, 1].
 */
export function trainingFigure(
  { losses, scores, samples }: TrainingSeries,
  { title = "", every = 10, equilibrium, undecided, columns = 8, side = 28 }:
    TrainingFigureOptions = {},
): Figure {
  const grid = imageGrid(samples, { columns, side });
  const last = Math.max(...Object.values(losses).map(({ length }) => length), 1) * every;
  const line =
    (panel: "losses" | "scores") => (name: string, values: readonly number[], color: string) =>
      panelLine(values, { every, name, color, panel });
  const [loss, score] = [line("losses"), line("scores")];
  const { xaxis, yaxis } = gridAxes(grid, { x: "x3" });
  const step = axis("training step");
  return new Figure(
    [
      loss("real", losses.real, COLORS.real),
      loss("generated", losses.fake, COLORS.fake),
      loss("G", losses.generator, COLORS.generator),
      ...panelBalance(equilibrium, last, "losses"),
      score("real", scores.real, COLORS.real),
      score("generated", scores.fake, COLORS.fake),
      ...panelBalance(undecided, last, "scores"),
      gridTrace(grid, { xaxis: "x3", yaxis: "y3" }),
    ],
    {
      title: titleOf(title),
      height: 340,
      margin: { l: 40, r: 8, t: title === "" ? 64 : 92, b: 44 },
      hovermode: "x",
      legend: { orientation: "h", x: 0, y: 1.1, yanchor: "bottom" },
      annotations: [
        heading("losses", PANELS.losses),
        heading("D's mean answer", PANELS.scores),
        heading("samples of the same noise", PANELS.samples),
      ],
      xaxis: { ...step, domain: [...PANELS.losses] },
      yaxis: { zeroline: false },
      xaxis2: { ...step, domain: [...PANELS.scores], anchor: "y2" },
      yaxis2: { zeroline: false, anchor: "x2" },
      xaxis3: { ...xaxis, domain: [...PANELS.samples], anchor: "y3" },
      yaxis3: { ...yaxis, anchor: "x3" },
    } as Figure["layout"],
  );
}
