/** A playground in a page that `task notebooks` saves, and as a page of its own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../../notebooks/tasks/paths.ts";
import { runNotebook } from "../../notebooks/tasks/run/run_notebook.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";
import { play } from "./playground_page.ts";
import { playgroundCell, writeSample } from "./sample_notebook.ts";

const SOURCES = [
  `import { startNotebook } from "../../lib/jupyter/mod.ts";
await startNotebook();`,
  playgroundCell,
];

browserTest(
  "a playground in a page that `task notebooks` saves, and alone",
  async ({ chromium, jupyter }) => {
    const path = await writeSample("browser_playground_page.ipynb", SOURCES);
    const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-playground-" });
    try {
      const lines: string[] = [];
      const log = (text: string) => void lines.push(text);
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
