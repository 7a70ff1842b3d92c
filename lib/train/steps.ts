/** The loop of long work: a plain `for await` that others can watch and stop. */
import {
  callable,
  check,
  checkOptions,
  finiteNumber,
  instanceOf,
  type Kinds,
  wholeNumber,
} from "../check/mod.ts";

/** How far a loop is. */
export interface StepReport {
  /** Steps that are done. */
  readonly step: number;
  /** Steps that were asked for. */
  readonly steps: number;
  /** Milliseconds since the loop began. */
  readonly elapsedMs: number;
  /** Whether the loop is over; with `step < steps` it was left early. */
  readonly done: boolean;
  /** The step that the loop began with, if it is not the first. */
  readonly from?: number;
  /** What the loop says of itself beside its count, such as its losses. */
  readonly note?: string;
}

/** Options of all long loops: watching a loop, and stopping it. */
export interface LoopOptions {
  /** Stops the loop with its reason as the error; read once, when the loop begins. */
  readonly signal?: AbortSignal;
  /** Told at the start, after every slice, and once at the end, however it comes; the end waits for it. */
  readonly onProgress?: (report: StepReport) => unknown;
  /** What a report says beside the count; asked at every report. */
  readonly note?: () => string;
  /** After how many milliseconds the loop lets timers, displays and interrupts have their turn. */
  readonly sliceMs?: number;
}

/** Options of `steps`. */
export interface StepsOptions extends LoopOptions {
  /** How many steps were done before; the loop begins with that number. 0 by default. */
  readonly from?: number;
}

const COUNT = wholeNumber({ from: 0 });

/** The kinds of {@linkcode LoopOptions}. */
export const LOOP_KINDS: Kinds<LoopOptions> = {
  signal: instanceOf(AbortSignal, "an AbortSignal"),
  onProgress: callable,
  note: callable,
  sliceMs: finiteNumber({ from: 0 }),
};

const KINDS: Kinds<StepsOptions> = { ...LOOP_KINDS, from: COUNT };

/** Lets everything that waits in the event loop run: timers, signals, output. */
function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Counts from 0, or `from`, to `count - 1` for a `for await` loop of synchronous work.
 *
 * The loop runs at full speed in slices of `sliceMs` and yields a macrotask between them, which a
 * plain `for` over synchronous training steps never does: no progress, no interrupt.
 *
 * ```ts
 * import { steps } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * let sum = 0;
 * for await (const i of steps(5)) sum += i;
 * assert.equal(sum, 10);
 * ```
 *
 * @throws {TypeError | RangeError} if `count` is not a whole number from 0 on, or an option cannot be one.
 */
export function steps(count: number, options: StepsOptions = {}): AsyncIterable<number> {
  check("loop", { count }, COUNT);
  checkOptions("loop", options, { kinds: KINDS });
  return { [Symbol.asyncIterator]: () => new SlicedLoop(count, options) };
}

class SlicedLoop implements AsyncIterator<number, undefined> {
  readonly #count: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onProgress: LoopOptions["onProgress"];
  readonly #note: LoopOptions["note"];
  readonly #sliceMs: number;
  readonly #from: number;
  readonly #start = performance.now();
  #sliceEnd = this.#start; // the first step waits for one turn, so that the bar is seen at once
  #next: number;
  #over = false;

  constructor(count: number, options: StepsOptions) {
    const { signal, onProgress, note, from = 0, sliceMs = 50 } = options;
    this.#count = count;
    this.#signal = signal;
    this.#onProgress = onProgress;
    this.#note = note;
    this.#sliceMs = sliceMs;
    this.#from = this.#next = from;
  }

  next(): Promise<IteratorResult<number, undefined>> {
    if (this.#next < this.#count && performance.now() < this.#sliceEnd) {
      return Promise.resolve({ value: this.#next++, done: false });
    }
    return this.#endSlice();
  }

  async return(): Promise<IteratorResult<number, undefined>> {
    if (!this.#over) {
      this.#over = true;
      await this.#report(true);
    }
    return { value: undefined, done: true };
  }

  async #endSlice(): Promise<IteratorResult<number, undefined>> {
    if (this.#over || this.#next >= this.#count) return await this.return();
    this.#report(false);
    await turnOfOthers();
    if (this.#signal?.aborted) {
      await this.return();
      throw this.#signal.reason;
    }
    this.#sliceEnd = performance.now() + this.#sliceMs;
    return { value: this.#next++, done: false };
  }

  #report(done: boolean): unknown {
    return this.#onProgress?.({
      step: this.#next,
      steps: this.#count,
      elapsedMs: performance.now() - this.#start,
      done,
      ...(this.#from > 0 && { from: this.#from }),
      ...(this.#note && { note: this.#note() }),
    });
  }
}
