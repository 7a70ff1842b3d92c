/** Rows of a table as HTML and as aligned text. */
import { escapeHtml } from "./escape.ts";
import { displayBundle, inKernel, type MediaBundle } from "./kernel.ts";
import { type Value, valueText } from "./values.ts";

/** One row: values by column name. */
export type TableRow = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Shows rows as a table below the cell; its columns are the names in the rows, as they first appear. */
export async function showTable(rows: readonly TableRow[]): Promise<void> {
  const bundle = tableBundle(rows);
  if (!inKernel()) console.log(bundle["text/plain"]);
  await displayBundle(bundle);
}

/** The table for a page and for a terminal; numbers are rounded as in tensors. */
export function tableBundle(rows: readonly TableRow[]): MediaBundle {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => names.map((name) => cellText(row[name])));
  return { "text/html": tableHtml(rows, names, cells), "text/plain": tableText(names, cells) };
}

function cellText(value: TableRow[string]): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : valueText(value satisfies Value);
}

function tableHtml(
  rows: readonly TableRow[],
  names: readonly string[],
  cells: readonly (readonly string[])[],
): string {
  const head = names.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const body = cells.map((line, at) => {
    const columns = line.map((cell, column) => {
      const side = typeof rows[at]![names[column]!] === "number" ? "right" : "left";
      return `<td style="text-align:${side}">${escapeHtml(cell)}</td>`;
    });
    return `<tr>${columns.join("")}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

function tableText(names: readonly string[], cells: readonly (readonly string[])[]): string {
  const lines = [names, ...cells];
  const widths = names.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map((line) => line.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd())
    .join("\n");
}
