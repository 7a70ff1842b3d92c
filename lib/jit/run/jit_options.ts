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
   * Roll back the recording calls: they compute nothing, variables, optimizer slots and step counts are
   * restored, and every real call runs the compiled program. So a training step gives the same numbers
   * whenever it is recorded, and a run can be resumed in another process. The function runs two or three
   * times at its first call; its other effects in JavaScript happen as often, and its first call must do the
   * same as later ones. False by default: the first calls are eager.
   */
  readonly rehearse?: boolean;
  /**
   * Use relaxed SIMD, whose multiply-add is faster and whose rounding depends on the machine. True by
   * default, where the engine has it. With `false` the same calls give the same bits in every engine and on
   * every machine, if no native library computes the products and `rehearse` is set.
   */
  readonly relaxedSimd?: boolean;
  /**
   * The largest number of threads that run its programs. By default one for each processor, or the number in
   * the environment variable `JIT_THREADS`, which is never exceeded. Results are the same to the last bit for
   * any number.
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
