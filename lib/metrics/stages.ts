/** One progress bar over pieces of work that follow each other. */
import type { LoopOptions, StepReport } from "../train/mod.ts";

/** Gives every stage its part of a bar, and hands on the signal. */
export class Stages {
  readonly #total: number;
  readonly #steps: number;
  readonly #options: LoopOptions;
  readonly #start = performance.now();
  #begun = 0;

  /** Takes the weights of all stages together, and how many steps the bar says that they are. */
  constructor(total: number, { steps, ...options }: LoopOptions & { readonly steps: number }) {
    this.#total = total;
    this.#steps = steps;
    this.#options = options;
  }

  /** The options of the next stage, whose weight is in the unit of the total. */
  next(weight: number): LoopOptions {
    const before = this.#begun;
    this.#begun += weight;
    const { onProgress, ...others } = this.#options;
    if (!onProgress) return others;
    const report = ({ step, steps, done }: StepReport) =>
      onProgress({
        step: Math.floor((before + weight * step / steps) / this.#total * this.#steps),
        steps: this.#steps,
        elapsedMs: performance.now() - this.#start,
        // A stage that is over is the end only if it is the last one, or was left early.
        done: done && (step < steps || before + weight >= this.#total),
      });
    return { ...others, onProgress: report };
  }
}
