/** Makes the page of the growth curves: one file with its figures and their tables, light or dark. */

import { escapeHtml } from "../../../lib/jupyter/escape.ts";
import { figureBundle } from "../../../lib/jupyter/mod.ts";
import { pageScript } from "../../../lib/jupyter/plotly_page.ts";
import { packPlotly } from "../../../lib/jupyter/ready_bundle.ts";
import type { Figure } from "../../../lib/plot/mod.ts";

/** Table of numbers. */
export interface Table {
  /** Titles of the columns. */
  readonly head: readonly string[];
  /** Rows. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Part of the page. */
export interface Section {
  /** Figure. */
  readonly figure: Figure;
  /** Tables with the numbers of the figure, by title. */
  readonly tables: Readonly<Record<string, Table>>;
}

const style = `:root { color-scheme: light dark; }
body { background: Canvas; color: CanvasText; font: 16px/1.5 system-ui, sans-serif; margin: 0 auto;
  max-width: 1100px; padding: 12px 16px 48px; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; margin: 8px 0 24px; }
th, td { padding: 3px 10px; text-align: right; white-space: nowrap; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
summary { cursor: pointer; }`;

function tableHtml({ head, rows }: Table): string {
  const line = (cells: readonly (string | number)[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(String(cell))}</${tag}>`).join("")}</tr>`;
  const body = rows.map((row) => line(row, "td")).join("\n");
  return `<div class="table"><table>${line(head, "th")}\n${body}</table></div>`;
}

function sectionHtml({ figure, tables }: Section): string {
  const parts = Object.entries(tables).map(([title, table]) =>
    `<h3>${escapeHtml(title)}</h3>\n${tableHtml(table)}`
  );
  const numbers = `<details><summary>The numbers</summary>${parts.join("\n")}</details>`;
  return `${figureBundle(figure)["text/html"]}\n${numbers}`;
}

/** Makes the page. */
export async function growthPage(machine: string, sections: readonly Section[]): Promise<string> {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Growth curves</title>
<style>${style}</style>
</head>
<body>
<h1>Growth curves</h1>
<p>${escapeHtml(machine)}</p>
<p></p><script>${pageScript(await packPlotly())}</script>
${sections.map(sectionHtml).join("\n")}
</body>
</html>
`;
}
