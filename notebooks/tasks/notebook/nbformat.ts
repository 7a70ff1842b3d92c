/** Reads and writes the parts of the notebook format (nbformat 4) that the tasks work with. */

import { shortPath } from "../paths.ts";

/** Text as the format stores it: one string or a list of lines. */
export type MultilineText = string | string[];

/** Contents by media type: text (as a string or as lines), an image in base 64, or JSON. */
export type MimeBundle = Record<string, unknown>;

type Stream = { output_type: "stream"; name: "stdout" | "stderr"; text: MultilineText };

/** Something that a cell displayed, or the value of its last expression. */
export interface DataOutput {
  output_type: "display_data" | "execute_result";
  execution_count?: number | null;
  data: MimeBundle;
  metadata: MimeBundle;
}

/** The error that ended a cell. */
export interface ErrorOutput {
  output_type: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Any output of a cell. */
export type Output = Stream | DataOutput | ErrorOutput;

type AnyCell = { id?: string; metadata: MimeBundle; source: MultilineText };

/** A code cell with its execution count, null before a run, and its outputs. */
export type CodeCell = AnyCell & {
  cell_type: "code";
  execution_count: number | null;
  outputs: Output[];
};

/** A notebook in nbformat 4. */
export interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: MimeBundle;
  cells: (CodeCell | AnyCell & { cell_type: "markdown" | "raw" })[];
}

/** Joins the text of a field that may be stored as lines. */
export function textOf(text: MultilineText): string {
  return [text].flat().join("");
}

/** Returns the text of an output in a media type, or an empty text if it has none. */
export function textIn(output: Output, type: string): string {
  return "data" in output ? textOf((output.data[type] ?? "") as MultilineText) : "";
}

/** Lists the code cells, in order. */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell) => cell.cell_type === "code");
}

/** Lists the outputs of all cells, in order. */
export function outputsOf(notebook: Notebook): Output[] {
  return codeCells(notebook).flatMap(({ outputs }) => outputs);
}

/** Splits a text into lines, each with its line break, as the format stores them. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** Reads a notebook's file. Throws an error that says what is wrong with it. */
export async function readNotebook(path: string): Promise<Notebook> {
  return parseNotebook(await Deno.readTextFile(path), shortPath(path));
}

/** Reads a notebook from its JSON text. Throws an error that says what is wrong with it. */
export function parseNotebook(json: string, name: string): Notebook {
  let value: Partial<Notebook> | null;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new SyntaxError(`Cannot read ${name}: expected JSON, got ${(error as Error).message}`);
  }
  const cells = value?.nbformat === 4 && Array.isArray(value.cells) ? value.cells : [undefined];
  if (cells.every(isCell)) return value as Notebook;
  throw new TypeError(`Cannot read ${name}: expected cells in nbformat 4, got other JSON`);
}

function isCell(value: unknown): boolean {
  const { cell_type, outputs, source } = Object(value);
  const hasSource = typeof source === "string" || Array.isArray(source);
  if (cell_type === "code") return hasSource && Array.isArray(outputs);
  return hasSource && (cell_type === "markdown" || cell_type === "raw");
}

/** Formats a notebook as Jupyter does: keys in order, one space per level, a line break at the end. */
export function printNotebook(notebook: Notebook): string {
  const sorted = (_key: string, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
      : value;
  return JSON.stringify(notebook, sorted, 1) + "\n";
}
