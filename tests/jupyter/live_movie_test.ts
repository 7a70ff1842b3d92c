/** A movie of states: what it sends to the page, and how long the loop waits. */
import assert from "node:assert/strict";
import { Figure, liveMovie } from "../../lib/jupyter/mod.ts";
import { inStandIn } from "./stand_in.ts";

const figure = (points: number) => new Figure([{ type: "scatter", y: Array(points).fill(0) }]);

/** Makes a clock that moves only while the movie waits, or by hand. */
function testClock() {
  const clock = {
    ms: 0,
    waits: [] as number[],
    now: () => clock.ms,
    wait: (ms: number) => {
      clock.waits.push(ms);
      clock.ms += ms;
      return Promise.resolve();
    },
  };
  return clock;
}

Deno.test("liveMovie() shows each state in place of the one before, each for its time", async () => {
  const { now, wait, waits } = testClock();
  const displayed = await inStandIn(async () => {
    const movie = liveMovie(figure, { perSecond: 4, now, wait });
    for (const points of [1, 2, 3]) await movie.add(points);
    assert.deepEqual(movie.states, [1, 2, 3]);
  });
  assert.deepEqual(waits, [0, 250, 250]);
  assert.deepEqual(
    displayed.map(({ bundle, options }) => [bundle["text/plain"], options.update]),
    [1, 2, 3].map((n) => [`Figure (scatter, ${n} point${n > 1 ? "s" : ""})`, n > 1]),
  );
  assert.equal(new Set(displayed.map(({ options }) => options.display_id)).size, 1);
});

Deno.test("liveMovie() does not wait for a loop that is slower than its pictures", async () => {
  const clock = testClock();
  await inStandIn(async () => {
    const movie = liveMovie(figure, { perSecond: 10, now: clock.now, wait: clock.wait });
    for (const points of [1, 2]) {
      await movie.add(points);
      clock.ms += 400;
    }
  });
  assert.deepEqual(clock.waits, [0, 0]);
});

Deno.test("liveMovie() keeps states, draws nothing and waits for nothing outside a notebook", async () => {
  const { now, wait, waits } = testClock();
  let drawn = 0;
  const movie = liveMovie((points: number) => (drawn++, figure(points)), { now, wait });
  for (const points of [1, 2]) await movie.add(points);
  assert.deepEqual([movie.states, drawn, waits], [[1, 2], 0, []]);
});

Deno.test("liveMovie() refuses options that it does not know", () => {
  assert.throws(() => liveMovie(figure, { perSecond: 0 }), { name: "RangeError" });
  assert.throws(() => liveMovie(figure, { fps: 10 } as never), { name: "TypeError" });
});
