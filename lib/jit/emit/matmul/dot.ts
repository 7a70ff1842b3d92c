/**
 * Matrix products of few rows whose right operand is stored transposed: rows times rows.
 *
 * Both operands lie in the order of the sum, so nothing is packed: vectors run along the sum.
 * @module
 */
import { f32x4, type FunctionBuilder, i32, type Local } from "../../wasm/mod.ts";
import { transpose } from "./pack.ts";
import type { Addresses, Product } from "./product.ts";
import { loadColumns, storeColumns, type Vector } from "./tile.ts";

/** The most rows for which this is the quicker way. */
export const DOT_ROWS = 3;

/** Whether a product is done by rows times rows. */
export function isDot({ m, transposeA, transposeB }: Product): boolean {
  return m <= DOT_ROWS && transposeB && !transposeA;
}

/** Writes the loops of a product of at most `DOT_ROWS` rows with `transposeB`. */
export function emitDot(f: FunctionBuilder, product: Product, at: Addresses): void {
  const rest = product.n % 4;
  f.loop({ to: product.n - rest, step: 4 }, (column) => {
    dotColumns(f, product, { at, column, count: 4 });
  });
  if (rest > 0) {
    const column = f.let(i32.const(product.n - rest));
    dotColumns(f, product, { at, column, count: rest });
  }
}

const ZERO: Vector = f32x4.const(0);

interface Columns {
  readonly at: Addresses;
  readonly column: Local<"i32">;
  readonly count: number;
}

/** Up to four columns of the result for all rows. */
function dotColumns(f: FunctionBuilder, product: Product, columns: Columns): void {
  f.scope(() => {
    const { at, column, count } = columns;
    const rows = Array.from({ length: product.m }, () => [0, 1, 2, 3].map(() => f.let(ZERO)));
    sumDots(f, product, { ...columns, rows });
    const offset = i32.shl(column, 2);
    rows.forEach((sums, row) => {
      const [s0, s1, s2, s3] = transpose(f, sums) as [Vector, Vector, Vector, Vector];
      const out = f.let(i32.add(i32.add(at.out, 4 * product.n * row), offset));
      const sum = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
      const before = product.accumulate ? loadColumns(out, 0, count) : ZERO;
      const value = f.let(f32x4.add(before, sum));
      storeColumns(f, { address: out, offset: 0, count }, value);
    });
  });
}

function sumDots(
  f: FunctionBuilder,
  { k }: Product,
  { at, column, count, rows }: Columns & { readonly rows: readonly (readonly Local<"v128">[])[] },
): void {
  const a = f.let(at.a);
  const b = f.let(i32.add(at.b, i32.mul(column, 4 * k)));
  const step = (floats: number) =>
    f.scope(() => {
      const left = rows.map((_, row) => f.let(loadColumns(a, 4 * k * row, floats)));
      for (let place = 0; place < count; place++) {
        const right = f.let(loadColumns(b, 4 * k * place, floats));
        rows.forEach((sums, row) => {
          const sum = sums[place] as Local<"v128">;
          f.set(sum, f32x4.relaxedMadd(left[row] as Vector, right, sum));
        });
      }
    });
  f.loop({ to: Math.floor(k / 4) }, () => {
    step(4);
    f.set(a, i32.add(a, 16));
    f.set(b, i32.add(b, 16));
  });
  if (k % 4 > 0) step(k % 4);
}
