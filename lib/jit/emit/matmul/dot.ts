/**
 * Matrix products of few rows whose right operand is stored transposed: rows times rows.
 *
 * Both operands lie in the order of the sum, so nothing is packed: vectors run along the sum.
 * @module
 */
import {
  f32x4,
  type FunctionBuilder,
  i32,
  type Int,
  type Local,
  select,
  type Vector,
} from "../../wasm/mod.ts";
import { transpose } from "./pack.ts";
import { type Product, type ProductLocals, STRETCH_STEPS } from "./product.ts";
import { loadColumns, storeColumns, ZERO } from "./tile.ts";

/** The largest number of rows for which rows times rows is the fastest way. */
export const DOT_ROWS = 3;

/** Tells whether a product is computed by rows times rows. */
export function isDot({ m, transposeA, transposeB }: Product): boolean {
  return m <= DOT_ROWS && transposeB && !transposeA;
}

/** Writes the loops of a product of at most `DOT_ROWS` rows with `transposeB`. */
export function emitDot(f: FunctionBuilder, product: Product, at: ProductLocals): void {
  const rest = product.n % 4;
  f.loop({ to: product.n - rest, step: 4 }, (column) => {
    dotColumns(f, product, { at, column, count: 4 });
  });
  if (rest > 0) {
    const column = f.let(i32.const(product.n - rest));
    dotColumns(f, product, { at, column, count: rest });
  }
}

/** The steps that a vector's four sums take before they are added to the totals: a multiple of four. */
const BLOCK_STEPS = 4 * STRETCH_STEPS;

interface DotColumns {
  readonly at: ProductLocals;
  readonly column: Local<"i32">;
  readonly count: number;
}

/** Sums of four lanes for each row and column. */
interface Rows extends DotColumns {
  readonly rows: readonly (readonly Local<"v128">[])[];
}

/** The addresses of the next elements of the first row and the first column. */
interface Operands extends Rows {
  readonly lda: number;
  readonly ldb: number;
  readonly a: Local<"i32">;
  readonly b: Local<"i32">;
}

/** Computes up to four columns of the result for all rows. */
function dotColumns(f: FunctionBuilder, product: Product, columns: DotColumns): void {
  f.scope(() => {
    const { at, column, count } = columns;
    const rows = Array.from({ length: product.m }, () => [0, 1, 2, 3].map(() => f.let(ZERO)));
    sumDots(f, product, { ...columns, rows });
    const offset = i32.shl(column, 2);
    rows.forEach((sums, row) => {
      const [s0, s1, s2, s3] = transpose(f, sums) as [Vector, Vector, Vector, Vector];
      const out = f.let(i32.add(i32.add(at.out, 4 * product.ldc * row), offset));
      const sum = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
      const before = product.accumulate ? loadColumns(out, 0, count) : ZERO;
      const value = f.let(f32x4.add(before, sum));
      storeColumns(f, { address: out, offset: 0, count }, value);
    });
  });
}

/** Adds up the products, in blocks so that long sums stay exact. */
function sumDots(f: FunctionBuilder, { k, lda, ldb }: Product, columns: Rows): void {
  const a = f.let(columns.at.a);
  const b = f.let(i32.add(columns.at.b, i32.mul(columns.column, 4 * ldb)));
  const at = { ...columns, lda, ldb, a, b };
  const whole = k - k % 4;
  if (whole <= BLOCK_STEPS) sumStretch(f, at, whole);
  else {
    const totals = columns.rows;
    f.loop({ to: whole, step: BLOCK_STEPS }, (from) => {
      const left = f.let(i32.sub(whole, from));
      const rows = totals.map((sums) => sums.map(() => f.let(ZERO)));
      const steps = select(i32.ltS(left, BLOCK_STEPS), left, i32.const(BLOCK_STEPS));
      sumStretch(f, { ...at, rows }, steps);
      totals.forEach((sums, row) =>
        sums.forEach((sum, place) => f.set(sum, f32x4.add(sum, rows[row]![place]!)))
      );
    });
  }
  if (k % 4 > 0) addProducts(f, at, k % 4);
}

/** Adds up the products of `steps` steps, four at a time. */
function sumStretch(f: FunctionBuilder, at: Operands, steps: Int): void {
  f.loop({ to: steps, step: 4 }, () => {
    addProducts(f, at, 4);
    f.set(at.a, i32.add(at.a, 16));
    f.set(at.b, i32.add(at.b, 16));
  });
}

/** Adds the products of up to four steps, one to each lane of the sums. */
function addProducts(f: FunctionBuilder, operands: Operands, floats: number): void {
  const { lda, ldb, a, b, rows, count } = operands;
  f.scope(() => {
    const left = rows.map((_, row) => f.let(loadColumns(a, 4 * lda * row, floats)));
    for (let place = 0; place < count; place++) {
      const right = f.let(loadColumns(b, 4 * ldb * place, floats));
      rows.forEach((sums, row) => {
        const sum = sums[place]!;
        f.set(sum, f32x4.relaxedMadd(left[row]!, right, sum));
      });
    }
  });
}
