/** Shows rows as a table, in HTML and as aligned text. */
import { arrayOf, check, type Kind, recordOf } from "../check/mod.ts";
import { escapeHtml } from "./escape.ts";
import { displayBundle, inKernel, type MediaBundle } from "./kernel.ts";
import { type Value, valueText } from "./values.ts";

/** Row of a table: values by column name. */
export type TableRow = Readonly<Record<string, string | number | boolean | null | undefined>>;

const ROWS: Kind = arrayOf(recordOf({
  expected: "a number, a text, true or false",
  fault: (value) =>
    value === null || ["string", "number", "boolean", "undefined"].includes(typeof value)
      ? undefined
      : "type",
}));

/**
 * Shows rows as a table below the cell. The columns are the names in the rows, in order of their
 * first appearance.
 *
 * @throws {TypeError} if the rows are not plain objects of numbers, strings and booleans.
 */
export async function showTable(rows: readonly TableRow[]): Promise<void> {
  const bundle = tableBundle(rows);
  if (!inKernel()) console.log(bundle["text/plain"]);
  await displayBundle(bundle);
}

/** Makes the table in HTML and as text. Numbers are rounded as in tensors. */
export function tableBundle(rows: readonly TableRow[]): MediaBundle {
  check("show a table", { rows }, ROWS);
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
  const sides = names.map((name) =>
    rows.some((row) => typeof row[name] === "number") ? "right" : "left"
  );
  const line = (texts: readonly string[], tag: string) => {
    const row = texts.map((text, at) =>
      `<${tag} style="text-align:${sides[at]}">${escapeHtml(text)}`
    );
    return `<tr>${row.map((cell) => `${cell}</${tag}>`).join("")}</tr>`;
  };
  const body = cells.map((texts) => line(texts, "td")).join("");
  return `<table><thead>${line(names, "th")}</thead><tbody>${body}</tbody></table>`;
}

function tableText(names: readonly string[], cells: readonly (readonly string[])[]): string {
  const lines = [names, ...cells];
  const widths = names.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map((line) => line.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd())
    .join("\n");
}
