/**
 * Batches contain every sample once per epoch, in a new order each time, and resume at the exact
 * position.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Batches, type BatchesState, Random } from "../../lib/data/mod.ts";

/** Counts and batch sizes with at least one full batch. */
const sizes = fc.integer({ min: 1, max: 60 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    batchSize: fc.integer({ min: 1, max: count }),
    last: fc.constantFrom("drop" as const, "keep" as const),
    seed: fc.nat(),
  })
);

function take(batches: Batches, count: number): number[][] {
  return Array.from({ length: count }, () => [...batches.next()]);
}

Deno.test("Batches gives every sample once per epoch, except the dropped ones", () => {
  fc.assert(fc.property(sizes, ({ count, seed, ...options }) => {
    const batches = new Batches(count, { ...options, rng: new Random(seed) });
    for (const epoch of [0, 1, 2]) {
      assert.deepEqual([batches.epoch, batches.batch], [epoch, 0]);
      const given = take(batches, batches.perEpoch);
      const all = given.flat();
      const { batchSize, last } = options;
      const rest = count % batchSize;
      assert.equal(all.length, last === "drop" ? count - rest : count);
      assert.equal(new Set(all).size, all.length);
      assert(all.every((position) => position >= 0 && position < count));
      const full = last === "keep" && rest > 0 ? given.slice(0, -1) : given;
      assert(full.every(({ length }) => length === batchSize));
    }
  }));
});

Deno.test("Batches has a new order in each epoch, which depends only on the seed", () => {
  const orderOf = (seed: number) =>
    take(new Batches(100, { batchSize: 10, rng: new Random(seed) }), 20).flat();
  const order = orderOf(1);
  assert.deepEqual(order, orderOf(1));
  assert.notDeepEqual(order, orderOf(2));
  assert.notDeepEqual(order.slice(0, 100), order.slice(100));
});

Deno.test("Batches does not depend on other draws from its random generator, and does not draw from it", () => {
  const rng = new Random(5);
  const batches = new Batches(50, { batchSize: 7, rng });
  const before = rng.state();
  const first = take(batches, 3);
  assert.deepEqual(rng.state(), before);
  rng.normal();
  assert.deepEqual(take(new Batches(50, { batchSize: 7, rng }), 3), first);
});

Deno.test("Batches leaves out different samples in each epoch", () => {
  const batches = new Batches(10, { batchSize: 7, rng: new Random(1) });
  const seen = new Set(take(batches, 12).flat());
  assert.equal(seen.size, 10);
});

Deno.test("Batches continues from its state as if it had never stopped", () => {
  fc.assert(fc.property(sizes, fc.nat({ max: 100 }), ({ count, seed, ...options }, steps) => {
    const batches = new Batches(count, { ...options, rng: new Random(seed) });
    take(batches, steps);
    const state = JSON.parse(JSON.stringify(batches.state())) as BatchesState;
    const resumed = new Batches(count, options);
    resumed.restore(state);
    assert.deepEqual([resumed.epoch, resumed.batch], [batches.epoch, batches.batch]);
    assert.deepEqual(take(resumed, 30), take(batches, 30));
    assert.deepEqual(resumed.state(), batches.state());
  }));
});

Deno.test("Batches refuses wrong sizes, and batches that cannot be filled", () => {
  const cases: readonly [count: number, batchSize: number, message: string][] = [
    [0, 1, "expected count to be a whole number from 1 to 2147483647, got 0"],
    [10, 0, "expected batchSize to be a whole number from 1 to 2147483647, got 0"],
    [10, 2.5, "expected batchSize to be a whole number from 1 to 2147483647, got 2.5"],
    [NaN, 1, "expected count to be a whole number from 1 to 2147483647, got NaN"],
    [10, 11, "expected a batch size of at most 10, as many as there are samples, got 11"],
  ];
  for (const [count, batchSize, message] of cases) {
    assert.throws(() => new Batches(count, { batchSize }), {
      name: "RangeError",
      message: `Cannot make batches: ${message}`,
    });
  }
  assert.equal(new Batches(10, { batchSize: 11, last: "keep" }).next().length, 10);
});

Deno.test("Batches.restore() refuses the position of other data, and does not change", () => {
  const batches = new Batches(10, { batchSize: 2, rng: new Random(1) });
  batches.next();
  const state = batches.state();
  const cases: readonly [state: unknown, message: RegExp][] = [
    [{ ...state, count: 11 }, /expected count 10, got 11/],
    [{ ...state, batchSize: 5 }, /expected batchSize 2, got 5/],
    [{ ...state, last: "keep" }, /expected last drop, got keep/],
    [{ ...state, batch: 5 }, /batch to be a whole number from 0 to 4, got 5/],
    [{ ...state, epoch: -1 }, /epoch to be a whole number from 0 on, got -1/],
    [{ ...state, epoch: "0" }, /epoch to be a whole number from 0 on, got the string "0"/],
    [{ ...state, rng: null }, /expected rng to be key and words of .*, got null/],
    [{ ...state, seed: 1 }, /expected options count, .*, got "seed"/],
    [undefined, /expected an object of options, got undefined/],
    [7, /expected an object of options, got 7/],
  ];
  for (const [bad, message] of cases) {
    assert.throws(() => batches.restore(bad as BatchesState), { message });
    assert.deepEqual(batches.state(), state);
  }
});
