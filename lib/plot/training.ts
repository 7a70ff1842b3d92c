/** A GAN while it trains, in one figure: losses, the discriminator's answers and samples. */
import { type Data, Figure, type Layout } from "./figure.ts";
import { type SheetAxes, sheetAxes, sheetTrace } from "./images.ts";
import { balanceTrace, lastStep, linePoints, lineTrace, LIVE_POINTS } from "./lines.ts";
import { type LossSeries, scoreRange, type ScoreSeries } from "./losses.ts";
import { countImages, FEW_SHADES, layOut, squareColumns } from "./picture.ts";
import { chartLayout, COLORS, plainText } from "./theme.ts";

/** What {@linkcode trainingFigure} shows. */
export interface TrainingState {
  /** Losses, each at every `every`th step. */
  readonly losses: LossSeries;
  /** The discriminator's mean answers, each at every `every`th step. */
  readonly scores: ScoreSeries;
  /** What the generator makes of noise that stays the same: `[count, side * side]` in [0, 1]. */
  readonly samples: ArrayLike<number>;
}

/** What {@linkcode trainingFigure} can be told besides what it shows. */
export interface TrainingFigureOptions {
  /** The title, plain text. */
  readonly title?: string;
  /** How many training steps lie between two losses. */
  readonly every?: number;
  /** Where dashed lines mark a discriminator that cannot tell; a part that is not given has none. */
  readonly equilibrium?: Balance;
  /** Over how many values the drawn lines are averaged; 1 draws them as they are. */
  readonly smoothing?: number;
  /** How many samples are side by side; as many as make the grid nearest to a square by default. */
  readonly columns?: number;
  /** Pixels along a sample's edge; 28 by default, as in MNIST. */
  readonly side?: number;
}

/** What a discriminator that cannot tell would have. */
export interface Balance {
  /** Its loss: ln 2 for BCE, 1/4 for MSE. */
  readonly loss?: number;
  /** Its answer: 0.5 for probabilities. */
  readonly score?: number;
}

/** A line of one of the two panels of lines. */
interface PanelLine {
  readonly name: string;
  readonly color: string;
  readonly losses: readonly number[];
  readonly scores?: readonly number[];
}

/** From where to where, as shares of the figure. */
type Range = [start: number, end: number];

/** The panels' places, as shares of the figure. */
const LEFT: Range = [0, 0.54];
const RIGHT: Range = [0.62, 1];
const UPPER: Range = [0.54, 1];
const LOWER: Range = [0, 0.46];

/**
 * Losses above the discriminator's answers, in the same colours over the same steps, and the samples at
 * the right. It is made to be drawn again and again: lines are thinned to 300 points.
 *
 * @throws {RangeError} as `imagesFigure` does for the samples.
 */
export function trainingFigure(
  { losses, scores, samples }: TrainingState,
  {
    title = "Training",
    every = 10,
    equilibrium = {},
    smoothing = 25,
    side = 28,
    columns = squareColumns(countImages(samples, side)),
  }: TrainingFigureOptions = {},
): Figure {
  const sheet = layOut(samples, { columns, side, shades: FEW_SHADES });
  const lines: PanelLine[] = [
    { name: "D on real", color: COLORS.real, losses: losses.real, scores: scores.real },
    { name: "D on generated", color: COLORS.fake, losses: losses.fake, scores: scores.fake },
    { name: "G", color: COLORS.generator, losses: losses.generator },
  ];
  const last = lastStep([...Object.values(losses), ...Object.values(scores)], every) || every;
  const data = [
    ...lines.flatMap((line) => panelTraces(line, { every, smoothing })),
    ...balanceTraces(equilibrium, last),
    { ...sheetTrace(sheet, countImages(samples, side)), xaxis: "x3", yaxis: "y3" } as Data,
  ];
  return new Figure(data, trainingLayout(title, sheetAxes(sheet), equilibrium));
}

/** A line of losses and one of answers; the legend explains their colour once. */
function panelTraces(
  { name, color, losses, scores }: PanelLine,
  options: { readonly every: number; readonly smoothing: number },
): Data[] {
  const trace = (values: readonly number[]) =>
    lineTrace(name, color, linePoints(values, { ...options, points: LIVE_POINTS }));
  const upper = { ...trace(losses), legendgroup: name } as Data;
  if (scores === undefined) return [upper];
  return [upper, { ...inLowerPanel(trace(scores)), legendgroup: name } as Data];
}

function inLowerPanel(trace: Data): object {
  return { ...trace, xaxis: "x2", yaxis: "y2", showlegend: false };
}

/** The dashed lines, named once without their heights. */
function balanceTraces({ loss, score }: Balance, last: number): Data[] {
  const named = (equilibrium: number) => ({
    ...balanceTrace(equilibrium, last, COLORS.line),
    name: "D cannot tell",
    legendgroup: "balance",
  });
  const traces: object[] = [];
  if (loss !== undefined) traces.push(named(loss));
  if (score !== undefined) {
    const lower = inLowerPanel(named(score) as Data);
    traces.push(loss === undefined ? { ...lower, showlegend: true } : lower);
  }
  return traces as Data[];
}

/** Close to the samples: there are no ticks between. */
const samplesTitle = { text: "samples of the same noise", standoff: 6 };

function trainingLayout(
  title: string,
  images: SheetAxes,
  equilibrium: Balance,
): Partial<Layout> {
  const { xaxis, yaxis, ...layout } = chartLayout(title, "training step", "loss");
  const answers = { ...yaxis, title: { text: plainText("D's mean answer") } };
  return {
    ...layout,
    height: 460,
    margin: { l: 60, r: 16, t: 72, b: 52 },
    xaxis: { ...xaxis, title: { text: "" }, domain: LEFT, matches: "x2", showticklabels: false },
    yaxis: { ...yaxis, domain: UPPER },
    xaxis2: { ...xaxis, domain: LEFT, anchor: "y2" },
    yaxis2: { ...answers, domain: LOWER, anchor: "x2", ...scoreRange(equilibrium.score) },
    xaxis3: { ...images.xaxis, domain: RIGHT, anchor: "y3", title: samplesTitle },
    yaxis3: { ...images.yaxis, domain: [0, 1], anchor: "x3", scaleanchor: "x3" },
  };
}
