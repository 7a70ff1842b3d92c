/** Reads and writes the parts of the notebook format (nbformat 4) that the tasks work with. */

/** Text as the format stores it: one string or a list of lines. */
export type MultilineText = string | string[];

/** Media type to content: text (perhaps in lines), base64 of an image, or JSON. */
export type MimeBundle = Record<string, unknown>;

/** Text that a cell wrote to the console. */
export interface StreamOutput {
  output_type: "stream";
  name: "stdout" | "stderr";
  text: MultilineText;
}

/** Something that a cell displayed, or the value of its last expression. */
export interface DataOutput {
  output_type: "display_data" | "execute_result";
  execution_count?: number | null;
  data: MimeBundle;
  metadata: Record<string, unknown>;
}

/** The error that ended a cell. */
export interface ErrorOutput {
  output_type: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Any output of a cell. */
export type Output = StreamOutput | DataOutput | ErrorOutput;

/** A cell of Markdown or of raw text. */
export interface TextCell {
  cell_type: "markdown" | "raw";
  id?: string;
  metadata: Record<string, unknown>;
  source: MultilineText;
}

/** A cell of code with its count, null before a run, and its outputs. */
export interface CodeCell extends Omit<TextCell, "cell_type"> {
  cell_type: "code";
  execution_count: number | null;
  outputs: Output[];
}

/** A notebook. */
export interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: (CodeCell | TextCell)[];
}

/** Joins the text of a field that may be stored as lines. */
export function textOf(text: MultilineText): string {
  return typeof text === "string" ? text : text.join("");
}

/** Lists the cells of code, in order. */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell) => cell.cell_type === "code");
}

/** Splits a text into lines as the format stores them, each with its line break. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** Removes the colour sequences that terminals understand. */
export function withoutAnsi(text: string): string {
  // deno-lint-ignore no-control-regex -- the escape character is what is looked for
  return text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "");
}

/** Reads a notebook from its JSON text, or says what is wrong with it. */
export function parseNotebook(json: string, name: string): Notebook {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new SyntaxError(`Cannot read ${name}: expected JSON, got ${(error as Error).message}`);
  }
  const { nbformat, cells } = (value ?? {}) as { nbformat?: unknown; cells?: unknown };
  if (nbformat === 4 && Array.isArray(cells) && cells.every(isCell)) return value as Notebook;
  throw new TypeError(`Cannot read ${name}: expected a notebook of nbformat 4 with cells`);
}

function isCell(value: unknown): boolean {
  const { cell_type, outputs, source } = (value ?? {}) as Record<string, unknown>;
  const typed = cell_type === "code"
    ? Array.isArray(outputs)
    : cell_type === "markdown" || cell_type === "raw";
  return typed && (typeof source === "string" || Array.isArray(source));
}

/** Prints a notebook as Jupyter writes it: keys in order, one space a level, a line break at the end. */
export function printNotebook(notebook: Notebook): string {
  return JSON.stringify(sortKeys(notebook), null, 1) + "\n";
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}
