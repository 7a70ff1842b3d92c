/** Outputs in the way of VS Code's notebooks: a copy of each script runs behind it. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { figureBundle } from "../../lib/jupyter/figure_bundle.ts";
import { playground } from "../../lib/jupyter/mod.ts";
import { readyBundle } from "../../lib/jupyter/ready_bundle.ts";
import { Figure } from "../../lib/plot/mod.ts";
import { digitPrograms } from "../jupyter/playground_parts.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";

/** Adds an output as VS Code does: scripts that came as HTML do not run, so each runs as a copy at the end. */
async function addOutput(page: Page, html: string): Promise<void> {
  await page.evaluate((html) => {
    const { document } = globalThis as unknown as { document: OutputDocument };
    const output = document.createElement("div");
    document.body.append(output);
    output.innerHTML = html;
    for (const script of [...output.querySelectorAll("script")]) {
      const copy = document.createElement("script");
      copy.text = script.textContent;
      output.append(copy);
      copy.remove();
    }
  }, html);
}

interface OutputElement {
  innerHTML: string;
  text: string;
  readonly textContent: string;
  append(child: OutputElement): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<OutputElement>;
}

interface OutputDocument {
  readonly body: OutputElement;
  createElement(tag: string): OutputElement;
}

browserTest("figures and playgrounds of VS Code are drawn and pressed", async ({ chromium }) => {
  await using browser = await openBrowser(chromium, { offline: true });
  const page = await browser.newPage();
  const ready = await readyBundle({ backend: "cpu", figures: true });
  await addOutput(page, String(ready["text/html"]));
  await addOutput(page, String(figureBundle(new Figure([{ y: [1, 3, 2] }]))["text/html"]));
  await page.locator(".gan-figure .scatterlayer .trace").waitFor({ state: "attached" });

  const { draw: _, ...programs } = await digitPrograms();
  const board = await playground("digits", { ...programs, sliders: 2 });
  await addOutput(page, board.html);
  await page.getByRole("button", { name: "Draw a 3" }).click();
  await page.getByText("A 3 is drawn").waitFor();
  assert.deepEqual(browser.complaints, []);
});
