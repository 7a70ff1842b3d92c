/**
 * Matrix products as emitted code: straight-line when tiny, SIMD tiles, or a call to a BLAS.
 * @module
 */
import {
  type Callee,
  type FunctionBuilder,
  i32,
  type Int,
  liftI32,
  type ValType,
} from "../../wasm/mod.ts";
import { runOfPart } from "../parts/stage.ts";
import { emitDot, isDot } from "./dot.ts";
import { emitPanels, scratchBytes } from "./panels.ts";
import { emitPiece, piecesOf } from "./pieces.ts";
import {
  nameOf,
  naturalRows,
  type Product,
  type ProductLocals,
  type ProductSizes,
} from "./product.ts";
import { emitTinyProduct } from "./unrolled.ts";

/** The sizes of `batch` products. */
export interface MatmulShape extends ProductSizes {
  /** The number of products. */
  readonly batch: number;
}

/** Products and the memory that they work on; addresses and strides in bytes. */
export interface MatmulSpec extends MatmulShape {
  /** The address of the left operand. */
  readonly a: number;
  /** The address of the right operand. */
  readonly b: number;
  /** The result, `[batch, m, n]` without gaps; it may not overlap an operand. */
  readonly out: number;
  /** The bytes from one left operand to the next; 0 if all products have the same one. */
  readonly strideA: number;
  /** The bytes from one right operand to the next; 0 if all products have the same one. */
  readonly strideB: number;
  /** True if the product is added to the numbers that `out` holds. */
  readonly accumulate?: boolean;
}

/** A way to compute a product. */
export type MatmulKind = "unrolled" | "simd" | "blas";

/** The largest number of multiplications of a product that is written without loops. */
const MOST_UNROLLED = 64;

/**
 * The smallest number of multiplications for which a product is left to a BLAS. The call costs 0.1 us when it
 * is hot, and 2 to 3 us before; a product of this size takes 2 us here and 0.6 us there.
 */
const LEAST_BLAS = 2 ** 15;

/** The smallest number of rows, columns and steps of a product that a BLAS computes: thinner ones gain nothing. */
const THINNEST_BLAS = 4;

/** Chooses the way to compute a product of this shape, with or without a BLAS. */
export function matmulKind(shape: MatmulShape, blas: boolean): MatmulKind {
  const { m, n, k, batch } = shape;
  if (m * n * k * batch <= MOST_UNROLLED) return "unrolled";
  const pays = m * n * k >= LEAST_BLAS && Math.min(m, n, k) >= THINNEST_BLAS;
  return blas && pays ? "blas" : "simd";
}

/** Counts the parts of products of this shape. */
export function matmulParts(shape: MatmulShape): number {
  return piecesOf(shape).parts;
}

/** Counts the bytes of scratch memory that a part of products needs; 0 if a BLAS computes it. */
export function matmulScratch(shape: MatmulShape, blas: boolean = false): number {
  if (matmulKind(shape, blas) === "blas") return 0;
  const product = productOf(shape, false);
  return isDot(product) ? 0 : scratchBytes(product);
}

/**
 * The parameters of the import that `emitMatmul` calls for large products: two flags for operands that are
 * stored transposed, the sizes, an address and the floats of a stored row for each operand and for the
 * result, and a flag to add the product to the result.
 */
export const SGEMM_PARAMETERS: readonly ValType[] = [
  ..."transA transB m n k a lda b ldb out ldc accumulate".split(" ").map(() => "i32" as const),
];

/** One part of products, and `matmulScratch(spec)` bytes that it may overwrite. */
export interface MatmulPart {
  readonly part: Int;
  readonly scratch: Int;
}

/** Writes a part of products; large ones call `sgemm`, if it is given. */
export function emitMatmul(
  f: FunctionBuilder,
  spec: MatmulSpec,
  { part, scratch, sgemm }: MatmulPart & { readonly sgemm?: Callee | undefined },
): void {
  const isUnrolled = matmulKind(spec, sgemm !== undefined) === "unrolled";
  if (isUnrolled && !spec.accumulate) return eachUnrolled(f, spec);
  const { accumulate = false } = spec;
  const emit = (shape: ProductSizes, place: ProductAddresses) =>
    emitProduct(f, { ...shape, batch: 1 }, { ...place, scratch, accumulate }, sgemm);
  const pieces = piecesOf(spec);
  if (pieces.along === "batch") {
    eachProduct(f, spec, { part, size: pieces.size }, (place) => emit(spec, place));
  } else {
    emitPiece(f, spec, { pieces, part }, emit);
  }
}

/** Writes one product that is not tiny, at addresses that the code computes. */
export function emitProduct(
  f: FunctionBuilder,
  shape: MatmulShape,
  place: ProductMemory,
  sgemm?: Callee,
): void {
  if (sgemm && matmulKind(shape, true) === "blas") callBlas(f, shape, place, sgemm);
  else callProduct(f, shape, place);
}

/** The addresses of one product's operands, of its result and of its scratch memory. */
export interface ProductMemory extends ProductAddresses {
  /** Memory that may be overwritten. */
  readonly scratch: Int;
  /** True if the product is added to the numbers that `out` holds. */
  readonly accumulate?: boolean;
}

/** The addresses of one pair of operands and their result. */
export interface ProductAddresses {
  /** The address of the left operand. */
  readonly a: Int;
  /** The address of the right operand. */
  readonly b: Int;
  /** The address of the result. */
  readonly out: Int;
}

function eachUnrolled(f: FunctionBuilder, spec: MatmulSpec): void {
  const { m, n, a, b, out, strideA, strideB } = spec;
  for (let index = 0; index < spec.batch; index++) {
    emitTinyProduct(f, {
      ...spec,
      a: a + index * strideA,
      b: b + index * strideB,
      out: out + index * 4 * m * n,
    });
  }
}

function eachProduct(
  f: FunctionBuilder,
  spec: MatmulSpec,
  { part, size }: { readonly part: Int; readonly size: number },
  body: (at: ProductAddresses) => void,
): void {
  const { m, n, batch, a, b, out, strideA, strideB } = spec;
  if (batch === 1) {
    body({ a, b, out });
    return;
  }
  f.loop(runOfPart(f, { part, size, length: batch }), (index) => {
    body({
      a: i32.add(i32.mul(index, strideA), a),
      b: i32.add(i32.mul(index, strideB), b),
      out: i32.add(i32.mul(index, 4 * m * n), out),
    });
  });
}

function productOf(shape: MatmulShape, accumulate: boolean): Product {
  const { m, n, k } = shape;
  if (shape.ldc !== undefined) return { ...withRows(shape), accumulate };
  const sizes = {
    m,
    n,
    k,
    // A single row or column lies in memory like its transpose.
    transposeA: shape.transposeA && m > 1 && k > 1,
    transposeB: shape.transposeB && n > 1 && k > 1,
  };
  if (n > 1 || m === 1) return { ...withRows(sizes), accumulate };
  // One column is one row of the transposed product, whose operands change places.
  const transposeB = !sizes.transposeA && k > 1;
  const swapped = { m: 1, n: m, k, transposeA: false, transposeB };
  return { ...withRows(swapped), accumulate, swapped: true };
}

function withRows(sizes: ProductSizes): Required<ProductSizes> {
  const { m, n, k, transposeA, transposeB } = sizes;
  const [lda, ldb, ldc] = naturalRows(sizes) as [number, number, number];
  const rows = { lda: sizes.lda ?? lda, ldb: sizes.ldb ?? ldb, ldc: sizes.ldc ?? ldc };
  return { m, n, k, transposeA, transposeB, ...rows };
}

/** Calls the function of this product's shape, which equal products share. */
function callProduct(f: FunctionBuilder, shape: MatmulShape, place: ProductMemory): void {
  const { a, b, out, scratch, accumulate = false } = place;
  const product = productOf(shape, accumulate);
  const callee = f.module.shared({
    name: nameOf(product),
    params: { a: "i32", b: "i32", out: "i32", scratch: "i32" },
  }, (body, at: ProductLocals) => {
    if (isDot(product)) emitDot(body, product, at);
    else emitPanels(body, product, at);
  });
  const [left, right] = product.swapped ? [b, a] : [a, b];
  f.do(callee, ...[left, right, out, scratch].map(liftI32));
}

function callBlas(
  f: FunctionBuilder,
  shape: MatmulShape,
  place: ProductMemory,
  sgemm: Callee,
): void {
  const { m, n, k, transposeA, transposeB, lda, ldb, ldc } = withRows(shape);
  const { a, b, out, accumulate = false } = place;
  const sizes = [transposeA, transposeB].map(Number).concat(m, n, k);
  f.do(sgemm, ...[...sizes, a, lda, b, ldb, out, ldc, Number(accumulate)].map(liftI32));
}
