/** Tests of who takes part in the benchmark. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { checkOutBefore } from "./before.ts";
import { prepareEnvironment } from "./environment.ts";
import { readNames } from "./mod.ts";
import { peerGroups, roster } from "./roster.ts";

const environment = { python: "python", loop: "loop", blas: "blas.so", missing: [] };

Deno.test("readNames() keeps the order of the known names, and refuses unknown ones", () => {
  assert.deepEqual(readNames("peers", "before,this", peerGroups), ["this", "before"]);
  assert.throws(() => readNames("peers", "this,numpy", peerGroups), {
    name: "RangeError",
    message: "Cannot run the benchmark: expected --peers of this, before, c, torch, jax, tfjs, " +
      "got numpy",
  });
});

Deno.test("roster() has this project twice where a commit before takes part", () => {
  const before = { folder: "there", name: "abc123", [Symbol.asyncDispose]: async () => {} };
  const groups = (peers: ReturnType<typeof roster>) => [...new Set(peers.map((one) => one.group))];
  assert.deepEqual(groups(roster(environment)), ["this", "c", "torch", "jax", "tfjs"]);
  const peers = roster(environment, before);
  assert.deepEqual(groups(peers), ["this", "before", "c", "torch", "jax", "tfjs"]);
  const [old] = peers.filter(({ group }) => group === "before");
  assert.equal(old?.name, "before (abc123), jit");
  assert.equal(old?.yardstick, "before");
  assert.ok(old?.command.includes(join("there", "tests", "bench", "peers", "compiled.ts")));
  assert.equal(peers.filter(({ yardstick }) => yardstick === "before").length, 1);
});

Deno.test("prepareEnvironment() installs nothing for this project's own peers", async () => {
  const log = () => assert.fail("it installs");
  const { python, loop, missing } = await prepareEnvironment(log, ["this", "before"]);
  assert.deepEqual([python, loop, missing], [undefined, undefined, []]);
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
