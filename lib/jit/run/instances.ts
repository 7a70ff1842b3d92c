/**
 * The programs of one compiled function that are in memory.
 * @module
 */
import { type Compiled, Executable } from "./executable.ts";

/**
 * The instances of programs that one compiled function has made and not freed.
 *
 * It does not refer to the function, so that a finalization registry may hold it.
 */
export class Instances {
  readonly #all = new Set<Executable>();

  /** Puts a program into memory. */
  make(compiled: Compiled): Executable {
    const executable = new Executable(compiled);
    this.#all.add(executable);
    return executable;
  }

  /** Takes an instance out of memory, if it is given and still there. */
  free(executable: Executable | undefined): void {
    if (executable && this.#all.delete(executable)) executable.dispose();
  }

  /** Takes all instances out of memory. */
  dispose(): void {
    this.#all.forEach((executable) => this.free(executable));
  }
}
