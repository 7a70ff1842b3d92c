/** The loop of long work: a plain `for await` that others can watch and stop. */

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
}

/** Who watches a loop, and who may stop it. */
export interface StepsOptions {
  /** Stops the loop with its reason as the error; read once, when the loop begins. */
  readonly signal?: AbortSignal;
  /** Told at the start, after every slice, and once at the end, however it comes; the end waits for it. */
  readonly onProgress?: (report: StepReport) => unknown;
  /** After how many milliseconds the loop lets timers, displays and interrupts have their turn. */
  readonly sliceMs?: number;
}

/** Lets everything that waits in the event loop run: timers, signals, output. */
function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Counts from 0 to `count - 1` for a `for await` loop of synchronous work.
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
 * @throws {RangeError} if `count` is not a whole number from 0 on.
 */
export function steps(count: number, options: StepsOptions = {}): AsyncIterable<number> {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(
      `Cannot loop: expected a whole number of steps from 0 on, got ${String(count)}`,
    );
  }
  return { [Symbol.asyncIterator]: () => new SlicedLoop(count, options) };
}

class SlicedLoop implements AsyncIterator<number, undefined> {
  readonly #count: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onProgress: StepsOptions["onProgress"];
  readonly #sliceMs: number;
  readonly #start = performance.now();
  #sliceEnd = this.#start; // the first step waits for one turn, so that the bar is seen at once
  #next = 0;
  #over = false;

  constructor(count: number, { signal, onProgress, sliceMs = 50 }: StepsOptions) {
    this.#count = count;
    this.#signal = signal;
    this.#onProgress = onProgress;
    this.#sliceMs = sliceMs;
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
    if (this.#over || this.#next === this.#count) return await this.return();
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
    });
  }
}
