/**
 * The loops around the tiles of a matrix product: blocks of the sum, blocks of rows, panels, tiles.
 *
 * Measured on one core of a Xeon of 2023 at 3.0 GHz, whose limit for 128-bit vectors is 48 GFLOPS,
 * in interleaved rounds on `[64, 784] x [784, 200]`: tiles of 6x2 36, 4x2 33, 4x3 30, 3x3 36, 8x1 23;
 * 4x2 without fused multiply-add 27.
 * @module
 */
import {
  f32x4,
  type FunctionBuilder,
  i32,
  type Int,
  type Local,
  select,
  v128,
} from "./assembler.ts";
import { packColumns, packRows, PANEL, panelsOf } from "./matmul_pack.ts";
import {
  emitTile,
  loadColumns,
  type Steps,
  storeColumns,
  type Strides,
  UNROLL,
  type Vector,
} from "./matmul_tile.ts";

/** The rows of a full tile. */
const ROWS = 6;

/** The longest stretch of a sum that is done at once: panel and rows then fit the first cache. */
const MOST_STEPS = 896;

/** Rows are done in blocks of about this many bytes of the left operand, to stay in the second cache. */
const BLOCK_BYTES = 2 ** 18;

/** Below this many rows packing costs more than it gains. */
const PACKED_ROWS = 13;

/** A product of one pair of matrices, as it will be emitted. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Whether the left operand is stored `[k, m]`. */
  readonly transposeA: boolean;
  /** Whether the right operand is stored `[n, k]`. */
  readonly transposeB: boolean;
  /** What the sums start from: zero, a row of `n` floats, one float, or what the result holds. */
  readonly start: "zero" | "bias" | "single" | "result";
  /** Whether the operands changed places, to make one column one row. */
  readonly swapped?: boolean;
}

/** The addresses that a product works on. */
export interface Addresses {
  readonly a: Local<"i32">;
  readonly b: Local<"i32">;
  readonly out: Local<"i32">;
  readonly scratch: Local<"i32">;
  readonly bias: Local<"i32">;
}

/** Whether the right operand is copied into panels first. */
export function isPacked({ m, transposeB }: Pick<Product, "m" | "transposeB">): boolean {
  return transposeB || m >= PACKED_ROWS;
}

/** The stretches that a sum of `k` steps is cut into, all but the last of `size` steps. */
export function blocksOf(k: number): { readonly count: number; readonly size: number } {
  const count = Math.ceil(k / MOST_STEPS);
  return { count, size: count === 1 ? k : UNROLL * Math.ceil(k / count / UNROLL) };
}

/** The bytes that the panels of a product take. */
export function panelBytes(product: Pick<Product, "m" | "n" | "k" | "transposeB">): number {
  const { full, restWidth } = panelsOf(product.n);
  return isPacked(product) ? 4 * (PANEL * full + restWidth) * blocksOf(product.k).size : 0;
}

/** Writes the loops of a product. */
export function emitPanels(f: FunctionBuilder, product: Product, at: Addresses): void {
  const { count, size } = blocksOf(product.k);
  if (count === 1) {
    const steps = { rounds: Math.floor(size / UNROLL), rest: size % UNROLL };
    emitBlock(f, { product, at, steps, length: size, started: undefined });
    return;
  }
  const [a, b] = [f.let(at.a), f.let(at.b)];
  const length = f.local("i32", "length");
  const started = f.let(product.start === "result" ? f32x4.eq(0, 0) : ZERO, "started");
  f.loop({ to: product.k, step: size }, (from) => {
    const left = f.let(i32.sub(product.k, from));
    const isLast = f.let(i32.leS(left, size));
    f.set(length, select(isLast, left, i32.const(size)));
    const rest = (product.k - (count - 1) * size) % UNROLL;
    const steps = { rounds: f.let(i32.shrU(length, 2)), rest, restIf: isLast };
    emitBlock(f, { product, at: { ...at, a, b }, steps, length, started });
    f.set(a, i32.add(a, size * leftStrides(product).step));
    f.set(b, i32.add(b, size * (product.transposeB ? 4 : 4 * product.n)));
    f.set(started, f32x4.eq(0, 0));
  });
}

const ZERO: Vector = f32x4.const(0);

/** One stretch of the sums for the whole result. */
interface Block {
  readonly product: Product;
  readonly at: Addresses;
  readonly steps: Steps;
  /** How many steps there are: the rounds and the rest. */
  readonly length: Local<"i32"> | number;
  /** All ones if the result holds the sums so far, all zeros if not, left out for one stretch. */
  readonly started: Local<"v128"> | undefined;
}

/** Some columns of the right operand and of the result. */
interface Panel {
  readonly columns: number;
  /** The bytes of the columns before it. */
  readonly offset: Local<"i32"> | number;
  /** Its first element, and the bytes to the next step. */
  readonly at: Local<"i32">;
  readonly step: number;
}

function leftStrides({ m, k, transposeA }: Product): Strides {
  return transposeA ? { row: 4, step: 4 * m } : { row: 4 * k, step: 4 };
}

function emitBlock(f: FunctionBuilder, block: Block): void {
  const { product } = block;
  if (isPacked(product)) packAll(f, block);
  const rows = Math.min(ROWS, product.m);
  const whole = product.m - product.m % rows;
  const rest = () => f.let(i32.const(whole));
  const inBlock = rows * Math.max(1, Math.floor(BLOCK_BYTES / 4 / blocksOf(product.k).size / rows));
  if (whole <= inBlock) {
    eachPanel(f, block, (panel) => {
      f.loop({ to: whole, step: rows }, (row) => tileAt(f, block, { panel, row, rows }));
      if (whole < product.m) tileAt(f, block, { panel, row: rest(), rows: product.m - whole });
    });
    return;
  }
  f.loop({ to: whole, step: inBlock }, (from) => {
    const end = f.let(i32.add(from, inBlock));
    f.set(end, select(i32.ltS(end, whole), end, i32.const(whole)));
    eachPanel(f, block, (panel) => {
      f.loop({ from, to: end, step: rows }, (row) => tileAt(f, block, { panel, row, rows }));
    });
  });
  if (whole === product.m) return;
  eachPanel(f, block, (panel) => {
    tileAt(f, block, { panel, row: rest(), rows: product.m - whole });
  });
}

/** The columns of a panel: few rows take wider ones, to keep enough sums in flight. */
function panelColumns(product: Product): number {
  return isPacked(product) ? PANEL : [32, 16, 12][product.m - 1] ?? PANEL;
}

function eachPanel(f: FunctionBuilder, block: Block, body: (panel: Panel) => void): void {
  const { product, at } = block;
  const columns = panelColumns(product);
  const rest = product.n % columns;
  const visit = (offset: Local<"i32"> | number, columns: number) =>
    f.scope(() => {
      const place = { columns, offset };
      if (!isPacked(product)) {
        body({ ...place, at: f.let(i32.add(at.b, offset)), step: 4 * product.n });
        return;
      }
      const packed = i32.add(at.scratch, i32.mul(offset, blocksOf(product.k).size));
      body({ ...place, at: f.let(packed), step: 16 * Math.ceil(columns / 4) });
    });
  f.loop({ to: 4 * (product.n - rest), step: 4 * columns }, (offset) => visit(offset, columns));
  if (rest > 0) visit(4 * (product.n - rest), rest);
}

function packAll(f: FunctionBuilder, block: Block): void {
  const { product, at, length } = block;
  const { transposeB, n, k } = product;
  eachPanel(f, block, ({ columns, offset, at: to, step }) => {
    const from = f.let(i32.add(at.b, transposeB ? i32.mul(offset, k) : offset));
    const copy = { from, to, columns, width: step / 4, steps: length };
    if (transposeB) packColumns(f, { ...copy, rowBytes: 4 * k });
    else packRows(f, { ...copy, rowBytes: 4 * n });
  });
}

/** Sums one tile and writes it. */
function tileAt(
  f: FunctionBuilder,
  block: Block,
  { panel, row, rows }: {
    readonly panel: Panel;
    readonly row: Local<"i32">;
    readonly rows: number;
  },
): void {
  const { product, at, steps } = block;
  f.scope(() => {
    const strides = leftStrides(product);
    const left = { at: f.let(i32.add(at.a, i32.mul(row, strides.row))), strides };
    const rowStart = i32.add(at.out, i32.mul(row, 4 * product.n));
    const out = f.let(i32.add(rowStart, panel.offset));
    const vectors = Math.ceil(panel.columns / 4);
    const sums = emitTile(f, {
      rows,
      columns: panel.columns,
      left,
      right: panel,
      steps,
      packed: isPacked(product),
      init: (row, vector) => startOf(block, { panel, out, row, vector }),
    });
    sums.forEach((sum, place) => {
      const [row, vector] = [Math.floor(place / vectors), place % vectors];
      const count = panel.columns - 4 * vector;
      storeColumns(f, { address: out, offset: 4 * product.n * row + 16 * vector, count }, sum);
    });
  });
}

/** What the sums of a place begin with. */
function startOf(block: Block, place: {
  readonly panel: Panel;
  readonly out: Int;
  readonly row: number;
  readonly vector: number;
}): Vector {
  const { product: { n, start }, at, started } = block;
  const count = place.panel.columns - 4 * place.vector;
  const result = loadColumns(place.out, 4 * n * place.row + 16 * place.vector, count);
  if (start === "result") return result;
  const bias = i32.add(at.bias, place.panel.offset);
  const first = start === "zero"
    ? ZERO
    : start === "single"
    ? v128.load32Splat(at.bias)
    : loadColumns(bias, 16 * place.vector, count);
  return started ? v128.bitselect(result, first, started) : first;
}
