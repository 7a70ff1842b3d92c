/**
 * The type of compiled functions.
 * @module
 */
import type { BoundStep } from "./bound_step.ts";
import type { Explanation } from "./explain.ts";
import type { ExportOptions } from "./export.ts";
import type { ExportedProgram } from "./exported_program.ts";
import type { Stages } from "./stages.ts";

/** A function that runs as a compiled program. */
export interface Jitted<A extends readonly unknown[], R> {
  /** Calls the function: n calls are n updates; the result's tensors belong to the caller. */
  (...args: A): R;
  /** The text of the program of the last call. */
  readonly program: string;
  /** Returns facts about the last call and the cache. */
  explain(): Explanation;
  /**
   * Returns the stages of the last call's program, from kernels to a module.
   *
   * @throws {Error} before the program is compiled, and if the function is of a type that no program has.
   */
  stages(): Stages;
  /** Binds the function to arrays instead of tensors. The arguments give shapes, types and first values. */
  bind(...args: A): BoundStep;
  /**
   * Exports a function that updates no variables as one object. It runs in any page, in Node and in
   * Deno, without TensorFlow.js. It contains the present weights.
   *
   * @example A model of TensorFlow.js as a file that a page can load
   * ```ts
   * import assert from "node:assert/strict";
   * import * as tf from "@tensorflow/tfjs";
   * import { jit } from "../mod.ts";
   * await tf.setBackend("cpu");
   * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
   *
   * const predict = jit((x: tf.Tensor) => model.apply(x) as tf.Tensor, { rehearse: true });
   * const x = tf.tensor2d([[1, 2, 3]]);
   * const expected = predict(x).dataSync(); // the call says which shapes the page will have
   *
   * const exported = predict.export({ weights: "float16" });
   * const file = JSON.stringify(exported); // what the page loads
   * const module = exported.script; // for a file such as load_program.js, which the page imports
   *
   * // In the page:
   * const { loadProgram } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
   * const program = await loadProgram(JSON.parse(file));
   * const [result] = program.run([1, 2, 3]);
   * assert(result.every((value: number, i: number) => Math.abs(value - expected[i]!) < .01));
   * ```
   *
   * @throws {Error} if it was not yet called often enough to be compiled, was called with tensors of several
   * shapes, updates variables, draws random numbers, or has an operation that is not compiled.
   * @throws {TypeError | RangeError} if an option is unknown or wrong, or a weight is too large for float16.
   */
  export(options?: ExportOptions): ExportedProgram;
  /** Frees the programs; use after it throws. */
  dispose(): void;
}
