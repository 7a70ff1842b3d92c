/**
 * A strip of a matrix product: rows of one panel, tile by tile.
 *
 * Each kind of tile has a function of its own. Two kinds in one function made the larger one spill:
 * `[64, 784] x [784, 200]`, 60 rows by sixes and 4 at once, ran at 28 GFLOPS instead of 35.
 * @module
 */
import {
  type Callee,
  type Expr,
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
import { emitTile, loadColumns, type Steps, storeColumns, vectorsOf } from "./tile.ts";

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
  bias: "i32",
  from: "i32",
  to: "i32",
  steps: "i32",
  started: "i32",
} as const;

type Parameters = Readonly<Record<keyof typeof PARAMETERS, Local<"i32">>>;

/**
 * The function `(a, right, out, bias, from, to, steps, started)` that does rows `from` to `to`.
 *
 * `right`, `out` and `bias` are at the strip's first column; `started` says whether `out` holds sums.
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

interface Place {
  readonly product: Product;
  readonly tile: TileSize;
  readonly at: Parameters;
  readonly row: Local<"i32">;
}

/** Sums one tile and writes it. */
function emitTileAt(f: FunctionBuilder, place: Place): void {
  const { product, tile, at, row } = place;
  const left = leftStrides(product);
  const packed = { row: 4, step: 4 * tile.rows };
  const rowBytes = isLeftPacked(product) ? 4 * stretchOf(product.k).size : left.row;
  const rightStep = isPacked(product) ? 16 * vectorsOf(tile.columns) : 4 * product.n;
  const out = f.let(i32.add(at.out, i32.mul(row, 4 * product.n)));
  const sums = emitTile(f, {
    ...tile,
    left: {
      at: f.let(i32.add(at.a, i32.mul(row, rowBytes))),
      strides: isLeftPacked(product) ? packed : left,
    },
    right: { at: at.right, step: rightStep },
    steps: stepsOf(product, at.steps),
    packed: isPacked(product),
    init: (row, vector) => startOf(place, { out, row, vector }),
  });
  const vectors = vectorsOf(tile.columns);
  sums.forEach((sum, index) => {
    const [row, vector] = [Math.floor(index / vectors), index % vectors];
    const count = tile.columns - 4 * vector;
    storeColumns(f, { address: out, offset: 4 * product.n * row + 16 * vector, count }, sum);
  });
}

/** The rounds and the rest of a stretch; only the last stretch has a rest. */
function stepsOf({ k }: Product, steps: Local<"i32">): Steps {
  const { count, size } = stretchOf(k);
  if (count === 1) return { rounds: Math.floor(k / UNROLL), rest: k % UNROLL };
  const rest = (k - (count - 1) * size) % UNROLL;
  return { rounds: i32.divU(steps, UNROLL), rest, restIf: i32.ltS(steps, size) };
}

/** What the sums of a place begin with. */
function startOf({ product, tile, at }: Place, { out, row, vector }: {
  readonly out: Local<"i32">;
  readonly row: number;
  readonly vector: number;
}): Expr<"v128"> {
  const { n, k, start } = product;
  const count = tile.columns - 4 * vector;
  const result = loadColumns(out, 4 * n * row + 16 * vector, count);
  const first = {
    zero: () => f32x4.const(0),
    single: () => v128.load32Splat(at.bias),
    bias: () => loadColumns(at.bias, 16 * vector, count),
    result: () => result,
  }[start]();
  if (stretchOf(k).count === 1 || start === "result") return first;
  return v128.bitselect(result, first, i32x4.splat(i32.sub(0, at.started)));
}
