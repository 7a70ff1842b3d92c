/** JupyterLab with figures, progress bars and a playground: run, run again, saved and reopened, untrusted. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { projectRoot } from "../../notebooks/tasks/paths.ts";
import { openBrowser } from "./chromium.ts";
import { browserTest } from "./browser_test_case.ts";
import {
  cellElement,
  cells,
  changeTheme,
  figuresOf,
  openNotebook,
  plotsOf,
  plotsOfAll,
  runAll,
  runCell,
  save,
  scrollTo,
} from "./lab_notebook.ts";
import { startLab } from "./lab_server.ts";
import { photograph } from "./photograph.ts";
import { play } from "./playground_page.ts";
import { dangerousTitle, sampleCells, writeSample } from "./sample_notebook.ts";
import { until } from "./until.ts";

interface StyledText {
  readonly style: { readonly fill: string };
}

const [lineCell, shownCell, titleCell, progressCell, updateCell, boardCell] = [1, 2, 3, 4, 8, 9];

browserTest("JupyterLab shows what lib/jupyter displays", async ({ chromium, jupyter }, test) => {
  const path = await writeSample("browser_sample.ipynb", sampleCells);
  await using lab = await startLab(jupyter);
  await using browser = await openBrowser(chromium);
  const page = await browser.newPage();
  await openNotebook(page, lab.urlOf(path));

  await test.step("every figure is a plot with its points, again after running all again", async () => {
    for (let run = 1; run <= 2; run++) {
      await runAll(page);
      const drawn = await plotsOfAll(page);
      assert.deepEqual(drawn, (await cells(page)).map(figuresOf));
      assert.deepEqual(drawn[lineCell], [[{ name: "sine", points: 100 }]]);
      assert.deepEqual(drawn[shownCell], [[{ name: "sine", points: 33 }]]);
    }
  });

  await test.step("an update from a later cell re-plots the same element", () => checkUpdate(page));
  await test.step("a title with markup is text", () => checkTitle(page));
  await test.step("a progress bar moves while its cell runs", () => checkMovingBar(page));
  await test.step("a finished progress bar stays in words", async () => {
    await scrollTo(page, progressCell);
    const bar = cellElement(page, progressCell).getByRole("progressbar");
    assert.equal(await bar.getAttribute("aria-valuenow"), "20");
    const words = await cellElement(page, progressCell).locator(".gan-progress").textContent();
    assert.match(words ?? "", /^20 steps in 0\.80 s/);
  });

  await test.step("a playground plays, and a typed digit is no shortcut of JupyterLab's", async () => {
    await scrollTo(page, boardCell);
    const typesOf = async () => (await cells(page)).map(({ cell_type }) => cell_type);
    const types = await typesOf();
    await play(page, cellElement(page, boardCell));
    assert.deepEqual(await typesOf(), types);
  });
  await test.step("a playground plays after its cell ran again", async () => {
    await runCell(page, boardCell);
    await play(page, cellElement(page, boardCell));
  });

  await test.step("plots and playgrounds follow the theme", () => checkTheme(page));
  await test.step("a notebook that was saved draws its plots and plays when it is opened again", async () => {
    await save(page);
    const reopened = await browser.newPage();
    await openNotebook(reopened, lab.urlOf(path));
    assert.deepEqual(await plotsOfAll(reopened), (await cells(page)).map(figuresOf));
    await scrollTo(reopened, boardCell);
    await play(reopened, cellElement(reopened, boardCell));
    await photograph(reopened, "sample_light");
  });

  await test.step("where scripts do not run, words stand in the place of a plot, and a picture in that of a playground", async () => {
    const copy = await copyUntrusted(path);
    const distrustful = await browser.newPage();
    await openNotebook(distrustful, lab.urlOf(copy));
    await cellElement(distrustful, lineCell).getByText("trust it first").waitFor();
    await scrollTo(distrustful, boardCell);
    const picture = cellElement(distrustful, boardCell).getByRole("img").first();
    await picture.waitFor();
    assert.equal((await picture.boundingBox())!.width, 640);
  });

  await test.step("a figure without start-up says what to do", async () => {
    const late = await browser.newPage();
    await openNotebook(late, lab.urlOf(await writeSample("browser_late_start.ipynb", lateStart)));
    await checkLateStart(late);
  });

  assert.deepEqual(browser.complaints, []);
});

async function checkMovingBar(page: Page): Promise<void> {
  await scrollTo(page, progressCell);
  const run = runCell(page, progressCell);
  const bar = cellElement(page, progressCell).getByRole("progressbar");
  const value = async (name: string) => Number(await bar.getAttribute(`aria-value${name}`));
  const isMoving = async () => await value("now") > 0 && await value("now") < await value("max");
  await until("a moving bar", isMoving);
  await run;
}

async function checkUpdate(page: Page): Promise<void> {
  const plot = cellElement(page, shownCell).locator(".js-plotly-plot");
  await scrollTo(page, shownCell);
  await runCell(page, shownCell);
  await plot.evaluate((element) => Object.assign(element, { marked: true }));
  assert.deepEqual(await plotsOf(page, shownCell), [[{ name: "sine", points: 80 }]]);
  await runCell(page, updateCell);
  await scrollTo(page, shownCell);
  assert.deepEqual(await plotsOf(page, shownCell), [[{ name: "sine", points: 33 }]]);
  assert.ok(await plot.evaluate((element) => "marked" in element));
}

async function checkTitle(page: Page): Promise<void> {
  await scrollTo(page, titleCell);
  const cell = cellElement(page, titleCell);
  const title = await cell.locator(".g-gtitle text").textContent();
  assert.equal(title, dangerousTitle.replace(/<\/?b>/g, ""));
  assert.equal(await cell.locator(".jp-OutputArea-output :is(img, a[href='x'])").count(), 0);
  assert.equal(await page.evaluate(() => Reflect.get(globalThis, "wasRun")), undefined);
}

async function checkTheme(page: Page): Promise<void> {
  await scrollTo(page, lineCell);
  const label = cellElement(page, lineCell).locator(".xtick text").first();
  const colour = () => label.evaluate((text) => (text as unknown as StyledText).style.fill);
  const light = await colour();
  await changeTheme(page, "Dark");
  await until("another colour", async () => await colour() !== light);
  assert.equal(await colour(), "rgb(255, 255, 255)");
  await photograph(page, "sample_dark");
  await scrollTo(page, boardCell);
  const dark = cellElement(page, boardCell).locator(".playground[data-dark]");
  await dark.waitFor();
  await changeTheme(page, "Light");
  await dark.waitFor({ state: "detached" });
}

/**
 * Makes a copy that differs from what JupyterLab has saved and signed, so that JupyterLab does not
 * trust it.
 */
async function copyUntrusted(path: string): Promise<string> {
  const copy = path.replace(".ipynb", "_untrusted.ipynb");
  const notebook = JSON.parse(await Deno.readTextFile(join(projectRoot, path)));
  notebook.metadata.changed = true;
  await Deno.writeTextFile(join(projectRoot, copy), JSON.stringify(notebook));
  return copy;
}

const lateStart = [
  `import { Figure, show, startNotebook } from "../../lib/jupyter/mod.ts";
await show(new Figure([{ type: "scatter", y: [1, 2, 3] }]));`,
  `await startNotebook();`,
];

async function checkLateStart(page: Page): Promise<void> {
  await runCell(page, 0);
  const words = cellElement(page, 0).locator(".gan-figure p");
  await words.waitFor({ state: "visible" });
  assert.match(await words.textContent() ?? "", /Run the notebook's first code cell/);
  await runCell(page, 1);
  assert.deepEqual((await plotsOfAll(page))[0], [[{ name: "", points: 3 }]]);
}
