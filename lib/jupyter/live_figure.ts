/** A figure that follows a running loop without holding it up. */
import type { Figure } from "../plot/mod.ts";
import { callable, check, checkOptions, finiteNumber, flag, type Kinds } from "../check/mod.ts";
import { FIGURE_KINDS, type FigureOptions } from "./figure_bundle.ts";
import { inKernel } from "./kernel.ts";
import { show, type ShownFigure } from "./show.ts";

/** Options of {@linkcode liveFigure}. */
export interface LiveFigureOptions extends FigureOptions {
  /** The fewest milliseconds between two drawings. Default 1000. */
  readonly intervalMs?: number;
  /** The largest share of the time that drawing may take, above 0 up to 1. Default 0.05. */
  readonly share?: number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** A figure on the page that is drawn anew while a loop runs. */
export interface LiveFigure {
  /** Draws if it is time to; else it costs a look at the clock. */
  update(options?: { readonly force?: boolean }): Promise<void>;
  /** Draws the last state, whether or not it is time to. */
  finish(): Promise<void>;
  /** Milliseconds spent so far on drawing and on sending what was drawn. */
  readonly spentMs: number;
  /** Milliseconds from the beginning to the end of the last drawing. */
  readonly elapsedMs: number;
  /** The number of drawings sent so far. */
  readonly draws: number;
}

/**
 * Shows what `draw` returns, and shows it anew when `update` is called and it is time to.
 *
 * It waits longer than `intervalMs` where drawing is slow, so that it takes no more than `share` of the
 * time. Outside a notebook it is quiet and never calls `draw`. What goes wrong in `draw` is printed once
 * and stops nothing.
 *
 * @example
 * ```ts
 * import { Figure, liveFigure } from "./mod.ts";
 *
 * const losses: number[] = [];
 * const live = await liveFigure(() => new Figure([{ type: "scatter", y: losses }]));
 * for (let step = 1; step <= 100; step++) {
 *   losses.push(1 / step);
 *   await live.update();
 * }
 * await live.finish();
 * ```
 *
 * @throws {TypeError | RangeError} if `draw` is not a function, or an option is unknown or wrong.
 */
export async function liveFigure(
  draw: () => Figure | Promise<Figure>,
  options: LiveFigureOptions = {},
): Promise<LiveFigure> {
  const live = new Live(draw, options);
  await live.finish();
  return live;
}

const TASK = "show a live figure";

const KINDS: Kinds<LiveFigureOptions> = {
  height: FIGURE_KINDS.height,
  intervalMs: finiteNumber({ from: 0 }),
  share: finiteNumber({ above: 0, to: 1 }),
  now: callable,
};

/** The state of one live figure. */
class Live implements LiveFigure {
  readonly #draw: () => Figure | Promise<Figure>;
  readonly #options: LiveFigureOptions;
  readonly #now: () => number;
  #shown: ShownFigure | undefined;
  #drawing: Promise<void> | undefined;
  #dueAt = 0;
  #lastError: string | undefined;
  #spentMs = 0;
  readonly #startedAt: number;
  #endedAt: number;
  #draws = 0;

  constructor(draw: () => Figure | Promise<Figure>, options: LiveFigureOptions) {
    check(TASK, { draw }, callable);
    checkOptions(TASK, options, { kinds: KINDS });
    this.#draw = draw;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#startedAt = this.#endedAt = this.#now();
  }

  get spentMs(): number {
    return this.#spentMs;
  }

  get elapsedMs(): number {
    return this.#endedAt - this.#startedAt;
  }

  get draws(): number {
    return this.#draws;
  }

  async update(options: { readonly force?: boolean } = {}): Promise<void> {
    checkOptions("update a live figure", options, { kinds: { force: flag } });
    const { force = false } = options;
    if (!inKernel()) return;
    if (!force && (this.#drawing || this.#now() < this.#dueAt)) return;
    while (this.#drawing) await this.#drawing; // an update that nobody awaited
    this.#drawing = this.#drawNow().finally(() => this.#drawing = undefined);
    await this.#drawing;
  }

  finish(): Promise<void> {
    return this.update({ force: true });
  }

  /** Draws and remembers what it cost; never rejects. */
  async #drawNow(): Promise<void> {
    const { intervalMs = 1000, share = 0.05 } = this.#options;
    const start = this.#now();
    try {
      await this.#send(await this.#draw());
      this.#draws++;
      this.#lastError = undefined;
    } catch (error) {
      this.#complain(String(error));
    }
    const end = this.#now();
    const costMs = end - start;
    this.#endedAt = end;
    this.#spentMs += costMs;
    this.#dueAt = end + Math.max(intervalMs - costMs, costMs * (1 / share - 1));
  }

  async #send(figure: Figure): Promise<void> {
    if (this.#shown) await this.#shown.update(figure);
    else this.#shown = await show(figure, heightOf(this.#options));
  }

  /** Says it once: the next drawing is likely to fail as this one did. */
  #complain(error: string): void {
    if (error !== this.#lastError) console.error(`The live figure cannot be drawn: ${error}`);
    this.#lastError = error;
  }
}

/** Picks the options that are of the figure, not of its being live. */
function heightOf({ height }: LiveFigureOptions): FigureOptions {
  return height === undefined ? {} : { height };
}
