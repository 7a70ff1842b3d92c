/**
 * Code that picks or adds up slices by numbers that are known only when the program runs.
 *
 * Nothing outside an array is read or written: a gather with an index that is out of range calls a
 * function that throws before it reads; a sum ignores the rows that belong to no segment.
 * @module
 */
import { bytesPerElement } from "../program/dtype.ts";
import type { GatherEquation, SegmentSumEquation } from "../program/equation.ts";
import {
  type Callee,
  type Expr,
  f32x4,
  f64x2,
  type FunctionBuilder,
  i32,
  i32x4,
  type Int,
  v128,
} from "../wasm/mod.ts";
import { copyBytes } from "./assemble.ts";
import { addressOfOperand, type EquationPlaces, type Layout } from "./loop/memory.ts";
import { loadColumns, storeColumns, vectorsOf } from "./matmul/tile.ts";

/** Copies slice `indices[i]` of each group to place `i`; `refuse` takes an index that is out of range. */
export function emitGather(
  f: FunctionBuilder,
  { inputs: [x, indices], out }: GatherEquation,
  { layout, refuse }: { readonly layout: Layout; readonly refuse: Callee },
): void {
  const [groups, length, inner] = x.shape as [number, number, number];
  const [count, lists = 1] = indices.shape.toReversed() as [number, number?];
  const list = addressOfOperand(layout, indices);
  f.loop({ to: 4 * count * lists, step: 4 }, (i) => {
    const index = f.let(i32.load(i, list));
    f.if(i32.geU(index, length), () => f.do(refuse, index, i32.const(length)));
  });
  const width = bytesPerElement(out.dtype);
  const bytes = inner * width;
  const run = { bytes, width, from: addressOfOperand(layout, x), to: layout.addressOf(out) };
  f.loop({ to: groups }, (group) => {
    const source = f.let(i32.mul(group, length * bytes));
    const target = f.let(i32.mul(group, count * bytes));
    const first = lists === 1 ? 0 : f.let(i32.mul(group, 4 * count));
    f.loop({ to: 4 * count, step: 4 }, (i) => {
      f.scope(() => {
        const index = i32.load(i32.add(i, first), list);
        const from = f.let(i32.add(i32.mul(index, bytes), source));
        copyBytes(f, run, [from, target]);
        f.set(target, i32.add(target, bytes));
      });
    });
  });
}

/** The columns that are summed at once: one cache line of the input. */
const COLUMNS = 16;

/** Counts the bytes of working memory that a sum needs: sums are kept in double precision. */
export function segmentSumScratch({ out }: SegmentSumEquation): number {
  const [, segments, inner] = out.shape as [number, number, number];
  return 32 * segments * vectorsOf(Math.min(inner, COLUMNS));
}

/** Adds each row of a group to its segment. */
export function emitSegmentSum(
  f: FunctionBuilder,
  { inputs: [x, ids], out }: SegmentSumEquation,
  { layout, scratch }: EquationPlaces,
): void {
  const [groups, rows, inner] = x.shape as [number, number, number];
  const sums = {
    ...{ rows, inner, scratch, segments: out.shape[1]! },
    x: addressOfOperand(layout, x),
    ids: addressOfOperand(layout, ids),
    out: layout.addressOf(out),
  };
  const whole = inner - inner % COLUMNS;
  f.loop({ to: groups }, (group) => {
    f.loop({ to: whole, step: COLUMNS }, (column) => {
      emitColumns(f, { ...sums, columns: COLUMNS }, placeOf(group, column));
    });
    if (inner > whole) {
      emitColumns(f, { ...sums, columns: inner - whole }, placeOf(group, whole));
    }
  });

  /** Computes the first byte of a group's column in the input and in the result. */
  function placeOf(group: Expr<"i32">, column: Int): ColumnsPlace {
    const start = (length: number) =>
      i32.add(i32.mul(group, 4 * inner * length), i32.mul(column, 4));
    return { x: f.let(start(rows)), out: f.let(start(sums.segments)) };
  }
}

interface Sums {
  readonly rows: number;
  readonly segments: number;
  readonly inner: number;
  readonly columns: number;
  readonly x: number;
  readonly ids: number;
  readonly out: number;
  readonly scratch: number;
}

interface ColumnsPlace {
  readonly x: Expr<"i32">;
  readonly out: Expr<"i32">;
}

/** Adds up a few columns of one group. */
function emitColumns(f: FunctionBuilder, sums: Sums, place: ColumnsPlace): void {
  const { rows, segments, inner, columns, scratch } = sums;
  const stride = 32 * vectorsOf(columns);
  f.scope(() => {
    f.loop({ to: segments * stride, step: 16 }, (i) => {
      f.store.v128(i, f64x2.const(0), scratch);
    });
    const row = f.let(place.x);
    f.loop({ to: 4 * rows, step: 4 }, (i) => {
      const id = f.let(i32.load(i, sums.ids));
      f.if(i32.ltU(id, segments), () => {
        const at = f.let(i32.mul(id, stride));
        eachVector(columns, (vector, count) => {
          const values = f.let(loadColumns(row, sums.x + 16 * vector, count));
          const high = i32x4.shuffle(values, values, [2, 3, 2, 3]);
          [values, high].forEach((half, k) => {
            const base = scratch + 32 * vector + 16 * k;
            f.store.v128(at, f64x2.add(v128.load(at, base), f64x2.promoteLowF32x4(half)), base);
          });
        });
      });
      f.set(row, i32.add(row, 4 * inner));
    });
    writeSums(f, { ...sums, stride }, place);
  });
}

/** Writes the sums of a few columns as floats. */
function writeSums(
  f: FunctionBuilder,
  { segments, inner, columns, scratch, out, stride }: Sums & { readonly stride: number },
  place: ColumnsPlace,
): void {
  const to = f.let(i32.add(place.out, out));
  f.loop({ to: segments * stride, step: stride }, (at) => {
    eachVector(columns, (vector, count) => {
      f.scope(() => {
        const [low, high] = [0, 16].map((half) =>
          f32x4.demoteF64x2Zero(v128.load(at, scratch + 32 * vector + half))
        );
        const value = f.let(i32x4.shuffle(low!, high!, [0, 1, 4, 5]));
        storeColumns(f, { address: to, offset: 16 * vector, count }, value);
      });
    });
    f.set(to, i32.add(to, 4 * inner));
  });
}

function eachVector(columns: number, body: (vector: number, count: number) => void): void {
  for (let column = 0; column < columns; column += 4) {
    body(column / 4, Math.min(4, columns - column));
  }
}
