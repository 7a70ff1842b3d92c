/** A figure that shows states of a running loop as a movie, each for the same time. */
import { callable, check, checkOptions, finiteNumber, type Kinds } from "../check/mod.ts";
import type { Figure } from "../plot/mod.ts";
import { inKernel } from "./kernel.ts";
import { show, type ShownFigure } from "./show.ts";

/** Options of {@linkcode liveMovie}. */
export interface LiveMovieOptions {
  /** How many states are shown in a second at most. Default 10. */
  readonly perSecond?: number;
  /** Waits for some milliseconds; a timer by default. */
  readonly wait?: (ms: number) => Promise<void>;
  /** Tells the time in milliseconds. */
  readonly now?: () => number;
}

const KINDS: Kinds<LiveMovieOptions> = {
  perSecond: finiteNumber({ above: 0 }),
  wait: callable,
  now: callable,
};

/** A figure on the page that shows one state after the other. */
export interface LiveMovie<State> {
  /** Shows a state, after the one before has had its time, and keeps it. */
  add(state: State): Promise<void>;
  /** All states so far. */
  readonly states: readonly State[];
}

/**
 * Makes a movie of a loop: each state that is added replaces the drawing of the one before.
 *
 * The loop waits in `add` until the state before has been on the page for its part of a second: small networks
 * train faster than anyone can watch. Outside a notebook nothing is drawn and nothing waits.
 *
 * @example
 * ```ts
 * import { Figure, liveMovie } from "./mod.ts";
 *
 * const movie = liveMovie((loss: number) => new Figure([{ type: "scatter", y: [loss] }]));
 * for (let step = 1; step <= 3; step++) await movie.add(1 / step);
 * console.assert(movie.states.length === 3);
 * ```
 *
 * @throws {TypeError | RangeError} if `draw` is no function, or an option is unknown or wrong.
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
      await wait(Math.max(0, dueAt - now())); // also lets an interrupt have its turn
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
