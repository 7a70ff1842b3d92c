import assert from "node:assert/strict";
import { basename, join } from "node:path";
import type { Page } from "playwright-core";
import { projectRoot } from "../../notebooks/tasks/paths.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";
import {
  cellElement,
  type CellJson,
  cells,
  command,
  figuresOf,
  openNotebook,
  plotsOfAll,
  runAll,
  scrollTo,
} from "./lab_notebook.ts";
import { startLab } from "./lab_server.ts";
import { photograph } from "./photograph.ts";

/** Points of every plot, in order, for the notebooks whose plots are promised. */
const promisedPoints: Readonly<Record<string, number[][]>> = {};

for (const name of await notebookNames()) {
  browserTest(`${name} runs in JupyterLab`, async ({ chromium, jupyter }, test) => {
    await using lab = await startLab(jupyter);
    await using browser = await openBrowser(chromium);
    const page = await browser.newPage();
    await openNotebook(page, lab.urlOf(`notebooks/${name}`));

    await test.step("a bar moves while the first long cell runs", async () => {
      const loop = (await cells(page)).findIndex(isLoop);
      const run = runAll(page);
      await scrollTo(page, loop);
      const bar = cellElement(page, loop).getByRole("progressbar");
      const steps = async () => Number(await bar.getAttribute("aria-valuenow"));
      const before = await steps();
      while (await steps() === before) await page.waitForTimeout(20);
      await run;
    });

    for (const run of ["once", "again"]) {
      await test.step(`every figure is a plot with its points: ${run}`, async () => {
        if (run === "again") await runAll(page);
        await checkPlots(page, name);
      });
    }

    await test.step("pictures, light and dark", async () => {
      const title = basename(name, ".ipynb");
      await photograph(page, `${title}_light`);
      await command(page, "apputils:change-theme", { theme: "JupyterLab Dark" });
      await photograph(page, `${title}_dark`);
    });

    assert.deepEqual(browser.complaints, []);
  });
}

async function checkPlots(page: Page, name: string): Promise<void> {
  const list = await cells(page);
  const errors = list.flatMap(({ outputs = [] }) => outputs.filter((output) => output.ename));
  assert.deepEqual(errors, []);
  const drawn = await plotsOfAll(page);
  assert.deepEqual(drawn, list.map(figuresOf));
  const points = drawn.flat().map((traces) => traces.map((trace) => trace.points));
  assert.ok(points.length > 0 && points.flat().every((count) => count > 0), JSON.stringify(points));
  assert.deepEqual(points, promisedPoints[name] ?? points);
}

/** Whether the cell reports its progress. */
function isLoop({ cell_type, source }: CellJson): boolean {
  const text = typeof source === "string" ? source : source.join("");
  return cell_type === "code" && /steps\(.*notebook/.test(text);
}

async function notebookNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(join(projectRoot, "notebooks"))) {
    if (name.endsWith(".ipynb")) names.push(name);
  }
  return names.sort();
}
