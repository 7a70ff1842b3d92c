/** The rule by which loops are cut: every index in one part, and results that parts do not share. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { isPartial, type Split, splitOf } from "../../../../lib/jit/emit/loop/split.ts";
import { denseAccess, sizeOf } from "../../../../lib/jit/program/access.ts";
import type { LoopEquation } from "../../../../lib/jit/program/equation.ts";

/** A loop over one array, with some work for each element, and perhaps a sum. */
function loopOf(
  shape: readonly number[],
  { reduced, steps = 5 }: { readonly reduced?: readonly boolean[]; readonly steps?: number } = {},
): LoopEquation {
  const [source, whole] = [0, 1].map((id) => ({ id, dtype: "float32" as const, shape }));
  const kept = shape.filter((_, d) => reduced && !reduced[d]);
  const out = { id: 2, dtype: "float32", shape: kept } as const;
  return {
    op: "loop",
    shape,
    inputs: [{ source: source!, ...denseAccess(shape) }],
    body: Array.from({ length: steps }, (_, i) => ({ fn: "neg", args: [i], dtype: "float32" })),
    stores: reduced ? [] : [{ value: steps, out: whole! }],
    reductions: reduced ? [{ fn: "sum", value: steps, reduced, out }] : [],
  };
}

const dimension = fc.oneof(
  fc.integer({ min: 0, max: 8 }),
  fc.constant(1),
  fc.integer({ min: 9, max: 300 }),
  fc.integer({ min: 301, max: 70_000 }),
);
const loops = fc.array(fc.tuple(dimension, fc.boolean()), { maxLength: 4 })
  .filter((dimensions) => sizeOf(dimensions.map(([length]) => length)) < 2 ** 31)
  .chain((dimensions) => {
    const shape = dimensions.map(([length]) => length);
    const reduced = dimensions.map(([, flag]) => flag);
    return fc.constantFrom(
      loopOf(shape),
      loopOf(shape, { reduced }),
      loopOf(shape, { reduced, steps: 50 }),
    );
  });

function checkCover(shape: readonly number[], { dimension, size, parts }: Split): void {
  const length = shape[dimension]!;
  assert(Number.isInteger(parts) && parts > 1 && parts <= 16);
  assert((parts - 1) * size < length && parts * size >= length, "each index is in one part");
  if (dimension === shape.length - 1) assert.equal(size % 16, 0, "whole cache lines");
}

/** Tells whether two parts would write the same element, or elements between each other's. */
function checkResults({ shape, reductions }: LoopEquation, split: Split): void {
  for (const reduction of reductions) {
    const { reduced, out } = reduction;
    const outer = shape.slice(0, split.dimension);
    assert.equal(isPartial(reduction, split), reduced[split.dimension]);
    if (reduced[split.dimension]) {
      assert.equal(sizeOf(outer), 1, "a part has all of the inner dimensions");
      assert(sizeOf(out.shape) * 128 <= sizeOf(shape), "partial results are few");
    } else {
      const isOne = outer.every((length, d) => length === 1 || reduced[d]);
      assert(isOne, "the results of a part lie together");
    }
  }
}

Deno.test("splitOf() puts each index into one part, and no element of a result into two", () => {
  let cuts = 0;
  fc.assert(
    fc.property(loops, (loop) => {
      const split = splitOf(loop);
      if (!split) return;
      cuts++;
      checkCover(loop.shape, split);
      checkResults(loop, split);
    }),
    { numRuns: 3000 },
  );
  assert(cuts > 300, `only ${cuts} loops were cut`);
});

Deno.test("splitOf() leaves small loops, empty ones and single elements whole", () => {
  for (const shape of [[], [1], [0], [0, 100_000], [100_000, 0], [100, 100], [1, 1, 1]]) {
    assert.equal(splitOf(loopOf(shape)), undefined, `[${shape}]`);
    const reduced = shape.map(() => true);
    assert.equal(splitOf(loopOf(shape, { reduced })), undefined, `sum of [${shape}]`);
  }
});

Deno.test("splitOf() cuts the first dimension that has several indices", () => {
  assert.deepEqual(splitOf(loopOf([40_000])), { dimension: 0, size: 5728, parts: 7 });
  assert.deepEqual(splitOf(loopOf([1, 1, 40_000])), { dimension: 2, size: 5728, parts: 7 });
  assert.deepEqual(splitOf(loopOf([3, 40_000])), { dimension: 0, size: 1, parts: 3 });
});

Deno.test("splitOf() cuts a sum along a kept dimension, or along a combined one with few results", () => {
  const dimensionOf = (shape: readonly number[], reduced: readonly boolean[]) =>
    splitOf(loopOf(shape, { reduced }))?.dimension;
  assert.equal(dimensionOf([300, 400], [false, true]), 0);
  assert.equal(dimensionOf([300, 400], [true, false]), 0, "300 rows for each result");
  assert.equal(dimensionOf([100, 4000], [true, false]), 1, "100 rows for each result");
  assert.equal(dimensionOf([300, 400], [true, true]), 0);
  assert.equal(dimensionOf([9, 470, 10], [true, false, true]), 1);
  assert.equal(dimensionOf([2, 300, 400], [false, true, false]), 0);
  assert.equal(dimensionOf([1, 300, 400], [false, true, false]), 1, "a dimension of 1 before it");
});
