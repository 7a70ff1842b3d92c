/**
 * Copies the right operand of a matrix product into panels that the inner loop reads in order.
 *
 * A panel is eight columns wide (the last one four, if four are enough): step by step its rows lie
 * one behind the other, and columns beyond the matrix are zeros.
 * @module
 */
import { f32x4, type FunctionBuilder, i32, i32x4, type Local, v128 } from "./assembler.ts";
import { loadColumns, type Vector } from "./matmul_tile.ts";

/** The columns of a full panel. */
export const PANEL = 8;

/** The columns that the panels of `n` columns have, and the floats that a step takes in the last one. */
export interface Panels {
  /** How many panels have eight columns of the matrix. */
  readonly full: number;
  /** The columns of the matrix in the panel after them, 0 for no such panel. */
  readonly rest: number;
  /** The width of that panel: 0, 4 or 8. */
  readonly restWidth: number;
}

/** Cuts `n` columns into panels. */
export function panelsOf(n: number): Panels {
  const rest = n % PANEL;
  return { full: Math.floor(n / PANEL), rest, restWidth: 4 * Math.ceil(rest / 4) };
}

/** The floats that the panels of `n` columns take for each step of the sum. */
export function panelWidth(n: number): number {
  const { full, restWidth } = panelsOf(n);
  return PANEL * full + restWidth;
}

/** One panel to be filled. */
export interface PanelCopy {
  /** The first element of the panel's columns in the matrix. */
  readonly from: Local<"i32">;
  /** Where the panel goes. */
  readonly to: Local<"i32">;
  /** Columns of the matrix, and of the panel. */
  readonly columns: number;
  readonly width: number;
  /** Steps of the sum. */
  readonly steps: Local<"i32"> | number;
  /** Bytes from one row of the matrix, as it is stored, to the next. */
  readonly rowBytes: number;
}

/** Fills a panel from a matrix that is stored `[k, n]`: rows are copied as they are. */
export function packRows(f: FunctionBuilder, copy: PanelCopy): void {
  f.scope(() => {
    const [from, to] = [f.let(copy.from), f.let(copy.to)];
    f.loop({ to: copy.steps }, () => {
      for (let column = 0; column < copy.width; column += 4) {
        const count = copy.columns - column;
        f.store.v128(to, count > 0 ? loadColumns(from, 4 * column, count) : ZERO, 4 * column);
      }
      f.set(from, i32.add(from, copy.rowBytes));
      f.set(to, i32.add(to, 4 * copy.width));
    });
  });
}

/** Fills a panel from a matrix that is stored `[n, k]`: squares of four by four are turned over. */
export function packColumns(f: FunctionBuilder, copy: PanelCopy): void {
  f.scope(() => {
    const [from, to] = [f.let(copy.from), f.let(copy.to)];
    const rest = typeof copy.steps === "number"
      ? i32.const(copy.steps & 3)
      : i32.and(copy.steps, 3);
    const rounds = typeof copy.steps === "number" ? copy.steps >> 2 : i32.shrU(copy.steps, 2);
    f.loop({ to: rounds }, () => {
      for (let column = 0; column < copy.width; column += 4) {
        packSquare(f, copy, { from, to, column });
      }
      f.set(from, i32.add(from, 16));
      f.set(to, i32.add(to, 16 * copy.width));
    });
    if (typeof copy.steps === "number" && copy.steps % 4 === 0) return;
    f.loop({ to: f.let(rest) }, () => {
      for (let column = 0; column < copy.width; column += 4) {
        packSingle(f, copy, { from, to, column });
      }
      f.set(from, i32.add(from, 4));
      f.set(to, i32.add(to, 4 * copy.width));
    });
  });
}

const ZERO: Vector = f32x4.const(0);

interface Square {
  readonly from: Local<"i32">;
  readonly to: Local<"i32">;
  readonly column: number;
}

/** Four columns of four steps. */
function packSquare(f: FunctionBuilder, copy: PanelCopy, { from, to, column }: Square): void {
  f.scope(() => {
    const rows = [0, 1, 2, 3].map((row) =>
      column + row < copy.columns
        ? f.let(v128.load(from, (column + row) * copy.rowBytes))
        : f.let(ZERO)
    );
    transpose(f, rows).forEach((row, step) =>
      f.store.v128(to, row, 4 * (step * copy.width + column))
    );
  });
}

/** Four columns of one step. */
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

/** The four columns of four rows. */
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
