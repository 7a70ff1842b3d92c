/** The rule by which products are cut. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { matmulKind, matmulScratch } from "../../../../lib/jit/emit/matmul/mod.ts";
import { piecesOf } from "../../../../lib/jit/emit/matmul/pieces.ts";
import { naturalRows } from "../../../../lib/jit/emit/matmul/product.ts";

const size = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 6, max: 70 }),
  fc.integer({ min: 71, max: 1500 }),
  fc.constantFrom(4, 16, 32, 48, 64, 128, 20_000),
);
const shapes = fc.record({
  batch: fc.constantFrom(1, 1, 1, 0, 2, 6, 7, 17, 24, 64),
  m: size,
  n: size,
  k: size,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

/** The product that a piece computes, of whole size or that of the last one. */
function pieceOf(shape: Shape, length: number) {
  const [lda, ldb, ldc] = naturalRows(shape) as [number, number, number];
  const along = piecesOf(shape).along === "rows" ? { m: length } : { n: length };
  return { ...shape, ...along, batch: 1, lda, ldb, ldc };
}

function checkBatch({ batch }: Shape, { size, parts, last }: ReturnType<typeof piecesOf>): void {
  assert.equal((parts - 1) * size + last, Math.max(batch, 1), "each product is in one piece");
  assert(last > 0 && last <= size || batch === 0);
}

function checkLines(shape: Shape, { along, size, parts, last }: ReturnType<typeof piecesOf>): void {
  const length = along === "rows" ? shape.m : shape.n;
  assert.equal(shape.batch, 1);
  assert.equal((parts - 1) * size + last, length, "each row or column is in one piece");
  assert(2 * last >= size && last <= size && size >= 32);
  assert.equal(size % (along === "rows" ? 10 : 8), 0, "whole tiles and panels");
  assert([2, 4, 8, 16].includes(parts));
  for (const rows of [size, last]) {
    const piece = pieceOf(shape, rows);
    for (const blas of [false, true]) {
      const scratch = matmulScratch(piece, blas);
      assert(scratch <= matmulScratch(shape, blas), "a piece needs more memory than is there");
      assert.equal(matmulKind(piece, blas), matmulKind(shape, blas), "pieces are computed alike");
    }
  }
}

Deno.test("piecesOf() puts each product, row or column into one piece, which fits the working memory", () => {
  const seen = { batch: 0, rows: 0, columns: 0 };
  fc.assert(
    fc.property(shapes, (shape) => {
      const pieces = piecesOf(shape);
      assert(Number.isInteger(pieces.parts) && pieces.parts >= 1 && pieces.parts <= 16);
      if (pieces.parts > 1) seen[pieces.along]++;
      if (pieces.along === "batch") checkBatch(shape, pieces);
      else checkLines(shape, pieces);
    }),
    { numRuns: 4000 },
  );
  for (const [along, count] of Object.entries(seen)) assert(count > 50, `${along}: ${count}`);
});

Deno.test("piecesOf() cuts the longer side of a result, and leaves small and thin products whole", () => {
  const pieces = (batch: number, m: number, n: number, k: number) => {
    const found = piecesOf({ batch, m, n, k, transposeA: false, transposeB: false });
    return `${found.parts} ${found.along}`;
  };
  assert.equal(pieces(1, 64, 64, 64), "1 batch");
  assert.equal(pieces(1, 784, 200, 64), "8 rows");
  assert.equal(pieces(1, 200, 784, 64), "8 columns");
  assert.equal(pieces(1, 3, 100_000, 100), "1 batch");
  assert.equal(pieces(1, 256, 256, 256), "8 columns");
  assert.equal(pieces(1, 8, 256, 784), "4 columns"); // most of the work is reading the right operand
  assert.equal(pieces(1, 1600, 256, 784), "16 rows");
  assert.equal(pieces(6, 200, 200, 200), "6 batch");
  assert.equal(pieces(7, 200, 200, 200), "7 batch");
  assert.equal(pieces(17, 200, 200, 200), "9 batch");
  assert.equal(pieces(64, 100, 100, 100), "16 batch");
});
