/**
 * Copies the right operand of a matrix product into panels that the inner loop reads in order.
 *
 * A panel is eight columns wide (the last one four, if four are enough): step by step its rows lie
 * one behind the other, and columns beyond the matrix are zeros.
 * @module
 */
import {
  type FunctionBuilder,
  i32,
  i32x4,
  type Int,
  type Local,
  v128,
  type Vector,
} from "../../wasm/mod.ts";
import { loadColumns, vectorsOf, ZERO } from "./tile.ts";

/** Counts the bytes that `n` columns take in panels for each step of the sum: whole vectors. */
export function panelBytes(n: number): number {
  return 16 * vectorsOf(n);
}

/** One panel to be filled. */
export interface PanelCopy {
  /** The first element of the panel's columns in the matrix. */
  readonly from: Local<"i32">;
  /** The address of the panel. */
  readonly to: Local<"i32">;
  /** The columns of the matrix that are in it; its rows are filled up to whole vectors. */
  readonly columns: number;
  /** Steps of the sum. */
  readonly steps: Int;
  /** Bytes from one row of the matrix, as it is stored, to the next. */
  readonly rowBytes: number;
}

/** Fills a panel from a matrix that is stored `[k, n]`: rows are copied as they are. */
export function packRows(f: FunctionBuilder, copy: PanelCopy): void {
  f.scope(() => {
    const [from, to] = [f.let(copy.from), f.let(copy.to)];
    f.loop({ to: copy.steps }, () => {
      for (let column = 0; column < copy.columns; column += 4) {
        f.store.v128(to, loadColumns(from, 4 * column, copy.columns - column), 4 * column);
      }
      f.set(from, i32.add(from, copy.rowBytes));
      f.set(to, i32.add(to, panelBytes(copy.columns)));
    });
  });
}

/** Fills a panel from a matrix that is stored `[n, k]`: squares of four by four are transposed. */
export function packColumns(f: FunctionBuilder, copy: PanelCopy): void {
  f.scope(() => {
    const [from, to] = [f.let(copy.from), f.let(copy.to)];
    const rest = typeof copy.steps === "number"
      ? i32.const(copy.steps & 3)
      : i32.and(copy.steps, 3);
    const rounds = typeof copy.steps === "number" ? copy.steps >> 2 : i32.shrU(copy.steps, 2);
    f.loop({ to: rounds }, () => {
      for (let column = 0; column < copy.columns; column += 4) {
        packSquare(f, copy, { from, to, column });
      }
      f.set(from, i32.add(from, 16));
      f.set(to, i32.add(to, 4 * panelBytes(copy.columns)));
    });
    if (typeof copy.steps === "number" && copy.steps % 4 === 0) return;
    f.loop({ to: f.let(rest) }, () => {
      for (let column = 0; column < copy.columns; column += 4) {
        packSingle(f, copy, { from, to, column });
      }
      f.set(from, i32.add(from, 4));
      f.set(to, i32.add(to, panelBytes(copy.columns)));
    });
  });
}

interface Square {
  readonly from: Local<"i32">;
  readonly to: Local<"i32">;
  readonly column: number;
}

/** Packs four columns of four steps. */
function packSquare(f: FunctionBuilder, copy: PanelCopy, { from, to, column }: Square): void {
  f.scope(() => {
    const rows = [0, 1, 2, 3].map((row) =>
      column + row < copy.columns
        ? f.let(v128.load(from, (column + row) * copy.rowBytes))
        : f.let(ZERO)
    );
    transpose(f, rows).forEach((row, step) =>
      f.store.v128(to, row, step * panelBytes(copy.columns) + 4 * column)
    );
  });
}

/** Packs four columns of one step. */
function packSingle(f: FunctionBuilder, copy: PanelCopy, { from, to, column }: Square): void {
  const rows = [0, 1, 2, 3].filter((row) => column + row < copy.columns);
  const value = rows.reduce<Vector>((vector, row) => {
    const offset = (column + row) * copy.rowBytes;
    return row === 0
      ? v128.load32Zero(from, offset)
      : v128.load32Lane(vector, row, { address: from, offset });
  }, ZERO);
  f.store.v128(to, value, 4 * column);
}

/** Transposes four rows of four. */
export function transpose(
  f: FunctionBuilder,
  rows: readonly Local<"v128">[],
): readonly Vector[] {
  const [r0, r1, r2, r3] = rows as readonly Vector[] as [Vector, Vector, Vector, Vector];
  const low01 = f.let(i32x4.shuffle(r0, r1, [0, 4, 1, 5]));
  const high01 = f.let(i32x4.shuffle(r0, r1, [2, 6, 3, 7]));
  const low23 = f.let(i32x4.shuffle(r2, r3, [0, 4, 1, 5]));
  const high23 = f.let(i32x4.shuffle(r2, r3, [2, 6, 3, 7]));
  return [
    i32x4.shuffle(low01, low23, [0, 1, 4, 5]),
    i32x4.shuffle(low01, low23, [2, 3, 6, 7]),
    i32x4.shuffle(high01, high23, [0, 1, 4, 5]),
    i32x4.shuffle(high01, high23, [2, 3, 6, 7]),
  ];
}
