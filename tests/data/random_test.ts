/**
 * The seeded random generator is reproducible, has the promised ranges and distributions, and can
 * be split.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Random, type RandomState } from "../../lib/data/mod.ts";

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

function draw(rng: Random, count: number): number[] {
  return Array.from({ length: count }, () => rng.uniform());
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Computes the correlation of two lists of equal length. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
  const variance = (list: readonly number[], m: number) => mean(list.map((v) => (v - m) ** 2));
  return covariance / Math.sqrt(variance(a, meanA) * variance(b, meanB));
}

Deno.test("Random gives the same numbers for the same seed, and different ones for another", () => {
  fc.assert(fc.property(seeds, (seed) => {
    assert.deepEqual(draw(new Random(seed), 20), draw(new Random(seed), 20));
    const other = seed === 0 ? 1 : seed - 1;
    assert.notDeepEqual(draw(new Random(seed), 20), draw(new Random(other), 20));
  }));
});

Deno.test("Random gives fixed bits for seed 42", () => {
  const rng = new Random(42);
  assert.deepEqual(Array.from({ length: 4 }, () => rng.bits()), [
    2732180881,
    189284456,
    3453288541,
    2965867433,
  ]);
});

Deno.test("Random.uniform() stays in [low, high), also after rounding to float32", () => {
  fc.assert(fc.property(seeds, (seed) => {
    const rng = new Random(seed);
    for (let i = 0; i < 100; i++) {
      const value = Math.fround(rng.uniform());
      assert(value >= 0 && value < 1);
      const scaled = rng.uniform(0.9, 1.1);
      assert(scaled >= 0.9 && scaled < 1.1);
    }
  }));
});

Deno.test("Random.uniform() fills 64 equal cells evenly (chi-squared)", () => {
  const counts = new Array<number>(64).fill(0);
  const rng = new Random(7);
  for (let i = 0; i < 64_000; i++) counts[Math.floor(rng.uniform() * 64)]!++;
  const chi2 = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert(chi2 > 30 && chi2 < 115, `chi-squared with 63 degrees of freedom is ${chi2}`);
});

Deno.test("Random.normal() has the moments and the tails of the normal distribution", () => {
  const values = [...new Random(7).fillNormal(new Float64Array(1_000_000))];
  const expected: readonly [
    what: string,
    of: (x: number) => number,
    value: number,
    margin: number,
  ][] = [
    ["mean", (x) => x, 0, 0.004],
    ["variance", (x) => x * x, 1, 0.006],
    ["skewness", (x) => x ** 3, 0, 0.016],
    ["fourth moment", (x) => x ** 4, 3, 0.04],
    ["beyond 1", (x) => Number(Math.abs(x) > 1), 0.317311, 0.002],
    ["beyond 2", (x) => Number(Math.abs(x) > 2), 0.0455, 0.001],
    ["beyond 3", (x) => Number(Math.abs(x) > 3), 0.0027, 0.0002],
    ["beyond 3.66, in the tail", (x) => Number(Math.abs(x) > 3.66), 0.000252, 0.00007],
  ];
  for (const [what, of, value, margin] of expected) {
    const got = mean(values.map(of));
    assert(Math.abs(got - value) < margin, `${what}: expected ${value}, got ${got}`);
  }
  assert(values.every(Number.isFinite));
  assert(Math.abs(correlation(values.slice(0, -1), values.slice(1))) < 0.004);
});

Deno.test("Random.fillNormal() draws the numbers that normal() would", () => {
  const filled = new Random(3).fillNormal(new Float64Array(1_001));
  const rng = new Random(3);
  assert.deepEqual([...filled], Array.from({ length: 1_001 }, () => rng.normal()));
});

Deno.test("Random.normal() shifts and scales", () => {
  const standard = new Random(5);
  const shifted = new Random(5);
  for (let i = 0; i < 10; i++) {
    assert(Math.abs(shifted.normal(3, 0.5) - (3 + 0.5 * standard.normal())) < 1e-12);
  }
});

Deno.test("Random.split() gives the same stream for a label however many numbers were drawn", () => {
  const fresh = new Random(1);
  const used = new Random(1);
  draw(used, 1000);
  used.normal();
  assert.deepEqual(draw(fresh.split("noise"), 10), draw(used.split("noise"), 10));
});

Deno.test("Random.split() streams do not repeat or follow each other", () => {
  const root = new Random(1);
  const labels = ["a", "b", "ab", "ba", "1", 1, 0, "", "data", "noise"];
  const streams = [root, ...labels.map((label) => root.split(label))].map((rng) => draw(rng, 5000));
  const firsts = streams.map((stream) => stream.slice(0, 4).join());
  assert.equal(new Set(firsts).size, streams.length);
  streams.forEach((stream, i) => {
    for (const other of streams.slice(i + 1)) {
      assert(Math.abs(correlation(stream, other)) < 0.06);
    }
  });
  assert.notDeepEqual(draw(root.split("a").split("b"), 4), draw(root.split("b").split("a"), 4));
});

Deno.test("Random refuses wrong seeds", () => {
  for (const seed of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assert.throws(() => new Random(seed), {
      name: "RangeError",
      message: "Cannot seed a random generator: expected seed to be a whole number from 0 on, " +
        `got ${seed}`,
    });
  }
});

/** Draws from each method of a stream once. */
function drawAll(rng: Random): number[] {
  return Array.from({ length: 9 }, () => [rng.bits(), rng.uniform(), rng.normal(), rng.below(10)])
    .flat();
}

Deno.test("Random.from() continues a stream exactly", () => {
  fc.assert(fc.property(seeds, fc.nat({ max: 20 }), (seed, draws) => {
    const rng = new Random(seed).split("label");
    for (let i = 0; i < draws; i++) rng.normal();
    const again = Random.from(JSON.parse(JSON.stringify(rng.state())) as RandomState);
    assert.deepEqual(draw(again.split("child"), 4), draw(rng.split("child"), 4));
    assert.deepEqual(drawAll(again), drawAll(rng));
    assert.deepEqual(again.state(), rng.state());
  }));
});

Deno.test("Random.restore() returns a stream to an earlier state", () => {
  const rng = new Random(1);
  const start = rng.state();
  const first = drawAll(rng);
  rng.normal();
  rng.restore(start);
  assert.deepEqual(drawAll(rng), first);
});

Deno.test("Random.restore() refuses wrong states, and does not change", () => {
  const rng = new Random(1);
  rng.normal();
  const state = rng.state();
  const refused: readonly unknown[] = [
    undefined,
    null,
    42,
    {},
    { ...state, words: [0, 0, 0, 0] },
    { ...state, words: [1, 2, 3] },
    { ...state, words: [1, 2, 3, 2 ** 32] },
    { ...state, words: [1, 2, 3, 0.5] },
    { ...state, key: ["1", 2, 3, 4] },
  ];
  for (const bad of refused) {
    assert.throws(() => rng.restore(bad as RandomState), {
      name: "TypeError",
      message: /^Cannot restore a random generator: expected state to be key and words .*, got /,
    });
    assert.deepEqual(rng.state(), state);
  }
});

Deno.test("Random refuses wrong ranges, and does not change", () => {
  const rng = new Random(1);
  const state = rng.state();
  const cases: readonly [() => unknown, message: string][] = [
    [
      () => rng.uniform(1, 0),
      "draw a uniform number: expected low up to high and a finite " +
      "distance between them, got 1 and 0",
    ],
    [
      () => rng.uniform(-1e308, 1e308),
      "draw a uniform number: expected low up to high and a " +
      "finite distance between them, got -1e+308 and 1e+308",
    ],
    [() => rng.uniform(NaN), "draw a uniform number: expected low to be a finite number, got NaN"],
    [
      () => rng.uniform(0, "1" as never),
      "draw a uniform number: expected high to be a finite " +
      'number, got the string "1"',
    ],
    [
      () => rng.normal(0, -1),
      "draw a normal number: expected standardDeviation to be a finite " +
      "number from 0 on, got -1",
    ],
    [
      () => rng.normal(Infinity),
      "draw a normal number: expected mean to be a finite number, got " +
      "Infinity",
    ],
  ];
  for (const [draw, message] of cases) {
    assert.throws(draw, { message: `Cannot ${message}` });
    assert.deepEqual(rng.state(), state);
  }
});

Deno.test("Random.below() gives every number below the bound equally often (chi-squared)", () => {
  const rng = new Random(11);
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[rng.below(7)]!++;
  const chi2 = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  assert(chi2 > 0.3 && chi2 < 25, `chi-squared with 6 degrees of freedom is ${chi2}`);
  // With this bound, 3/4 of all values, the first third would be twice as likely without rejection.
  const low = Array.from({ length: 3000 }, () => rng.below(3 * 2 ** 30) < 2 ** 30);
  assert(Math.abs(low.filter(Boolean).length - 1000) < 130);
  for (const bound of [0, -1, 1.5, NaN, 2 ** 32 + 1]) {
    assert.throws(() => rng.below(bound), {
      name: "RangeError",
      message: "Cannot draw a whole number: expected bound to be a whole number from 1 to " +
        `4294967296, got ${bound}`,
    });
  }
});

Deno.test("Random.shuffle() keeps the items and makes every order equally likely", () => {
  fc.assert(fc.property(seeds, fc.array(fc.integer()), (seed, items) => {
    const shuffled = new Random(seed).shuffle([...items]);
    assert.deepEqual(shuffled.sort(), [...items].sort());
  }));
  const rng = new Random(2);
  const orders = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = rng.shuffle([0, 1, 2, 3]).join("");
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  assert.equal(orders.size, 24);
  const chi2 = [...orders.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  assert(chi2 > 6 && chi2 < 55, `chi-squared with 23 degrees of freedom is ${chi2}`);
});
