/** Figure that shows the states of a running loop one after another, each for the same time. */
import { callable, check, checkOptions, finiteNumber, type Kinds } from "../check/mod.ts";
import type { Figure } from "../plot/mod.ts";
import { inKernel } from "./kernel.ts";
import { show, type ShownFigure } from "./show.ts";

/** Options of {@linkcode liveMovie}. */
export interface LiveMovieOptions {
  /** Maximum number of states per second; 10 by default. */
  readonly perSecond?: number;
  /** Waits for a number of milliseconds; by default with a timer. */
  readonly wait?: (ms: number) => Promise<void>;
  /** Clock, in milliseconds; `performance.now` by default. */
  readonly now?: () => number;
}

const KINDS: Kinds<LiveMovieOptions> = {
  perSecond: finiteNumber({ above: 0 }),
  wait: callable,
  now: callable,
};

/** Figure on the page that shows one state after another. */
export interface LiveMovie<State> {
  /** Stores a state, and shows it as soon as the previous one has been visible for its time. */
  add(state: State): Promise<void>;
  /** All states so far. */
  readonly states: readonly State[];
}

/**
 * Makes a movie of a loop: each added state replaces the drawing of the previous one.
 *
 * Small networks train faster than one can watch, so `add` waits until the previous state has been
 * visible for its part of a second. Outside a notebook nothing is drawn, and `add` does not wait.
 *
 * ```ts
 * import { Figure, liveMovie } from "./mod.ts";
 *
 * const movie = liveMovie((loss: number) => new Figure([{ type: "scatter", y: [loss] }]));
 * for (let step = 1; step <= 3; step++) await movie.add(1 / step);
 * console.assert(movie.states.length === 3);
 * ```
 *
 * @throws {TypeError | RangeError} if `draw` is not a function, or an option is unknown or wrong.
 */
export function liveMovie<State>(
  draw: (state: State) => Figure,
  options: LiveMovieOptions = {},
): LiveMovie<State> {
  check("make a live movie", { draw }, callable);
  checkOptions("make a live movie", options, { kinds: KINDS });
  const { perSecond = 10, wait = timer, now = () => performance.now() } = options;
  const states: State[] = [];
  let shown: ShownFigure | undefined;
  let dueAt = now();
  return {
    states,
    async add(state) {
      states.push(state);
      if (!inKernel()) return;
      await wait(Math.max(0, dueAt - now())); // also gives an interrupt time to arrive
      dueAt = now() + 1000 / perSecond;
      const figure = draw(state);
      if (shown) await shown.update(figure);
      else shown = await show(figure);
    },
  };
}

function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
