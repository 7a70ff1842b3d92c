/** Losses over training: as the script plots them, and as one reads whether a GAN is in balance. */
import { type Data, Figure } from "./figure.ts";
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
  /** Where a line marks the loss of a discriminator that cannot tell; 1/4 for MSE, ln 2 for BCE; undefined for no line. */
  readonly equilibrium?: number | undefined;
  /** Over how many losses the drawn lines are averaged; 1 draws them as they are. */
  readonly smoothing?: number;
}

/** The steps at which losses were kept: every, 2·every, … */
export function stepsOf(values: readonly unknown[], every: number): number[] {
  return values.map((_, i) => (i + 1) * every);
}

/**
 * The mean of a window around each value; at the ends, of the part of the window that is there, so that
 * no single noisy loss sticks out of the line.
 *
 * ```ts
 * import { movingMean } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(movingMean([0, 3, 6, 3], 3), [1.5, 3, 4, 4.5]);
 * ```
 *
 * @throws {RangeError} if `window` is not a whole number from 1 on.
 */
export function movingMean(values: readonly number[], window: number): number[] {
  if (!Number.isInteger(window) || window < 1) {
    throw new RangeError(
      `Cannot smooth: expected a window that is a whole number from 1 on, got ${window}`,
    );
  }
  const before = Math.floor((window - 1) / 2);
  const after = window - 1 - before;
  return values.map((_, i) => {
    const near = values.slice(Math.max(0, i - before), i + after + 1);
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
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

/** A dashed line across at the height where D cannot tell; none if there is no such height. */
export function balanceLine(at: number | undefined, last: number): Data[] {
  if (at === undefined) return [];
  return [{
    type: "scatter",
    mode: "lines",
    name: `D cannot tell (${Number(at.toFixed(3))})`,
    x: [0, last],
    y: [at, at],
    line: { color: COLORS.line, width: 1, dash: "dash" },
  }];
}

/** The three losses of a GAN in one figure, with a line where the discriminator cannot tell. */
export function lossFigure(
  losses: LossSeries,
  options: LossFigureOptions = {},
): Figure {
  const { title = "Losses", every = 10, smoothing = 25 } = options;
  const equilibrium = "equilibrium" in options ? options.equilibrium : 0.25;
  const line = (name: string, values: readonly number[], color: string): Data => ({
    type: "scatter",
    mode: "lines",
    name,
    x: stepsOf(values, every),
    y: movingMean(values, smoothing),
    line: { color, width: 2 },
  });
  const last = Math.max(...Object.values(losses).map((values) => values.length)) * every;
  return new Figure([
    line("D on real", losses.real, COLORS.real),
    line("D on generated", losses.fake, COLORS.fake),
    line("G", losses.generator, COLORS.generator),
    ...balanceLine(equilibrium, last),
  ], chartLayout(title, "training step of each kind", "loss"));
}
