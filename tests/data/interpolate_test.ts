/** Interpolation between rows: ends, equal steps, and refusal of incomplete pairs. */
import assert from "node:assert/strict";
import { interpolate } from "../../lib/data/mod.ts";

Deno.test("interpolate() goes from the first row to the second, and from the third to the fourth", () => {
  const ways = interpolate([0, 10, 3, 10, 5, 0, 5, 3], { size: 2, steps: 4 });
  assert.deepEqual([...ways], [0, 10, 1, 10, 2, 10, 3, 10, 5, 0, 5, 1, 5, 2, 5, 3]);
  assert.deepEqual(interpolate([], { size: 2, steps: 4 }), new Float32Array());
});

Deno.test("interpolate() refuses incomplete pairs, a single step, and values that are not numbers", () => {
  assert.throws(() => interpolate([1, 2, 3, 4, 5, 6], { size: 2, steps: 3 }), {
    name: "RangeError",
    message:
      "Cannot interpolate: expected the number of pairs of rows to be a whole number, got 1.5",
  });
  assert.throws(() => interpolate([1, 2], { size: 1, steps: 1 }), /steps to be a whole number/);
  assert.throws(() => interpolate([1, NaN], { size: 1, steps: 2 }), /^TypeError|RangeError/);
});
