/** Figures of images in a real page: sliders move them, updates replace them, pictures show them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { decode } from "fast-png";
import type { Locator, Page } from "playwright-core";
import { figureBundle } from "../../lib/jupyter/figure_bundle.ts";
import {
  accuracyFigure,
  type Figure,
  histogramFigure,
  imageColumnsFigure,
  imagesFigure,
  imagesOverTimeFigure,
  lossFigure,
  lossPanelsFigure,
  measuresFigure,
  outputFigure,
  progressFigure,
  scoreFigure,
  trainingFigure,
} from "../../lib/plot/mod.ts";
import { addPictures } from "../../notebooks/tasks/commit/pictures.ts";
import { codeCells, printNotebook } from "../../notebooks/tasks/notebook/nbformat.ts";
import { exportPage } from "../notebooks/export_page.ts";
import { display, notebookShowing } from "../notebooks/notebook_of.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";
import { boxesOf, checkParts, openFigurePage, placeFigures, showFigures } from "./figure_page.ts";
import { until } from "./until.ts";

const side = 4;

/** Makes two images: the first all ink, the second with the given darkness. */
function pair(ink: number): number[] {
  return Array.from({ length: 2 * side * side }, (_, i) => i < side * side ? 1 : ink);
}

function overTime(...inks: number[]): Figure {
  const grids = inks.map((ink, i) => ({ step: (i + 1) * 1000, images: pair(ink) }));
  return imagesOverTimeFigure(grids, { side, columns: 2, title: "Over time" });
}

/** Returns the PNGs of a figure's frames. */
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

/** Waits for these texts; plotly.js changes them after the picture. */
async function says(words: Locator, text: string): Promise<void> {
  await until(`the text "${text}"`, async () => await words.textContent() === text);
}

/** Moves the slider and plays, and checks that picture and texts follow. */
async function checkMoving(page: Page, figure: Figure): Promise<void> {
  const sources = sourcesOf(figure);
  const words = page.locator(".slider-label").first();
  await shows(page, sources.at(-1)!);
  await says(words, "iteration 3,000");
  const last = await page.locator(".js-plotly-plot").screenshot();
  await moveSlider(page, 0);
  await shows(page, sources[0]!);
  await says(words, "iteration 1,000");
  assert.notDeepEqual(await page.locator(".js-plotly-plot").screenshot(), last);
  await moveSlider(page, 0.5);
  await shows(page, sources[1]!);
  await says(words, "iteration 2,000");
  await page.locator(".updatemenu-button").click();
  await shows(page, sources.at(-1)!);
  await says(words, "iteration 3,000");
}

/** Runs in the page: presses the slider's left end, and lets go when plotly.js has begun to draw. */
const releaseDuringDrawing = `(async () => {
  const plot = document.querySelector(".js-plotly-plot");
  const rail = document.querySelector(".slider-rail-touch-rect");
  const { left, top } = rail.getBoundingClientRect();
  const mouse = (type, element) =>
    element.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: left + 6, clientY: top + 5 }));
  const pressed = plot._fullLayout.sliders[0];
  mouse("mousedown", rail);
  while (plot._fullLayout.sliders[0] === pressed) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  mouse("mouseup", plot);
})()`;

browserTest("figures of images move and are replaced in place", async ({ chromium }, test) => {
  await using browser = await openBrowser(chromium, { offline: true });
  const page = await browser.newPage();
  await openFigurePage(page);
  const figure = overTime(0, 0.5, 0.8);

  await test.step("a slider and a button move through the frames", async () => {
    await placeFigures(page, { figure });
    await checkMoving(page, figure);
  });

  await test.step("a slider that is let go while the plot draws follows the play button", async () => {
    await page.evaluate(releaseDuringDrawing);
    await shows(page, sourcesOf(figure)[0]!);
    await page.locator(".updatemenu-button").click();
    await says(page.locator(".slider-label").first(), "iteration 3,000");
  });

  await test.step("an update shows the new images and moves through the new frames", async () => {
    const plot = page.locator(".js-plotly-plot");
    await plot.evaluate((element) => Object.assign(element, { marked: true }));
    await moveSlider(page, 0);
    await shows(page, sourcesOf(figure)[0]!);
    const next = overTime(0.1, 0.6, 0.9);
    await placeFigures(page, { figure: next });
    assert.ok(await plot.evaluate((element) => "marked" in element));
    await checkMoving(page, next);
  });

  await test.step("an update without frames leaves no slider", async () => {
    const still = imagesFigure(pair(0.3), { side, columns: 2 });
    await placeFigures(page, { figure: still });
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

browserTest("a committed picture is a film strip with a sentence", async ({ chromium }) => {
  const notebook = notebookShowing(
    display(figureBundle(overTime(1, 1, 1))),
    display(figureBundle(overTime(0, 1, 0))),
  );
  await addPictures(notebook, chromium);
  const outputs = codeCells(notebook)[0]!.outputs;
  const dark = outputs.map((output) => {
    assert("data" in output && "metadata" in output);
    assert.deepEqual(output.metadata["image/png"], {
      alt: "Over time: 2 images in 1 row of 2, with a slider of 3 states " +
        "from iteration 1,000 to iteration 3,000.",
    });
    const png = Uint8Array.fromBase64(String(output.data["image/png"]));
    assert.equal(decode(png).width, 700);
    return darkShare(png);
  });
  // Makes six images of ink in three or four states.
  assert(Math.abs(dark[0]! / dark[1]! - 6 / 4) < 0.1, `${dark}`);
});

/** Figures of each kind with long titles and legends, and what each must have. */
function figuresOfAllKinds(): Record<string, Figure> {
  const wave = (at: number) =>
    Array.from({ length: 400 }, (_, i) => 0.5 + Math.sin(i / 40 + at) / 3);
  const losses = { real: wave(0), fake: wave(1), generator: wave(2) };
  const scores = { real: wave(0), fake: wave(1) };
  const title = "A title that is as long as one that a reader might write below a long exercise";
  const shares = [0.97, 0.99, 0.95];
  const balance = { loss: 0.7, score: 0.5 };
  const corners = [[0, 0], [1, 0], [0, 1], [1, 1]] as const;
  const measured = { real: corners, generated: corners, precision: 1, recall: 0.5, frechet: 12.3 };
  return {
    progress: progressFigure(wave(0), { title }),
    losses: lossFigure(losses, { title }),
    answers: scoreFigure(scores, { equilibrium: 0.5 }),
    outputs: outputFigure(wave(0).map((value) => [value, 1 - value, 0.2, 0.4])),
    training: trainingFigure({ losses, scores, samples: pair(0.5) }, {
      title,
      side,
      equilibrium: balance,
    }),
    images: imagesFigure(pair(0.5), { side, title, columns: 2, captions: ["7 → 9", "4"] }),
    columns: imageColumnsFigure({ "without R1": pair(0.5), "all of it": pair(0.5) }, { side }),
    panels: lossPanelsFigure(
      { "all five": losses, "without less momentum": losses, "without logits": losses },
      { title },
    ),
    measures: measuresFigure({ "a mode is missing": measured, "half are broken": measured }, {
      title,
    }),
    "over time": overTime(0, 0.5, 1),
    histogram: histogramFigure({ generated: [0.5, 0.5], real: [0.4, 0.6] }, { title }),
    accuracy: accuracyFigure(shares, { title, overall: 0.97, real: 0.99 }),
  };
}

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(
    `no figure's parts overlap at 360, 450, 900 and 1,400 px, ${colorScheme}`,
    async ({ chromium }) => {
      await using browser = await openBrowser(chromium, { offline: true, colorScheme });
      const page = await browser.newPage();
      await checkParts(page, figuresOfAllKinds(), { widths: [360, 450, 900, 1400] });
      assert.deepEqual(browser.complaints, []);
    },
  );
}

browserTest(
  "a figure that gets narrower is arranged anew, and wide again",
  async ({ chromium }) => {
    await using browser = await openBrowser(chromium, { offline: true });
    const page = await browser.newPage();
    await page.setViewportSize({ width: 900, height: 900 });
    const { training } = figuresOfAllKinds();
    await showFigures(page, { training: training! });
    const heightOf = async () => {
      const { top, bottom } = (await boxesOf(page, "training"))["figure 0"]!;
      return Math.round(bottom - top);
    };
    const wide = await heightOf();
    await page.setViewportSize({ width: 420, height: 900 });
    await until("another height", async () => await heightOf() !== wide);
    await page.setViewportSize({ width: 900, height: 900 });
    await until("the first height", async () => await heightOf() === wide);
    assert.deepEqual(browser.complaints, []);
  },
);

browserTest(
  "hover boxes say the iteration, three digits, and which image it is",
  async ({ chromium }) => {
    await using browser = await openBrowser(chromium, { offline: true });
    const page = await browser.newPage();
    const losses = { real: [0.123456, 0.98765], fake: [1 / 3, 2 / 3], generator: [1, 123.456] };
    await showFigures(page, {
      losses: lossFigure(losses, { smoothing: 1, every: 1000 }),
      images: imagesFigure(pair(0.5), { side, columns: 2, captions: ["7 → 9", "4"] }),
    });
    const wordsAt = async (name: string, share: number) => {
      const plot = page.locator(`[data-figure="${name}"] .nsewdrag`);
      await plot.scrollIntoViewIfNeeded();
      const box = (await plot.boundingBox())!;
      await page.mouse.move(box.x + box.width * 0.5, box.y - 30);
      await page.mouse.move(box.x + box.width * share, box.y + box.height * 0.3);
      const hover = page.locator(`[data-figure="${name}"] .hoverlayer text`);
      await hover.first().waitFor({ state: "attached" });
      return (await hover.allTextContents()).join("|");
    };
    const losing = await wordsAt("losses", 0.99);
    for (
      const words of ["iteration 2,000", "D on real : 0.988", "D on generated : 0.667", "G : 123"]
    ) {
      assert(losing.includes(words), `${words} in ${losing}`);
    }
    assert.match(await wordsAt("images", 0.25), /^7 → 9, image 1: row 1, column 1/);
    assert.match(await wordsAt("images", 0.75), /^4, image 2: row 1, column 2/);
    await page.locator('[data-figure="losses"] .modebar-btn').first().waitFor({
      state: "attached",
    });
    const buttons = await page.locator('[data-figure="losses"] .modebar-btn')
      .evaluateAll((all) => all.map((button) => button.getAttribute("data-title")));
    assert(buttons.length > 3);
    assert(!buttons.some((title) => /share|chart studio|cloud/i.test(title ?? "")), `${buttons}`);
  },
);

browserTest(
  "a figure with a slider is moved by the keyboard, and named for screen readers",
  async ({ chromium }) => {
    await using browser = await openBrowser(chromium, { offline: true });
    const page = await browser.newPage();
    const figure = overTime(0, 0.5, 0.8);
    await showFigures(page, { "over time": figure });
    const sources = sourcesOf(figure);
    const plot = page.getByRole("img", { name: /^Over time: 2 images .* a slider of 3 states/ });
    assert.equal(await plot.count(), 1);
    const range = page.getByRole("slider");
    assert.equal(await range.getAttribute("aria-valuetext"), "iteration 3,000");
    await until("the slider in focus", async () => {
      await page.keyboard.press("Tab");
      return await range.evaluate((input) => input.matches(":focus"));
    });
    await page.keyboard.press("Home");
    await shows(page, sources[0]!);
    assert.equal(await range.getAttribute("aria-valuetext"), "iteration 1,000");
    await page.keyboard.press("ArrowRight");
    await shows(page, sources[1]!);
    await says(page.locator(".slider-label").first(), "iteration 2,000");
    await page.locator(".updatemenu-button").click();
    await shows(page, sources[2]!);
    assert.equal(await range.inputValue(), "2");
    assert.deepEqual(browser.complaints, []);
  },
);

/** Computes the share of a picture's pixels that are nearly black. */
function darkShare(png: Uint8Array): number {
  const { data, channels, width, height } = decode(png);
  let dark = 0;
  for (let at = 0; at < data.length; at += channels) if (data[at]! < 20) dark++;
  return dark / (width * height);
}
