/**
 * A live figure is drawn rarely enough not to slow a loop down, is complete at the end, and is
 * silent outside a kernel.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Figure, liveFigure } from "../../lib/jupyter/mod.ts";
import { type Displayed, inStandIn, saidBy } from "./stand_in.ts";

const figure = (points: number) => new Figure([{ type: "scatter", y: Array(points).fill(0) }]);

/** Makes a clock that only the test moves. */
function testClock() {
  const clock = { ms: 0, now: () => clock.ms };
  return clock;
}

/** Counts the points of each displayed figure. */
function pointsOf(displayed: readonly Displayed[]): string[] {
  return displayed.map(({ bundle }) => String(bundle["text/plain"]));
}

Deno.test("liveFigure() shows at once and re-plots the same output once an interval", async () => {
  const clock = testClock();
  let step = 0;
  const displayed = await inStandIn(async () => {
    const live = await liveFigure(() => figure(step), { intervalMs: 100, now: clock.now });
    for (step = 1; step <= 25; step++) {
      clock.ms += 10;
      await live.update();
    }
    assert.equal(live.draws, 3);
    assert.equal(live.spentMs, 0);
  });
  assert.deepEqual(pointsOf(displayed), [0, 10, 20].map((n) => `Figure (scatter, ${n} points)`));
  const [first, ...updates] = displayed.map(({ options }) => options);
  assert.equal(first!.update, false);
  for (const { update, display_id } of updates) {
    assert.equal(update, true);
    assert.equal(display_id, first!.display_id);
  }
});

Deno.test("liveFigure() draws the end, and whatever else is forced, without waiting", async () => {
  const displayed = await inStandIn(async () => {
    const live = await liveFigure(() => figure(1), { now: () => 0 });
    await live.update();
    await live.update({ force: true });
    await live.finish();
    assert.equal(live.draws, 3);
  });
  assert.equal(displayed.length, 3);
});

Deno.test("liveFigure() takes no more than its share of the time, however slow its drawing", async () => {
  const costs = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 });
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  await inStandIn(() =>
    fc.assert(
      fc.asyncProperty(costs, share, async (costs, share) => {
        const clock = testClock();
        let draws = 0;
        const draw = () => {
          clock.ms += costs[draws++ % costs.length]!;
          return figure(draws);
        };
        const live = await liveFigure(draw, { intervalMs: 50, share, now: clock.now });
        let before = 0;
        let spent = live.spentMs; // all drawings except one that has just finished
        for (let i = 0; i < 300; i++) {
          clock.ms += 37;
          before = clock.ms;
          await live.update();
          if (clock.ms === before) continue;
          assert(spent <= before * share + 1e-6, `${spent} of ${before} ms`);
          spent = live.spentMs;
        }
        assert.equal(live.draws, draws);
      }),
      { numRuns: 50 },
    )
  );
});

Deno.test("liveFigure() without a kernel says nothing and never draws", async () => {
  const said = await saidBy(async () => {
    const live = await liveFigure(() => assert.fail("drawn"), { intervalMs: 0 });
    await live.update();
    await live.finish();
    assert.deepEqual([live.draws, live.spentMs], [0, 0]);
  });
  assert.deepEqual(said, []);
});

Deno.test("liveFigure() prints an error in drawing once, and continues", async () => {
  let isBroken = true;
  let displayed: Displayed[] = [];
  const draw = () => {
    if (isBroken) throw new RangeError("no samples");
    return Promise.resolve(figure(7));
  };
  const said = await saidBy(async () => {
    displayed = await inStandIn(async () => {
      const live = await liveFigure(draw, { intervalMs: 0 });
      await live.finish();
      assert.equal(live.draws, 0);
      isBroken = false;
      await live.finish();
      assert.equal(live.draws, 1);
      isBroken = true;
      await live.finish();
      assert.equal(live.draws, 1);
    });
  });
  const words = "The live figure cannot be drawn: RangeError: no samples";
  assert.deepEqual(said, [words, words]); // once at first, and again after a drawing succeeded
  assert.deepEqual(pointsOf(displayed), ["Figure (scatter, 7 points)"]);
});

Deno.test("liveFigure() updates that nobody awaits do not pile up; the end waits for them", async () => {
  let open = 0;
  const displayed = await inStandIn(async () => {
    let points = 0;
    const draw = async () => {
      assert.equal(++open, 1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      open--;
      return figure(++points);
    };
    const live = await liveFigure(draw, { intervalMs: 0, share: 1 });
    const updates = Array.from({ length: 50 }, () => live.update());
    await live.finish();
    await Promise.all(updates);
  });
  assert.deepEqual(pointsOf(displayed), [
    "Figure (scatter, 1 point)",
    "Figure (scatter, 2 points)",
    "Figure (scatter, 3 points)",
  ]);
});

Deno.test("liveFigure() refuses wrong intervals and shares", async () => {
  const expected = "Cannot show a live figure: expected ";
  for (const intervalMs of [-1, NaN]) {
    await assert.rejects(liveFigure(() => figure(1), { intervalMs }), {
      name: "RangeError",
      message: `${expected}intervalMs to be a finite number from 0 on, got ${intervalMs}`,
    });
  }
  for (const share of [0, 1.5, NaN]) {
    await assert.rejects(liveFigure(() => figure(1), { share }), {
      name: "RangeError",
      message: `${expected}share to be a finite number above 0 and up to 1, got ${share}`,
    });
  }
  await assert.rejects(liveFigure("draw" as never), /expected draw to be a function/);
  await assert.rejects(
    liveFigure(() => figure(1), { interval: 1 } as never),
    /did you mean interval/,
  );
});
