import assert from "node:assert/strict";
import { type Execution, type Kernel, startKernel } from "../notebooks/kernel.ts";
import { projectRoot } from "../../notebooks/tasks/paths.ts";
import { jupyterTest } from "../notebooks/with_jupyter.ts";

const start = `import { Figure, show, showTable, startNotebook } from "./lib/jupyter/mod.ts";
import { steps } from "./lib/train/mod.ts";
import * as tf from "@tensorflow/tfjs";
const notebook = await startNotebook({ figures: false });`;

/** Trains in an endless loop, and counts its reports after the signal was aborted. */
const training = `trained = late = 0;
const { signal } = notebook;
const onProgress = (report) => {
  if (signal.aborted) late++;
  return notebook.onProgress(report);
};
for await (const step of steps(1e12, { signal, onProgress })) trained++;`;

jupyterTest("startNotebook() and show() in a kernel", async (jupyter, test) => {
  await using kernel = await startKernel(jupyter, { cwd: projectRoot });

  await test.step("startNotebook() shows figures, tensors and typed arrays", async () => {
    const started = await ok(kernel, start);
    assert.deepEqual(started.outputs.map((output) => output.output_type), ["display_data"]); // no banner
    const figure = await ok(kernel, `new Figure([{ type: "scatter", y: [1, 2] }])`);
    assert.deepEqual(types(figure), [
      "application/vnd.plotly.v1+json",
      "text/html",
      "text/plain",
    ]);
    const tensor = await ok(kernel, `tf.tensor([0.5, 1]).add(1)`);
    assert.deepEqual(plainText(tensor), "tensor float32 [2]\n[1.5000,      2]");
    assert.deepEqual(
      plainText(await ok(kernel, `new Float32Array([0.1])`)),
      "Float32Array(1) [0.1000]",
    );
    assert.deepEqual(types(await ok(kernel, `Uint8Array.from([0xff, 0xd8, 0xff, 0xe0])`)), [
      "image/jpeg",
    ]);
    assert.match(plainText(await ok(kernel, `[1, { a: "b" }]`)), /\[ .*1.*, \{ a: .*"b".* \} \]/);
  });

  await test.step("show() a later cell updates the figure of an earlier one", async () => {
    await ok(kernel, start);
    const earlier = await ok(kernel, `const shown = await show(new Figure([{ y: [1] }]));`);
    assert.equal(plainText(earlier), "Figure (scatter, 1 point)");
    await ok(kernel, `await shown.update(new Figure([{ y: [1, 2, 3] }]));`);
    assert.equal(plainText(earlier), "Figure (scatter, 3 points)");
    assert.equal(earlier.outputs.length, 1);
  });

  await test.step("startNotebook() run again, it still tells an error once", async () => {
    for (let time = 1; time <= 3; time++) await ok(kernel, start);
    // The listener of the cell is called after those of the library.
    const heard = (event: string) =>
      `await new Promise((r) => addEventListener("${event}", () => r(), { once: true }));`;
    const floating = await ok(
      kernel,
      `Promise.reject(new Error("nobody awaits me")); ${heard("unhandledrejection")}`,
    );
    assert.equal(textOf(floating).match(/nobody awaits me/g)?.length, 1);
    const thrown = await ok(
      kernel,
      `setTimeout(() => { throw new Error("late") }); ${heard("error")}`,
    );
    assert.match(textOf(thrown), /Uncaught error outside of a cell: Error: late/);
    assert.equal(textOf(thrown).match(/Error: late/g)?.length, 1);
    assert.match(textOf(await ok(kernel, `"still here"`)), /still here/);
  });

  await test.step("startNotebook() an interrupt between cells stops nothing", async () => {
    await ok(kernel, start);
    await kernel.interrupt();
    const { outputs } = await ok(kernel, `for await (const i of steps(3, notebook)); "went on"`);
    assert.match(JSON.stringify(outputs), /3 steps in .*went on/);
  });

  await test.step("startNotebook() an interrupt stops a training cell, ten times", async () => {
    await ok(kernel, `${start} let trained = 0, late = 0;`);
    for (let time = 1; time <= 10; time++) {
      const { status, error, outputs } = await interrupted(kernel, training);
      assert.equal(status, "error");
      assert.match(`${error?.ename} ${error?.evalue}`, /Interrupted: the loop stopped/);
      assert.match(JSON.stringify(outputs), /stopped at step [\d,]+ of 1,000,000,000,000 after/);
      assert.equal(await kernel.isAlive(), true);
      const kept = await ok(kernel, `console.log(trained > 0, signal.aborted, late);`);
      // At most the slice that runs is finished; the end is reported too.
      assert.match(JSON.stringify(kept.outputs), /true true [12]\b/);
    }
  });
});

/** Runs a cell and presses the interrupt button when its progress bar appears. */
async function interrupted(kernel: Kernel, code: string): Promise<Execution> {
  let pressed: Promise<void> | undefined;
  const onOutput = ({ type }: { readonly type: string }) => {
    if (type === "display_data") pressed ??= kernel.interrupt();
  };
  const execution = await kernel.execute(code, { onOutput });
  await pressed;
  return execution;
}

async function ok(kernel: Kernel, code: string): Promise<Execution> {
  const execution = await kernel.execute(code);
  assert.equal(execution.status, "ok", JSON.stringify(execution.error));
  return execution;
}

function textOf({ outputs }: Execution): string {
  return JSON.stringify(outputs);
}

function dataOf({ outputs }: Execution): Readonly<Record<string, unknown>> {
  const [output] = outputs;
  return output && "data" in output ? output.data as Record<string, unknown> : {};
}

function types(execution: Execution): string[] {
  return Object.keys(dataOf(execution)).sort();
}

function plainText(execution: Execution): string {
  const text = dataOf(execution)["text/plain"];
  return Array.isArray(text) ? text.join("") : String(text);
}
