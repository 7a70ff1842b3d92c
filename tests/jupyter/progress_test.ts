import assert from "node:assert/strict";
import {
  duration,
  progressHtml,
  progressPlain,
  progressText,
  RateMeter,
} from "../../lib/jupyter/progress_bar.ts";
import type { StepReport } from "../../lib/train/mod.ts";
import { ProgressBars } from "../../lib/jupyter/progress_display.ts";
import { parseBody } from "./parsed_html.ts";

const running = { step: 6750, steps: 15_000, elapsedMs: 5500, done: false, rate: 1220 };
const finished = { step: 15_000, steps: 15_000, elapsedMs: 12_345, done: true, rate: 1215 };
const stopped = { step: 4321, steps: 15_000, elapsedMs: 3500, done: true, rate: 1234 };

Deno.test("progressText() says how far, how fast and how long", () => {
  assert.equal(
    progressText(running),
    "6,750 of 15,000 steps · 45 % · 1,220 steps/s · 5.5 s gone · 6.8 s left",
  );
  assert.equal(progressText(finished), "15,000 steps in 12 s (1,215 steps/s)");
  assert.equal(progressText(stopped), "stopped at step 4,321 of 15,000 after 3.5 s");
  const begun = { step: 0, steps: 1, elapsedMs: 0, done: false, rate: 0 };
  assert.equal(progressText(begun), "0 of 1 step · 0 % · 0.00 s gone");
  const slow = { step: 2, steps: 5, elapsedMs: 8000, done: false, rate: 0.25 };
  assert.equal(progressText(slow), "2 of 5 steps · 40 % · 4.0 s a step · 8.0 s gone · 12 s left");
});

Deno.test("progressText() of a loop that goes on counts its own steps, and adds its note", () => {
  const resumed = { ...finished, from: 12_000, note: "D 0.61 · G 0.93" };
  assert.equal(progressText(resumed), "3,000 steps in 12 s (1,215 steps/s) · D 0.61 · G 0.93");
  assert.match(progressText({ ...running, note: "D 0.61" }), /6\.8 s left · D 0\.61$/);
  const { rate } = new RateMeter().next({ ...resumed, elapsedMs: 1500 });
  assert.equal(rate, 2000);
});

Deno.test("progressHtml() shows a note as text", () => {
  const body = parseBody(progressHtml({ ...running, note: "<b>D</b>" }));
  assert.match(body.textContent!, /<b>D<\/b>$/);
});

Deno.test("progressText() no steps at all is a finished loop", () => {
  const none = { step: 0, steps: 0, elapsedMs: 0, done: true, rate: 0 };
  assert.equal(progressText(none), "0 steps in 0.00 s");
  assert.equal(progressPlain(none), "[####################] 0 steps in 0.00 s");
});

Deno.test("progressPlain() draws a bar of twenty characters", () => {
  assert.match(progressPlain(running), /^\[#########-----------\] 6,750 of/);
});

Deno.test("progressHtml() is a progress bar that a screen reader can read", () => {
  const body = parseBody(progressHtml(running));
  const bar = body.querySelector("[role=progressbar]")!;
  assert.equal(bar.getAttribute("aria-valuenow"), "6750");
  assert.equal(bar.getAttribute("aria-valuemax"), "15000");
  assert.equal(bar.getAttribute("aria-valuetext"), progressText(running));
  assert.match(bar.firstElementChild!.getAttribute("style")!, /width:45\.0%/);
  assert.equal(body.textContent, progressText(running));
});

Deno.test("duration() from hundredths of a second to hours", () => {
  const cases: [number, string][] = [
    [0, "0.00 s"],
    [420, "0.42 s"],
    [9940, "9.9 s"],
    [9960, "10 s"],
    [59_600, "1 min 00 s"],
    [125_000, "2 min 05 s"],
    [3_780_000, "1 h 03 min"],
  ];
  for (const [ms, text] of cases) assert.equal(duration(ms), text);
});

Deno.test("RateMeter the slow first steps are forgotten, the last word is the mean", () => {
  const meter = new RateMeter();
  const report = (step: number, elapsedMs: number, done = false) =>
    meter.next({ step, steps: 100, elapsedMs, done }).rate;
  assert.equal(report(0, 0), 0);
  assert.equal(report(1, 10_000), 0.1);
  report(31, 13_000);
  assert.equal(report(61, 16_000), 10);
  assert.equal(report(100, 20_000, true), 5);
});

interface Shown {
  readonly id: string;
  readonly update: boolean;
  readonly text: string;
}

/** Makes bars that are shown in a list, at times that the test sets. */
function testBars(): { bars: ProgressBars; shown: Shown[]; clock: { now: number } } {
  const shown: Shown[] = [];
  const clock = { now: 0 };
  const bars = new ProgressBars({
    now: () => clock.now,
    display(bundle, { id = "", update = false } = {}) {
      shown.push({ id, update, text: String(bundle["text/plain"]) });
      return Promise.resolve();
    },
  });
  return { bars, shown, clock };
}

const at = (step: number, elapsedMs: number, more: Partial<StepReport> = {}) => (
  { step, steps: 100, elapsedMs, done: false, ...more }
);

Deno.test("ProgressBars one bar a loop, updated at most every 100 ms and at the end", async () => {
  const { bars, shown, clock } = testBars();
  for (let step = 0; step <= 100; step++) {
    clock.now = step * 7;
    await bars.report(at(step, clock.now, { done: step === 100 }));
  }
  assert.equal(shown.length, 1 + 6 + 1);
  assert.equal(new Set(shown.map(({ id }) => id)).size, 1);
  assert.deepEqual(shown.map(({ update }) => update), [false, ...shown.slice(1).map(() => true)]);
  assert.match(shown.at(-1)!.text, /100 steps in 0\.70 s/);
});

Deno.test("ProgressBars the next loop gets a bar of its own, so does a loop inside a loop", async () => {
  const { bars, shown } = testBars();
  await bars.report(at(0, 0));
  for (let inner = 0; inner < 2; inner++) {
    await bars.report(at(0, 0, { steps: 5 }));
    await bars.report(at(5, 50, { steps: 5, done: true }));
  }
  await bars.report(at(100, 900, { done: true }));
  const ids = shown.map(({ id }) => id);
  assert.equal(new Set(ids).size, 3);
  assert.equal(ids.at(-1), ids[0]);
});

Deno.test("ProgressBars an outer loop of equal length keeps its own bar", async () => {
  const { bars, shown } = testBars();
  await bars.report(at(0, 0));
  await bars.report(at(0, 0));
  await bars.report(at(100, 50, { done: true }));
  await bars.report(at(100, 90, { done: true }));
  const ids = shown.map(({ id }) => id);
  assert.deepEqual(ids, [ids[0], ids[1], ids[1], ids[0]]);
});

Deno.test("ProgressBars a bar that cannot be shown does not stop the loop", async () => {
  const bars = new ProgressBars({ display: () => Promise.reject(new Error("no page")) });
  const said: unknown[] = [];
  const { error } = console;
  console.error = (text) => said.push(text);
  try {
    await bars.report(at(0, 0));
  } finally {
    console.error = error;
  }
  assert.deepEqual(said, ["The progress bar cannot be shown: Error: no page"]);
});

Deno.test("progressHtml() tells a loop at its end from one that was stopped, by the color of the bar", () => {
  const names = [running, finished, stopped].map((state) =>
    /--jp-(\w+)-color1/.exec(progressHtml(state))?.[1]
  );
  assert.deepEqual(names, ["brand", "success", "warn"]);
});

Deno.test("progressPlain() of more steps than there were to be is a full bar", () => {
  assert.match(progressPlain({ ...running, step: 20_000 }), /^\[#{20}\] /);
});

Deno.test("RateMeter counts the last three seconds", () => {
  const meter = new RateMeter();
  const rateAt = (elapsedMs: number, step: number) =>
    meter.next({ step, steps: 100, elapsedMs, done: false }).rate;
  rateAt(1000, 1);
  rateAt(2000, 10);
  assert.equal(
    rateAt(4999, 30),
    29 / 3999 * 1000,
    "from step 1: step 10 is younger than three seconds",
  );
  assert.equal(rateAt(5000, 30), 20 / 3000 * 1000, "from step 10");
});
