/**
 * A strip of a matrix product: rows of one panel, tile by tile.
 *
 * Each kind of tile has a function of its own. Two kinds in one function made the larger one spill:
 * `[64, 784] x [784, 200]`, with tiles of 6 rows for 60 rows and of 4 rows for the rest, ran at 28
 * GFLOPS instead of 35.
 * @module
 */
import {
  type Callee,
  f32x4,
  type FunctionBuilder,
  i32,
  i32x4,
  type Local,
  type SharedFunctions,
  v128,
} from "../../wasm/mod.ts";
import {
  isLeftPacked,
  isPacked,
  leftStrides,
  nameOf,
  type Product,
  stretchOf,
  UNROLL,
} from "./product.ts";
import {
  type Columns,
  emitTile,
  loadColumns,
  type Steps,
  storeColumns,
  vectorsOf,
} from "./tile.ts";

/** The tile of a strip. */
export interface TileSize {
  /** Rows of the tile. */
  readonly rows: number;
  /** Columns of the tile. */
  readonly columns: number;
}

const PARAMETERS = {
  a: "i32",
  right: "i32",
  out: "i32",
  from: "i32",
  to: "i32",
  steps: "i32",
  started: "i32",
} as const;

type StripLocals = Readonly<Record<keyof typeof PARAMETERS, Local<"i32">>>;

/**
 * Returns the function `(a, right, out, from, to, steps, started)` that computes rows `from` to `to`.
 *
 * `right` and `out` are at the strip's first column; `started` says whether `out` holds sums.
 */
export function stripFunction(
  module: SharedFunctions,
  product: Product,
  tile: TileSize,
): Callee {
  const name = `${nameOf(product)}, tiles of ${tile.rows}x${tile.columns}`;
  return module.shared({ name, params: PARAMETERS }, (f, at) => {
    f.loop({ from: at.from, to: at.to, step: tile.rows }, (row) => {
      emitTileAt(f, { product, tile, at, row });
    });
  });
}

interface TilePlace {
  readonly product: Product;
  readonly tile: TileSize;
  readonly at: StripLocals;
  readonly row: Local<"i32">;
}

/** Computes one tile and writes it. */
function emitTileAt(f: FunctionBuilder, place: TilePlace): void {
  const { product, tile, at, row } = place;
  const left = leftStrides(product);
  const packed = { row: 4, step: 4 * tile.rows };
  const rowBytes = isLeftPacked(product) ? 4 * stretchOf(product.k).size : left.row;
  const rightStep = isPacked(product) ? 16 * vectorsOf(tile.columns) : 4 * product.ldb;
  const out = f.let(i32.add(at.out, i32.mul(row, 4 * product.ldc)));
  const sums = emitTile(f, {
    ...tile,
    left: {
      at: f.let(i32.add(at.a, i32.mul(row, rowBytes))),
      strides: isLeftPacked(product) ? packed : left,
    },
    right: { at: at.right, step: rightStep },
    steps: stepsOf(product, at.steps),
    packed: isPacked(product),
  });
  const vectors = vectorsOf(tile.columns);
  sums.forEach((sum, index) => {
    const [row, vector] = [Math.floor(index / vectors), index % vectors];
    const columns = {
      address: out,
      offset: 4 * product.ldc * row + 16 * vector,
      count: tile.columns - 4 * vector,
    };
    addBefore(f, place, { sum, columns });
    storeColumns(f, columns, sum);
  });
}

/** Adds the sums of earlier stretches, or the numbers that the result holds. */
function addBefore(f: FunctionBuilder, { product, at }: TilePlace, { sum, columns }: {
  readonly sum: Local<"v128">;
  readonly columns: Columns;
}): void {
  const { k, accumulate } = product;
  if (!accumulate && stretchOf(k).count === 1) return;
  const before = loadColumns(columns.address, columns.offset, columns.count);
  const mask = i32x4.splat(i32.sub(0, at.started));
  f.set(sum, f32x4.add(accumulate ? before : v128.and(before, mask), sum));
}

/** Cuts a stretch into rounds and a rest, which only the last stretch has. */
function stepsOf({ k }: Product, steps: Local<"i32">): Steps {
  const { count, size } = stretchOf(k);
  if (count === 1) return { rounds: Math.floor(k / UNROLL), rest: k % UNROLL };
  const rest = (k - (count - 1) * size) % UNROLL;
  return { rounds: i32.divU(steps, UNROLL), rest, restIf: i32.ltS(steps, size) };
}
