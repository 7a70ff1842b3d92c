/** What a step of a loop did, told by the counts of networks: nothing, all that a step does, or a part. */
import type { CheckpointParts } from "./checkpoint_parts.ts";

/** What was done of a step. */
export type Progress = "nothing" | "all" | "part";

/** Counts of networks, optimizers and averages at the begin of a step, and what whole steps add to them. */
export class StepCounts {
  readonly #counters: readonly (() => number)[];
  readonly #before: Float64Array;
  readonly #added: Float64Array;
  #whole: Float64Array[] = [];
  #isInStep = false;

  /** Counts what trains: the loop's own lists and random numbers are not watched. */
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

  /** Forgets what whole steps add: another loop may do other things. */
  forget(): void {
    this.#whole = [];
    this.#isInStep = false;
  }

  /** Begins a step. */
  begin(): void {
    this.#isInStep = true;
    for (let i = 0; i < this.#before.length; i++) this.#before[i] = this.#counters[i]!();
  }

  /** Ends a step that was done whole. */
  end(): void {
    this.#isInStep = false;
    if (!this.#isWhole()) this.#whole.push(this.#added.slice());
  }

  /**
   * Tells what was done of the step that was begun last. The first step of a loop that is left has nothing
   * to be compared with: it counts as a part.
   */
  progress(): Progress {
    if (!this.#isInStep) return "nothing";
    if (this.#isWhole()) return "all";
    return this.#added.some((count) => count !== 0) ? "part" : "nothing";
  }

  /** Steps of a loop may differ, as when G learns at every fifth: any of them will do. */
  #isWhole(): boolean {
    const added = this.#added;
    for (let i = 0; i < added.length; i++) added[i] = this.#counters[i]!() - this.#before[i]!;
    return this.#whole.some((whole) => whole.every((count, i) => count === added[i]));
  }
}
