/** Free stretches: never given out twice, and whole again when all is given back. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { alignedBytes, Gaps } from "../../../lib/jit/program/gaps.ts";

const SIZE = 64 * 100;

Deno.test("Gaps.take() gives each byte to one owner, and everything back is one stretch again", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.boolean()));
  fc.assert(fc.property(steps, (list) => {
    const gaps = new Gaps();
    gaps.add(0, SIZE);
    const taken: { at: number; bytes: number }[] = [];
    for (const [size, gives] of list) {
      const bytes = alignedBytes(size);
      const at = gives ? undefined : gaps.take(bytes);
      if (at === undefined) {
        const [old] = taken.splice(size % Math.max(1, taken.length), 1);
        if (old) gaps.add(old.at, old.bytes);
      } else {
        assert(at % 64 === 0 && at + bytes <= SIZE);
        assert(taken.every((other) => other.at + other.bytes <= at || at + bytes <= other.at));
        taken.push({ at, bytes });
      }
    }
    for (const { at, bytes } of taken) gaps.add(at, bytes);
    assert.equal(gaps.take(SIZE), 0);
    assert.equal(gaps.take(64), undefined);
  }));
});

Deno.test("Gaps.take() takes the smallest stretch that is large enough", () => {
  const gaps = new Gaps();
  gaps.add(0, 256);
  gaps.add(512, 128);
  gaps.add(1024, 192);
  assert.deepEqual([128, 64, 192, 64, 256].map((bytes) => gaps.take(bytes)), [
    512,
    1024,
    0,
    192,
    undefined,
  ]);
});
