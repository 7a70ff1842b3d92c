/** Shows figures in a page, and measures the places of their parts. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { figureBundle } from "../../lib/jupyter/figure_bundle.ts";
import { readyBundle } from "../../lib/jupyter/ready_bundle.ts";
import type { Figure } from "../../lib/plot/mod.ts";

/** Figures by the names of their elements. */
export type Figures = Readonly<Record<string, Figure>>;

/** Opens a page that is ready for figures. */
export async function openFigurePage(page: Page): Promise<void> {
  const ready = await readyBundle({ backend: "cpu", figures: true });
  await page.goto("about:blank"); // else figures of the same names would be updates
  await page.setContent(`<!doctype html><body>${ready["text/html"]}<main></main></body>`);
}

/** Puts figures into an open page as a frontend does: new outputs in the place of the old. */
export async function placeFigures(page: Page, figures: Figures): Promise<void> {
  const html = Object.entries(figures).map(([id, figure]) =>
    figureBundle(figure, { id })["text/html"]
  );
  await page.evaluate((html) => {
    const { document } = globalThis as unknown as { document: FragmentDocument };
    document.body.querySelector("main")
      .replaceChildren(document.createRange().createContextualFragment(html));
  }, html.join(""));
}

interface FragmentDocument {
  readonly body: { querySelector(selector: string): { replaceChildren(child: unknown): void } };
  createRange(): { createContextualFragment(html: string): unknown };
}

/** Puts figures one below the other into an open page, and waits until they are drawn. */
async function drawFigures(page: Page, figures: Figures): Promise<void> {
  await placeFigures(page, figures);
  for (const name in figures) {
    await page.locator(`[data-figure="${name}"] .nsewdrag`).first().waitFor({ state: "attached" });
  }
}

/** Shows figures in a page of their own, and waits until they are drawn. */
export async function showFigures(page: Page, figures: Figures): Promise<void> {
  await openFigurePage(page);
  await drawFigures(page, figures);
}

/** A rectangle of the page. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Measures the boxes of a figure's title, legend, texts, axis titles and plots, and of the figure itself. */
export function boxesOf(page: Page, name: string): Promise<Record<string, Box>> {
  return page.evaluate((name) => {
    const { document } = globalThis as unknown as { document: MeasuredElement };
    const [figure] = document.querySelectorAll(`[data-figure="${name}"]`);
    const parts = {
      figure: [figure!],
      title: figure!.querySelectorAll(".g-gtitle"),
      legend: figure!.querySelectorAll(".legend"),
      words: figure!.querySelectorAll(".annotation"),
      "axis title": figure!.querySelectorAll(".g-xtitle, .g-x2title"),
      plot: figure!.querySelectorAll(".nsewdrag"),
    };
    const boxes: Record<string, Box> = {};
    for (const [part, elements] of Object.entries(parts)) {
      [...elements].forEach((element, i) => {
        const { left, top, right, bottom } = element.getBoundingClientRect();
        if (right > left) boxes[`${part} ${i}`] = { left, top, right, bottom };
      });
    }
    return boxes;
  }, name);
}

interface MeasuredElement {
  getBoundingClientRect(): Box;
  querySelectorAll(selector: string): MeasuredElement[];
}

/** Tells whether two boxes overlap by more than a pixel. */
function overlap(a: Box, b: Box): boolean {
  return Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
}

/** Shows figures at several page widths, and asserts that no part overlaps another or leaves its figure. */
export async function checkParts(
  page: Page,
  figures: Figures,
  { widths }: { readonly widths: readonly number[] },
): Promise<void> {
  await openFigurePage(page);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    // Other names at each width: figures with the names of others would be updates of them.
    const entries = Object.entries(figures);
    const named = Object.fromEntries(entries.map(([id, it]) => [`${id} at ${width} px`, it]));
    await drawFigures(page, named);
    for (const name in named) await checkBoxes(page, name);
  }
}

/** Asserts that no part of a figure overlaps another or leaves the figure. */
async function checkBoxes(page: Page, name: string): Promise<void> {
  const { "figure 0": figure, ...parts } = await boxesOf(page, name);
  assert(parts["title 0"] && figure, `${name} has a title`);
  const named = Object.entries(parts);
  for (const [i, [part, box]] of named.entries()) {
    const words = `${part} of ${name}: ${JSON.stringify({ box, figure })}`;
    assert(box.top >= figure.top - 1 && box.bottom <= figure.bottom + 1, words);
    assert(box.left >= figure.left - 1 && box.right <= figure.right + 1, words);
    for (const [other, otherBox] of named.slice(i + 1)) {
      assert(!overlap(box, otherBox), `${other} ${JSON.stringify(otherBox)} and ${words}`);
    }
  }
}
