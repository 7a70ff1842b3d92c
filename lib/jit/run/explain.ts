/**
 * Facts about a compiled function, for its user.
 * @module
 */

/** The facts of an explanation. */
export type ExplanationParts = Omit<Explanation, "toString">;

/** Facts about a compiled function and its last call; as text, one per line. */
export class Explanation {
  /** The number of recorded calls: two or three for each program. */
  readonly traces!: number;
  /** The number of checks that the function still does what was recorded. */
  readonly checks!: number;
  /** The number of programs that are compiled and kept. */
  readonly programs!: number;
  /** The number of recorded kernels. */
  readonly kernels!: number;
  /** The number of loops, products and other equations after fusion; 1 for straight-line code. */
  readonly loops!: number;
  /** The bytes that were planned for inputs, results, constants and intermediate values. */
  readonly bytes!: number;
  /** The size of the WebAssembly module. */
  readonly moduleBytes!: number;
  /** The time that passes, emitter and WebAssembly's own compiler took, in ms. */
  readonly compileMs!: number;
  /** The number of occurrences of each kernel without a rule, which runs as the ordinary kernel. */
  readonly fallbacks!: Readonly<Record<string, number>>;
  /** The reason why it last traced again; undefined if it did not. */
  readonly retraced!: string | undefined;
  /** The native library for matrix products, if one is used. */
  readonly blas!: string | undefined;
  /** The largest number of threads that run the program; 1 if it is too small for several. */
  readonly threads!: number;
  /** True if the module may contain instructions of relaxed SIMD. */
  readonly relaxedSimd!: boolean;

  /** Takes the facts that `explain()` has collected. */
  constructor(parts: ExplanationParts) {
    Object.assign(this, parts);
  }

  /** Formats the facts, one per line. */
  toString(): string {
    const fallbacks = Object.entries(this.fallbacks).map(([name, count]) => `${name} ×${count}`);
    return [
      `traces: ${this.traces}, checks: ${this.checks}, programs kept: ${this.programs}`,
      `kernels recorded: ${this.kernels}, loops after fusion: ${this.loops}`,
      `memory planned: ${this.bytes} bytes, module: ${this.moduleBytes} bytes`,
      `compiled in ${this.compileMs.toFixed(1)} ms`,
      `ordinary kernels inside (fallbacks): ${
        fallbacks.length > 0 ? fallbacks.join(", ") : "none"
      }`,
      `matrix products: ${this.blas ?? "WebAssembly"}`,
      `threads: ${this.threads}`,
      `vectors: ${this.relaxedSimd ? "relaxed SIMD" : "SIMD"}`,
      `last traced again because: ${this.retraced ?? "it did not"}`,
    ].join("\n");
  }
}
