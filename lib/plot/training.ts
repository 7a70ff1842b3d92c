/** Figure of a GAN during training: losses, answers of D, and samples. */
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

/** State of a training for {@linkcode trainingFigure}. */
export interface TrainingState {
  /** Losses, one for every `every` iterations. */
  readonly losses: LossSeries;
  /** Mean answers of the discriminator, one for every `every` iterations. */
  readonly scores: ScoreSeries;
  /** Samples of the generator, always from the same noise: `[count, side * side]` in [0, 1]. */
  readonly samples: ArrayLike<number>;
}

/** Options of {@linkcode trainingFigure}. */
export interface TrainingFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Number of iterations from one loss to the next; 10 by default. */
  readonly every?: number;
  /**
   * Loss and answer of a D that cannot distinguish real from generated samples, drawn as dashed
   * lines. An absent one is not drawn.
   */
  readonly equilibrium?: Balance;
  /** Number of values in each mean; 25 by default. 1 draws the values themselves. */
  readonly smoothing?: number;
  /** Number of samples per row. By default the grid is nearly square. */
  readonly columns?: number;
  /** Side of a sample in pixels; 28 by default, as in MNIST. */
  readonly side?: number;
}

/** Loss and answer of a D that cannot distinguish real from generated samples. */
export interface Balance {
  /** Loss: ln 2 for BCE, 1/4 for MSE. */
  readonly loss?: number;
  /** Answer: 0.5 for probabilities. */
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

/** Start and end, as fractions of the figure. */
type Range = [start: number, end: number];

/** Positions of the panels on wide pages, as fractions of the figure. */
const WIDE = { left: [0, 0.54], right: [0.62, 1], upper: [0.54, 1], lower: [0, 0.46] } as const;

/** Positions of the panels on narrow pages, one below the other. */
const NARROW = { upper: [0.74, 1], lower: [0.45, 0.7], samples: [0, 0.36] } as const;

const NARROW_HEIGHT = 860;

/**
 * Draws losses and, below them, the answers of D over the same iterations in the same colours. The
 * samples are at the right, or below on narrow pages. The figure can be drawn repeatedly during
 * training: lines are thinned to 100 columns, and the extremes of the single values are kept.
 *
 * @throws {TypeError | RangeError} if a series is missing, an option is unknown or wrong, or the
 * samples are wrong as in `imagesFigure`.
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

/** Losses of a player and, for D, its answers. */
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

/** Makes the line of losses and the line of answers. The legend contains their colour once. */
function panelTraces({ losses, answers }: PanelLine, options: LineOptions): Data[] {
  const legendgroup = losses.name;
  const upper = lineTraces(losses, options);
  const lower = answers ? lineTraces(answers, options).map(inLowerPanel) : [];
  return [...upper, ...lower].map((trace) => ({ ...trace, legendgroup }) as Data);
}

function inLowerPanel(trace: Data): Data {
  return { ...trace, xaxis: "x2", yaxis: "y2", showlegend: false } as Data;
}

/** Makes the dashed lines. The legend contains them once, without their values. */
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

/** Title of the samples. There are no ticks between it and the samples. */
const samplesTitle = { text: "samples of the same noise", standoff: 6 };

interface LayoutOptions {
  readonly title: string;
  readonly below: string | undefined;
  readonly images: SheetAxes;
  readonly equilibrium: Balance;
}

/** Makes the layout of the three panels, and its changes for narrow pages. */
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
