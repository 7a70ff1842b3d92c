/**
 * Puts back what a call changed: the values of variables and the step counts of optimizers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type CpuBackend, replace, shareData } from "./backend.ts";

interface CountingOptimizer {
  iterations_: number | undefined;
}

interface OptimizerPrototype {
  incrementIterations(this: CountingOptimizer): void;
}

/** Remembers what is changed while it watches. Other state in JavaScript is the function's own affair. */
export class Undo {
  /** The first value of each variable that was assigned; for one that was made meanwhile, what it was made with. */
  readonly #values = new Map<tf.Variable, tf.Tensor>();
  readonly #counts = new Map<CountingOptimizer, number | undefined>();

  constructor(readonly backend: CpuBackend) {}

  /** Watches until the returned function is called. */
  watch(): () => void {
    const keep = (variable: tf.Variable) => {
      if (!this.#values.has(variable)) {
        this.#values.set(variable, shareData(this.backend, variable));
      }
    };
    const counts = this.#counts;
    const undo = [
      replace(
        tf.Variable.prototype,
        "assign",
        (assign) =>
          function (this: tf.Variable, value: tf.Tensor) {
            keep(this);
            assign.call(this, value);
          },
      ),
      replace(
        tf.Optimizer.prototype as unknown as OptimizerPrototype,
        "incrementIterations",
        (count) =>
          function (this: CountingOptimizer) {
            if (!counts.has(this)) counts.set(this, this.iterations_);
            count.call(this);
          },
      ),
    ];
    return () => undo.reverse().forEach((restore) => restore());
  }

  /** Puts everything back; a variable that was disposed stays so. */
  restore(): void {
    this.#values.forEach((value, variable) => {
      if (!variable.isDisposed) variable.assign(value);
    });
    this.#counts.forEach((count, optimizer) => optimizer.iterations_ = count);
    this.forget();
  }

  /** Lets everything be as it is now. */
  forget(): void {
    this.#values.forEach((value) => value.dispose());
    this.#values.clear();
    this.#counts.clear();
  }
}
