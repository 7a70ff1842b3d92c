/** Functions of tensors, called with plain numbers: compiled, with no tensor outside a call. */
import * as tf from "@tensorflow/tfjs";
import { type BoundStep, jit, type Jitted } from "../jit/mod.ts";

/** A function of batches, each `[batch, …]`. */
export type BatchFunction = (...batches: tf.Tensor[]) => tf.Tensor[];

/** What a {@linkcode BatchProgram} runs. */
export interface BatchProgramOptions {
  /** The shape of one sample of each argument, without the batch. */
  readonly sampleShapes: readonly (readonly number[])[];
  /** Whether it runs compiled or as plain TensorFlow.js. */
  readonly compile: boolean;
}

/** Programs of so many batch sizes are kept: more than a training with a last partial batch needs. */
const MAX_BATCH_SIZES = 8;

/**
 * A function of batches, with one compiled program for each batch size.
 *
 * Recording is rehearsed: all calls run as the program, so that a resumed run is bit-equal.
 */
export class BatchProgram {
  readonly #fn: BatchFunction;
  readonly #options: BatchProgramOptions;
  readonly #jitted: Jitted<tf.Tensor[], tf.Tensor[]>;
  readonly #bounds: Map<number, BoundStep> = new Map();
  #last: { readonly batch: number; readonly bound: BoundStep } | undefined;

  /** Takes the function; it is traced at its first calls. */
  constructor(fn: BatchFunction, options: BatchProgramOptions) {
    this.#fn = fn;
    this.#options = options;
    this.#jitted = jit(fn, { rehearse: true });
  }

  /** One call on numbers, row after row; the results are valid until the next call. */
  run(batch: number, ...values: readonly ArrayLike<number>[]): readonly ArrayLike<number>[] {
    if (!this.#options.compile) return this.#runEagerly(batch, values);
    if (this.#last?.batch !== batch) {
      this.#last = { batch, bound: this.#bounds.get(batch) ?? this.#bind(batch) };
    }
    const { bound } = this.#last;
    const { inputs } = bound;
    for (let i = 0; i < values.length; i++) copyNumbers(values[i]!, inputs[i]!);
    bound.run();
    return bound.outputs;
  }

  #runEagerly(batch: number, values: readonly ArrayLike<number>[]): Float32Array[] {
    return tf.tidy(() => {
      const batches = this.#options.sampleShapes.map((shape, i) =>
        tf.tensor(Float32Array.from(values[i]!), [batch, ...shape])
      );
      return this.#fn(...batches).map((result) => Float32Array.from(result.dataSync()));
    });
  }

  #bind(batch: number): BoundStep {
    const [oldest] = this.#bounds;
    if (oldest && this.#bounds.size === MAX_BATCH_SIZES) {
      oldest[1].dispose();
      this.#bounds.delete(oldest[0]);
    }
    const samples = this.#options.sampleShapes.map((shape) => tf.zeros([batch, ...shape]));
    const bound = this.#jitted.bind(...samples);
    tf.dispose(samples);
    this.#bounds.set(batch, bound);
    return bound;
  }
}

/** Numbers that can be written one by one or at once. */
interface Destination {
  [index: number]: number;
  set(values: ArrayLike<number>): void;
}

/** For the few numbers of a tiny network a loop takes a fifth of the time of `set`. */
function copyNumbers(from: ArrayLike<number>, to: Destination): void {
  if (from.length > 16) return to.set(from);
  for (let i = 0; i < from.length; i++) to[i] = from[i]!;
}
