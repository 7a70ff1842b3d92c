/**
 * What a compiled function says about itself.
 * @module
 */

/** What an explanation is made of. */
export type ExplanationParts = Omit<Explanation, "toString">;

/** The facts about a compiled function, of its last call where they differ by call; prints readably. */
export class Explanation {
  /** How often the function was run and recorded: two or three times for each program. */
  readonly traces: number;
  /** How often it was checked that what was fixed has not changed. */
  readonly checks: number;
  /** How many programs are compiled and kept. */
  readonly programs: number;
  /** How many kernels were recorded. */
  readonly kernels: number;
  /** How many loops, products and other steps remained after fusion; 1 for straight-line code. */
  readonly loops: number;
  /** The bytes that were planned for inputs, results, constants and values in between. */
  readonly bytes: number;
  /** The size of the WebAssembly module. */
  readonly moduleBytes: number;
  /** How long passes, emitter and WebAssembly's own compiler took. */
  readonly compileMs: number;
  /** How often each kernel without a rule occurs; it runs as the ordinary kernel. */
  readonly fallbacks: Readonly<Record<string, number>>;
  /** Why it last traced again; undefined if it did not. */
  readonly retraced: string | undefined;
  /** The native library for matrix products, if one is used. */
  readonly blas: string | undefined;
  /** Whether the module may have instructions of relaxed SIMD. */
  readonly relaxedSimd: boolean;

  /** Made by `explain()`. */
  constructor(parts: ExplanationParts) {
    this.traces = parts.traces;
    this.checks = parts.checks;
    this.programs = parts.programs;
    this.kernels = parts.kernels;
    this.loops = parts.loops;
    this.bytes = parts.bytes;
    this.moduleBytes = parts.moduleBytes;
    this.compileMs = parts.compileMs;
    this.fallbacks = parts.fallbacks;
    this.retraced = parts.retraced;
    this.blas = parts.blas;
    this.relaxedSimd = parts.relaxedSimd;
  }

  /** One fact a line. */
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
      `vectors: ${this.relaxedSimd ? "relaxed SIMD" : "SIMD"}`,
      `last traced again because: ${this.retraced ?? "it did not"}`,
    ].join("\n");
  }
}
