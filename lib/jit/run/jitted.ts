/**
 * What a compiled function is to its callers.
 * @module
 */
import type { BoundStep } from "./bound_step.ts";
import type { Explanation } from "./explain.ts";
import type { Stages } from "./stages.ts";

/** A function that runs as a compiled program. */
export interface Jitted<A extends readonly unknown[], R> {
  /** Means what the function means: n calls are n updates; the result's tensors are the caller's. */
  (...args: A): R;
  /** The text of the program of the last call. */
  readonly program: string;
  /** The facts about the last call and the cache. */
  explain(): Explanation;
  /**
   * The last call's way from kernels to a module.
   *
   * @throws {Error} before the program is compiled, and if the function is of a type that no program has.
   */
  stages(): Stages;
  /** The fast path without tensors; the arguments give shapes, types and numbers. */
  bind(...args: A): BoundStep;
  /** Frees the programs; use after it throws. */
  dispose(): void;
}
