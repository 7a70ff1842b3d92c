/**
 * `jit(fn)`: plain TensorFlow.js functions as WebAssembly programs.
 *
 * @example A training step
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { jit } from "./mod.ts";
 * await tf.setBackend("cpu");
 * const w = tf.variable(tf.scalar(0));
 * const optimizer = tf.train.sgd(.25);
 * const step = jit((target: tf.Tensor) =>
 *   optimizer.minimize(() => tf.squaredDifference(w, target).asScalar(), true, [w])
 * );
 * for (let i = 0; i < 20; i++) step(tf.scalar(3))?.dispose();
 * assert(Math.abs(w.dataSync()[0]! - 3) < 1e-4);
 * ```
 *
 * It runs wherever TensorFlow.js and WebAssembly's SIMD run: in Deno, Node 20 and browsers. Programs use relaxed
 * SIMD where the engine has it. A native library computes products only in Deno. Large programs run on several
 * threads in Deno and in Node, and on one in a page, with the same results to the last bit.
 *
 * A worker of Deno in which large functions ran should call their `dispose` before it is terminated: otherwise
 * their threads sleep until the process ends.
 * @module
 */
import { isTapeOn } from "./trace/backend.ts";
import { callable, check } from "../check/mod.ts";
import { ArrayStep } from "./run/bound_step.ts";
import type { ExportOptions } from "./run/export.ts";
import type { Instances } from "./run/instances.ts";
import type { Jitted } from "./run/jitted.ts";
import type { JitOptions } from "./run/jit_options.ts";
import { Step } from "./run/step.ts";
import { isRecording } from "./trace/record.ts";
import { flatten } from "./trace/tree.ts";

export type { BoundStep } from "./run/bound_step.ts";
export type { Explanation } from "./run/explain.ts";
export type { ExportOptions } from "./run/export.ts";
export type { ExportedProgram } from "./run/exported_program.ts";
export { loadProgram } from "./run/load_program.ts";
export type {
  LoadedProgram,
  PlacedPort,
  Port,
  ProgramData,
  StoredBytes,
  WeightPart,
} from "./run/load_program.ts";
export type { WeightType } from "./run/rounded_weights.ts";
export type { Jitted } from "./run/jitted.ts";
export type { Values } from "./program/dtype.ts";
export { NoiseSource } from "./run/noise_source.ts";
export type { NoiseState } from "./run/noise_source.ts";
export type { JitOptions } from "./run/jit_options.ts";
export type { Stages } from "./run/stages.ts";

/**
 * Compiles a function of tensors to a program.
 *
 * Arguments and results are tensors, or arrays and plain objects of tensors. Numbers, booleans and strings
 * among the arguments are part of the program, so each new one is traced. The function may use variables
 * and optimizers freely: when their values or learning rates change, the next call uses the new ones.
 * Everything else that the function takes from JavaScript is fixed when it is recorded: a number in a closure,
 * an axis, a choice between two operations, the tensors and variables that it uses. Pass numbers that change
 * as an argument, or keep them in a `tf.Variable`.
 *
 * Random numbers are new at every call. They come from the option `noise`, for `tf.randomNormal`,
 * `randomStandardNormal`, `truncatedNormal`, `randomUniform`, `randomUniformInt`, `dropout` and the layers that
 * use them. They have the distribution of TensorFlow.js's numbers, but are not the same numbers. If one of these
 * functions gets a seed, its numbers are the same at every call, as in eager code. Other random numbers
 * (`tf.randomGamma`, `multinomial`, `rand`, `Math.random`) are refused. Where the function runs without being
 * compiled, as inside `tf.grad`, TensorFlow.js draws.
 *
 * Checks find out whether a fixed number or choice has changed: at every 64th call of a program up
 * to the 1,024th, later for at most 1 % of the time. A check runs the function without computing
 * its tensors, and restores variables, optimizer slots and step counts; other effects of the
 * function in JavaScript happen again. If something has changed, the call throws before it changes
 * anything, and the next call records the function again.
 *
 * A method is compiled for each object that it is called on. `bind` calls the function without `this`.
 *
 * Where TensorFlow.js itself is wrong, all calls of a compiled function give the right value:
 * - the gradient of `tf.image.resizeNearestNeighbor` for more than one image,
 * - the gradient of `tf.image.resizeBilinear` for images that are not square, where TensorFlow.js throws,
 * - `tf.stridedSlice` with an axis that is removed or added, and a stride other than 1,
 * - an optimizer whose list of variables changes between steps: slots belong to variables, not to positions,
 * - `tf.unsortedSegmentSum`, the gradient of `tf.gather` and of embeddings, where one NaN reaches all segments,
 * - `tf.gatherND` with an index outside its dimension: an error, where TensorFlow.js reads another place.
 *
 * The gradients of `tf.avgPool` with padding "same", of `tf.mirrorPad` and of resizing with `halfPixelCenters`
 * are those of TensorFlow.js, which differ from those of other libraries.
 *
 * Numbers may also differ from plain TensorFlow.js's in these places:
 * - functions such as `exp`, and sums and products of many floats, are rounded in single precision,
 * - int32 wraps around at 2^31 exactly, and becomes a rounded float32 beyond 2^24,
 * - a weight of a convolution that is not finite gives NaN where it meets the zeros around an image.
 *
 * @throws {TypeError} at once if `fn` is not a function, is async, or an option is of the wrong kind
 * @throws {TypeError} on a call with arguments or results of other kinds
 * @throws {Error} on a call that reads a tensor's values, or draws random numbers that no program can draw, or
 * after something that was fixed has changed; the variables are then as before the call
 * @throws {RangeError} on a call whose `tf.gather` or `tf.gatherND` gets an index out of range; what the program
 * assigned before the gather stays assigned
 */
export function jit<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options: JitOptions = {},
): Jitted<A, R> {
  check("compile a function", { fn }, callable);
  if (Object.prototype.toString.call(fn) !== "[object Function]") {
    throw new TypeError(
      "Cannot compile a function: expected one that returns tensors at once, got an async function " +
        "or a generator",
    );
  }
  const step = new Step<R>(fn as unknown as (...args: never[]) => R, options);
  const call = function (this: unknown, ...args: A): R {
    // While another function is recorded or differentiated, the plain function has to run.
    return isRecording() || isTapeOn() ? fn.call(this, ...args) : step.call(args, this);
  };
  const jitted = Object.defineProperties(call, {
    program: { get: () => step.program },
    explain: { value: () => step.explain() },
    stages: { value: () => step.stages() },
    bind: {
      value: (...args: A) => new ArrayStep(step, { flat: flatten(args, "argument"), owner: call }),
    },
    export: { value: (options: ExportOptions = {}) => step.export(options) },
    dispose: { value: () => step.dispose() },
  }) as unknown as Jitted<A, R>;
  forgotten.register(jitted, step.instances);
  return jitted;
}

/**
 * Frees the memory of a compiled function that nobody uses any more, such as that of a notebook cell that was
 * run again. The registered value must not refer to the function, or the function would never be collected.
 */
const forgotten = new FinalizationRegistry<Instances>((instances) => instances.dispose());
