/**
 * The innermost part of a matrix product: a tile of the result held in registers.
 * @module
 */
import {
  type Expr,
  f32x4,
  type FunctionBuilder,
  i32,
  i32x4,
  type Int,
  type Local,
  v128,
  type Vector,
} from "../../wasm/mod.ts";
import { type Strides, UNROLL } from "./product.ts";

/** A tile: `rows` rows of `columns` columns of the result, summed over `steps`. */
export interface Tile {
  /** Rows of the tile. */
  readonly rows: number;
  /** Columns of the tile. */
  readonly columns: number;
  /** The address of the left operand for this tile, and the distances between its elements. */
  readonly left: { readonly at: Local<"i32">; readonly strides: Strides };
  /** The address of the right operand for this tile, and the bytes to the next step. */
  readonly right: { readonly at: Local<"i32">; readonly step: number };
  /** True if the right operand is filled up with zeros, so that whole vectors of it may be read. */
  readonly packed: boolean;
  /** The steps of the sum: whole rounds of `UNROLL`, and a rest. */
  readonly steps: Steps;
}

/** The steps of a sum, cut into rounds. */
export interface Steps {
  /** The number of rounds of `UNROLL` steps. */
  readonly rounds: Int;
  /** The steps after the rounds. */
  readonly rest: number;
  /** The condition under which the rest is computed; it is always computed if this is left out. */
  readonly restIf?: Expr<"i32">;
}

/** Four zeros. */
export const ZERO: Vector = f32x4.const(0);

/** Counts the vectors that hold `columns` floats. */
export function vectorsOf(columns: number): number {
  return Math.ceil(columns / 4);
}

/** Computes a tile and returns its registers, row by row. The caller's scope frees them. */
export function emitTile(f: FunctionBuilder, tile: Tile): readonly Local<"v128">[] {
  const { rows, left, right, steps } = tile;
  const vectors = vectorsOf(tile.columns);
  const sums = Array.from(
    { length: rows * vectors },
    () => f.let(ZERO),
  );
  f.scope(() => {
    const [a, b] = [f.let(left.at), f.let(right.at)];
    const several = (count: number) => {
      const leftOf = leftReader(f, tile, { a, count });
      for (let step = 0; step < count; step++) emitStep(f, tile, { sums, leftOf, b, step });
    };
    const trips = () =>
      f.loop({ to: steps.rounds }, () => {
        several(UNROLL);
        f.set(a, i32.add(a, UNROLL * left.strides.step));
        f.set(b, i32.add(b, UNROLL * right.step));
      });
    if (steps.rounds !== 0) trips();
    if (steps.rest === 0) return;
    if (steps.restIf) f.if(steps.restIf, () => several(steps.rest));
    else several(steps.rest);
  });
  return sums;
}

/** A function that returns an element of the left operand in all four lanes. */
type LeftReader = (step: number, row: number) => Vector;

/**
 * Makes the function that reads the elements of `count` steps, which it gets step by step, row by row.
 *
 * Deno checks the bounds of every access, which takes three instructions. So elements that lie together are loaded
 * four at a time and shuffled. GFLOPS of tiles of 5x2, by the loads of a round of four steps: 18 with 20, 27 with 8 (each
 * step by itself), 30 with 5; without checks 41.
 */
function leftReader(
  f: FunctionBuilder,
  { rows, left: { strides } }: Tile,
  { a, count }: { readonly a: Local<"i32">; readonly count: number },
): LeftReader {
  const areRowsTogether = rows === 1 || strides.row === 4;
  const areStepsTogether = areRowsTogether && strides.step === 4 * rows;
  const quad = f.local("v128");
  return (step, row) => {
    const offset = step * strides.step + row * strides.row;
    const [index, end] = areStepsTogether ? [step * rows + row, count * rows] : [row, rows];
    const lane = index % 4;
    if (!areRowsTogether || index - lane + 4 > end) return v128.load32Splat(a, offset);
    if (lane === 0) f.set(quad, v128.load(a, offset));
    return i32x4.shuffle(quad, quad, [lane, lane, lane, lane]);
  };
}

/**
 * Writes one step: a column of the left operand times a row of the right one.
 *
 * Each left element is spread right before its products: V8 has 15 vector registers, and spreading the
 * column first spills (24 GFLOPS, not 36).
 */
function emitStep(f: FunctionBuilder, tile: Tile, at: {
  readonly sums: readonly Local<"v128">[];
  readonly leftOf: LeftReader;
  readonly b: Local<"i32">;
  readonly step: number;
}): void {
  f.scope(() => {
    const vectors = vectorsOf(tile.columns);
    const from = at.step * tile.right.step;
    const b = Array.from({ length: vectors }, (_, vector) => {
      const count = tile.packed ? 4 : tile.columns - 4 * vector;
      return f.let(loadColumns(at.b, from + 16 * vector, count));
    });
    for (let row = 0; row < tile.rows; row++) {
      f.scope(() => {
        const a = f.let(at.leftOf(at.step, row));
        b.forEach((column, vector) => {
          const sum = at.sums[row * vectors + vector] as Local<"v128">;
          f.set(sum, f32x4.relaxedMadd(a, column, sum));
        });
      });
    }
  });
}

/** Loads the first `count` of four floats, with zeros after them. Nothing beyond them is read. */
export function loadColumns(address: Int, offset: number, count: number): Vector {
  if (count >= 4) return v128.load(address, offset);
  if (count === 1) return v128.load32Zero(address, offset);
  const two = v128.load64Zero(address, offset);
  return count === 2 ? two : v128.load32Lane(two, 2, { address, offset: offset + 8 });
}

/** Up to four neighbouring floats in memory. */
export interface Columns {
  /** The variable part of their address. */
  readonly address: Int;
  /** The constant part in bytes. */
  readonly offset: number;
  /** The number of floats. */
  readonly count: number;
}

/** Writes the first `count` of four floats. */
export function storeColumns(
  f: FunctionBuilder,
  { address, offset, count }: Columns,
  value: Local<"v128">,
): void {
  if (count >= 4) f.store.v128(address, value, offset);
  if (count === 2 || count === 3) f.store.lane64(address, { vector: value, index: 0 }, offset);
  if (count === 1) f.store.lane32(address, { vector: value, index: 0 }, offset);
  if (count === 3) f.store.lane32(address, { vector: value, index: 2 }, offset + 8);
}
