/** Losses and answers of the discriminator over training, as one reads whether a GAN is in balance. */
import { type Data, Figure } from "./figure.ts";
import { balanceTrace, lastStep, linePoints, lineTrace, LIVE_POINTS, stepsOf } from "./lines.ts";
import { chartLayout, COLORS } from "./theme.ts";

/** What {@linkcode progressFigure} can be told besides the losses. */
export interface ProgressFigureOptions {
  /** The title, plain text. */
  readonly title?: string;
  /** How many training steps lie between two losses. */
  readonly every?: number;
}

/** The losses that {@linkcode lossFigure} compares, each at every `every`th step of its kind. */
export interface LossSeries {
  /** The discriminator's loss on real samples. */
  readonly real: readonly number[];
  /** The discriminator's loss on generated samples. */
  readonly fake: readonly number[];
  /** The generator's loss, measured by the discriminator. */
  readonly generator: readonly number[];
}

/** What {@linkcode lossFigure} can be told besides the losses. */
export interface LossFigureOptions extends ProgressFigureOptions {
  /**
   * Where a line marks the loss of a discriminator that cannot tell: 1/4 for MSE, which is the default,
   * ln 2 for BCE; `undefined` draws none.
   */
  readonly equilibrium?: number | undefined;
  /** Over how many losses the drawn lines are averaged; 1 draws them as they are. */
  readonly smoothing?: number;
}

/** The discriminator's mean answers, each at every `every`th step. */
export interface ScoreSeries {
  /** Its mean answer on real samples. */
  readonly real: readonly number[];
  /** Its mean answer on generated samples. */
  readonly fake: readonly number[];
}

/** What {@linkcode scoreFigure} can be told besides the answers. */
export interface ScoreFigureOptions extends ProgressFigureOptions {
  /** What a discriminator that cannot tell answers: 0.5 for probabilities; none for critics. */
  readonly equilibrium?: number | undefined;
  /** Over how many answers the drawn lines are averaged; 1 draws them as they are. */
  readonly smoothing?: number;
}

/** Losses over training steps, drawn with stars as the script draws them. */
export function progressFigure(
  losses: readonly number[],
  { title = "Loss", every = 10 }: ProgressFigureOptions = {},
): Figure {
  const stars: Data = {
    type: "scatter",
    mode: "markers",
    name: "loss",
    x: stepsOf(losses, every),
    y: [...losses],
    marker: { symbol: "star", size: 6, color: COLORS.real, opacity: 0.6 },
  };
  return new Figure([stars], { ...chartLayout(title, "training step", "loss"), showlegend: false });
}

/** The three losses of a GAN in one figure, with a line where the discriminator cannot tell. */
export function lossFigure(losses: LossSeries, options: LossFigureOptions = {}): Figure {
  const { title = "Losses", every = 10, smoothing = 25 } = options;
  // A default would also replace the `undefined` that asks for no line.
  const equilibrium = "equilibrium" in options ? options.equilibrium : 0.25;
  const line = (name: string, values: readonly number[], color: string) =>
    lineTrace(name, color, linePoints(values, { every, smoothing }));
  const last = lastStep(Object.values(losses), every);
  return new Figure([
    line("D on real", losses.real, COLORS.real),
    line("D on generated", losses.fake, COLORS.fake),
    line("G", losses.generator, COLORS.generator),
    ...equilibrium === undefined ? [] : [balanceTrace(equilibrium, last, COLORS.line)],
  ], chartLayout(title, "training step of each kind", "loss"));
}

/**
 * The discriminator's mean answer on real and on generated samples over training steps; they meet where
 * it cannot tell the two apart.
 *
 * With `equilibrium`, answers are probabilities and the axis shows all of them, from 0 to 1; without it
 * the axis follows the critic's answers. Long lines are thinned to 300 points.
 */
export function scoreFigure(
  { real, fake }: ScoreSeries,
  {
    title = "The discriminator's mean answer",
    every = 10,
    equilibrium,
    smoothing = 25,
  }: ScoreFigureOptions = {},
): Figure {
  const line = (name: string, values: readonly number[], color: string) =>
    lineTrace(name, color, linePoints(values, { every, smoothing, points: LIVE_POINTS }));
  const { yaxis, ...layout } = chartLayout(title, "training step", "answer");
  return new Figure([
    line("on real", real, COLORS.real),
    line("on generated", fake, COLORS.fake),
    ...equilibrium === undefined
      ? []
      : [balanceTrace(equilibrium, lastStep([real, fake], every), COLORS.line)],
  ], { ...layout, yaxis: { ...yaxis, ...scoreRange(equilibrium) } });
}

/** Probabilities have one honest scale; a critic's answers have none of their own. */
export function scoreRange(equilibrium: number | undefined): { range?: [number, number] } {
  return equilibrium === undefined ? {} : { range: [-0.02, 1.02] };
}
