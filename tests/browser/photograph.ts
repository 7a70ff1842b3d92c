/** Pictures of a whole notebook, for people to look at. */

import { join } from "node:path";
import type { Page } from "playwright-core";
import { scrollTo } from "./lab_notebook.ts";
import { projectRoot } from "../../notebooks/tasks/paths.ts";

/** Where the pictures are; git does not look there. */
export const pictureFolder: string = join(projectRoot, "notebooks", "out", "screens");

/** Chromium draws no page that is much higher. */
const highest = 16_000;

/** So much of the notebook is in one picture. */
const pictureHeight = 1100;

const notebookSelector = ".jp-NotebookPanel-notebook .jp-WindowedPanel-outer";

/** Makes the window as high as the notebook and takes `NAME_1.png`, `NAME_2.png`, …; returns how many. */
export async function photograph(page: Page, name: string): Promise<number> {
  await Deno.mkdir(pictureFolder, { recursive: true });
  const size = page.viewportSize() ?? { width: 1280, height: 900 };
  const height = Math.min(await contentHeight(page), highest);
  await page.setViewportSize({ width: size.width, height });
  if (await page.locator(notebookSelector).count() > 0) await scrollTo(page, 0);
  await page.waitForTimeout(1500); // cells and plots follow the new size
  let pictures = 0;
  for (let y = 0; y < height; y += pictureHeight) {
    const clip = { x: 0, y, width: size.width, height: Math.min(pictureHeight, height - y) };
    await page.screenshot({ path: join(pictureFolder, `${name}_${++pictures}.png`), clip });
  }
  await page.setViewportSize(size);
  return pictures;
}

/** The height at which nothing of the page or of the notebook in it must be scrolled. */
function contentHeight(page: Page): Promise<number> {
  return page.evaluate((selector) => {
    const { document } = globalThis as unknown as PageWindow;
    const notebook = document.querySelector(selector);
    if (!notebook) return document.documentElement.scrollHeight;
    return notebook.scrollHeight + 130;
  }, notebookSelector);
}

interface PageWindow {
  readonly document: {
    readonly documentElement: { readonly scrollHeight: number };
    querySelector(selector: string): { readonly scrollHeight: number } | null;
  };
}
