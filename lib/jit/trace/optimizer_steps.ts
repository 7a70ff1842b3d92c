/**
 * The optimizers' steps of one call: noted while it is recorded, and counted again whenever its program runs.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Values } from "../program/dtype.ts";
import { replace } from "./backend.ts";
import { RateWatch } from "./rate_watch.ts";

interface StepCounter {
  incrementIterations(): void;
}

/** A number of an optimizer that may change between calls, and a way to read it. */
export interface Rate {
  readonly owner: object;
  readonly read: () => number;
}

/** A learning rate as an input of a program. */
export interface RateInput extends Rate {
  /** The number of the input. */
  readonly input: number;
  /** The constant that it was in the recording. */
  readonly values: Values;
}

let onCount: ((optimizer: StepCounter) => void) | undefined;
let isWatched = false;

/**
 * Calls `onStep` before each step is counted, until the returned function is called. The watch
 * itself stays, because V8 discards compiled code whenever a prototype changes.
 */
function watchSteps(onStep: (optimizer: StepCounter) => void): () => void {
  onCount = onStep;
  if (!isWatched) {
    replace(
      tf.Optimizer.prototype as unknown as StepCounter,
      "incrementIterations",
      (count) =>
        function (this: StepCounter) {
          onCount?.(this);
          count.call(this);
        },
    );
  }
  isWatched = true;
  return () => onCount = undefined;
}

/** The steps that optimizers took in one call, and the learning rates that its program reads. */
export class OptimizerSteps {
  /** The watch that notes who reads learning rates. */
  readonly rates = new RateWatch();
  /** The optimizers in the order of their steps. */
  readonly #steps: StepCounter[] = [];
  readonly #rateInputs: readonly RateInput[];

  /** Starts without steps, or repeats those of another call with learning rates as inputs. */
  constructor(from?: OptimizerSteps, rateInputs: readonly RateInput[] = []) {
    if (from) this.#steps.push(...from.#steps);
    this.#rateInputs = rateInputs;
  }

  /** The optimizers that took a step. */
  get optimizers(): readonly object[] {
    return [...new Set(this.#steps)];
  }

  /**
   * Notes every step, after telling `onStep`, and who reads the rates of `known` optimizers, until the
   * returned function is called.
   */
  watch(known: readonly object[], onStep: (optimizer: object) => void): () => void {
    const undo = [
      ...known.map((optimizer) => this.rates.watch(optimizer)),
      watchSteps((optimizer) => {
        onStep(optimizer);
        this.#steps.push(optimizer);
      }),
    ];
    return () => undo.reverse().forEach((restore) => restore());
  }

  /** Writes the present learning rates where the program reads them. */
  writeRates(inputs: readonly Values[]): void {
    const rates = this.#rateInputs;
    for (let i = 0; i < rates.length; i++) {
      const { read, input } = rates[i]!;
      inputs[input]![0] = read();
    }
  }

  /** True if the program reads a learning rate that may change. */
  get hasRates(): boolean {
    return this.#rateInputs.length > 0;
  }

  /** Counts a step of every optimizer, as its own `applyGradients` would. */
  count(): void {
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) steps[i]!.incrementIterations();
  }
}
