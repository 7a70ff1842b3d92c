/**
 * The sizes and addresses of a matrix product, and the rules by which its work is cut.
 * @module
 */
import type { Local } from "../../wasm/mod.ts";

/** The sizes of a product `[m, k] x [k, n]`, and the order in which its operands are stored. */
export interface ProductSizes {
  /** Rows of the result. */
  readonly m: number;
  /** Columns of the result. */
  readonly n: number;
  /** Steps of each sum. */
  readonly k: number;
  /** True if the left operand is stored `[k, m]`. */
  readonly transposeA: boolean;
  /** True if the right operand is stored `[n, k]`. */
  readonly transposeB: boolean;
  /** The floats from one stored row of the left operand to the next; without gaps if left out. */
  readonly lda?: number;
  /** The same for the right operand. */
  readonly ldb?: number;
  /** The same for the result. */
  readonly ldc?: number;
}

/** A product of one pair of matrices, as it will be emitted. */
export interface Product extends Required<ProductSizes> {
  /** True if the product is added to what the result holds. */
  readonly accumulate: boolean;
  /** True if the operands changed places, so that one column became one row. */
  readonly swapped?: boolean;
}

/** The addresses that a product works on. */
export interface ProductLocals {
  /** The address of the left operand. */
  readonly a: Local<"i32">;
  /** The address of the right operand. */
  readonly b: Local<"i32">;
  /** The address of the result. */
  readonly out: Local<"i32">;
  /** Memory that may be overwritten. */
  readonly scratch: Local<"i32">;
}

/** The distances between elements of an operand, in bytes. */
export interface Strides {
  /** The bytes from one row of the result to the next. */
  readonly row: number;
  /** The bytes from one step of the sum to the next. */
  readonly step: number;
}

/**
 * The rows of a tile.
 *
 * Measured on one core of a Xeon of 2023 at 3.0 GHz, whose limit for vectors of 128 bits is 48 GFLOPS,
 * in interleaved rounds on `[64, 784] x [784, 200]`, GFLOPS by rows and vectors: 5x2 41, 4x2 36, 6x2 30
 * with the left operand packed; 6x2 36, 5x2 34, 4x2 33, 4x3 30, 3x3 36, 2x4 33, 8x1 23 as it is; 4x2
 * with separate multiply and add 27.
 */
export const TILE_ROWS = 5;

/** The columns of a panel: two vectors. */
export const PANEL = 8;

/** The steps that one trip of the inner loop does. */
export const UNROLL = 4;

/** The longest sum that is computed without a cut: panel and rows then fit into the level-1 cache. */
const MOST_STEPS = 272;

/**
 * The steps of a stretch of a longer sum. The stretches' sums are added one by one, so the error of a sum
 * of 100,000 terms is that of a chain of 64 and one of 1,563. Measured beside stretches of up to 272
 * steps, in CPU time: no slower for 784 and 3,136 steps, 15 % slower if sums of 200 steps are cut too.
 */
export const STRETCH_STEPS = 64;

/** Below this many rows packing the right operand costs more than it gains. */
const PACKED_ROWS = 13;

/** Below this many columns packing the left operand costs more than it gains. */
const PACKED_COLUMNS = 48;

/** Returns the name of a product's functions, which no other product has. */
export function nameOf(product: Product): string {
  const { m, n, k, transposeA, transposeB, accumulate } = product;
  const letters = `${transposeA ? "T" : "N"}${transposeB ? "T" : "N"}`;
  const rows = [product.lda, product.ldb, product.ldc];
  const isWhole = rows.join() === naturalRows(product).join();
  const gaps = isWhole ? "" : ` of rows of ${rows.join(", ")}`;
  return `matmul ${m}x${n}x${k} ${letters}${gaps}${accumulate ? " added" : ""}`;
}

/** Returns the floats in a stored row of each operand and of the result, if nothing lies between rows. */
export function naturalRows({ m, n, k, transposeA, transposeB }: ProductSizes): number[] {
  return [transposeA ? m : k, transposeB ? k : n, n];
}

/** Tells whether the right operand is copied into panels first. */
export function isPacked({ m, transposeB }: Product): boolean {
  return transposeB || m >= PACKED_ROWS;
}

/** Tells whether the left operand is copied into tiles first. Stored `[k, m]` it does not have to be. */
export function isLeftPacked(product: Product): boolean {
  return isPacked(product) && !product.transposeA && product.n >= PACKED_COLUMNS;
}

/** Cuts a sum of `k` steps into `count` stretches; all but the last have `size` steps. */
export function stretchOf(k: number): { readonly count: number; readonly size: number } {
  const count = k <= MOST_STEPS ? 1 : Math.ceil(k / STRETCH_STEPS);
  return { count, size: count === 1 ? k : UNROLL * Math.ceil(k / count / UNROLL) };
}

/** Chooses the columns of a panel: with few rows it is wider, so that enough sums are computed at once. */
export function panelColumns(product: Product): number {
  return isPacked(product) ? PANEL : [32, 16, 12][product.m - 1] ?? PANEL;
}

/** Returns the distances between the elements of the left operand in memory. */
export function leftStrides({ lda, transposeA }: Product): Strides {
  return transposeA ? { row: 4, step: 4 * lda } : { row: 4 * lda, step: 4 };
}
