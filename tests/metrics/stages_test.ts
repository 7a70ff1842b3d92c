/** The stages of one piece of work share a progress bar, which starts once and ends once. */
import assert from "node:assert/strict";
import { Stages } from "../../lib/metrics/stages.ts";
import { type StepReport, steps } from "../../lib/train/mod.ts";

/** Runs loops of some steps as stages of weights of their own; returns the reports of their bar. */
async function reportsOf(parts: readonly { weight: number; count: number }[], shown: number) {
  const reports: StepReport[] = [];
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const onProgress = (report: StepReport) => reports.push(report);
  const stages = new Stages(total, { steps: shown, sliceMs: 0, onProgress });
  for (const { weight, count } of parts) {
    for await (const _ of steps(count, stages.next(weight)));
  }
  return reports;
}

Deno.test("Stages start their bar once, however small a step of the first stage is", async () => {
  for (const shown of [1, 3, 21, 100]) {
    const parts = [{ weight: 1, count: 50 }, { weight: 2, count: 7 }, { weight: 200, count: 40 }];
    const reports = await reportsOf(parts, shown);
    assert.equal(reports.filter(({ step, done }) => step === 0 && !done).length, 1, `${shown}`);
    assert.deepEqual(reports.filter(({ done }) => done).map(({ step }) => step), [shown]);
  }
});
