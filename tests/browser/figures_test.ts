/** Figures of images in a real page: sliders move them, updates replace them, pictures show them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { decode } from "fast-png";
import type { Page } from "playwright-core";
import { figureBundle } from "../../lib/jupyter/figure_bundle.ts";
import { readyBundle } from "../../lib/jupyter/ready_bundle.ts";
import { type Figure, imagesFigure, imagesOverTimeFigure } from "../../lib/plot/mod.ts";
import { addPictures } from "../../notebooks/tasks/commit/pictures.ts";
import { codeCells, printNotebook } from "../../notebooks/tasks/notebook/nbformat.ts";
import { exportPage } from "../../notebooks/tasks/run/run_notebook.ts";
import { display, notebookShowing } from "../notebooks/notebook_of.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";

const side = 4;

/** Two images, the first all ink and the second as dark as told. */
function pair(ink: number): number[] {
  return Array.from({ length: 2 * side * side }, (_, i) => i < side * side ? 1 : ink);
}

function overTime(...inks: number[]): Figure {
  const grids = inks.map((ink, i) => ({ step: (i + 1) * 1000, images: pair(ink) }));
  return imagesOverTimeFigure(grids, { side, columns: 2, title: "Over time" });
}

/** The PNGs of a figure's frames. */
function sourcesOf({ frames }: Figure): string[] {
  return frames.map(({ data }) => (data[0] as { source: string }).source);
}

/** Waits until the plot shows this PNG. */
async function shows(page: Page, source: string): Promise<void> {
  await page.waitForFunction(
    ([selector, source]) => {
      const { document } = globalThis as unknown as { document: PageDocument };
      const [image, ...others] = document.querySelectorAll(selector!);
      return others.length === 0 && image?.getAttribute("href") === source;
    },
    [".imagelayer image", source],
    { timeout: 20_000 },
  );
}

interface PageDocument {
  querySelectorAll(selector: string): Iterable<{ getAttribute(name: string): string | null }>;
}

/** Clicks on the slider's rail, at a share of its length. */
async function moveSlider(page: Page, share: number): Promise<void> {
  const rail = page.locator(".slider-rail-touch-rect");
  const box = await rail.boundingBox();
  assert(box);
  await page.mouse.click(box.x + 6 + (box.width - 12) * share, box.y + box.height / 2);
}

/** Moves the slider and plays: the picture and the words follow. */
async function checkMoving(page: Page, figure: Figure): Promise<void> {
  const sources = sourcesOf(figure);
  const words = page.locator(".slider-label").first();
  await shows(page, sources.at(-1)!);
  assert.equal(await words.textContent(), "step 3,000");
  const last = await page.locator(".js-plotly-plot").screenshot();
  await moveSlider(page, 0);
  await shows(page, sources[0]!);
  assert.equal(await words.textContent(), "step 1,000");
  assert.notDeepEqual(await page.locator(".js-plotly-plot").screenshot(), last);
  await moveSlider(page, 0.5);
  await shows(page, sources[1]!);
  assert.equal(await words.textContent(), "step 2,000");
  await page.locator(".updatemenu-button").click();
  await shows(page, sources.at(-1)!);
  assert.equal(await words.textContent(), "step 3,000");
}

/** Puts a figure into the page as a frontend does: the new output in the place of the old. */
async function place(page: Page, figure: Figure): Promise<void> {
  const html = String(figureBundle(figure, { id: "figure" })["text/html"]);
  await page.evaluate((html) => {
    const { document } = globalThis as unknown as { document: FragmentDocument };
    document.body.querySelector("main")
      .replaceChildren(document.createRange().createContextualFragment(html));
  }, html);
}

interface FragmentDocument {
  readonly body: { querySelector(selector: string): { replaceChildren(child: unknown): void } };
  createRange(): { createContextualFragment(html: string): unknown };
}

browserTest("figures of images move and are replaced in place", async ({ chromium }, test) => {
  await using browser = await openBrowser(chromium, { offline: true });
  const page = await browser.newPage();
  const ready = await readyBundle({ backend: "cpu", figures: true });
  await page.setContent(`<!doctype html><body>${ready["text/html"]}<main></main></body>`);
  const figure = overTime(0, 0.5, 0.8);

  await test.step("a slider and a button move through the frames", async () => {
    await place(page, figure);
    await checkMoving(page, figure);
  });

  await test.step("an update shows the new images and moves through the new frames", async () => {
    const plot = page.locator(".js-plotly-plot");
    await plot.evaluate((element) => Object.assign(element, { marked: true }));
    await moveSlider(page, 0);
    await shows(page, sourcesOf(figure)[0]!);
    const next = overTime(0.1, 0.6, 0.9);
    await place(page, next);
    assert.ok(await plot.evaluate((element) => "marked" in element));
    await checkMoving(page, next);
  });

  await test.step("an update without frames leaves no slider", async () => {
    const still = imagesFigure(pair(0.3), { side, columns: 2 });
    await place(page, still);
    await shows(page, (still.data[0] as { source: string }).source);
    assert.equal(await page.locator(".slider-rail-touch-rect").count(), 0);
    assert.equal(await page.locator(".updatemenu-button").count(), 0);
  });

  assert.deepEqual(browser.complaints, []);
});

browserTest("a saved page moves its images offline", async ({ chromium, jupyter }) => {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-page-" });
  try {
    const figure = overTime(0, 0.5, 0.8);
    const notebook = notebookShowing(display(figureBundle(figure)));
    const path = join(folder, "page.ipynb");
    await Deno.writeTextFile(path, printNotebook(notebook));
    const file = join(folder, "page.html");
    await exportPage(path, { jupyter, page: file });
    await using browser = await openBrowser(chromium, { offline: true });
    const page = await browser.newPage();
    await page.goto(pathToFileURL(file).href);
    await checkMoving(page, figure);
    assert.deepEqual(browser.complaints, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

browserTest("a committed picture shows the last images", async ({ chromium }) => {
  const notebook = notebookShowing(
    display(figureBundle(overTime(0, 1))),
    display(figureBundle(overTime(1, 0))),
  );
  await addPictures(notebook, chromium);
  const dark = codeCells(notebook)[0]!.outputs.map((output) => {
    assert("data" in output);
    return darkShare(Uint8Array.fromBase64(String(output.data["image/png"])));
  });
  // The first ends with two images of ink, the second with one.
  assert(Math.abs(dark[0]! / dark[1]! - 2) < 0.1, `${dark}`);
});

/** The share of a picture's pixels that are nearly black. */
function darkShare(png: Uint8Array): number {
  const { data, channels, width, height } = decode(png);
  let dark = 0;
  for (let at = 0; at < data.length; at += channels) if (data[at]! < 20) dark++;
  return dark / (width * height);
}
