/** The kernel client against the real kernel: nothing is lost, errors surface, the interrupt works. */

import assert from "node:assert/strict";
import { type Jupyter, type Kernel, startKernel } from "../../notebooks/tasks/jupyter/mod.ts";
import { type Output, textOf } from "../../notebooks/tasks/notebook/nbformat.ts";
import { jupyterTest } from "./with_jupyter.ts";

async function withKernel(jupyter: Jupyter, run: (kernel: Kernel) => Promise<void>) {
  const cwd = await Deno.makeTempDir();
  try {
    await using kernel = await startKernel(jupyter, { cwd });
    await run(kernel);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

const streamed = (outputs: Output[]) =>
  outputs.map((output) => output.output_type === "stream" ? textOf(output.text) : "").join("");

jupyterTest(
  "kernel loses none of 200 prints, 20 values and one live display",
  (jupyter) =>
    withKernel(jupyter, async (kernel) => {
      const prints = await kernel.execute(
        "for (let i = 0; i < 200; i++) console.log(`print ${i}`)",
      );
      const expected = Array.from({ length: 200 }, (_, i) => `print ${i}\n`).join("");
      assert.equal(streamed(prints.outputs), expected);

      for (let i = 0; i < 20; i++) {
        const { outputs } = await kernel.execute(`"value " + ${i}`);
        assert.equal(outputs.length, 1, `value ${i}`);
        assert.match(JSON.stringify(outputs), new RegExp(`value ${i}\\b`));
      }

      const live = await kernel.execute(`
      const show = (type, text) => Deno.jupyter.broadcast(type, {
        data: { "text/plain": text }, metadata: {}, transient: { display_id: "live" },
      });
      await show("display_data", "0");
      for (let i = 1; i <= 100; i++) await show("update_display_data", String(i));`);
      assert.deepEqual(live.outputs, [
        { output_type: "display_data", data: { "text/plain": "100" }, metadata: {} },
      ]);
    }),
);

jupyterTest(
  "kernel reports what a cell throws, and syntax errors",
  (jupyter) =>
    withKernel(jupyter, async (kernel) => {
      const thrown = await kernel.execute('throw new RangeError("too far")');
      assert.equal(thrown.status, "error");
      assert.equal(thrown.error?.ename, "RangeError");
      assert.equal(thrown.error?.evalue, "too far");
      const unread = await kernel.execute("const a = ;");
      assert.equal(unread.status, "error");
      // Newer kernels do not say that it is one; the runner finds out.
      assert.equal(unread.error?.output_type, "error");
      assert.equal((await kernel.execute("1 + 1")).status, "ok");
    }),
);

jupyterTest(
  "kernel streams outputs while a cell runs, and is interrupted",
  (jupyter) =>
    withKernel(jupyter, async (kernel) => {
      await kernel.execute(
        'Deno.addSignalListener("SIGINT", () => { globalThis.stopped = true; })',
      );
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      const running = kernel.execute(
        'console.log("begun"); while (!globalThis.stopped) await new Promise((r) => setTimeout(r, 10));',
        { onOutput: (message) => message.type === "stream" && resolve() },
      );
      await begun;
      await kernel.interrupt();
      assert.equal((await running).status, "ok");
      assert.equal(await kernel.isAlive(), true);
    }),
);

jupyterTest(
  "kernel that dies in a cell rejects the cell",
  (jupyter) =>
    withKernel(jupyter, async (kernel) => {
      await assert.rejects(kernel.execute("Deno.exit(3)"), /^Error: Cannot go on with the kernel/);
      assert.equal(await kernel.isAlive(), false);
      await assert.rejects(kernel.execute("1"), /^Error: Cannot go on with the kernel/);
    }),
);
