/** Figures of the losses and of D's answers over a training, which show whether the GAN is in balance. */
import {
  check,
  checkOptions,
  finiteNumber,
  type Kinds,
  oneOf,
  text,
  wholeNumber,
} from "../check/mod.ts";
import { type Data, Figure } from "./figure.ts";
import {
  balanceTrace,
  describeLines,
  lastIteration,
  type Line,
  linePoints,
  lineTraces,
  smoothingText,
} from "./lines.ts";
import { numbers, seriesOf } from "./series.ts";
import { chartLayout, COLORS, ITERATION, type Player, THREE_DIGITS } from "./theme.ts";
import { columnsFor } from "./thin.ts";

/** Options of {@linkcode progressFigure}. */
export interface ProgressFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Number of iterations from one loss to the next; 10 by default. */
  readonly every?: number;
  /** Player whose losses they are, for the colour; the discriminator by default. */
  readonly player?: Player;
}

/** Losses for {@linkcode lossFigure}, one for every `every` iterations. */
export interface LossSeries {
  /** Losses of the discriminator on real samples. */
  readonly real: readonly number[];
  /** Losses of the discriminator on generated samples. */
  readonly fake: readonly number[];
  /** Losses of the generator. */
  readonly generator: readonly number[];
}

/** Options of {@linkcode scoreFigure}. */
export interface ScoreFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Number of iterations from one answer to the next; 10 by default. */
  readonly every?: number;
  /**
   * Answer of a D that cannot distinguish real from generated samples, drawn as a dashed line: 0.5
   * for probabilities, none for scores.
   */
  readonly equilibrium?: number | undefined;
  /** Number of values in each mean; 25 by default. 1 draws the values themselves. */
  readonly smoothing?: number;
}

/** Options of {@linkcode lossFigure}. */
export interface LossFigureOptions extends ScoreFigureOptions {
  /**
   * Loss of a D that cannot distinguish real from generated samples, drawn as a dashed line: 1/4
   * for MSE (the default), ln 2 for BCE; `undefined` draws no line.
   */
  readonly equilibrium?: number | undefined;
}

/** Mean answers of the discriminator, one for every `every` iterations. */
export interface ScoreSeries {
  /** Mean answers to real samples. */
  readonly real: readonly number[];
  /** Mean answers to generated samples. */
  readonly fake: readonly number[];
}

const PROGRESS_KINDS: Kinds<ProgressFigureOptions> = {
  title: text,
  every: finiteNumber({ above: 0 }),
  player: oneOf(["discriminator", "generator"]),
};

const LINE_KINDS: Kinds<LossFigureOptions> = {
  title: text,
  every: finiteNumber({ above: 0 }),
  equilibrium: finiteNumber(),
  smoothing: wholeNumber({ from: 1 }),
};

/**
 * Draws losses over iterations as stars, like the script. Long series are thinned; the smallest and
 * the largest losses are kept.
 *
 * @throws {TypeError | RangeError} if the losses are not numbers, or an option is unknown or wrong.
 */
export function progressFigure(
  losses: readonly number[],
  options: ProgressFigureOptions = {},
): Figure {
  check("draw losses", { losses }, numbers);
  checkOptions("draw losses", options, { kinds: PROGRESS_KINDS });
  const { title = "Loss", every = 10, player = "discriminator" } = options;
  const points = linePoints(losses, { every, smoothing: 1, columns: columnsFor(1) });
  const color = COLORS[player];
  const stars: Data = {
    type: "scatter",
    mode: "markers",
    name: "loss",
    ...points,
    yhoverformat: THREE_DIGITS,
    marker: { symbol: "star", size: 6, color, opacity: 0.6 },
  };
  const line = { name: "the loss", color, values: losses };
  return new Figure(
    [stars],
    { ...chartLayout({ title, x: ITERATION, y: "loss" }), showlegend: false },
    { alt: `${title}: ${describeLines([line], every)}.` },
  );
}

/**
 * Draws the three losses of a GAN: means as lines, and behind them the single losses as faint
 * lines. A dashed line marks the loss of a D that cannot distinguish real from generated samples.
 * Long series are thinned; the extremes of the single losses are kept.
 *
 * @throws {TypeError | RangeError} if a series is missing, or an option is unknown or wrong.
 */
export function lossFigure(losses: LossSeries, options: LossFigureOptions = {}): Figure {
  const { real, fake, generator } = seriesOf("draw losses", losses, ["real", "fake", "generator"]);
  checkOptions("draw losses", options, { kinds: LINE_KINDS });
  // A default value in the destructuring would replace an explicit `undefined`, which means no
  // line.
  const equilibrium = "equilibrium" in options ? options.equilibrium : 0.25;
  const lines: Line[] = [
    { name: "D on real", color: COLORS.real, values: real },
    { name: "D on generated", color: COLORS.fake, values: fake },
    { name: "G", color: COLORS.generator, values: generator },
  ];
  return linesFigure(lines, { title: "Losses", ...defined(options), equilibrium, y: "loss" });
}

/**
 * Draws the mean answers of the discriminator to real and to generated samples over iterations.
 * They are equal where it cannot distinguish the two.
 *
 * With `equilibrium`, the answers are probabilities, and the axis goes from 0 to 1. Without it, the
 * axis depends on the scores. Long series are thinned as in {@linkcode lossFigure}.
 *
 * @throws {TypeError | RangeError} if a series is missing, or an option is unknown or wrong.
 */
export function scoreFigure(scores: ScoreSeries, options: ScoreFigureOptions = {}): Figure {
  const { real, fake } = seriesOf("draw answers", scores, ["real", "fake"]);
  checkOptions("draw answers", options, { kinds: LINE_KINDS });
  const { equilibrium } = options;
  const lines: Line[] = [
    { name: "on real", color: COLORS.real, values: real },
    { name: "on generated", color: COLORS.fake, values: fake },
  ];
  const title = "The discriminator's mean answer";
  const texts = { title, ...defined(options), equilibrium, y: "answer" };
  return linesFigure(lines, texts, scoreRange(equilibrium));
}

/** Options of figures with several lines. */
interface LinesFigureOptions {
  readonly title: string;
  readonly y: string;
  readonly equilibrium: number | undefined;
  readonly every?: number;
  readonly smoothing?: number;
}

function linesFigure(
  lines: readonly Line[],
  { title, y, equilibrium, every = 10, smoothing = 25 }: LinesFigureOptions,
  range: { readonly range?: [number, number] } = {},
): Figure {
  const options = { every, smoothing, columns: columnsFor(lines.length) };
  const last = lastIteration(lines.map(({ values }) => values), every);
  const below = smoothingText(lines, options);
  const { yaxis, ...layout } = chartLayout({ title, below, x: ITERATION, y });
  const data = [
    ...lines.flatMap((line) => lineTraces(line, options)),
    ...equilibrium === undefined ? [] : [balanceTrace(equilibrium, last, COLORS.line)],
  ];
  const alt = `${title}: ${describeLines(lines, every)}.`;
  return new Figure(data, { ...layout, yaxis: { ...yaxis, ...range } }, { alt });
}

/** Removes options that are `undefined`, so that they do not replace defaults. */
function defined<T extends object>(options: T): T {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}

/** Chooses the range of the vertical axis: 0 to 1 for probabilities, automatic for scores. */
export function scoreRange(equilibrium: number | undefined): { range?: [number, number] } {
  return equilibrium === undefined ? {} : { range: [-0.02, 1.02] };
}
