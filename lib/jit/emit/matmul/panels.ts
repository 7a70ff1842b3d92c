/**
 * The loops around the tiles of a matrix product: stretches of the sum, blocks of rows, panels.
 * @module
 */
import {
  type Expr,
  type FunctionBuilder,
  i32,
  type Int,
  liftI32,
  type Local,
  select,
} from "../../wasm/mod.ts";
import { atMost } from "../parts/stage.ts";
import { packLeftFunction } from "./left.ts";
import { packColumns, packRows, panelBytes } from "./pack.ts";
import {
  isLeftPacked,
  isPacked,
  leftStrides,
  PANEL,
  panelColumns,
  type Product,
  type ProductLocals,
  stretchOf,
  TILE_ROWS,
} from "./product.ts";
import { stripFunction } from "./strip.ts";

/** The bytes of a block of rows of the left operand, which has to stay in the level-2 cache. */
const BLOCK_BYTES = 2 ** 18;

/** One stretch of the sums for the whole result. */
interface Stretch {
  readonly product: Product;
  readonly at: ProductLocals;
  /** The number of steps. */
  readonly steps: Int;
  /** 1 if the result holds the sums of earlier stretches, else 0. */
  readonly started: Int;
}

/** Some columns of the right operand and of the result. */
interface Panel {
  readonly columns: number;
  /** The bytes of the columns before it. */
  readonly offset: Int;
}

/** Counts the bytes of scratch memory that a product needs for its panels and tiles. */
export function scratchBytes(product: Product): number {
  const rows = isLeftPacked(product) ? Math.min(product.m, blockRows(product)) : 0;
  return rightBytes(product) + 4 * rows * stretchOf(product.k).size;
}

/** Counts the bytes of scratch memory that panels need; tiles of the left operand lie behind them. */
function rightBytes(product: Product): number {
  if (!isPacked(product)) return 0;
  const { size } = stretchOf(product.k);
  return size * panelBytes(isOneBlock(product) ? Math.min(product.n, PANEL) : product.n);
}

/** Writes the loops of a product. */
export function emitPanels(f: FunctionBuilder, product: Product, at: ProductLocals): void {
  const { count, size } = stretchOf(product.k);
  if (count === 1) {
    emitStretch(f, { product, at, steps: size, started: 0 });
    return;
  }
  const [a, b, started] = [f.let(at.a), f.let(at.b), f.let(i32.const(0))];
  f.loop({ to: product.k, step: size }, (from) => {
    const left = f.let(i32.sub(product.k, from));
    const steps = f.let(atMost(left, size));
    emitStretch(f, { product, at: { ...at, a, b }, steps, started });
    f.set(a, i32.add(a, size * leftStrides(product).step));
    f.set(b, i32.add(b, size * (product.transposeB ? 4 : 4 * product.ldb)));
    f.set(started, i32.const(1));
  });
}

/** Counts the rows that are computed before the next panel: a multiple of a tile's rows. */
function blockRows({ k }: Product): number {
  const tiles = Math.floor(BLOCK_BYTES / 4 / stretchOf(k).size / TILE_ROWS);
  return TILE_ROWS * Math.max(1, tiles);
}

/** Tells whether all rows are one block, so that each panel is used only right after it is packed. */
function isOneBlock(product: Product): boolean {
  return product.m <= blockRows(product);
}

function emitStretch(f: FunctionBuilder, stretch: Stretch): void {
  const { product } = stretch;
  if (isOneBlock(product)) {
    const left = packLeft(f, stretch, 0, product.m);
    eachPanel(f, product, (panel) => {
      const right = rightOf(f, stretch, { panel, packed: stretch.at.scratch });
      if (isPacked(product)) pack(f, stretch, panel, right);
      emitRows(f, stretch, { panel, left, right, from: 0, to: product.m });
    });
    return;
  }
  const { size } = stretchOf(product.k);
  const packed = ({ offset }: Panel) => i32.add(stretch.at.scratch, i32.mul(offset, size));
  eachPanel(f, product, (panel) => {
    const right = rightOf(f, stretch, { panel, packed: packed(panel) });
    if (isPacked(product)) pack(f, stretch, panel, right);
  });
  const rows = blockRows(product);
  f.loop({ to: product.m, step: rows }, (from) => {
    const to = f.let(i32.add(from, atMost(f.let(i32.sub(product.m, from)), rows)));
    const left = packLeft(f, stretch, from, to);
    eachPanel(f, product, (panel) => {
      const right = rightOf(f, stretch, { panel, packed: packed(panel) });
      emitRows(f, stretch, { panel, left, right, from, to });
    });
  });
}

function eachPanel(f: FunctionBuilder, product: Product, body: (panel: Panel) => void): void {
  const columns = panelColumns(product);
  const rest = product.n % columns;
  const whole = 4 * (product.n - rest);
  f.loop({ to: whole, step: 4 * columns }, (offset) => body({ columns, offset }));
  if (rest > 0) f.scope(() => body({ columns: rest, offset: whole }));
}

/** Computes the address from which a panel's columns are read: its copy, or the operand itself. */
function rightOf(
  f: FunctionBuilder,
  { product, at }: Stretch,
  { panel, packed }: { readonly panel: Panel; readonly packed: Expr<"i32"> },
): Local<"i32"> {
  return f.let(isPacked(product) ? packed : i32.add(at.b, panel.offset));
}

function pack(f: FunctionBuilder, stretch: Stretch, panel: Panel, to: Local<"i32">): void {
  const { product: { transposeB, ldb }, at, steps } = stretch;
  const { columns, offset } = panel;
  const from = f.let(i32.add(at.b, transposeB ? i32.mul(offset, ldb) : offset));
  const copy = { from, to, columns, steps, rowBytes: 4 * ldb };
  if (transposeB) packColumns(f, copy);
  else packRows(f, copy);
}

/**
 * Computes rows of one panel: whole tiles first, then the rows that are left. Each of the two has its own
 * function.
 */
function emitRows(f: FunctionBuilder, stretch: Stretch, strip: {
  readonly panel: Panel;
  readonly left: Local<"i32">;
  readonly right: Local<"i32">;
  readonly from: Int;
  readonly to: Int;
}): void {
  const { product, at, steps, started } = stretch;
  const { panel: { columns, offset }, left, right, from, to } = strip;
  const call = (rows: number, first: Int, end: Int) => {
    const place = [left, right, i32.add(at.out, offset)];
    const callee = stripFunction(f.module, product, { rows, columns });
    f.do(callee, ...place, ...[first, end, steps, started].map(liftI32));
  };
  byTiles(f, product, { from, to }, call);
}

/** Visits the whole tiles from one row to another, and the rows that are left after the last tile. */
function byTiles(
  f: FunctionBuilder,
  { m }: Product,
  { from, to }: { readonly from: Int; readonly to: Int },
  body: (rows: number, from: Int, to: Int) => void,
): void {
  const rest = m % TILE_ROWS;
  const whole = m - rest;
  if (whole > 0) body(TILE_ROWS, from, typeof to === "number" ? whole : wholeOf(to, whole));
  if (rest === 0) return;
  if (typeof to === "number") body(rest, whole, to);
  else f.if(i32.eq(to, m), () => body(rest, whole, to));
}

/** Packs rows of the left operand, if that is faster. Returns the address at which row 0 is, or would be. */
function packLeft(f: FunctionBuilder, stretch: Stretch, from: Int, to: Int): Local<"i32"> {
  const { product, at, steps } = stretch;
  if (!isLeftPacked(product)) return at.a;
  const [rowBytes, packedBytes] = [4 * product.lda, 4 * stretchOf(product.k).size];
  const tiles = i32.add(at.scratch, rightBytes(product));
  const rowZero = f.let(i32.sub(tiles, i32.mul(from, packedBytes)));
  byTiles(f, product, { from, to }, (rows, first, end) => {
    const callee = packLeftFunction(f.module, { rows, rowBytes, packedBytes });
    const source = i32.add(at.a, i32.mul(first, rowBytes));
    const target = i32.add(rowZero, i32.mul(first, packedBytes));
    f.do(callee, source, target, i32.sub(end, first), liftI32(steps));
  });
  return rowZero;
}

function wholeOf(to: Int, whole: number): Expr<"i32"> {
  return select(i32.ltS(to, whole), liftI32(to), i32.const(whole));
}
