import assert from "node:assert/strict";
import { Governor, type Way } from "../../../lib/jit/run/governor.ts";

/** Runs a program whose times are given for each way, in milliseconds; returns how each run was done. */
function waysOf(governor: Governor, runs: number, times: Readonly<Record<Way, number>>): Way[] {
  return Array.from({ length: runs }, () => {
    const { way } = governor;
    governor.note(times[way]);
    return way;
  });
}

function shareOf(ways: readonly Way[], way: Way): number {
  return ways.filter((each) => each === way).length / ways.length;
}

Deno.test("Governor runs short work alone", () => {
  assert.equal(
    shareOf(waysOf(new Governor(() => true), 200, { alone: 0.1, shared: 0.05 }), "alone"),
    1,
  );
});

Deno.test("Governor shares work after its first trial, if that is faster", () => {
  for (const ms of [0.2, 10, 2000]) {
    const governor = new Governor(() => true);
    waysOf(governor, 1000, { alone: ms, shared: ms / 2 });
    const ways = waysOf(governor, 2000, { alone: ms, shared: ms / 2 });
    assert.ok(shareOf(ways, "shared") > 0.95, `${ms} ms: ${shareOf(ways, "shared")}`);
  }
});

Deno.test("Governor goes back to one thread when the processors are busy, and shares again after that", () => {
  const governor = new Governor(() => true);
  const free = { alone: 10, shared: 6 };
  const busy = { alone: 12, shared: 20 };
  waysOf(governor, 2000, free);
  const first = waysOf(governor, 3000, busy);
  assert.ok(first.indexOf("alone") >= 0);
  assert.ok(shareOf(first.slice(1500), "alone") > 0.95);
  assert.ok(shareOf(waysOf(governor, 6000, free).slice(3000), "shared") > 0.95);
});

Deno.test("Governor tries the slower way ever more rarely", () => {
  const governor = new Governor(() => true);
  const times = { alone: 5, shared: 10 };
  const early = shareOf(waysOf(governor, 1000, times), "shared");
  const late = shareOf(waysOf(governor, 20_000, times).slice(10_000), "shared");
  assert.ok(late > 0 && late < early && late < 0.002, `${early} ${late}`);
});

Deno.test("Governor is not misled by code that becomes faster while it tries", () => {
  // The engine's first code is slow: shared runs of later code are faster than alone runs of the first one.
  const governor = new Governor(() => true);
  const ways = Array.from({ length: 4000 }, (_, run) => {
    const { way } = governor;
    const slow = 1 + 6 * Math.exp(-run / 8);
    governor.note(slow * { alone: 1, shared: 1.6 }[way]);
    return way;
  });
  assert.ok(shareOf(ways.slice(20), "alone") > 0.97, `${shareOf(ways.slice(20), "alone")}`);
});

Deno.test("Governor tries threads as soon as they are ready, and not before", () => {
  let asked = 0;
  const governor = new Governor(() => ++asked > 500);
  const ways = waysOf(governor, 1000, { alone: 10, shared: 5 });
  assert.equal(shareOf(ways.slice(0, 500), "alone"), 1);
  assert.ok(shareOf(ways.slice(520), "shared") > 0.97);
});

Deno.test("Governor tries slow work again after a few runs, if its first trial was disturbed", () => {
  const governor = new Governor(() => true);
  waysOf(governor, 9, { alone: 25, shared: 40 }); // three runs, and a trial of six
  const ways = waysOf(governor, 100, { alone: 25, shared: 13 });
  assert.equal(shareOf(ways.slice(0, 10), "alone"), 1);
  assert.ok(shareOf(ways.slice(30), "shared") > 0.85, `${shareOf(ways.slice(30), "shared")}`);
});
