/** The task that commits notebooks, before it runs any. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Runs the task for a notebook, with other permissions if they are given; returns what it said. */
async function commit(name: string, permissions: readonly string[] = ["-A"]): Promise<string> {
  const task = fileURLToPath(new URL("../../notebooks/tasks/commit.ts", import.meta.url));
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, task, name],
    env: { CHROMIUM: Deno.execPath(), NO_COLOR: "1" }, // no page is opened
  }).output();
  assert.equal(code, 1);
  return new TextDecoder().decode(stderr);
}

Deno.test("the task names what it cannot commit", async () => {
  assert.match(await commit("no_such"), /^Cannot run no_such: expected one of 01_gan_1010/);
});

Deno.test("the task says that it cannot save results before it looks for Jupyter", async () => {
  const permissions = ["--allow-read", "--allow-env", "--allow-sys"];
  const said = await commit("01", permissions);
  assert.match(
    said,
    /^Cannot save results in notebooks.out: expected a folder to write in, got .*\n$/,
  );
});
