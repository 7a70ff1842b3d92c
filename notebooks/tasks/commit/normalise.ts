/**
 * Brings a notebook into the form in which it is committed: counts in order, fixed metadata, small
 * outputs. What remains of a figure is a picture, which GitHub's preview shows, and its text.
 */

import { join } from "node:path";
import {
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
import { projectRoot } from "../paths.ts";

/** Plotly's own media type: a figure as JSON. */
export const PLOTLY_TYPE = "application/vnd.plotly.v1+json";

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

/** Brings a notebook into the form in which it is committed; the text of its cells stays as it is. */
export function normalise(notebook: Notebook): Notebook {
  let count = 0;
  const cells = notebook.cells.map((cell, index) => {
    const common = { ...cell, id: cell.id ?? `cell-${index + 1}`, metadata: tagsOf(cell.metadata) };
    common.source = linesOf(textOf(cell.source));
    return common.cell_type === "code" ? normaliseCode(common, ++count) : common;
  });
  return { cells, metadata: structuredClone(METADATA), nbformat: 4, nbformat_minor: 5 };
}

function tagsOf(metadata: Record<string, unknown>): Record<string, unknown> {
  return Array.isArray(metadata.tags) && metadata.tags.length > 0 ? { tags: metadata.tags } : {};
}

function normaliseCode(cell: CodeCell, count: number): CodeCell {
  const outputs = cell.outputs.map((output) => normaliseOutput(output, count));
  return { ...cell, execution_count: count, outputs };
}

function normaliseOutput(output: Output, count: number): Output {
  if (output.output_type === "stream") {
    return { ...output, text: linesOf(withoutAnsi(textOf(output.text))) };
  }
  if (output.output_type === "error") {
    return { ...output, traceback: output.traceback.map(withoutAnsi) };
  }
  const counted = output.output_type === "execute_result" ? { execution_count: count } : {};
  return {
    ...output,
    data: normaliseBundle(output.data),
    metadata: altOf(output.metadata),
    ...counted,
  };
}

/** Keeps the alternative text of a picture. */
function altOf(metadata: Record<string, unknown>): Record<string, unknown> {
  const { alt } = Object(metadata["image/png"]) as { alt?: unknown };
  return typeof alt === "string" ? { "image/png": { alt } } : {};
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

/** Lists what keeps a notebook's file from being fit to commit. */
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

/** Says if an output is a figure, also after its JSON was taken out. */
export function isFigure(data: MimeBundle): boolean {
  return data[PLOTLY_TYPE] !== undefined || /^Figure\b/.test(asText(data["text/plain"] ?? ""));
}

/**
 * Formats the cells of a notebook's JSON text. Through a pipe, because `deno fmt --check` of 2.8.1 says
 * of any notebook with Markdown that it is not formatted, also right after it was.
 */
export async function formatNotebook(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "ipynb", "--config", join(projectRoot, "deno.json"), "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const written = new Blob([text]).stream().pipeTo(child.stdin);
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), written]);
  if (success) return new TextDecoder().decode(stdout);
  throw new SyntaxError(`Cannot format the notebook: ${new TextDecoder().decode(stderr).trim()}`);
}
