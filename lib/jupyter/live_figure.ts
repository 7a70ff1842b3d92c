/** Figure that is updated while a loop runs, without slowing the loop down. */
import type { Figure } from "../plot/mod.ts";
import { callable, check, checkOptions, finiteNumber, flag, type Kinds } from "../check/mod.ts";
import { FIGURE_KINDS, type FigureOptions } from "./figure_bundle.ts";
import { inKernel } from "./kernel.ts";
import { show, type ShownFigure } from "./show.ts";

/** Options of {@linkcode liveFigure}. */
export interface LiveFigureOptions extends FigureOptions {
  /** Minimum number of milliseconds between two drawings; 1000 by default. */
  readonly intervalMs?: number;
  /** Maximum share of the time that drawing may take, above 0 up to 1; 0.05 by default. */
  readonly share?: number;
  /** Clock, in milliseconds; `performance.now` by default. */
  readonly now?: () => number;
}

/** Figure on the page that is drawn again while a loop runs. */
export interface LiveFigure {
  /** Draws the figure if it is due or `force` is true; otherwise only reads the clock. */
  update(options?: { readonly force?: boolean }): Promise<void>;
  /** Draws the last state, even if it is not due. */
  finish(): Promise<void>;
  /** Milliseconds spent on drawing and sending so far. */
  readonly spentMs: number;
  /** Milliseconds from the start of the first drawing to the end of the last one. */
  readonly elapsedMs: number;
  /** Number of drawings sent so far. */
  readonly draws: number;
}

/**
 * Shows the figure that `draw` returns, and draws it again when `update` is called and it is due.
 *
 * If drawing is slow, the next drawing is due later than after `intervalMs`, so that drawing takes
 * at most `share` of the time. Outside a notebook nothing is shown and `draw` is not called. An
 * error in `draw` is printed once and does not stop the loop.
 *
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

/** State of a live figure. */
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
    while (this.#drawing) await this.#drawing; // from an earlier update that was not awaited
    this.#drawing = this.#drawNow().finally(() => this.#drawing = undefined);
    await this.#drawing;
  }

  finish(): Promise<void> {
    return this.update({ force: true });
  }

  /** Draws the figure and measures the time. Never rejects. */
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

  /** Prints an error once, because the next drawing will probably fail in the same way. */
  #complain(error: string): void {
    if (error !== this.#lastError) console.error(`The live figure cannot be drawn: ${error}`);
    this.#lastError = error;
  }
}

/** Selects the options of the figure itself. */
function heightOf({ height }: LiveFigureOptions): FigureOptions {
  return height === undefined ? {} : { height };
}
