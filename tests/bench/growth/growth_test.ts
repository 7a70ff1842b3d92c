/** Tests of the growth curves: their points, their numbers, and the step of this project's peer. */

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { pixels, sizeOf } from "../workloads.ts";
import { lossesOf } from "../peers/serve.ts";
import { openGrowth } from "../peers/growth.ts";
import { from, growthPower, linesOf } from "./curves.ts";
import { bestOfEach, iterationsFor, type Measurement, warmUp } from "./measure.ts";
import { growthPeers, ownNames } from "./peers.ts";
import {
  checkUpdates,
  denseCheckValues,
  denseShapes,
  kernelPrograms,
  sweepOf,
  threadSteps,
} from "./points.ts";
import { type CurvePoint, powersTable, sectionsOf, tableOf } from "./report.ts";
import { growthPage } from "./page.ts";

function measurement(name: string, stepMs: number, more: Partial<Measurement> = {}): Measurement {
  return { name, threads: undefined, firstMs: 100, stepMs, facts: {}, ...more };
}

Deno.test("sweepOf() changes one size and keeps the others", () => {
  const { base, values } = sweepOf("depth", false);
  assert.deepEqual([base.batch, base.width], [64, 64]);
  assert.deepEqual([values[0], values.at(-1)], [2, 40]);
  assert.equal(sweepOf("depth", true).values.length, 2);
});

Deno.test("threadSteps() are powers of two and all cores", () => {
  assert.deepEqual([1, 2, 6, 8].map(threadSteps), [[1], [1, 2], [1, 2, 4, 6], [1, 2, 4, 8]]);
});

Deno.test("denseShapes() has a kernel and a bias for each dense layer", () => {
  assert.deepEqual(denseShapes(5, 1), [[pixels, 1], [1]]);
  assert.deepEqual(denseShapes(5, 3), [[pixels, 5], [5], [5, 5], [5], [5, 1], [1]]);
});

Deno.test("linesOf() sorts the points of each name and leaves out what is unknown", () => {
  const lines = linesOf([
    { of: "a", x: 4, y: 1 },
    { of: "b", x: 1, y: undefined },
    { of: "a", x: 2, y: 3 },
    { of: "a", part: "arena", x: 2, y: 5 },
  ]);
  assert.deepEqual(lines, [
    { name: "a", of: "a", x: [2, 4], y: [3, 1] },
    { name: "a, arena", of: "a", x: [2], y: [5] },
  ]);
});

Deno.test("growthPower() is 1 for a proportion and 2 for a square", () => {
  const x = [1_000, 3_000, 10_000];
  assert.ok(Math.abs(growthPower({ x, y: x.map((n) => 7 * n) }) - 1) < 1e-9);
  assert.ok(Math.abs(growthPower({ x, y: x.map((n) => n * n / 5) }) - 2) < 1e-9);
  assert.deepEqual(from(3_000, { name: "a", of: "a", x, y: [1, 2, 3] }).y, [2, 3]);
});

Deno.test("iterationsFor() fills a round, and is at least one", () => {
  assert.deepEqual([0, 0.5, 2_000].map((ms) => iterationsFor(50, ms)), [5_000, 100, 1]);
});

Deno.test("warmUp() runs until the time is over, and returns the time of a step at the end", async () => {
  const asked: number[] = [];
  const stepMs = await warmUp((iterations) => {
    asked.push(iterations);
    return Promise.resolve(iterations * (asked.length === 1 ? 40 : 2)); // slow before it is optimized
  }, 200);
  assert.equal(stepMs, 2);
  assert.deepEqual(asked, [2, 1, ...Array<number>(6).fill(10)]);
  assert.equal(await warmUp(() => Promise.resolve(3_000), 200), 1_500);
});

Deno.test("bestOfEach() keeps each peer's fastest number of threads", () => {
  const [slow, fast] = [measurement("T", 2, { threads: 1 }), measurement("T", 1, { threads: 2 })];
  assert.deepEqual(bestOfEach([slow, measurement("mine", 3), fast]).map((one) => one.threads), [
    2,
    undefined,
  ]);
});

Deno.test("growthPeers() sets threads for this project only where a number is asked for", () => {
  const environment = { torch: "python", jax: "python", blas: "b.so", loop: "loop", missing: [] };
  const peers = growthPeers(environment, ["this", "torch", "jax"], { others: [1, 2] });
  assert.equal(peers.length, 2 + 4);
  assert.deepEqual(peers.slice(0, 2).map(({ env }) => env?.JIT_THREADS), [undefined, undefined]);
  const [own] = growthPeers(environment, ["this"], { own: 2, others: [2] });
  assert.deepEqual([own?.name, own?.env?.JIT_THREADS], [ownNames.blas, "2"]);
});

const points: CurvePoint[] = [
  ...[1, 64].map((x): CurvePoint => ({
    ...{ curve: "batch", x },
    measurements: [
      measurement(ownNames.plain, x / 10, { facts: { residentBytes: 2 ** 27, arenaBytes: x } }),
      measurement("JAX, jit", x / 5, { threads: 1 }),
      measurement("JAX, jit", x / 20, { threads: 2 }),
    ],
  })),
  ...[50, 1_000, 10_000].map((x): CurvePoint => ({
    ...{ curve: "kernels", x },
    measurements: [
      measurement("chain", 1, { firstMs: x, facts: { compileMs: x / 2, moduleBytes: x * x } }),
    ],
  })),
];

Deno.test("sectionsOf() draws what was measured, with each peer's best setting, and its numbers", () => {
  const [speed, , memory, kernels] = sectionsOf(points);
  const [table] = Object.values(speed!.tables);
  assert.deepEqual(table, {
    head: ["rows of a batch", ownNames.plain, "JAX, jit"],
    rows: [["1", "10,000", "20,000"], ["64", "156", "313"]],
  });
  assert.match(speed!.figure.alt!, /JAX, jit from 20,000 at 1 to 313 at 64/);
  assert.equal(kernels!.figure.data.length, 3); // calls, the compiler, bytes
  assert.equal(kernels!.tables["programs of many kernels"]!.rows.length, 3);
  assert.deepEqual(kernels!.tables["growth over recorded kernels"]!.rows.map((row) => row[1]), [
    ...["1.00", "1.00", "2.00"],
  ]);
  assert.deepEqual(Object.keys(memory!.tables), [
    "MiB of memory over rows of a batch (784-256-1)",
  ]);
});

Deno.test("powersTable() leaves out lines with fewer than two large programs", () => {
  const line = { name: "a", of: "a", x: [50, 1_000], y: [1, 2] };
  assert.deepEqual(powersTable([{ x: "x", y: "y", below: "", lines: [line] }]).rows, []);
});

Deno.test("tableOf() leaves gaps where a line has no point", () => {
  const [a, b] = [{ name: "a", of: "a" }, { name: "b", of: "b" }];
  const lines = [{ ...a, x: [1, 2], y: [1, 2] }, { ...b, x: [2], y: [4] }];
  assert.deepEqual(tableOf({ x: "n", y: "y", below: "", lines }).rows, [
    ["1", "1.00", ""],
    ["2", "2.00", "4.00"],
  ]);
});

Deno.test("growthPage() has the figures, their numbers, and no text as markup", async () => {
  const page = await growthPage("<b>2 cores</b>", sectionsOf(points));
  assert.equal(page.match(/class="gan-figure"/g)?.length, 4);
  assert.ok(page.includes("&lt;b&gt;2 cores") && page.includes("<td>20,000</td>"));
  assert.doesNotMatch(page, /<(?:script|link|img)[^>]+(?:src|href)=/); // one file, without a network
});

Deno.test("openGrowth() trains the dense step, and compiles it", async () => {
  await tf.setBackend("cpu");
  const point = { batch: 4, width: 8, depth: 3 }, served = openGrowth("dense:4:8:3");
  assert.deepEqual(served.parameters, denseShapes(8, 3));
  const values = denseCheckValues(point), losses = await lossesOf(served, values);
  assert.equal(losses.length, checkUpdates);
  const inputs = checkUpdates * 4 * pixels;
  assert.equal(values.length, served.parameters.reduce((sum, s) => sum + sizeOf(s), 0) + inputs);
  assert.ok(losses.every((loss) => loss > 0 && loss < 1) && new Set(losses).size === checkUpdates);
  const { kernels, arenaBytes } = served.session.facts!() as Record<string, number>;
  assert.ok(kernels! > 50 && arenaBytes! > 0);
});

Deno.test("kernelPrograms() start near 50 kernels and reach 10,000", async () => {
  await tf.setBackend("cpu");
  for (const requests of Object.values(kernelPrograms(false))) {
    const counts: number[] = [];
    for (const request of requests.slice(0, 2)) {
      const { session } = openGrowth(request);
      await session.run(3);
      counts.push(session.facts!().kernels as number);
    }
    const sizes = requests.map((request) => Number(request.split(":").at(-1)));
    const each = (counts[1]! - counts[0]!) / (sizes[1]! - sizes[0]!);
    const last = counts[0]! + each * (sizes.at(-1)! - sizes[0]!);
    assert.ok(counts[0]! > 40 && counts[0]! < 80, `expected about 50, got ${counts[0]}`);
    assert.ok(last > 9_500 && last < 10_600, `expected about 10,000, got ${last}`);
  }
});
