/**
 * What a matrix product is to the code that is written for it, and how it is cut.
 * @module
 */
import type { Local } from "./assembler.ts";

/** A product of one pair of matrices, as it will be emitted. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Whether the left operand is stored `[k, m]`. */
  readonly transposeA: boolean;
  /** Whether the right operand is stored `[n, k]`. */
  readonly transposeB: boolean;
  /** What the sums start from: zero, a row of `n` floats, one float, or what the result holds. */
  readonly start: "zero" | "bias" | "single" | "result";
  /** Whether the operands changed places, to make one column one row. */
  readonly swapped?: boolean;
}

/** The addresses that a product works on. */
export interface Addresses {
  readonly a: Local<"i32">;
  readonly b: Local<"i32">;
  readonly out: Local<"i32">;
  readonly scratch: Local<"i32">;
  readonly bias: Local<"i32">;
}

/** How far apart the elements of an operand are, in bytes. */
export interface Strides {
  /** From one row of the result to the next. */
  readonly row: number;
  /** From one step of the sum to the next. */
  readonly step: number;
}

/**
 * The rows of a tile.
 *
 * Measured on one core of a Xeon of 2023 at 3.0 GHz, whose limit for vectors of 128 bits is 48 GFLOPS,
 * in interleaved rounds on `[64, 784] x [784, 200]`, GFLOPS by rows and vectors: 6x2 36, 4x2 33, 4x3 30,
 * 3x3 36, 2x4 33, 8x1 23; 4x2 with separate multiply and add 27.
 */
export const TILE_ROWS = 6;

/** The columns of a panel: two vectors. */
export const PANEL = 8;

/** The steps that one trip of the inner loop does. */
export const UNROLL = 4;

/** The longest stretch of a sum that is done at once: panel and rows then fit the first cache. */
const MOST_STEPS = 272;

/** Below this many rows packing costs more than it gains. */
const PACKED_ROWS = 13;

/** What sets the functions of one product apart from those of others. */
export function nameOf({ m, n, k, transposeA, transposeB, start }: Product): string {
  const letters = `${transposeA ? "T" : "N"}${transposeB ? "T" : "N"}`;
  return `matmul ${m}x${n}x${k} ${letters} from ${start}`;
}

/** Whether the right operand is copied into panels first. */
export function isPacked({ m, transposeB }: Product): boolean {
  return transposeB || m >= PACKED_ROWS;
}

/** How a sum of `k` steps is cut: into `count` stretches, all but the last of `size` steps. */
export function stretchOf(k: number): { readonly count: number; readonly size: number } {
  const count = Math.ceil(k / MOST_STEPS);
  return { count, size: count === 1 ? k : UNROLL * Math.ceil(k / count / UNROLL) };
}

/** The columns of a panel: few rows take wider ones, to keep enough sums in flight. */
export function panelColumns(product: Product): number {
  return isPacked(product) ? PANEL : [32, 16, 12][product.m - 1] ?? PANEL;
}

/** How the left operand is laid out. */
export function leftStrides({ m, k, transposeA }: Product): Strides {
  return transposeA ? { row: 4, step: 4 * m } : { row: 4 * k, step: 4 };
}
