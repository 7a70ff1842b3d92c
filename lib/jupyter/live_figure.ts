/** A figure that is re-plotted in place while a loop runs, seldom enough not to hold it up. */
import { Figure } from "../plot/mod.ts";
import { inKernel } from "./kernel.ts";
import { show, type ShownFigure } from "./show.ts";

/** How often a figure is drawn, and with what. */
export interface LiveFigureOptions {
  /** At least so many milliseconds lie between two drawings. */
  readonly intervalMs?: number;
  /** Drawings take at most this share of the time; where one takes long, the next waits longer. */
  readonly maxShare?: number;
  /** The clock. */
  readonly now?: () => number;
  /** Shows the figure. */
  readonly show?: (figure: Figure) => Promise<ShownFigure>;
}

/** A figure on the page, kept up to date. */
export class LiveFigure {
  readonly #draw: () => Figure;
  readonly #options: Required<LiveFigureOptions>;
  readonly #start: number;
  #shown: ShownFigure | undefined;
  #due = 0;
  #end: number;
  #spentMs = 0;
  #drawings = 0;

  /** Draws nothing yet; see {@linkcode liveFigure}. */
  constructor(draw: () => Figure, options: LiveFigureOptions = {}) {
    const { intervalMs = 1000, maxShare = 0.04, now = () => performance.now() } = options;
    this.#draw = draw;
    this.#options = { intervalMs, maxShare, now, show: options.show ?? show };
    this.#start = this.#end = now();
  }

  /** Milliseconds that drawing and sending took so far. */
  get spentMs(): number {
    return this.#spentMs;
  }

  /** Milliseconds from the first drawing to the last. */
  get elapsedMs(): number {
    return this.#end - this.#start;
  }

  /** How often it was drawn. */
  get drawings(): number {
    return this.#drawings;
  }

  /** Draws it again if that is due; asking costs nothing. */
  async update(): Promise<void> {
    if (this.#options.now() >= this.#due) await this.finish();
  }

  /** Draws it as it is now. A drawing that fails is said, and does not stop the training. */
  async finish(): Promise<void> {
    const { now, intervalMs, maxShare } = this.#options;
    const begin = now();
    try {
      const figure = this.#draw();
      if (this.#shown) await this.#shown.update(figure);
      else this.#shown = await this.#options.show(figure);
      this.#drawings++;
    } catch (error) {
      console.error(`The live figure cannot be drawn: ${error}`);
    }
    this.#end = now();
    const took = this.#end - begin;
    this.#spentMs += took;
    this.#due = this.#end + Math.max(intervalMs, took / maxShare);
  }
}

const NOTHING = new Figure([]);

/**
 * Shows a figure and keeps it up to date: `await live.update()` in a loop draws it again about once a
 * second, `await live.finish()` after it for the last time.
 *
 * Outside a notebook nothing is drawn.
 *
 * ```ts
 * import { Figure, liveFigure } from "./mod.ts";
 *
 * const losses: number[] = [];
 * const live = await liveFigure(() => new Figure([{ y: losses }]));
 * for (let i = 0; i < 3; i++) {
 *   losses.push(1 / (i + 1));
 *   await live.update();
 * }
 * await live.finish();
 * ```
 */
export async function liveFigure(
  draw: () => Figure,
  options: LiveFigureOptions = {},
): Promise<LiveFigure> {
  const nowhere: ShownFigure = { update: () => Promise.resolve() };
  const isSeen = inKernel() || options.show !== undefined;
  const live = isSeen
    ? new LiveFigure(draw, options)
    : new LiveFigure(() => NOTHING, { ...options, show: () => Promise.resolve(nowhere) });
  await live.finish();
  return live;
}
