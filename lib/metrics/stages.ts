/** Combines the progress of several loops in one progress bar. */
import type { LoopOptions, StepReport } from "../train/mod.ts";

/** Progress of work in several stages: each stage gets its part of the bar, according to its weight. */
export class Stages {
  readonly #total: number;
  readonly #steps: number;
  readonly #options: LoopOptions;
  readonly #start = performance.now();
  #begun = 0;
  #started = false;

  /**
   * Starts the bar; `total` is the sum of all weights, and `steps` the number of steps that the bar
   * shows.
   */
  constructor(total: number, { steps, ...options }: LoopOptions & { readonly steps: number }) {
    this.#total = total;
    this.#steps = steps;
    this.#options = options;
  }

  /** Returns the options for the loop of the next stage. */
  next(weight: number): LoopOptions {
    const before = this.#begun;
    this.#begun += weight;
    const { onProgress, ...others } = this.#options;
    if (!onProgress) return others;
    const report = (stage: StepReport) => {
      const step = Math.floor(
        (before + weight * stage.step / stage.steps) / this.#total * this.#steps,
      );
      // The last stage ends the bar, and so does a stage that was left early.
      const done = stage.done && (stage.step < stage.steps || before + weight >= this.#total);
      const starts = step === 0 && !done; // a report of step 0 starts a bar, so there is only one
      if (starts && this.#started) return;
      this.#started ||= starts;
      return onProgress({
        step,
        steps: this.#steps,
        elapsedMs: performance.now() - this.#start,
        done,
      });
    };
    return { ...others, onProgress: report };
  }
}
