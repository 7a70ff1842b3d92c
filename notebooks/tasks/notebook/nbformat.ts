/** The parts of the notebook format (nbformat 4) that the tasks read and write. */

/** Text as the format stores it: one string or a list of lines. */
export type MultilineText = string | string[];

/** Media type to content: text (perhaps in lines), base64 of an image, or JSON. */
export type MimeBundle = Record<string, unknown>;

/** Text that a cell wrote to the console. */
export interface StreamOutput {
  /** Tells outputs apart. */
  output_type: "stream";
  /** Which stream. */
  name: "stdout" | "stderr";
  /** The text. */
  text: MultilineText;
}

/** Something that a cell displayed. */
export interface DisplayOutput {
  /** Tells outputs apart. */
  output_type: "display_data";
  /** The value in each media type. */
  data: MimeBundle;
  /** Metadata by media type. */
  metadata: Record<string, unknown>;
}

/** The value of a cell's last expression. */
export interface ResultOutput {
  /** Tells outputs apart. */
  output_type: "execute_result";
  /** The n of [n]. */
  execution_count: number | null;
  /** The value in each media type. */
  data: MimeBundle;
  /** Metadata by media type. */
  metadata: Record<string, unknown>;
}

/** The error that ended a cell. */
export interface ErrorOutput {
  /** Tells outputs apart. */
  output_type: "error";
  /** The error's name. */
  ename: string;
  /** The error's message. */
  evalue: string;
  /** The stack, line by line. */
  traceback: string[];
}

/** Any output of a cell. */
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

/** A cell of code with its outputs. */
export interface CodeCell {
  /** Tells cells apart. */
  cell_type: "code";
  /** Unique in the notebook. */
  id?: string;
  /** The n of [n]; null before a run. */
  execution_count: number | null;
  /** Tags and the like. */
  metadata: Record<string, unknown>;
  /** The code. */
  source: MultilineText;
  /** What the code showed. */
  outputs: Output[];
}

/** A cell of Markdown, or of raw text. */
export interface TextCell {
  /** Tells cells apart. */
  cell_type: "markdown" | "raw";
  /** Unique in the notebook. */
  id?: string;
  /** Tags and the like. */
  metadata: Record<string, unknown>;
  /** The text. */
  source: MultilineText;
}

/** Any cell. */
export type Cell = CodeCell | TextCell;

/** A notebook. */
export interface Notebook {
  /** The major version of the format: 4. */
  nbformat: number;
  /** The minor version. */
  nbformat_minor: number;
  /** The kernel and the language. */
  metadata: Record<string, unknown>;
  /** The cells, in order. */
  cells: Cell[];
}

/** The text of a field that may be stored as lines. */
export function textOf(text: MultilineText): string {
  return typeof text === "string" ? text : text.join("");
}

/** The cells of code, in order. */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell) => cell.cell_type === "code");
}

/** The lines of a text as the format stores them, each with its line break. */
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
  if (!isNotebook(value)) {
    throw new TypeError(`Cannot read ${name}: expected a notebook of nbformat 4 with cells`);
  }
  return value;
}

function isNotebook(value: unknown): value is Notebook {
  if (typeof value !== "object" || value === null) return false;
  const { nbformat, cells } = value as { nbformat?: unknown; cells?: unknown };
  return nbformat === 4 && Array.isArray(cells) && cells.every(isCell);
}

function isCell(value: unknown): value is Cell {
  if (typeof value !== "object" || value === null) return false;
  const cell = value as Partial<CodeCell>;
  const typed = cell.cell_type === "code"
    ? Array.isArray(cell.outputs)
    : ["markdown", "raw"].includes(String(cell.cell_type));
  return typed && (typeof cell.source === "string" || Array.isArray(cell.source));
}

/** The JSON text of a notebook as Jupyter writes it: keys in order, one space a level, a line break at the end. */
export function printNotebook(notebook: Notebook): string {
  return JSON.stringify(sortKeys(notebook), null, 1) + "\n";
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}
