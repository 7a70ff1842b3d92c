/** Takes pictures of a whole notebook for people to look at. */

import { join } from "node:path";
import type { Page } from "playwright-core";
import { scrollTo } from "./lab_notebook.ts";
import { projectRoot } from "../../notebooks/tasks/paths.ts";

/** Folder of the pictures, ignored by git. */
export const pictureFolder: string = join(projectRoot, "notebooks", "out", "screens");

/** Maximum height of a page that Chromium draws. */
const highest = 16_000;

/** Height of the notebook in one picture. */
const pictureHeight = 1100;

const notebookSelector = ".jp-NotebookPanel-notebook .jp-WindowedPanel-outer";

/** Makes the window as high as the notebook and saves `NAME_1.png`, `NAME_2.png`, …; returns their number. */
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

/** Finds the height at which neither the page nor the notebook scrolls. */
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
