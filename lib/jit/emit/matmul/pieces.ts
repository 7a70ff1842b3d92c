/**
 * Cuts matrix products into parts. A part has some products of a batch, or some rows or columns of one result.
 * @module
 */
import { type FunctionBuilder, i32, type Int } from "../../wasm/mod.ts";
import { type BatchCut, bySize, cutBatch, MOST_PARTS } from "../parts/stage.ts";
import { naturalRows, PANEL, type ProductSizes, TILE_ROWS } from "./product.ts";

/** The parts into which products are cut. */
export interface Pieces extends BatchCut {
  /** The things that the parts have: products, rows or columns. */
  readonly along: "batch" | "rows" | "columns";
}

/** The least work of a part, in additions and multiplications. They take at least 10 microseconds. */
const PIECE_OPERATIONS = 1e6;

/**
 * The number of parts beyond which each needs more work. Every part packs one of its operands
 * again: a product of 784x256x256 took OpenBLAS 1.9 ms in one part, 2.0 in 4, 2.1 in 8 and 2.3 in
 * 16.
 */
const MANY_PARTS = 8;
const MANY_PARTS_OPERATIONS = 2.5e7;

/** The work of reading or writing an element of an operand or of the result, in additions and multiplications. */
const ELEMENT_OPERATIONS = 16;

/** The rows of a part are a multiple of two tiles, its columns a multiple of one panel. */
const STEP = { rows: 2 * TILE_ROWS, columns: PANEL };

/** The least number of rows or columns in a part, except the last, so that most tiles are full. */
const LEAST = 32;

/** The least number of rows, columns and steps of a sum in a product that is cut. */
const LEAST_STEPS = 4;

/** Chooses the parts of products of this shape. */
export function piecesOf(shape: ProductSizes & { readonly batch: number }): Pieces {
  const { batch, m, n, k } = shape;
  const elements = m * k + k * n + m * n;
  const operations = batch * (2 * m * n * k + ELEMENT_OPERATIONS * elements);
  if (batch > 1) {
    return { along: "batch", ...cutBatch(batch, operations / PIECE_OPERATIONS) };
  }
  const [along, length] = m > n ? ["rows", m] as const : ["columns", n] as const;
  const few = Math.min(operations / PIECE_OPERATIONS, MANY_PARTS);
  const wanted = Math.max(few, operations / MANY_PARTS_OPERATIONS);
  if (Math.min(m, n, k) >= LEAST_STEPS) {
    // Powers of two keep two, four and eight threads equally busy.
    for (let parts = MOST_PARTS; parts > 1; parts /= 2) {
      const size = STEP[along] * Math.ceil(length / parts / STEP[along]);
      const last = length - (parts - 1) * size;
      if (parts <= wanted && size >= LEAST && 2 * last >= size) return { along, size, parts, last };
    }
  }
  return { along: "batch", size: 1, parts: 1, last: 1 };
}

interface Matrices {
  /** The address of the left operand. */
  readonly a: number;
  /** The address of the right operand. */
  readonly b: number;
  /** The address of the result. */
  readonly out: number;
}

/** Writes one part of one product: a product of smaller matrices, whose rows have gaps between them in memory. */
export function emitPiece(
  f: FunctionBuilder,
  { a, b, out, ...whole }: ProductSizes & Matrices,
  { pieces, part }: { readonly pieces: Pieces; readonly part: Int },
  emit: (
    sizes: ProductSizes,
    at: { readonly a: Int; readonly b: Int; readonly out: Int },
  ) => void,
): void {
  const { along, size, parts, last } = pieces;
  const { m, n, k, transposeA, transposeB } = whole;
  const [lda, ldb, ldc] = naturalRows(whole) as [number, number, number];
  const moved = (address: number, floats: number) =>
    i32.add(i32.mul(part, 4 * size * floats), address);
  const isRows = along === "rows";
  const write = (length: number) =>
    emit({
      m: isRows ? length : m,
      n: isRows ? n : length,
      k,
      transposeA,
      transposeB,
      lda,
      ldb,
      ldc,
    }, {
      a: isRows ? moved(a, transposeA ? 1 : lda) : a,
      b: isRows ? b : moved(b, transposeB ? ldb : 1),
      out: moved(out, isRows ? ldc : 1),
    });
  bySize(f, { part, parts, size, last }, write);
}
