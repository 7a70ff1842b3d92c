/** A `for await` loop over steps that reports its progress and can be stopped. */
import {
  callable,
  check,
  checkOptions,
  finiteNumber,
  instanceOf,
  type Kinds,
  wholeNumber,
} from "../check/mod.ts";

/** Progress of a loop. */
export interface StepReport {
  /** Number of finished steps. */
  readonly step: number;
  /** Number of all steps. */
  readonly steps: number;
  /** Milliseconds since the loop started. */
  readonly elapsedMs: number;
  /** True if the loop has ended. If `step < steps`, it was left early. */
  readonly done: boolean;
  /** Number of the first step, if it is not 0. */
  readonly from?: number;
  /** Text to show beside the count, such as the losses. */
  readonly note?: string;
}

/** Options of all long loops: how to watch and to stop them. */
export interface LoopOptions {
  /**
   * Signal that stops the loop; the loop throws the signal's reason. It is read once, when the loop
   * starts.
   */
  readonly signal?: AbortSignal;
  /**
   * Called at the start, after every time slice, and once at the end, including on abort. The last
   * call is awaited.
   */
  readonly onProgress?: (report: StepReport) => unknown;
  /** Returns the text to show beside the count; called for every report. */
  readonly note?: () => string;
  /**
   * Length of a time slice in milliseconds; 50 by default. After each slice, timers, displays and
   * interrupts can run.
   */
  readonly sliceMs?: number;
}

/** Options of {@linkcode steps}. */
export interface StepsOptions extends LoopOptions {
  /** Number of the first step; 0 by default. */
  readonly from?: number;
}

const COUNT = wholeNumber({ from: 0 });

/** Kinds of {@linkcode LoopOptions}. */
export const LOOP_KINDS: Kinds<LoopOptions> = {
  signal: instanceOf(AbortSignal, "an AbortSignal"),
  onProgress: callable,
  note: callable,
  sliceMs: finiteNumber({ from: 0 }),
};

const KINDS: Kinds<StepsOptions> = { ...LOOP_KINDS, from: COUNT };

/** Waits for one turn of the event loop, so that timers, signals and output can run. */
function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Counts from 0, or from `from`, to `count - 1` in a `for await` loop over synchronous work.
 *
 * The loop runs at full speed for `sliceMs` milliseconds and then waits for one turn of the event
 * loop. In a plain `for` loop over training steps, progress could not be shown, and an interrupt
 * would not arrive.
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
 * @throws {TypeError | RangeError} if `count` is not a whole number from 0 on, or an option is
 * wrong.
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
  #sliceEnd = this.#start; // the first step waits for one turn, so that the progress bar appears at once
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
