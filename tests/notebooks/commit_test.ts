/** The task that commits notebooks. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("the task names what it cannot commit", async () => {
  const task = fileURLToPath(new URL("../../notebooks/tasks/commit.ts", import.meta.url));
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", task, "no_such"],
  }).output();
  assert.equal(code, 1);
  assert.match(
    new TextDecoder().decode(stderr),
    /^Cannot run no_such: expected one of 01_gan_1010/,
  );
});
