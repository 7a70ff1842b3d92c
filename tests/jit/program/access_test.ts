/** Affine maps: composing and reshaping them against doing it element by element. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Access,
  composeAccess,
  denseAccess,
  elementsOf,
  permute,
  reshapeAccess,
  sizeOf,
  sliceAccess,
} from "../../../lib/jit/program/access.ts";

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

/** A view of an array of this shape: some dimensions in another order, and a box with steps. */
function viewOf(shape: readonly number[]): fc.Arbitrary<Access> {
  const order = fc.shuffledSubarray(shape.map((_, d) => d), { minLength: shape.length });
  return order.chain((permutation) => {
    const access = permute(denseAccess(shape), permutation);
    const boxes = access.shape.map((n) =>
      fc.record({ begin: fc.integer({ min: 0, max: n - 1 }), reversed: fc.boolean() })
    );
    return fc.tuple(...boxes).map((box) =>
      sliceAccess(access, {
        begin: box.map(({ begin }) => begin),
        size: box.map(({ begin, reversed }, d) => reversed ? begin + 1 : access.shape[d]! - begin),
        steps: box.map(({ reversed }) => reversed ? -1 : 1),
      })
    );
  });
}

/** Two views, the second of what the first sees. */
const nested = shapes.chain(viewOf).chain((inner) =>
  viewOf(inner.shape).map((outer) => ({ inner, outer }))
);

Deno.test("composeAccess() reads what reading twice reads, or says that it cannot", () => {
  let affine = 0;
  fc.assert(
    fc.property(nested, ({ inner, outer }) => {
      const composed = composeAccess(outer, inner);
      if (!composed) return;
      affine++;
      const through = elementsOf(inner);
      assert.deepEqual(elementsOf(composed), elementsOf(outer).map((i) => through[i]));
    }),
    { seed: 1, numRuns: 2000 },
  );
  assert(affine > 1900, `${affine} of 2000 were affine`);
});

Deno.test("reshapeAccess() keeps the elements and their order, or says that it cannot", () => {
  const cases = shapes.chain(viewOf).chain((access) =>
    fc.constantFrom(...factorizations(sizeOf(access.shape))).map((shape) => ({ access, shape }))
  );
  let affine = 0;
  fc.assert(
    fc.property(cases, ({ access, shape }) => {
      const reshaped = reshapeAccess(access, shape);
      if (!reshaped) return;
      affine++;
      assert.deepEqual(elementsOf(reshaped), elementsOf(access));
    }),
    { seed: 1, numRuns: 2000 },
  );
  assert(affine > 1000, `${affine} of 2000 were affine`);
});

Deno.test("reshapeAccess() refuses a shape of another size", () => {
  assert.throws(() => reshapeAccess(denseAccess([2, 3]), [4]), /^Error: internal: .*not as large/);
});

/** All shapes of up to three dimensions with a number of elements. */
function factorizations(size: number): number[][] {
  const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((n) => size % n === 0);
  const pairs = divisors.map((n) => [n, size / n]);
  const triples = pairs.flatMap(([a, b]) =>
    divisors.filter((n) => b! % n === 0).map((n) => [a!, n, b! / n])
  );
  return [[size], ...pairs, ...triples];
}
