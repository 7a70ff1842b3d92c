/** When a program is checked: every 64 calls at first, then for at most 1 % of the time. */
import assert from "node:assert/strict";
import { CheckTimes } from "../../../lib/jit/run/check_times.ts";

/** The calls before which a check is due, if a call takes so many ms and a check so many. */
function checksOf(
  calls: number,
  { callMs, checkMs, pause }: { callMs: number; checkMs: number; pause?: [at: number, ms: number] },
): number[] {
  let time = 0;
  const times = new CheckTimes(() => time);
  const checks: number[] = [];
  for (let call = 1; call <= calls; call++) {
    if (times.isDue) {
      checks.push(call);
      time += checkMs;
      times.checked(checkMs);
    }
    time += callMs;
    if (call === pause?.[0]) time += pause[1];
    times.count();
  }
  return checks;
}

const every64 = Array.from({ length: 16 }, (_, i) => 64 * (i + 1) + 1);

Deno.test("CheckTimes: every 64 calls up to the 1,024th, however long a check takes", () => {
  assert.deepEqual(checksOf(1024 + 63, { callMs: 0.001, checkMs: 1 }), every64);
  assert.deepEqual(checksOf(1024 + 63, { callMs: 50, checkMs: 1 }), every64);
});

Deno.test("CheckTimes: later checks take 1 % of the time at most, the first ones included", () => {
  const calls = 10_000_000, callMs = 0.001, checkMs = 1;
  const checks = checksOf(calls, { callMs, checkMs });
  assert(checks.length > 16);
  assert(checks.length * checkMs <= 0.01 * (calls * callMs + checks.length * checkMs) + checkMs);
});

Deno.test("CheckTimes: a step that takes long is checked every 64 calls for good", () => {
  assert.equal(checksOf(64_000, { callMs: 10, checkMs: 2 }).length, 999);
});

Deno.test("CheckTimes: a pause is not time spent running: it makes up for the first checks, and saves up for one", () => {
  const run = { callMs: 0.001, checkMs: 1 };
  const without = checksOf(200_000, run);
  const paused = checksOf(200_000, { ...run, pause: [100_000, 3_600_000] });
  assert(paused.length <= without.length + 2, `${paused.length} against ${without.length}`);
});
