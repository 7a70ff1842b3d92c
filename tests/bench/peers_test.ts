/** Tests of who takes part in the benchmark. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { checkOutBefore } from "./before.ts";
import { prepareEnvironment } from "./environment.ts";
import { readNames } from "./mod.ts";
import { peerGroups, roster, threadCounts } from "./roster.ts";

const environment = { torch: "python", jax: "python", loop: "loop", blas: "blas.so", missing: [] };

Deno.test("readNames() keeps the order of the known names, and refuses unknown ones", () => {
  assert.deepEqual(readNames("peers", "before,this", peerGroups), ["this", "before"]);
  assert.throws(() => readNames("peers", "this,numpy", peerGroups), {
    name: "RangeError",
    message: "Cannot run the benchmark: expected --peers of this, before, c, torch, jax, jax-js, " +
      "tfjs, got numpy",
  });
});

Deno.test("roster() has this project twice where a commit before takes part", () => {
  const before = { folder: "there", name: "abc123", [Symbol.asyncDispose]: async () => {} };
  const groups = (peers: ReturnType<typeof roster>) => [...new Set(peers.map((one) => one.group))];
  assert.deepEqual(groups(roster(environment)), ["this", "c", "torch", "jax", "jax-js", "tfjs"]);
  const peers = roster(environment, before);
  assert.deepEqual(groups(peers), ["this", "before", "c", "torch", "jax", "jax-js", "tfjs"]);
  const [old] = peers.filter(({ group }) => group === "before");
  assert.equal(old?.name, "before (abc123), jit");
  assert.equal(old?.yardstick, "before");
  assert.ok(old?.command.includes(join("there", "tests", "bench", "peers", "compiled.ts")));
  assert.equal(peers.filter(({ yardstick }) => yardstick === "before").length, 1);
});

Deno.test("threadCounts() are one, two and all cores, each once", () => {
  assert.deepEqual([1, 2, 8].map(threadCounts), [[1], [1, 2], [1, 2, 8]]);
});

Deno.test("roster() measures this project's compiled steps on one thread beside the default", () => {
  const threads = roster(environment).filter(({ group }) => group === "this")
    .map(({ name, env }) => [name, env?.JIT_THREADS, env?.GAN_BLAS] as const);
  for (const library of ["none", environment.blas]) {
    const own = threads.filter(([, , blas]) => blas === library).map(([, count]) => count);
    assert.ok(own.includes("1") && own.includes(undefined));
  }
  // One row of the table would hide the slower of the two.
  const names = (count?: string) => threads.filter((one) => one[1] === count).map(([name]) => name);
  assert.ok(names("1").every((name) => !names(undefined).includes(name)));
});

Deno.test("prepareEnvironment() installs nothing for this project's own peers", async () => {
  const log = () => assert.fail("it installs");
  const { torch, jax, loop, missing } = await prepareEnvironment(log, ["this", "before"]);
  assert.deepEqual([torch, jax, loop, missing], [undefined, undefined, undefined, []]);
});

const git = await new Deno.Command("git", { args: ["rev-parse", "HEAD"] }).output().catch(() => {});
const withHistory = { ignore: !git?.success };

Deno.test(
  "checkOutBefore() writes a commit's files and removes them, or says what git says",
  withHistory,
  async () => {
    let folder: string;
    {
      await using before = await checkOutBefore("HEAD");
      folder = before.folder;
      assert.match(before.name, /^[0-9a-f]{7,}$/);
      assert.ok((await Deno.stat(join(folder, "lib", "jit", "mod.ts"))).isFile);
    }
    await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
    await assert.rejects(
      checkOutBefore("no-such"),
      /^RangeError: Cannot measure another commit: .*/,
    );
  },
);
