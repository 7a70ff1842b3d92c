/**
 * Watches who reads learning rates while a function is recorded.
 *
 * A rate may become an input of the program only if nothing but the optimizer's own update reads it: if the
 * function branches on the rate, another rate needs another program.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** An optimizer as its update sees it. */
interface Rated {
  learningRate: number;
  applyGradients?: (...args: unknown[]) => unknown;
}

/** TensorFlow.js's own optimizers, whose updates use the rate only as a factor. */
export const OPTIMIZERS: readonly { readonly prototype: object }[] = [
  tf.SGDOptimizer,
  tf.MomentumOptimizer,
  tf.AdagradOptimizer,
  tf.AdadeltaOptimizer,
  tf.AdamOptimizer,
  tf.AdamaxOptimizer,
  tf.RMSPropOptimizer,
];

/** A watch on who reads optimizers' learning rates during one recording. */
export class RateWatch {
  /** True if a rate was read by anyone but the update of its optimizer. */
  isReadOutside = false;
  readonly #watched = new Set<object>();
  #depth = 0;

  /** True while an optimizer updates its variables. */
  get isUpdating(): boolean {
    return this.#depth > 0;
  }

  /** Tells whether an optimizer was watched, and its rate was read only by its own update. */
  isInternal(optimizer: object): boolean {
    return !this.isReadOutside && this.#watched.has(optimizer);
  }

  /** Watches an optimizer until the returned function is called. */
  watch(optimizer: object): () => void {
    if (!OPTIMIZERS.some((known) => known === optimizer.constructor)) return () => {};
    this.#watched.add(optimizer);
    const target = optimizer as Rated;
    let rate = target.learningRate;
    const get = () => {
      if (!this.isUpdating) this.isReadOutside = true;
      return rate;
    };
    const set = (value: number) => rate = value;
    Object.defineProperty(target, "learningRate", {
      get,
      set,
      configurable: true,
      enumerable: true,
    });
    const apply = target.applyGradients!;
    target.applyGradients = (...args) => this.#inside(() => apply.apply(target, args));
    return () => {
      delete target.applyGradients;
      const field = { value: rate, writable: true, configurable: true, enumerable: true };
      Object.defineProperty(target, "learningRate", field);
      makeFast(target);
    };
  }

  #inside<T>(body: () => T): T {
    this.#depth++;
    try {
      return body();
    } finally {
      this.#depth--;
    }
  }
}

/**
 * Makes V8 store an object's fields compactly again. After accessors were added and removed, V8
 * looks the fields up in a table, at every step of the optimizer. It stops doing so when the object
 * is the prototype of another one.
 */
function makeFast(target: object): void {
  const child = Object.create(target);
  for (let reads = 0; reads < 3; reads++) void child.learningRate;
}
