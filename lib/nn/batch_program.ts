/** Functions of tensors, called with plain numbers: compiled, with no tensor outside a call. */
import * as tf from "@tensorflow/tfjs";
import { type BoundStep, jit, type Jitted, type NoiseSource } from "../jit/mod.ts";
import { trainableChanges } from "./weights.ts";

/** A function of batches, each `[batch, …]`. */
export type BatchFunction = (...batches: tf.Tensor[]) => tf.Tensor[];

/** Options of a {@linkcode BatchProgram}. */
export interface BatchProgramOptions {
  /** The shape of one sample of each argument, without the batch. */
  readonly sampleShapes: readonly (readonly number[])[];
  /** What the function is called in errors. */
  readonly name?: string | undefined;
  /** True for compiled programs, false for plain TensorFlow.js. */
  readonly compile: boolean;
  /** Where compiled programs draw random numbers from. */
  readonly noise: NoiseSource;
  /** What tells which weights are trainable; there is one program for each set of them. */
  readonly trainable?: { readonly key: string };
}

/** A compiled program and the calls that it is for. */
interface Fitted {
  readonly batch: number;
  /** How many numbers the last argument has. */
  readonly tail: number;
  readonly bound: BoundStep;
}

/** So many programs are kept: more than a training with a last partial batch needs. */
const MAX_PROGRAMS = 8;

/**
 * A function of batches, with one compiled program for each batch size and each set of frozen layers.
 *
 * Recording is rehearsed: all calls run as the program, so that a resumed run is bit-equal.
 */
export class BatchProgram {
  readonly #fn: BatchFunction;
  readonly #options: BatchProgramOptions;
  readonly #jitted: Jitted<[key: string, ...batches: tf.Tensor[]], tf.Tensor[]>;
  /** Least recently used first. */
  readonly #programs: Map<string, Fitted> = new Map();
  #last: Fitted | undefined;
  /** The changes of `trainable` that `#last` has seen. */
  #changes = -1;

  /** Takes the function; it is traced at its first calls. */
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
   * One call on numbers, row after row; the results are valid until the next call. All arguments have
   * `batch` rows, but the last one may have another number of them.
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

  /** The shapes of all arguments. */
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
