/**
 * The number of threads that programs may use, and the module that starts threads.
 * @module
 */
import { check, readVariable, wholeNumber } from "../../check/mod.ts";
import { MOST_PARTS } from "../emit/parts/stage.ts";

/** The parts of Node's module `worker_threads` that are used; Deno has it too. */
export interface WorkerThreads {
  readonly Worker: new (text: string, options: {
    readonly eval: true;
    readonly workerData: unknown;
    readonly transferList: readonly unknown[];
  }) => WorkerThread;
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port };
}

/** A thread that was started. */
export interface WorkerThread {
  unref(): void;
  terminate(): Promise<unknown>;
  on(event: "error", listener: (error: unknown) => void): void;
}

/** An end of a channel between two threads. */
export interface Port {
  postMessage(message: unknown): void;
  unref(): void;
  close(): void;
}

/** Returns the module `worker_threads`, which Deno and Node from 20.16 on have; undefined elsewhere, as in a page. */
export function workerThreads(): WorkerThreads | undefined {
  return builtin("worker_threads") as WorkerThreads | undefined;
}

function builtin(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(`node:${name}`);
}

let found: number | undefined;

/**
 * Returns the largest number of threads of a program: `JIT_THREADS`, by default one for each processor, and at
 * most 16. It is 1 where threads cannot be started, as in a page. `JIT_THREADS` is read only at the first call.
 *
 * @throws {RangeError} if `JIT_THREADS` is not a positive whole number.
 */
export function mostThreads(): number {
  return found ??= workerThreads() ? Math.min(wantedThreads(), MOST_PARTS) : 1;
}

function wantedThreads(): number {
  const text = readVariable("JIT_THREADS");
  if (!text) return (builtin("os") as { availableParallelism(): number }).availableParallelism();
  const threads = Number(text);
  check("set the number of threads", { JIT_THREADS: threads }, wholeNumber({ from: 1 }));
  return threads;
}
