/**
 * The stages of a function, from recorded kernels to a module.
 * @module
 */

/** The stages of a compiled function, first to last. */
export interface Stages {
  /** The names of the recorded kernels, in the order of their calls. */
  readonly kernels: readonly string[];
  /** The text of the program as it was traced: each kernel as equations, before any pass. */
  readonly traced: string;
  /** The text of the program that is compiled; without loops if it is small enough for straight-line code. */
  readonly fused: string;
  /** The WebAssembly module. */
  readonly module: Uint8Array<ArrayBuffer>;
}
