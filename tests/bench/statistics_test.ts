/** Tests of the benchmark's medians and ratios. */

import assert from "node:assert/strict";
import { median, ratio, rounded } from "./statistics.ts";

Deno.test("median() is the middle, whatever the order", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 100]), 3.5);
  assert.throws(() => median([]), RangeError);
});

Deno.test("ratio() compares each round with the same round of the other", () => {
  const slowing = [10, 20, 40], theirs = [30, 60, 120];
  assert.equal(ratio(theirs, slowing), 3);
  assert.equal(ratio([30, 60], slowing), 3); // rounds that only one has do not count
});

Deno.test("rounded() keeps about three digits", () => {
  assert.deepEqual([0.01234, 1.2345, 12.345, 123.45, 12345.6].map(rounded), [
    "0.0123",
    "1.23",
    "12.3",
    "123",
    "12,346",
  ]);
});
