/** Losses and answers of the discriminator over training, as one reads whether a GAN is in balance. */
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
  /** The title, plain text. */
  readonly title?: string;
  /** The number of iterations between two losses; 10 by default. */
  readonly every?: number;
  /** Whose losses they are, for their colour; the discriminator's by default. */
  readonly player?: Player;
}

/** The losses that {@linkcode lossFigure} compares, each at every `every`th iteration. */
export interface LossSeries {
  /** The discriminator's loss on real samples. */
  readonly real: readonly number[];
  /** The discriminator's loss on generated samples. */
  readonly fake: readonly number[];
  /** The generator's loss, measured by the discriminator. */
  readonly generator: readonly number[];
}

/** Options of {@linkcode scoreFigure}. */
export interface ScoreFigureOptions {
  /** The title, plain text. */
  readonly title?: string;
  /** The number of iterations between two answers; 10 by default. */
  readonly every?: number;
  /** The answer of a discriminator that cannot tell: 0.5 for probabilities; none for critics. */
  readonly equilibrium?: number | undefined;
  /** Over how many values the lines are averaged; 25 by default, 1 draws them as they are. */
  readonly smoothing?: number;
}

/** Options of {@linkcode lossFigure}. */
export interface LossFigureOptions extends ScoreFigureOptions {
  /**
   * Where a line marks the loss of a discriminator that cannot tell: 1/4 for MSE, which is the default,
   * ln 2 for BCE; `undefined` draws none.
   */
  readonly equilibrium?: number | undefined;
}

/** The discriminator's mean answers, each at every `every`th iteration. */
export interface ScoreSeries {
  /** Its mean answer on real samples. */
  readonly real: readonly number[];
  /** Its mean answer on generated samples. */
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
 * Draws losses over iterations with stars, as the script draws them. Long series are thinned; the
 * smallest and the largest losses stay.
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
 * Draws the three losses of a GAN in one figure, with a line where the discriminator cannot tell: means
 * in front, single losses faintly behind. Long series are thinned; the extremes of the single losses stay.
 *
 * @throws {TypeError | RangeError} if a series is missing, or an option is unknown or wrong.
 */
export function lossFigure(losses: LossSeries, options: LossFigureOptions = {}): Figure {
  const { real, fake, generator } = seriesOf("draw losses", losses, ["real", "fake", "generator"]);
  checkOptions("draw losses", options, { kinds: LINE_KINDS });
  // A default would also replace the `undefined` that asks for no line.
  const equilibrium = "equilibrium" in options ? options.equilibrium : 0.25;
  const lines: Line[] = [
    { name: "D on real", color: COLORS.real, values: real },
    { name: "D on generated", color: COLORS.fake, values: fake },
    { name: "G", color: COLORS.generator, values: generator },
  ];
  return linesFigure(lines, { title: "Losses", ...defined(options), equilibrium, y: "loss" });
}

/**
 * Draws the discriminator's mean answer on real and on generated samples over iterations; they meet
 * where it cannot tell the two apart.
 *
 * With `equilibrium`, answers are probabilities and the axis shows all of them, from 0 to 1; without it
 * the axis follows the critic's answers. Long series are thinned as in {@linkcode lossFigure}.
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

/** Options of all figures of players' lines. */
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

/** Leaves out options that are `undefined`, so that they do not replace defaults. */
function defined<T extends object>(options: T): T {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}

/** Finds the vertical axis: probabilities have one honest scale, a critic's answers have none. */
export function scoreRange(equilibrium: number | undefined): { range?: [number, number] } {
  return equilibrium === undefined ? {} : { range: [-0.02, 1.02] };
}
