/**
 * One program and the threads that share it.
 * @module
 */
import type { NativeLibrary } from "./native_product.ts";
import { Governor } from "./governor.ts";
import type { Pool } from "./pool.ts";

/** An instance of a program for several threads, in the thread that runs it. */
export interface TeamProgram {
  readonly module: WebAssembly.Module;
  readonly exports: WebAssembly.Exports;
  readonly library: NativeLibrary | undefined;
  /** The largest number of threads. */
  readonly threads: number;
}

/**
 * A program and the pool whose threads can share it. A run uses one thread or several, whichever is
 * faster now.
 */
export class Team {
  readonly #pool: Pool;
  readonly #id: number;
  readonly #governor: Governor;
  readonly #alone: () => void;
  readonly #shared: () => void;
  readonly #end: () => void;

  /** Adds the program to the pool. */
  constructor(pool: Pool, { exports, ...program }: TeamProgram) {
    this.#pool = pool;
    this.#governor = new Governor(() => {
      pool.start();
      return pool.isReady;
    });
    this.#id = pool.add(program);
    [this.#alone, this.#shared, this.#end] = ["run", "share", "end"]
      .map((name) => exports[name] as () => void) as [() => void, () => void, () => void];
  }

  /** Runs the program once. */
  run(): void {
    const governor = this.#governor;
    const start = performance.now();
    const way = this.#pool.isUsable ? this.#pool.way ?? governor.way : "alone";
    if (way === "alone") this.#alone();
    else this.#share();
    governor.note(performance.now() - start);
  }

  /** Takes the program out of the pool. */
  dispose(): void {
    this.#pool.remove(this.#id);
  }

  #share(): void {
    const pool = this.#pool;
    pool.start();
    if (!pool.isUsable) return this.#alone();
    pool.settle(); // the call below may have had no stack left
    pool.choose(this.#id);
    pool.isRunning = true;
    try {
      this.#shared();
    } catch (error) {
      this.#end();
      pool.settle();
      throw error;
    } finally {
      pool.isRunning = false;
    }
  }
}
