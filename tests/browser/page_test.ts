/**
 * The exported page of a notebook in a browser without network: all plots are drawn, and text is
 * not executed.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runNotebook } from "../../notebooks/tasks/run/run_notebook.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";

const sample = fileURLToPath(new URL("../fixtures/notebooks/sample.ipynb", import.meta.url));

/** Counts the points of every plot; runs in the page. */
const POINTS = `[...document.querySelectorAll(".figure .js-plotly-plot")].map((plot) =>
  plot.data.reduce((sum, trace) => sum + trace.y.length, 0) + ":" +
  plot.querySelectorAll(".points path").length)`;

/** Reads the colours of the page, of its text and of a plot's ticks; runs in the page. */
const COLOURS = `[
  getComputedStyle(document.body).backgroundColor,
  getComputedStyle(document.body).color,
  document.querySelector(".xtick text").style.fill,
]`;

browserTest("saved page draws its plots offline, in the reader's colours", async (tools, test) => {
  const { chromium, jupyter } = tools;
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-page-" });
  try {
    assert.equal(await runNotebook(sample, { jupyter, folder, log: () => {} }), true);
    await using browser = await openBrowser(chromium, { offline: true });
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, "sample.html")).href);
    await page.waitForSelector(".figure .main-svg");
    assert.deepEqual(await page.evaluate(POINTS), ["5:5"]);
    assert.equal(await page.title(), "A sample");
    const stderr = await page.textContent(".output_stderr");
    assert.equal(stderr?.trim(), "<script>alert(1)</script> on stderr");
    const figure = page.getByRole("img", { name: "Figure: Squares" });
    assert.match(String(await figure.textContent()), /Squares/);

    await test.step("it follows the reader from light to dark and back", async () => {
      const light = ["rgb(255, 255, 255)", "rgb(29, 36, 48)", "rgb(29, 36, 48)"];
      assert.deepEqual(await page.evaluate(COLOURS), light);
      await page.emulateMedia({ colorScheme: "dark" });
      const dark = "rgb(227, 231, 237)";
      await page.waitForFunction(`${COLOURS}[2] === "${dark}"`);
      assert.deepEqual(await page.evaluate(COLOURS), ["rgb(22, 25, 31)", dark, dark]);
      await page.emulateMedia({ colorScheme: "light" });
      await page.waitForFunction(`${COLOURS}[2] === "${light[2]}"`);
    });

    await test.step("a narrow screen scrolls only what is too wide for it", async () => {
      await page.setViewportSize({ width: 450, height: 900 });
      await page.waitForFunction("innerWidth === 450");
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 450);
    });

    assert.deepEqual(browser.complaints, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
