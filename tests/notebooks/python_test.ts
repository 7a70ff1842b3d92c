/** The Python file that runs and exports notebooks has tests of its own, in Python. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { jupyterTest } from "./with_jupyter.ts";

jupyterTest("notebook_runner.py passes its own tests", async ({ python, env }) => {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const { success, stderr } = await new Deno.Command(python, {
    args: [
      "-W",
      "ignore",
      path("notebook_runner_test.py"),
      path("../../notebooks/tasks/python"),
    ],
    env: { ...env, PYTHONDONTWRITEBYTECODE: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.ok(success, said);
  assert.match(said, /Ran \d\d tests/);
});
