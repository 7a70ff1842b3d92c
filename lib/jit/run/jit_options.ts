/**
 * The options of `jit`.
 * @module
 */
import { flag, instanceOf, type Kinds, text, wholeNumber } from "../../check/mod.ts";
import { NoiseSource } from "./noise_source.ts";

/** Options of `jit`. */
export interface JitOptions {
  /** The name of the function in errors, such as "the training step"; "a compiled function" by default. */
  readonly name?: string;
  /** The number of programs that are kept; the least recently used ones are freed first. 16 by default. */
  readonly cacheSize?: number;
  /**
   * True to roll back the calls that record: variables, optimizer slots and step counts are restored, and
   * every real call runs the compiled program. So a training step gives the same numbers whenever it is
   * recorded, and a run can be resumed in another process. At the first call the function runs two or three
   * times, and its other effects in JavaScript happen as often. The first call must do the same as later ones.
   * False by default: the first calls run as plain TensorFlow.js.
   */
  readonly rehearse?: boolean;
  /**
   * True to use relaxed SIMD: its multiply-add is faster, but its rounding depends on the machine. True by
   * default, if the engine has relaxed SIMD. With `false`, the same calls give the same bits in every engine
   * and on every machine, provided that no native library computes the products and `rehearse` is true.
   */
  readonly relaxedSimd?: boolean;
  /**
   * The largest number of threads that run its programs, at most 16. The environment variable `JIT_THREADS`
   * sets the default and an upper limit; without it, that is one for each processor. Results are the same to
   * the last bit for any number of threads.
   */
  readonly threads?: number;
  /**
   * The source of the random numbers that are drawn inside, by `tf.randomNormal` or a dropout layer. By
   * default each function has its own source with a random seed.
   */
  readonly noise?: NoiseSource;
}

/** The kinds of the options. */
export const KINDS: Kinds<JitOptions> = {
  name: text,
  cacheSize: wholeNumber({ from: 1 }),
  rehearse: flag,
  relaxedSimd: flag,
  threads: wholeNumber({ from: 1 }),
  noise: instanceOf(NoiseSource),
};
