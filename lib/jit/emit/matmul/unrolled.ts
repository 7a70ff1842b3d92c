/**
 * Tiny matrix products as straight-line code: no loop, no call, every address a constant.
 * @module
 */
import { type Expr, f32, f32x4, type FunctionBuilder, v128 } from "../../wasm/mod.ts";
import type { ProductSizes } from "./product.ts";

/** A product of one pair of matrices at constant addresses. */
export interface UnrolledProduct extends ProductSizes {
  /** The address of the left operand. */
  readonly a: number;
  /** The address of the right operand. */
  readonly b: number;
  /** The address of the result. */
  readonly out: number;
}

/** Writes a product without loops, sums in order from 0: four columns at a time where rows of `b` allow it. */
export function emitTinyProduct(f: FunctionBuilder, product: UnrolledProduct): void {
  const { m, n, transposeB } = product;
  const vectors = transposeB ? 0 : n - n % 4;
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < vectors; column += 4) fourColumns(f, product, row, column);
    for (let column = vectors; column < n; column++) oneColumn(f, product, row, column);
  }
}

function fourColumns(f: FunctionBuilder, product: UnrolledProduct, row: number, column: number) {
  const { n, k, b, out } = product;
  const terms = Array.from({ length: k }, (_, step) => ({
    left: v128.load32Splat(leftAddress(product, row, step)),
    right: v128.load(b + 4 * (step * n + column)),
  }));
  const sum = terms.reduce(
    (sum, { left, right }) => f32x4.relaxedMadd(left, right, sum),
    f32x4.const(0),
  );
  f.store.v128(out + 4 * (row * n + column), sum);
}

function oneColumn(f: FunctionBuilder, product: UnrolledProduct, row: number, column: number) {
  const { n, k, b, out, transposeB } = product;
  const sum = Array.from({ length: k }, (_, step) => {
    const right = transposeB ? column * k + step : step * n + column;
    return f32.mul(f32.load(leftAddress(product, row, step)), f32.load(b + 4 * right));
  }).reduce((sum, term) => f32.add(sum, term), f32.const(0) as Expr<"f32">);
  f.store.f32(out + 4 * (row * n + column), sum);
}

function leftAddress(product: UnrolledProduct, row: number, step: number): number {
  const { m, k, a, transposeA } = product;
  return a + 4 * (transposeA ? step * m + row : row * k + step);
}
