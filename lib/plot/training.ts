/** A GAN while it trains, in one figure: losses, the discriminator's answers and samples. */
import {
  check,
  checkOptions,
  finiteNumber,
  type Kinds,
  recordOf,
  text,
  wholeNumber,
} from "../check/mod.ts";
import { type Data, Figure, type Layout } from "./figure.ts";
import { hoverTrace, type SheetAxes, sheetAxes, sheetTrace } from "./images.ts";
import {
  balanceTrace,
  describeLines,
  lastIteration,
  type Line,
  type LineOptions,
  lineTraces,
  LIVE_COLUMNS,
  smoothingText,
} from "./lines.ts";
import { type LossSeries, scoreRange, type ScoreSeries } from "./losses.ts";
import { COLUMNS, countImages, FEW_SHADES, layOut, squareColumns } from "./picture.ts";
import { numbers, seriesOf } from "./series.ts";
import { chartLayout, COLORS, ITERATION } from "./theme.ts";

/** State of a training that {@linkcode trainingFigure} shows. */
export interface TrainingState {
  /** Losses, each at every `every`th iteration. */
  readonly losses: LossSeries;
  /** The discriminator's mean answers, each at every `every`th iteration. */
  readonly scores: ScoreSeries;
  /** The generator's samples of noise that stays the same: `[count, side * side]` in [0, 1]. */
  readonly samples: ArrayLike<number>;
}

/** Options of {@linkcode trainingFigure}. */
export interface TrainingFigureOptions {
  /** The title, plain text. */
  readonly title?: string;
  /** The number of iterations between two losses; 10 by default. */
  readonly every?: number;
  /** Heights of the dashed lines of a discriminator that cannot tell; a part that is not given has none. */
  readonly equilibrium?: Balance;
  /** Over how many values the lines are averaged; 25 by default, 1 draws them as they are. */
  readonly smoothing?: number;
  /** The number of samples side by side; as many as make the grid nearest to a square by default. */
  readonly columns?: number;
  /** Pixels along a sample's edge; 28 by default, as in MNIST. */
  readonly side?: number;
}

/** Loss and answer of a discriminator that cannot tell. */
export interface Balance {
  /** Its loss: ln 2 for BCE, 1/4 for MSE. */
  readonly loss?: number;
  /** Its answer: 0.5 for probabilities. */
  readonly score?: number;
}

const KINDS: Kinds<TrainingFigureOptions> = {
  title: text,
  every: finiteNumber({ above: 0 }),
  equilibrium: recordOf(finiteNumber()),
  smoothing: wholeNumber({ from: 1 }),
  columns: COLUMNS,
  side: wholeNumber({ from: 1 }),
};

const BALANCE_KINDS: Kinds<Balance> = { loss: finiteNumber(), score: finiteNumber() };

/** From where to where, as shares of the figure. */
type Range = [start: number, end: number];

/** The panels' places, as shares of the figure. */
const WIDE = { left: [0, 0.54], right: [0.62, 1], upper: [0.54, 1], lower: [0, 0.46] } as const;

/** The same one below the other, where there is little width. */
const NARROW = { upper: [0.74, 1], lower: [0.45, 0.7], samples: [0, 0.36] } as const;

const NARROW_HEIGHT = 860;

/**
 * Draws losses above the discriminator's answers, in the same colours over the same iterations, and the
 * samples at the right, or below where there is little width. It is made to be drawn again and again:
 * lines are thinned to 100 columns, extremes of the single values stay.
 *
 * @throws {TypeError | RangeError} as `imagesFigure` does for the samples, if a series is missing, or if an
 * option is unknown or wrong.
 */
export function trainingFigure(
  state: TrainingState,
  options: TrainingFigureOptions = {},
): Figure {
  const lines = panelLines(state);
  checkOptions("draw a training", options, { kinds: KINDS });
  checkOptions("draw a training", options.equilibrium ?? {}, { kinds: BALANCE_KINDS });
  const { title = "Training", every = 10, equilibrium = {}, smoothing = 25, side = 28 } = options;
  const count = countImages(state.samples, side);
  const { columns = squareColumns(count) } = options;
  const sheet = layOut(state.samples, { columns, side, shades: FEW_SHADES });
  const lineOptions = { every, smoothing, columns: LIVE_COLUMNS };
  const all = lines.flatMap(({ losses, answers }) => answers ? [losses, answers] : [losses]);
  const last = lastIteration(all.map(({ values }) => values), every) || every;
  const onSheet = { xaxis: "x3", yaxis: "y3" };
  const hover = { count, side, rowLabels: [], columnLabels: [], captions: [] };
  const data = [
    ...lines.flatMap((line) => panelTraces(line, lineOptions)),
    ...balanceTraces(equilibrium, last),
    { ...sheetTrace(sheet, count), ...onSheet } as Data,
    { ...hoverTrace(sheet, hover), ...onSheet } as Data,
  ];
  const below = smoothingText(lines.map(({ losses }) => losses), lineOptions);
  const { wide, narrow } = layouts({ title, below, images: sheetAxes(sheet), equilibrium });
  const losses = describeLines(lines.map((line) => line.losses), every);
  const alt = `${title}: losses, D's mean answers and ${count} samples; of the losses, ${losses}.`;
  return new Figure(data, wide, { narrow, alt });
}

/** A player's losses and, of D, its answers. */
interface PanelLine {
  readonly losses: Line;
  readonly answers?: Line;
}

function panelLines(state: TrainingState): PanelLine[] {
  check(
    "draw a training",
    { "the state": state },
    recordOf({ expected: "a series", fault: () => undefined }),
  );
  const losses = seriesOf("draw a training", state.losses, ["real", "fake", "generator"]);
  const scores = seriesOf("draw a training", state.scores, ["real", "fake"]);
  check("draw a training", { samples: state.samples }, numbers);
  const real = { name: "D on real", color: COLORS.real };
  const fake = { name: "D on generated", color: COLORS.fake };
  return [
    { losses: { ...real, values: losses.real }, answers: { ...real, values: scores.real } },
    { losses: { ...fake, values: losses.fake }, answers: { ...fake, values: scores.fake } },
    { losses: { name: "G", color: COLORS.generator, values: losses.generator } },
  ];
}

/** Makes a line of losses and one of answers; the legend explains their colour once. */
function panelTraces({ losses, answers }: PanelLine, options: LineOptions): Data[] {
  const legendgroup = losses.name;
  const upper = lineTraces(losses, options);
  const lower = answers ? lineTraces(answers, options).map(inLowerPanel) : [];
  return [...upper, ...lower].map((trace) => ({ ...trace, legendgroup }) as Data);
}

function inLowerPanel(trace: Data): Data {
  return { ...trace, xaxis: "x2", yaxis: "y2", showlegend: false } as Data;
}

/** Makes the dashed lines, named once without their heights. */
function balanceTraces({ loss, score }: Balance, last: number): Data[] {
  const named = (equilibrium: number): Data => ({
    ...balanceTrace(equilibrium, last, COLORS.line),
    name: "D cannot tell",
    legendgroup: "balance",
  } as Data);
  const upper = loss === undefined ? [] : [named(loss)];
  if (score === undefined) return upper;
  const lower = { ...inLowerPanel(named(score)), showlegend: loss === undefined };
  return [...upper, lower as Data];
}

/** Close to the samples: there are no ticks between. */
const samplesTitle = { text: "samples of the same noise", standoff: 6 };

interface LayoutOptions {
  readonly title: string;
  readonly below: string | undefined;
  readonly images: SheetAxes;
  readonly equilibrium: Balance;
}

/** Makes the layout of three panels, and what is different where there is little width. */
function layouts({ title, below, images, equilibrium }: LayoutOptions) {
  const chart = chartLayout({ title, below, x: ITERATION, y: "loss" });
  const { xaxis, yaxis, ...layout } = chart;
  const answers = {
    ...yaxis,
    title: { text: "D's mean answer" },
    ...scoreRange(equilibrium.score),
  };
  const upperX = { ...xaxis, title: { text: "" }, matches: "x2", showticklabels: false };
  const panels = (at: { x: Range; upper: Range; lower: Range; samples: [Range, Range] }) => ({
    xaxis: { ...upperX, domain: at.x },
    yaxis: { ...yaxis, domain: at.upper },
    xaxis2: { ...xaxis, domain: at.x, anchor: "y2" },
    yaxis2: { ...answers, domain: at.lower, anchor: "x2" },
    xaxis3: { ...images.xaxis, domain: at.samples[0], anchor: "y3", title: samplesTitle },
    yaxis3: { ...images.yaxis, domain: at.samples[1], anchor: "x3", scaleanchor: "x3" },
  });
  const { left, right, upper, lower } = WIDE;
  const wide = panels({
    x: [...left],
    upper: [...upper],
    lower: [...lower],
    samples: [[...right], [0, 1]],
  });
  const narrow = panels({
    x: [0, 1],
    upper: [...NARROW.upper],
    lower: [...NARROW.lower],
    samples: [[0, 1], [...NARROW.samples]],
  });
  const rest = { ...layout, margin: { ...layout.margin, r: 16 } };
  return {
    wide: { ...rest, ...wide, height: 480 } as Partial<Layout>,
    narrow: { ...narrow, height: NARROW_HEIGHT } as Partial<Layout>,
  };
}
