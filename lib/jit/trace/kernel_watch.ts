/**
 * Watches the kernels that the engine runs.
 *
 * A kernel is wrapped at its first watched call, and stays wrapped. Wrapping and unwrapping all
 * kernels for each recording would take longer than the recording of a small function.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { cpuKernel, type KernelCallArguments, type KernelFunc, replace } from "./backend.ts";

/** A function that runs a kernel in place of the backend. */
export type Watcher = (
  kernel: { readonly name: string; readonly run: KernelFunc },
  call: KernelCallArguments,
) => ReturnType<KernelFunc>;

interface KernelRunner {
  runKernelFunc(call: { readonly kernelName?: string }): unknown;
}

let watcher: Watcher | undefined;
const wrappers = new WeakSet<KernelFunc>();

/** Lets `watch` run the kernels until the returned function is called. */
export function watchKernels(watch: Watcher): () => void {
  const engine = tf.engine() as unknown as KernelRunner;
  watcher = watch;
  const restore = replace(engine, "runKernelFunc", (run) => (call) => {
    if (call.kernelName !== undefined) wrap(call.kernelName);
    return run.call(engine, call);
  });
  return () => {
    restore();
    watcher = undefined;
  };
}

function wrap(name: string): void {
  const kernel = cpuKernel(name);
  const run = kernel.kernelFunc;
  if (wrappers.has(run)) return;
  kernel.kernelFunc = (call) => watcher ? watcher({ name, run }, call) : run(call);
  wrappers.add(kernel.kernelFunc);
}
