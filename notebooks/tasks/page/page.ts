/** A notebook as one HTML page that needs nothing else: text, code, outputs, and plots that work offline. */

import hljs from "highlight.js/lib/core";
import typescript from "highlight.js/lib/languages/typescript";
import { type Cell, type Notebook, textOf } from "../notebook/nbformat.ts";
import { escapeHtml } from "./escape.ts";
import { markdownHtml, outputsHtml, PLOTLY_TYPE } from "./outputs_html.ts";
import { style } from "./style.ts";

hljs.registerLanguage("typescript", typescript);

/** What a page has besides the notebook. */
export interface PageOptions {
  /** The text of plotly.js; only pages with figures contain it. */
  readonly plotly: string;
  /** The title where the notebook has no heading. */
  readonly name: string;
  /** A line at the end: when and how the notebook was run. */
  readonly note?: string;
}

/** The page's HTML. */
export function pageHtml(notebook: Notebook, { plotly, name, note = "" }: PageOptions): string {
  const title = firstHeading(notebook) ?? name;
  const scripts = hasFigures(notebook)
    ? `<script>${plotly}</script>\n<script>(${drawFigures})(globalThis);</script>\n`
    : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${notebook.cells.map(cellHtml).join("\n")}
</main>
<footer>${escapeHtml(note)}</footer>
${scripts}</body>
</html>
`;
}

function cellHtml(cell: Cell): string {
  const source = textOf(cell.source);
  if (cell.cell_type !== "code") {
    const html = cell.cell_type === "raw"
      ? `<pre>${escapeHtml(source)}</pre>`
      : markdownHtml(source);
    return `<section>${html}</section>`;
  }
  const code = hljs.highlight(source, { language: "typescript", ignoreIllegals: true }).value;
  const count = cell.execution_count === null ? "" : `[${cell.execution_count}]`;
  return `<section class="cell"><span class="count">${count}</span>` +
    `<pre class="source"><code>${code}</code></pre>\n${outputsHtml(cell.outputs)}</section>`;
}

/** The first heading of a notebook's text. */
export function firstHeading(notebook: Notebook): string | undefined {
  for (const cell of notebook.cells) {
    const heading = cell.cell_type === "markdown" && /^#+\s+(.+)$/m.exec(textOf(cell.source));
    if (heading) return heading[1]?.replace(/[`*_]/g, "").trim();
  }
  return undefined;
}

function hasFigures(notebook: Notebook): boolean {
  return notebook.cells.some((cell) =>
    cell.cell_type === "code" &&
    cell.outputs.some((output) => "data" in output && output.data[PLOTLY_TYPE] !== undefined)
  );
}

interface FigureBox {
  readonly style: { height: string };
  querySelector(selector: string): { textContent: string | null } | null;
}

interface Page {
  document: { querySelectorAll(selector: string): Iterable<FigureBox> };
  Plotly: { newPlot(box: FigureBox, figure: object): unknown };
}

/** Runs in the page: draws every figure from the JSON beside it. */
function drawFigures({ document, Plotly }: Page): void {
  for (const box of document.querySelectorAll(".figure")) {
    const figure = JSON.parse(box.querySelector("script")?.textContent ?? "{}");
    const layout = { height: 380, ...figure.layout, autosize: true };
    box.style.height = `${layout.height}px`; // plotly.js forgets its own when the width changes
    Plotly.newPlot(box, {
      ...figure, // with its frames
      layout,
      config: { responsive: true, displaylogo: false, ...figure.config },
    });
  }
}
