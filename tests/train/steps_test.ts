/** The loop: counts, yields, stops, reports. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type StepReport, steps } from "../../lib/train/mod.ts";

async function collect(loop: AsyncIterable<number>): Promise<number[]> {
  const seen: number[] = [];
  for await (const i of loop) seen.push(i);
  return seen;
}

function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

Deno.test("steps() counts from 0 to count - 1, with slices of any length", async () => {
  const counts = fc.integer({ min: 0, max: 200 });
  await fc.assert(
    fc.asyncProperty(counts, fc.constantFrom(0, 1, 50), async (count, sliceMs) => {
      const expected = Array.from({ length: count }, (_, i) => i);
      assert.deepEqual(await collect(steps(count, { sliceMs })), expected);
    }),
    { numRuns: 30 },
  );
});

Deno.test("steps() begins with from, says so, and asks for the note at every report", async () => {
  const reports: StepReport[] = [];
  let asked = 0;
  const options = {
    from: 3,
    note: () => `asked ${++asked}`,
    onProgress: reports.push.bind(reports),
  };
  assert.deepEqual(await collect(steps(5, options)), [3, 4]);
  assert(reports.every(({ from, note }, i) => from === 3 && note === `asked ${i + 1}`));
  assert.deepEqual(await collect(steps(5, { from: 7 })), []);
  for (const from of [-1, 0.5, NaN]) assert.throws(() => steps(5, { from }), RangeError);
});

Deno.test("steps() lets timers run between slices of synchronous work, and not within one", async () => {
  const turnsBefore = async (sliceMs: number) => {
    let turns = 0;
    const before: number[] = [];
    for await (const _ of steps(10, { sliceMs })) {
      before.push(turns);
      setTimeout(() => turns++, 0);
      work(2);
    }
    return before;
  };
  const each = Array.from({ length: 10 }, (_, i) => i);
  assert.deepEqual(await turnsBefore(0), each);
  assert.deepEqual(await turnsBefore(1), each);
  assert.deepEqual(await turnsBefore(1e9), new Array(10).fill(0));
});

Deno.test("steps() reports the start, every slice and one end", async () => {
  const reports: StepReport[] = [];
  for await (const _ of steps(6, { sliceMs: 0, onProgress: (r) => reports.push(r) })) work(1);
  assert.deepEqual(reports.map(({ step }) => step), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(reports.map(({ done }) => done), [...new Array(6).fill(false), true]);
  assert(reports.every(({ steps }) => steps === 6));
  reports.reduce((before, report) => {
    assert(report.elapsedMs >= before.elapsedMs);
    return report;
  });
});

Deno.test("steps() stops at an abort with its reason, and says how far it came", async () => {
  const controller = new AbortController();
  const reports: StepReport[] = [];
  const reason = new Error("enough");
  let done = 0;
  const loop = async () => {
    const options = {
      sliceMs: 0,
      signal: controller.signal,
      onProgress: (r: StepReport) => reports.push(r),
    };
    for await (const i of steps(1000, options)) {
      done++;
      if (i === 9) controller.abort(reason);
    }
  };
  await assert.rejects(loop, reason);
  assert.equal(done, 10);
  assert.deepEqual({ ...reports.at(-1), elapsedMs: 0 }, {
    step: 10,
    steps: 1000,
    elapsedMs: 0,
    done: true,
  });
});

Deno.test("steps() runs nothing when the signal is aborted before", async () => {
  const signal = AbortSignal.abort(new Error("no"));
  await assert.rejects(() => collect(steps(3, { signal })), { message: "no" });
});

Deno.test("steps() reports the end once when the loop breaks or throws", async () => {
  for (const leave of ["break", "throw"]) {
    const ends: StepReport[] = [];
    const onProgress = (report: StepReport) => report.done && ends.push(report);
    const loop = async () => {
      for await (const i of steps(100, { onProgress })) {
        if (i === 5 && leave === "break") break;
        if (i === 5) throw new Error("left");
      }
    };
    await loop().catch(() => {});
    assert.deepEqual(ends.map(({ step, done }) => ({ step, done })), [{ step: 6, done: true }]);
  }
});

Deno.test("steps() can be looped over again", async () => {
  const loop = steps(3);
  assert.deepEqual(await collect(loop), [0, 1, 2]);
  assert.deepEqual(await collect(loop), [0, 1, 2]);
});

Deno.test("steps() refuses wrong counts and options", () => {
  for (const count of [-1, 1.5, NaN, Infinity]) {
    assert.throws(() => steps(count), {
      name: "RangeError",
      message: `Cannot loop: expected count to be a whole number from 0 on, got ${count}`,
    });
  }
  const refused: readonly [unknown, RegExp][] = [
    [{ signall: AbortSignal.abort() }, /got "signall"; did you mean signal\?$/],
    [{ signal: new AbortController() }, /expected signal to be an AbortSignal, got an object of/],
    [{ onProgress: "bar" }, /expected onProgress to be a function, got the string "bar"/],
    [{ note: 3 }, /expected note to be a function, got 3/],
    [null, /expected an object of options, got null/],
  ];
  for (const [options, message] of refused) {
    assert.throws(() => steps(3, options as never), { name: "TypeError", message });
  }
  assert.throws(() => steps("10" as never), { name: "TypeError" });
  assert.throws(() => steps(3, { sliceMs: -1 }), { name: "RangeError", message: /sliceMs/ });
});
