/** The saved page of a notebook in a browser without network: every plot is drawn, nothing runs that was text. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runNotebook } from "../../notebooks/tasks/run/run_notebook.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";

const sample = fileURLToPath(new URL("../fixtures/notebooks/sample.ipynb", import.meta.url));

/** Runs in the page: the number of points of every plot. */
const POINTS = `[...document.querySelectorAll(".figure.js-plotly-plot")].map((plot) =>
  plot.data.reduce((sum, trace) => sum + trace.y.length, 0) + ":" +
  plot.querySelectorAll(".points path").length)`;

browserTest("saved page draws its plots offline", async ({ chromium, jupyter }) => {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-page-" });
  try {
    assert.equal(await runNotebook(sample, { jupyter, folder, log: { line: () => {} } }), true);
    await using browser = await openBrowser(chromium, { offline: true });
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, "sample.html")).href);
    await page.waitForSelector(".figure .main-svg");
    assert.deepEqual(await page.evaluate(POINTS), ["5:5"]);
    assert.equal(await page.title(), "A sample");
    assert.equal(await page.textContent(".stderr"), "<script>alert(1)</script> on stderr\n");
    const legend = await page.textContent(".figure");
    assert.match(String(legend), /Squares/);
    assert.deepEqual(browser.complaints, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
