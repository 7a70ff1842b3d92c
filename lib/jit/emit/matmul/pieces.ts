/**
 * The cutting of products into parts: products of a batch, or rows or columns of one result.
 * @module
 */
import { type FunctionBuilder, i32, type Int } from "../../wasm/mod.ts";
import { divisor, MOST_PARTS } from "../parts/stage.ts";
import { naturalRows, PANEL, type ProductSizes, TILE_ROWS } from "./product.ts";

/** The parts of products. */
export interface Pieces {
  readonly along: "batch" | "rows" | "columns";
  /** The products, rows or columns of a part. */
  readonly size: number;
  readonly parts: number;
  /** The rows or columns of the last part. */
  readonly last: number;
}

/** The additions and multiplications of a part, at least: 20 microseconds or more. */
const PIECE_OPERATIONS = 2e6;

/** The rows of a part are a multiple of whole tiles, its columns of whole panels. */
const STEP = { rows: 4 * TILE_ROWS, columns: PANEL };

/** Rows or columns that a part has at least, so that tiles are full. */
const LEAST = 32;

/** The fewest steps of a sum for which rows or columns are cut. */
const LEAST_STEPS = 4;

/** Cuts products of this shape. */
export function piecesOf(shape: ProductSizes & { readonly batch: number }): Pieces {
  const { batch, m, n, k } = shape;
  const wanted = Math.min(Math.floor(2 * batch * m * n * k / PIECE_OPERATIONS), MOST_PARTS);
  if (batch > 1) {
    const parts = divisor(batch, wanted);
    return { along: "batch", size: batch / parts, parts, last: batch / parts };
  }
  const [along, length] = m >= n ? ["rows", m] as const : ["columns", n] as const;
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

/** Writes one part of one product, as a product of smaller matrices with gaps between their rows. */
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
  if (last === size) write(size);
  else f.if(i32.eq(part, parts - 1), () => write(last), () => write(size));
}
