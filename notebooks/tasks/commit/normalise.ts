/**
 * Brings a notebook into the form in which it is committed: counts in order, fixed metadata, small
 * outputs. What remains of a figure is a picture, which GitHub's preview shows, and its text.
 */

import {
  type Cell,
  type CodeCell,
  linesOf,
  type MimeBundle,
  type Notebook,
  type Output,
  parseNotebook,
  printNotebook,
  textOf,
  withoutAnsi,
} from "../notebook/nbformat.ts";
import { PLOTLY_TYPE } from "../page/outputs_html.ts";

/** The metadata of every committed notebook: no versions, which would change with each machine. */
export const METADATA = {
  kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
  language_info: {
    file_extension: ".ts",
    mimetype: "text/x.typescript",
    name: "typescript",
    nbconvert_exporter: "script",
    pygments_lexer: "typescript",
  },
} as const;

/** The form in which a notebook is committed; the text of its cells stays as it is. */
export function normalise(notebook: Notebook): Notebook {
  let count = 0;
  const cells = notebook.cells.map((cell, index) => {
    const common = { ...cell, id: cell.id ?? `cell-${index + 1}`, metadata: tagsOf(cell) };
    common.source = linesOf(textOf(cell.source));
    return common.cell_type === "code" ? normaliseCode(common, ++count) : common;
  });
  return { cells, metadata: structuredClone(METADATA), nbformat: 4, nbformat_minor: 5 };
}

function tagsOf({ metadata }: Cell): Record<string, unknown> {
  return Array.isArray(metadata.tags) && metadata.tags.length > 0 ? { tags: metadata.tags } : {};
}

function normaliseCode(cell: CodeCell, count: number): CodeCell {
  const outputs = cell.outputs.map((output) => normaliseOutput(output, count));
  return { ...cell, execution_count: count, outputs };
}

function normaliseOutput(output: Output, count: number): Output {
  switch (output.output_type) {
    case "stream":
      return { ...output, text: linesOf(withoutAnsi(textOf(output.text))) };
    case "error":
      return { ...output, traceback: output.traceback.map(withoutAnsi) };
    case "display_data":
      return { ...output, data: normaliseBundle(output.data), metadata: {} };
    case "execute_result": {
      const data = normaliseBundle(output.data);
      return { ...output, data, metadata: {}, execution_count: count };
    }
    default:
      throw new TypeError(
        `Cannot normalise an output: expected one of nbformat 4, got ${JSON.stringify(output)}`,
      );
  }
}

function normaliseBundle(data: MimeBundle): MimeBundle {
  const kept: MimeBundle = {};
  for (const [type, value] of Object.entries(data)) {
    if (type.startsWith("image/") && type !== "image/svg+xml") kept[type] = value;
    else if (type === "text/plain" || type === "text/markdown") {
      kept[type] = linesOf(withoutAnsi(asText(value)));
    } else if (type === "text/html" && isSmallTable(asText(value))) {
      kept[type] = linesOf(asText(value));
    }
  }
  return kept;
}

/** GitHub shows tables; the rest of our HTML is scripts and bars, whose text says the same. */
function isSmallTable(html: string): boolean {
  return html.includes("<table") && !/<script/i.test(html) && html.length <= MAX_OUTPUT / 4;
}

function asText(value: unknown): string {
  return textOf(value as string | string[]);
}

/** The largest output of a committed notebook, in characters of its JSON. */
const MAX_OUTPUT = 150_000;

/** The largest committed notebook. */
const MAX_NOTEBOOK = 1_500_000;

/** What keeps a notebook's file from being fit to commit; nothing when it is. */
export function problemsOf(text: string, name: string): string[] {
  const notebook = parseNotebook(text, name);
  const problems: string[] = [];
  if (text.length > MAX_NOTEBOOK) {
    problems.push(`expected at most ${MAX_NOTEBOOK} characters, got ${text.length}`);
  }
  let count = 0;
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    count++;
    const found = cellProblems(cell, count);
    problems.push(...found.map((problem) => `cell ${count}: ${problem}`));
  }
  if (problems.length === 0 && text !== printNotebook(normalise(notebook))) {
    problems.push("expected the normalised form of metadata and outputs, got another");
  }
  return problems;
}

function cellProblems(cell: CodeCell, count: number): string[] {
  const problems: string[] = [];
  if (cell.execution_count !== count) {
    problems.push(`expected the execution count ${count}, got ${cell.execution_count}`);
  }
  for (const output of cell.outputs) {
    const size = JSON.stringify(output).length;
    if (size > MAX_OUTPUT) problems.push(`expected small outputs, got ${size} characters`);
    if (output.output_type === "error") problems.push(`expected no error, got ${output.ename}`);
    if ("data" in output && isFigure(output.data) && output.data["image/png"] === undefined) {
      problems.push("expected an image/png of the figure, got none");
    }
  }
  return problems;
}

/** Whether an output is a figure, also after its JSON was taken out. */
export function isFigure(data: MimeBundle): boolean {
  return data[PLOTLY_TYPE] !== undefined || /^Figure\b/.test(asText(data["text/plain"] ?? ""));
}
