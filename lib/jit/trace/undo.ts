/**
 * Puts back what a call changed: the values of variables and the step counts of optimizers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type CpuBackend, type DataId, replace, tensorOfHeldData } from "./backend.ts";

interface CountingOptimizer {
  iterations_: number | undefined;
}

interface VariableMaker {
  makeVariable(...args: unknown[]): tf.Variable;
}

/**
 * The data that variables have now, kept so that they can get it back. Other state in JavaScript is
 * not restored.
 *
 * No method of TensorFlow.js's prototypes is replaced for this, because reading their objects would
 * stay slower afterwards.
 */
export class Undo {
  /** The kept data of each variable; for a variable that was made meanwhile, its first data. */
  readonly #held = new Map<tf.Variable, DataId>();
  readonly #counts = new Map<CountingOptimizer, number | undefined>();
  readonly #made: tf.Variable[] = [];

  constructor(readonly backend: CpuBackend, variables: Iterable<tf.Variable>) {
    for (const variable of variables) this.#hold(variable);
  }

  /** Holds the data of variables that are made, until the returned function is called. */
  watch(): () => void {
    const engine = tf.engine() as unknown as VariableMaker;
    return replace(engine, "makeVariable", (make) => (...args) => {
      const made = make.apply(engine, args);
      this.#hold(made);
      this.#made.push(made);
      return made;
    });
  }

  /** Variables that were made while this was watching, and not disposed. */
  get made(): tf.Variable[] {
    return this.#made.filter(({ isDisposed }) => !isDisposed);
  }

  /** Remembers the step count of an optimizer that is about to take a step. */
  noteStep(optimizer: object): void {
    const counting = optimizer as CountingOptimizer;
    if (!this.#counts.has(counting)) this.#counts.set(counting, counting.iterations_);
  }

  /** Puts everything back; a variable that was disposed stays so. */
  restore(): void {
    this.#held.forEach((dataId, variable) => {
      if (variable.isDisposed || variable.dataId === dataId) return;
      const before = tensorOfHeldData(this.backend, dataId, variable);
      variable.assign(before);
      before.dispose();
      this.#held.delete(variable);
    });
    this.#counts.forEach((count, optimizer) => optimizer.iterations_ = count);
    this.forget();
  }

  /** Keeps everything as it is now, and frees the old data. */
  forget(): void {
    this.#held.forEach((dataId, variable) => {
      if (variable.dataId === dataId && !variable.isDisposed) this.backend.decRef(dataId);
      else tensorOfHeldData(this.backend, dataId, variable).dispose();
    });
    this.#held.clear();
    this.#counts.clear();
  }

  #hold(variable: tf.Variable): void {
    this.backend.incRef(variable.dataId);
    this.#held.set(variable, variable.dataId);
  }
}
