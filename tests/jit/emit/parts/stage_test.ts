/** The cutting of work into equal runs, and the working memory of threads. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { cut, cutBatch, MOST_PARTS, scratchBytes } from "../../../../lib/jit/emit/parts/stage.ts";

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

Deno.test("cutBatch() makes equal parts if there are enough of them, else all but the last", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2000 }), parts, (batch, wanted) => {
      const found = cutBatch(batch, wanted);
      const most = Math.max(1, Math.min(batch, wanted, MOST_PARTS));
      assert(found.parts <= most && 2 * found.parts > most, `${found.parts} of ${most} parts`);
      assert.equal((found.parts - 1) * found.size + found.last, batch);
      assert(found.last <= found.size && (found.last > 0 || batch === 0));
      const counts = Array.from({ length: most }, (_, i) => i + 1);
      const equal = counts.findLast((count) => 2 * count > most && batch % count === 0);
      if (equal !== undefined) assert.deepEqual([found.parts, found.last], [equal, found.size]);
    }),
    { numRuns: 2000 },
  );
  const counts = (batch: number) => {
    const { parts, size, last } = cutBatch(batch, 20);
    return [parts, size, last];
  };
  assert.deepEqual([0, 1, 2, 6, 7].map((batch) => counts(batch)[0]), [1, 1, 2, 6, 7]);
  assert.deepEqual([17, 31, 64].map(counts), [[9, 2, 1], [16, 2, 1], [16, 4, 4]]);
  assert.deepEqual(cutBatch(17, 4.9), { parts: 4, size: 5, last: 2 });
});

Deno.test("scratchBytes() counts whole cache lines for each thread, and nothing for nothing", () => {
  assert.equal(scratchBytes({ shared: 0, own: 0 }, 8), 0);
  assert.equal(scratchBytes({ shared: 1, own: 0 }, 8), 64);
  assert.equal(scratchBytes({ shared: 65, own: 4 }, 3), 128 + 3 * 64);
});
