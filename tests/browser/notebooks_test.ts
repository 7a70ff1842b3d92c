import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import type { Jupyter } from "../../notebooks/tasks/jupyter/mod.ts";
import { projectRoot } from "../../notebooks/tasks/paths.ts";
import { exportPage } from "../notebooks/export_page.ts";
import { browserTest } from "./browser_test_case.ts";
import { type Browser, openBrowser } from "./chromium.ts";
import {
  cellElement,
  type CellJson,
  cells,
  changeTheme,
  drawnIn,
  figuresOf,
  notebookText,
  openNotebook,
  plotsOfAll,
  runAll,
  scrollTo,
} from "./lab_notebook.ts";
import { startLab } from "./lab_server.ts";
import { photograph } from "./photograph.ts";

/** Number of cells of D's answers along each side, which are the rows of a surface. */
const CELLS = 40;
/** Numbers of real and generated points in a picture. */
const POINTS = [128, 128];
/** Number of points of arrows: two ends and a gap for each of up to 64. */
const ARROWS = 64 * 3;
/**
 * Number of points of the lattice of noise: every second of 21 lines of 21 points, each with a gap,
 * in both directions.
 */
const LATTICE = [11 * 22, 11 * 22];
/** Traces of the legend that explain the colours of the surface. */
const TINTS = [1, 1];

/** D's answers with all points and the gradients from D; beside them the real points and G's lattice. */
const PLANE = [CELLS, ...POINTS, ARROWS, POINTS[0]!, ...LATTICE, ...TINTS];
/** D's answers and all points. */
const PANEL = [CELLS, ...POINTS];

/** Losses of D on real, D on generated and G, each as single values and as means, and the line of balance. */
const lossLines = (points: number) => [...Array<number>(6).fill(points), 2];

/** Points of every plot, in order, for the notebooks whose plots are promised; a surface counts its rows. */
const promisedPoints: Readonly<Record<string, number[][]>> = {
  "01_gan_1010.ipynb": [
    [2000], // the discriminator alone: every 10th of 20,000 steps
    [3000], // D: every 10th of 30,000
    [1500], // G: every 10th of 15,000
    lossLines(1500), // every 10th of 15,000 iterations
    [1500, 1500, 1500, 1500], // what G made, four numbers
    [800, 800], // 200 real and 200 generated samples of four numbers
    lossLines(1600), // the losses after 1,000 more iterations
  ],
  "02_gan_2d.ipynb": [
    [256, 256, 256, 256], // four clouds
    PLANE, // before training
    PLANE, // after 100 iterations
    [...PANEL, ...PANEL, CELLS, POINTS[1]!, ...TINTS], // a step of D: G's points stay
    [...PANEL, ...PANEL, CELLS, POINTS[1]!, ARROWS, ...TINTS], // a step of G, with its points' moves
    [CELLS, CELLS, CELLS, ...TINTS], // our D, a patient one, the best one
    PLANE, // the movie
    PLANE, // the movie with its slider
    lossLines(200), // every 10th of 2,000 iterations
    [19, 19], // modes and good points in each state of the movie
    [...Array<number[]>(5).fill(PANEL).flat(), ...TINTS], // five games
    [...Array<number[]>(3).fill([...PANEL, ARROWS]).flat(), ...TINTS], // D trains alone
    [...PANEL, ...PANEL, ...TINTS], // two rates of G
    [1, 151, 151, 151], // the origin and three paths of 150 steps
  ],
};

for (const name of await notebookNames()) {
  browserTest(`${name} runs in JupyterLab`, async ({ chromium, jupyter }, test) => {
    await using lab = await startLab(jupyter);
    await using browser = await openBrowser(chromium);
    const page = await browser.newPage();
    await openNotebook(page, lab.urlOf(`notebooks/${name}`));

    for (const run of ["once", "again"]) {
      await test.step(`every figure is a plot with its points: ${run}`, async () => {
        await runAll(page);
        await checkPlots(page, name);
        await checkBars(page);
      });
    }

    await test.step("pictures, light and dark", async () => {
      const title = basename(name, ".ipynb");
      await photograph(page, `${title}_light`);
      await changeTheme(page, "Dark");
      await photograph(page, `${title}_dark`);
    });

    await test.step("its page draws the same plots without any network", async () => {
      await using offline = await openBrowser(chromium, { offline: true });
      await checkPage({ page, jupyter }, offline, name);
      assert.deepEqual(offline.complaints, []);
    });

    assert.deepEqual(browser.complaints, []);
  });
}

/** Asserts that every cell with a loop over the notebook ends with full progress bars. */
async function checkBars(page: Page): Promise<void> {
  for (const [at, cell] of (await cells(page)).entries()) {
    if (!isLoop(cell)) continue;
    await scrollTo(page, at);
    const bars = cellElement(page, at).getByRole("progressbar");
    await bars.first().waitFor();
    for (const bar of await bars.all()) {
      assert.equal(
        await bar.getAttribute("aria-valuenow"),
        await bar.getAttribute("aria-valuemax"),
      );
    }
  }
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

/** Exports the open notebook and compares its plots. */
async function checkPage(
  { page, jupyter }: { readonly page: Page; readonly jupyter: Jupyter },
  offline: Browser,
  name: string,
): Promise<void> {
  await using folder = await temporaryFolder();
  const path = join(folder.path, name);
  await Deno.writeTextFile(path, await notebookText(page));
  const file = join(folder.path, "page.html");
  await exportPage(path, { jupyter, page: file });
  const exported = await offline.newPage();
  await exported.goto(pathToFileURL(file).href);
  const figures = (await cells(page)).flatMap(figuresOf);
  await exported.locator(".js-plotly-plot:has(.main-svg)").nth(figures.length - 1).waitFor();
  assert.deepEqual(await drawnIn(exported.locator(".js-plotly-plot")), figures);
  await photograph(exported, `${basename(name, ".ipynb")}_page`);
}

/** Tells whether the cell reports its progress. */
function isLoop({ cell_type, source }: CellJson): boolean {
  const text = typeof source === "string" ? source : source.join("");
  return cell_type === "code" && /^for await .*steps\(.*notebook/m.test(text);
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "gan-notebooks-page-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function notebookNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(join(projectRoot, "notebooks"))) {
    if (name.endsWith(".ipynb")) names.push(name);
  }
  return names.sort();
}
