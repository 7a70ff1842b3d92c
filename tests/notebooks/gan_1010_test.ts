/** Notebook 01 as readers use it: again, out of order, and stopped by its own check. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Kernel, startKernel } from "./kernel.ts";
import { codeCells, parseNotebook, textOf } from "../../notebooks/tasks/notebook/nbformat.ts";
import { projectRoot } from "../../notebooks/tasks/paths.ts";
import { jupyterTest } from "./with_jupyter.ts";

const folder = join(projectRoot, "notebooks");

function cellsOf01(): string[] {
  const name = "01_gan_1010.ipynb";
  const notebook = parseNotebook(Deno.readTextFileSync(join(folder, name)), name);
  return codeCells(notebook).map(({ source }) => textOf(source));
}

/** Runs cells in an order and returns the error of the last one, if it threw; the others must not. */
async function run(kernel: Kernel, cells: readonly string[]): Promise<string | undefined> {
  for (const [i, cell] of cells.entries()) {
    const { status, error } = await kernel.execute(cell);
    if (status !== "ok" && i === cells.length - 1) return error?.evalue;
    assert.equal(status, "ok", `${error?.evalue} in:\n${cell}`);
  }
  return undefined;
}

jupyterTest("notebook 01 runs top to bottom, again, and in reverse", async (jupyter) => {
  await using kernel = await startKernel(jupyter, { cwd: folder });
  const cells = cellsOf01();
  for (const order of [cells, cells, cells.toReversed()]) {
    assert.equal(await run(kernel, order), undefined);
  }
});

jupyterTest("notebook 01 throws at its end when the pattern was not learnt", async (jupyter) => {
  await using kernel = await startKernel(jupyter, { cwd: folder });
  const cells = cellsOf01();
  const short = cells.map((cell) => cell.replace("iterations = 15_000", "iterations = 4_000"));
  const check = short.findIndex((cell) => cell.includes("throw new Error"));
  const error = await run(kernel, short.slice(0, check + 1));
  assert.match(error ?? "no error", /^G has not learnt 1-0-1-0 yet, it makes /);
});
