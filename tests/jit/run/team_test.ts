import assert from "node:assert/strict";
import { Arena } from "../../../lib/jit/run/arena.ts";
import { Pool } from "../../../lib/jit/run/pool.ts";
import { Team } from "../../../lib/jit/run/team.ts";
import { ModuleBuilder } from "../../../lib/jit/wasm/mod.ts";

/** Makes programs whose functions are written in JavaScript; all runs are shared where that is possible. */
function teams(): (exports: Readonly<Record<"run" | "share", () => void>>) => Team {
  const pool = new Pool(new Arena({ isShared: true }));
  pool.way = "shared";
  const module = new WebAssembly.Module(new ModuleBuilder().finish());
  return (exports) =>
    new Team(pool, {
      module,
      exports: { ...exports, end: () => {} },
      library: undefined,
      threads: 1,
    });
}

Deno.test("Team: a program that another one calls in the middle of its run has one thread", () => {
  const teamOf = teams();
  const ways: string[] = [];
  const note = (name: string) => {
    const run = () => void ways.push(`${name} alone`);
    return { run, share: () => void ways.push(`${name} shared`) };
  };
  const inner = teamOf(note("inner"));
  const outer = teamOf({ run: () => {}, share: () => inner.run() });
  outer.run();
  inner.run();
  assert.deepEqual(ways, ["inner alone", "inner shared"]);
});

Deno.test("Team: after an error the next run is shared again", () => {
  const teamOf = teams();
  let runs = 0;
  const share = () => {
    if (++runs === 1) throw new Error("stopped on purpose");
  };
  const team = teamOf({ run: () => assert.fail("alone"), share });
  assert.throws(() => team.run(), /stopped on purpose/);
  team.run();
  assert.equal(runs, 2);
});

Deno.test("Team: an error ends the run, and is thrown after its threads are done", () => {
  const pool = new Pool(new Arena({ isShared: true }));
  const log: string[] = [];
  pool.way = "shared";
  pool.settle = () => void log.push("settle");
  const share = () => {
    log.push("share");
    throw new RangeError("Maximum call stack size exceeded");
  };
  const team = new Team(pool, {
    module: new WebAssembly.Module(new ModuleBuilder().finish()),
    exports: { run: () => {}, share, end: () => void log.push("end") },
    library: undefined,
    threads: 1,
  });
  assert.throws(() => team.run(), RangeError);
  assert.deepEqual(log, ["settle", "share", "end", "settle"]);
});
