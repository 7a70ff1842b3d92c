/** The runner against the real kernel: nothing is lost, errors surface, the kernel survives an interrupt. */

import assert from "node:assert/strict";
import type { Jupyter } from "../../notebooks/tasks/jupyter/mod.ts";
import { type Output, textOf } from "../../notebooks/tasks/notebook/nbformat.ts";
import { type Kernel, startKernel } from "./kernel.ts";
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
  "kernel loses none of 5,000 prints, 20 values and one live display",
  (jupyter) =>
    withKernel(jupyter, async (kernel) => {
      const prints = await kernel.execute(
        "for (let i = 0; i < 5000; i++) console.log(`print ${i}`)",
      );
      const expected = Array.from({ length: 5000 }, (_, i) => `print ${i}\n`).join("");
      assert.equal(streamed(prints.outputs), expected);
      assert.equal(prints.outputs.length, 1);

      for (let i = 0; i < 20; i++) {
        const { outputs, executionCount } = await kernel.execute(`"value " + ${i}`);
        assert.equal(outputs.length, 1, `value ${i}`);
        assert.match(JSON.stringify(outputs), new RegExp(`value ${i}\\b`));
        assert.equal(executionCount, i + 2);
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
  "kernel gives a cell what it shows after its end",
  (jupyter) =>
    withKernel(jupyter, async (kernel) => {
      const early = await kernel.execute(`
        const [asked, shown] = [Promise.withResolvers(), Promise.withResolvers()];
        asked.promise.then(() => shown.resolve(console.log("late")));
        1`);
      assert.equal(streamed(early.outputs), "");
      const later = await kernel.execute("asked.resolve(); await shown.promise; 2");
      assert.equal(streamed([...early.outputs, ...later.outputs]), "late\n");
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
      // Newer kernels do not say that it is one; the runner finds out.
      assert.equal(unread.status, "error");
      assert.equal((await kernel.execute("1 + 1")).status, "ok");
    }),
);

jupyterTest(
  "kernel that cannot send an output makes it an error, and 4 MB arrive",
  (jupyter) =>
    withKernel(jupyter, async (kernel) => {
      const large = await kernel.execute('console.log("x".repeat(4_000_000))');
      assert.equal(streamed(large.outputs).length, 4_000_001);
      const lost = await kernel.execute('console.log("x".repeat(30_000_000))');
      assert.equal(lost.status, "error");
      assert.match(lost.error?.evalue ?? "", /^The outputs of this cell did not arrive .* 10 MB /);
    }),
);

jupyterTest(
  "kernel survives an interrupt before anything listens for it, and one that is listened for",
  (jupyter) =>
    withKernel(jupyter, async (kernel) => {
      await kernel.interrupt();
      await kernel.execute(
        'Deno.addSignalListener("SIGINT", () => { globalThis.stopped = true; })',
      );
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      const running = kernel.execute(
        'console.log("begun"); while (!globalThis.stopped) await new Promise((r) => setTimeout(r, 10));',
        { onOutput: ({ type }) => type === "stream" && resolve() },
      );
      await begun;
      await kernel.interrupt();
      assert.equal((await running).status, "ok");
      assert.equal(await kernel.isAlive(), true);
    }),
);

jupyterTest(
  "kernel that dies in a cell is the cell's error",
  (jupyter) =>
    withKernel(jupyter, async (kernel) => {
      const { error } = await kernel.execute("Deno.exit(3)");
      assert.equal(
        error?.evalue,
        "Cannot go on with the kernel: its process ended with status 3.",
      );
      assert.equal(await kernel.isAlive(), false);
    }),
);
