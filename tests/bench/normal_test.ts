/** Tests of the benchmark's bulk noise. */

import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { fillNormal } from "./normal.ts";

Deno.test("fillNormal() has the moments and the tails of the normal distribution", () => {
  const values = new Float32Array(1_000_000);
  fillNormal(values, new Random(7));
  const mean = (of: (x: number) => number) =>
    values.reduce((sum, x) => sum + of(x), 0) / values.length;
  const expected: [string, (x: number) => number, number, number][] = [
    ["mean", (x) => x, 0, 0.004],
    ["variance", (x) => x * x, 1, 0.006],
    ["skewness", (x) => x ** 3, 0, 0.016],
    ["fourth moment", (x) => x ** 4, 3, 0.04],
    ["beyond 1", (x) => Number(Math.abs(x) > 1), 0.317311, 0.002],
    ["beyond 2", (x) => Number(Math.abs(x) > 2), 0.0455, 0.001],
    ["beyond 3", (x) => Number(Math.abs(x) > 3), 0.0027, 0.0002],
    ["beyond 3.66, in the tail", (x) => Number(Math.abs(x) > 3.66), 0.000252, 0.00007],
  ];
  for (const [name, of, value, margin] of expected) {
    const got = mean(of);
    assert.ok(Math.abs(got - value) < margin, `${name}: expected ${value}, got ${got}`);
  }
});

Deno.test("fillNormal() gives the same numbers for the same seed", () => {
  const [one, other] = [new Float32Array(1_001), new Float32Array(1_001)];
  fillNormal(one, new Random(3));
  fillNormal(other, new Random(3));
  assert.deepEqual(one, other);
});
