/**
 * Finds out from the networks' counters whether a step of a loop was done completely, partly or not
 * at all.
 */
import type { CheckpointParts } from "./checkpoint_parts.ts";

/** Part of a step that was done. */
type Progress = "nothing" | "all" | "part";

/** Counters of networks, optimizers and averages, compared with those at the start of a step. */
export class StepCounts {
  readonly #counters: readonly (() => number)[];
  readonly #before: Float64Array;
  readonly #added: Float64Array;
  #whole: Float64Array[] = [];
  #isInStep = false;

  /**
   * Watches the counters of the parts that train. Changes of the loop's own lists and random
   * numbers are not noticed.
   */
  constructor({ networks, averages = {} }: CheckpointParts) {
    this.#counters = [
      ...Object.values(networks).flatMap((network) => [
        () => network.counter,
        () => network.optimizer.iterations ?? 0,
      ]),
      ...Object.values(averages).map((average) => () => average.updates),
    ];
    this.#before = new Float64Array(this.#counters.length);
    this.#added = new Float64Array(this.#counters.length);
  }

  /** Forgets the previous loop, whose steps may have been different. */
  forget(): void {
    this.#whole = [];
    this.#isInStep = false;
  }

  /** Notes the counters at the start of a step. */
  begin(): void {
    this.#isInStep = true;
    for (let i = 0; i < this.#before.length; i++) this.#before[i] = this.#counters[i]!();
  }

  /** Notes that the step was done completely. */
  end(): void {
    this.#isInStep = false;
    if (!this.#isWhole()) this.#whole.push(this.#added.slice());
  }

  /**
   * Tells which part of the last step was done. If the loop's first step was left early, there is
   * nothing to compare it with, so it counts as a part.
   */
  progress(): Progress {
    if (!this.#isInStep) return "nothing";
    if (this.#isWhole()) return "all";
    return this.#added.some((count) => count !== 0) ? "part" : "nothing";
  }

  /**
   * Compares with all kinds of complete steps of the loop. They may differ, for example if G is
   * trained only in every fifth step.
   */
  #isWhole(): boolean {
    const added = this.#added;
    for (let i = 0; i < added.length; i++) added[i] = this.#counters[i]!() - this.#before[i]!;
    return this.#whole.some((whole) => whole.every((count, i) => count === added[i]));
  }
}
