/** The cutting of work into equal runs, and the working memory of threads. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { cut, divisor, MOST_PARTS, scratchBytes } from "../../../../lib/jit/emit/parts/stage.ts";

const sizes = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 3_000_000 }));
const parts = fc.integer({ min: 0, max: 100 });
const steps = fc.constantFrom(1, 4, 16, 64);

Deno.test("cut() makes runs that cover everything once, none of them empty", () => {
  fc.assert(
    fc.property(sizes, parts, steps, (size, wanted, step) => {
      const found = cut(size, { parts: wanted, step });
      assert(Number.isInteger(found.parts) && found.parts >= 1);
      assert(found.parts <= Math.min(Math.max(wanted, 1), MOST_PARTS));
      assert.equal(found.size % step, 0);
      assert((found.parts - 1) * found.size < size, "the last run begins behind the end");
      assert(found.parts * found.size >= size, "the runs do not reach the end");
    }),
    { numRuns: 2000 },
  );
});

Deno.test("cut() makes as many runs as wanted where steps allow it", () => {
  assert.deepEqual(cut(100, { parts: 4 }), { parts: 4, size: 25 });
  assert.deepEqual(cut(64, { parts: 4, step: 16 }), { parts: 4, size: 16 });
  assert.deepEqual(cut(33, { parts: 4, step: 16 }), { parts: 3, size: 16 });
  assert.deepEqual(cut(1000, { parts: 99 }), { parts: 16, size: 63 });
});

Deno.test("cut() makes one run of nothing", () => {
  for (const step of [1, 64]) {
    for (const wanted of [0, 1, 5]) assert.equal(cut(0, { parts: wanted, step }).parts, 1);
  }
});

Deno.test("divisor() finds the largest divisor of a batch that is not above the parts", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2000 }), parts, (batch, wanted) => {
      const found = divisor(batch, wanted);
      const isFit = (count: number) => batch % count === 0 && count <= Math.min(wanted, MOST_PARTS);
      assert(found === 1 || isFit(found), `${found}`);
      for (let count = found + 1; count <= Math.min(batch, MOST_PARTS); count++) {
        assert(!isFit(count), `${count} is larger than ${found}`);
      }
    }),
    { numRuns: 1000 },
  );
  const batches = [0, 1, 2, 6, 7, 17, 64];
  assert.deepEqual(batches.map((batch) => divisor(batch, 20)), [1, 1, 2, 6, 7, 1, 16]);
});

Deno.test("scratchBytes() counts whole cache lines for each thread, and nothing for nothing", () => {
  assert.equal(scratchBytes({ shared: 0, own: 0 }, 8), 0);
  assert.equal(scratchBytes({ shared: 1, own: 0 }, 8), 64);
  assert.equal(scratchBytes({ shared: 65, own: 4 }, 3), 128 + 3 * 64);
});
