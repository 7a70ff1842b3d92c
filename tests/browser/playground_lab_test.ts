/** A playground in JupyterLab, in an exported page and as a page of its own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Locator, Page } from "playwright-core";
import { projectRoot } from "../../notebooks/tasks/paths.ts";
import { runNotebook } from "../../notebooks/tasks/run/run_notebook.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";
import {
  cellElement,
  cells,
  changeTheme,
  openNotebook,
  runAll,
  runCell,
  save,
  scrollTo,
} from "./lab_notebook.ts";
import { startLab } from "./lab_server.ts";
import { writeSample } from "./sample_notebook.ts";
import { until } from "./until.ts";

const SOURCES = [
  `import { startNotebook } from "../../lib/jupyter/mod.ts";
import { playground } from "../../lib/jupyter/mod.ts";
import { digitPrograms } from "../../tests/jupyter/playground_parts.ts";
await startNotebook();`,
  `const { draw: _, ...programs } = await digitPrograms();
await playground("digits", { ...programs, sliders: 2, title: "A board" });`,
];

const BOARD = 1;

/** Presses a button and types a digit, and looks whether the large drawing is that of the digit's button. */
async function play(page: Page, root: Page | Locator): Promise<void> {
  const tile = (digit: number) => root.getByRole("button", { name: `Draw a ${digit}` });
  const inkOf = (canvas: Locator) =>
    canvas.evaluate((element) => (element as unknown as { toDataURL(): string }).toDataURL());
  const untilDrawn = async (digit: number) => {
    const large = root.locator(".sheet canvas");
    const small = tile(digit).locator("canvas");
    await until(`a large ${digit}`, async () => await inkOf(large) === await inkOf(small));
    assert.equal(await tile(digit).getAttribute("aria-pressed"), "true");
  };
  await tile(3).click();
  await untilDrawn(3);
  await page.keyboard.press("1");
  await untilDrawn(1);
  const large = root.locator(".sheet canvas");
  const before = await inkOf(large);
  const slider = root.getByRole("slider").first();
  await slider.focus();
  for (let time = 0; time < 12; time++) await page.keyboard.press("ArrowRight");
  await until("another drawing", async () => await inkOf(large) !== before);
  await root.getByRole("button", { name: "Another hand", exact: true }).click();
  await untilDrawn(1);
}

browserTest(
  "a playground in JupyterLab: run, run again, saved and reopened, untrusted",
  async ({ chromium, jupyter }, test) => {
    const path = await writeSample("browser_playground.ipynb", SOURCES);
    await using lab = await startLab(jupyter);
    await using browser = await openBrowser(chromium);
    const page = await browser.newPage();
    await openNotebook(page, lab.urlOf(path));

    await test.step("it plays, and a typed digit is no shortcut of JupyterLab's", async () => {
      await runAll(page);
      await scrollTo(page, BOARD);
      const types = (await cells(page)).map(({ cell_type }) => cell_type);
      await play(page, cellElement(page, BOARD));
      assert.deepEqual((await cells(page)).map(({ cell_type }) => cell_type), types);
    });

    await test.step("it plays after its cell ran again", async () => {
      await runCell(page, BOARD);
      await play(page, cellElement(page, BOARD));
    });

    await test.step("it follows JupyterLab's theme", async () => {
      const dark = cellElement(page, BOARD).locator(".playground[data-dark]");
      assert.equal(await dark.count(), 0);
      await changeTheme(page, "Dark");
      await dark.waitFor();
      await changeTheme(page, "Light");
      await dark.waitFor({ state: "detached" });
    });

    await test.step("it plays in a notebook that was saved and opened again, without a run", async () => {
      await save(page);
      const reopened = await browser.newPage();
      await openNotebook(reopened, lab.urlOf(path));
      await scrollTo(reopened, BOARD);
      await play(reopened, cellElement(reopened, BOARD));
    });

    await test.step("in a notebook that is not trusted it is a picture and a sentence", async () => {
      const copy = path.replace(".ipynb", "_untrusted.ipynb");
      const notebook = JSON.parse(await Deno.readTextFile(join(projectRoot, path)));
      notebook.metadata.changed = true;
      await Deno.writeTextFile(join(projectRoot, copy), JSON.stringify(notebook));
      const distrustful = await browser.newPage();
      await openNotebook(distrustful, lab.urlOf(copy));
      await scrollTo(distrustful, BOARD);
      const picture = cellElement(distrustful, BOARD).getByRole("img").first();
      await picture.waitFor();
      assert.equal((await picture.boundingBox())!.width, 640);
    });

    assert.deepEqual(browser.complaints, []);
  },
);

browserTest(
  "a playground in a page that `task notebooks` saves, and alone",
  async ({ chromium, jupyter }) => {
    const path = await writeSample("browser_playground_page.ipynb", SOURCES);
    const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-playground-" });
    try {
      const lines: string[] = [];
      const log = { line: (text: string) => void lines.push(text) };
      const notebook = join(projectRoot, path);
      assert.equal(await runNotebook(notebook, { jupyter, folder, log }), true, lines.join("\n"));
      assert(
        lines.some((line) => /playground\.html, the playground alone/.test(line)),
        lines.join("\n"),
      );
      await using browser = await openBrowser(chromium, { offline: true });
      const page = await browser.newPage();
      for (const name of ["browser_playground_page.html", "playground.html"]) {
        await page.goto(pathToFileURL(join(folder, name)).href);
        await play(page, page);
      }
      assert.equal(await page.title(), "A board");
      assert.deepEqual(browser.complaints, []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
