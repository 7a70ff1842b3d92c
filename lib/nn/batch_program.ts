/** Compiles functions of tensors and calls them with plain numbers. No tensor exists outside a call. */
import * as tf from "@tensorflow/tfjs";
import { type BoundStep, jit, type Jitted, type NoiseSource } from "../jit/mod.ts";
import { trainableChanges } from "./weights.ts";

/** Function of batches, each `[batch, …]`. */
export type BatchFunction = (...batches: tf.Tensor[]) => tf.Tensor[];

/** Options of a {@linkcode BatchProgram}. */
export interface BatchProgramOptions {
  /** Shape of one sample of each argument, without the batch. */
  readonly sampleShapes: readonly (readonly number[])[];
  /** Name of the function in errors. */
  readonly name?: string | undefined;
  /** True for compiled programs, false for plain TensorFlow.js. */
  readonly compile: boolean;
  /** Source of random numbers in compiled programs. */
  readonly noise: NoiseSource;
  /** Key of the set of trainable weights. Each set has its own program. */
  readonly trainable?: { readonly key: string };
}

/** Compiled program, and the sizes that it was compiled for. */
interface Fitted {
  readonly batch: number;
  /** Number of values in the last argument. */
  readonly tail: number;
  readonly bound: BoundStep;
}

/** Maximum number of programs that are kept. A training with a smaller last batch needs fewer. */
const MAX_PROGRAMS = 8;

/**
 * Function of batches with one compiled program for each batch size and each set of trainable
 * weights.
 *
 * The calls that record the function are rolled back, and then run as the program. So all results
 * come from the program, and a resumed run is bit-equal to one that was not stopped.
 */
export class BatchProgram {
  readonly #fn: BatchFunction;
  readonly #options: BatchProgramOptions;
  readonly #jitted: Jitted<[key: string, ...batches: tf.Tensor[]], tf.Tensor[]>;
  /** Programs by their sizes and key, the least recently used first. */
  readonly #programs: Map<string, Fitted> = new Map();
  #last: Fitted | undefined;
  /** Value of `trainableChanges` when `#last` was chosen. */
  #changes = -1;

  /** Stores the function. It is traced at its first calls. */
  constructor(fn: BatchFunction, options: BatchProgramOptions) {
    this.#fn = fn;
    this.#options = options;
    this.#jitted = jit((_key: string, ...batches: tf.Tensor[]) => fn(...batches), {
      rehearse: true,
      noise: options.noise,
      ...(options.name !== undefined && { name: options.name }),
    });
  }

  /**
   * Calls the function with numbers, row after row. The results are valid until the next call. All
   * arguments have `batch` rows, except the last one, which may have another number of rows.
   */
  run(batch: number, ...values: readonly ArrayLike<number>[]): readonly ArrayLike<number>[] {
    if (!this.#options.compile) return this.#runEagerly(batch, values);
    const tail = values[values.length - 1]!.length;
    const last = this.#last;
    const { bound } = last !== undefined && last.batch === batch && last.tail === tail &&
        this.#changes === trainableChanges
      ? last
      : this.#fit(batch, tail);
    const { inputs } = bound;
    for (let i = 0; i < values.length; i++) copyNumbers(values[i]!, inputs[i]!);
    bound.run();
    return bound.outputs;
  }

  #runEagerly(batch: number, values: readonly ArrayLike<number>[]): Float32Array[] {
    return tf.tidy(() => {
      const shapes = this.#shapes(batch, values.at(-1)!.length);
      const batches = shapes.map((shape, i) => tf.tensor(Float32Array.from(values[i]!), shape));
      return this.#fn(...batches).map((result) => Float32Array.from(result.dataSync()));
    });
  }

  /** Lists the shapes of all arguments. */
  #shapes(batch: number, tail: number): number[][] {
    const { sampleShapes } = this.#options;
    return sampleShapes.map((shape, i) => {
      const rows = i === sampleShapes.length - 1 ? tail / tf.util.sizeFromShape([...shape]) : batch;
      return [rows, ...shape];
    });
  }

  #fit(batch: number, tail: number): Fitted {
    const key = this.#options.trainable?.key ?? "";
    const name = [key, batch, tail].join();
    const fitted = this.#programs.get(name) ?? { batch, tail, bound: this.#bind(key, batch, tail) };
    this.#programs.delete(name);
    this.#programs.set(name, fitted);
    const [oldest] = this.#programs;
    if (oldest && this.#programs.size > MAX_PROGRAMS) {
      oldest[1].bound.dispose();
      this.#programs.delete(oldest[0]);
    }
    this.#changes = trainableChanges;
    return this.#last = fitted;
  }

  #bind(key: string, batch: number, tail: number): BoundStep {
    const samples = this.#shapes(batch, tail).map((shape) => tf.zeros(shape));
    try {
      return this.#jitted.bind(key, ...samples);
    } finally {
      tf.dispose(samples);
    }
  }
}

/** Array whose numbers can be written one by one or all at once. */
interface Destination {
  [index: number]: number;
  set(values: ArrayLike<number>): void;
}

/** Copies numbers. For the few numbers of a tiny network, a loop takes a fifth of the time of `set`. */
function copyNumbers(from: ArrayLike<number>, to: Destination): void {
  if (from.length > 16) return to.set(from);
  for (let i = 0; i < from.length; i++) to[i] = from[i]!;
}
