/** Tests of the benchmark's tables. */

import assert from "node:assert/strict";
import type { Peer } from "./roster.ts";
import type { Result } from "./rounds.ts";
import { bestOfEachName, workloadTable } from "./table.ts";

function result(peer: Partial<Peer> & { name: string }, times: number[]): Result {
  const shares = { w1: { iterations: 1_500 }, w3: { iterations: 1, batch: 4 } };
  return { peer: { group: "this", command: [], shares, ...peer }, times, facts: {}, title: "" };
}

const slow = result({ name: "T", setting: "1 thread", yardstick: "PyTorch" }, [40, 80, 40]);
const quick = result({ name: "T", setting: "2 threads", yardstick: "PyTorch" }, [20, 40, 20]);
const mine = result({ name: "mine" }, [2, 4, 2]);

Deno.test("bestOfEachName() keeps each peer's quickest setting", () => {
  assert.deepEqual(bestOfEachName([slow, quick, mine]), [quick, mine]);
});

Deno.test("workloadTable() compares with the yardsticks that took part", () => {
  const lines = workloadTable("w1", [mine, slow, quick]).split("\n");
  assert.match(lines[0]!, /against PyTorch \| rounds \|$/);
  assert.equal(lines[2], "| mine | 2.00 | 2.00 – 4.00 | 10.0 × as fast | 3 × 1,500, scaled |");
  assert.match(lines[3]!, /^\| T \(2 threads\) \| 20.0 \|/);
  assert.equal(lines.length, 4);
});

Deno.test("workloadTable() compares with the quickest of several peers of one yardstick", () => {
  const other = result({ name: "T, fused", yardstick: "PyTorch" }, [10, 20, 10]);
  const lines = workloadTable("w1", [mine, quick, other]).split("\n");
  assert.match(lines[2]!, /\| 5.00 × as fast \|/);
});

Deno.test("workloadTable() says where a smaller batch was scaled", () => {
  assert.match(workloadTable("w3", [mine]), /3 × 1, batch 4, scaled/);
});
