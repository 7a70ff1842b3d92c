/**
 * Brings a notebook into the form in which it is committed: counts in order, fixed metadata, small outputs. Of a
 * figure, only its picture, which GitHub's preview shows, and its text are kept.
 */

import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import {
  codeCells,
  type DataOutput,
  linesOf,
  type MimeBundle,
  type Notebook,
  type Output,
  parseNotebook,
  printNotebook,
  textIn,
  textOf,
} from "../notebook/nbformat.ts";
import { projectRoot } from "../paths.ts";
import { ask } from "../processes.ts";

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

/** The largest output that is committed, and the largest notebook, in characters of their JSON. */
const [MAX_OUTPUT, MAX_NOTEBOOK] = [150_000, 1_500_000];

/** Brings a notebook into the form in which it is committed; the text of its cells stays as it is. */
export function normalise(notebook: Notebook): Notebook {
  let count = 0;
  const cells = notebook.cells.map((cell, index) => {
    const { tags } = cell.metadata;
    const metadata: MimeBundle = Array.isArray(tags) && tags.length > 0 ? { tags } : {};
    const source = linesOf(textOf(cell.source));
    const common = { ...cell, id: cell.id ?? `cell-${index + 1}`, metadata, source };
    if (common.cell_type !== "code") return common;
    const execution_count = ++count;
    const outputs = common.outputs.map((output) => normaliseOutput(output, execution_count));
    return { ...common, execution_count, outputs };
  });
  return { cells, metadata: structuredClone(METADATA), nbformat: 4, nbformat_minor: 5 };
}

function normaliseOutput(output: Output, count: number): Output {
  if (output.output_type === "stream") return { ...output, text: plainLines(textOf(output.text)) };
  if (output.output_type === "error") return output; // never committed
  const data: MimeBundle = {};
  for (const [type, value] of Object.entries(output.data)) {
    if (/^image\/(?!svg)/.test(type)) data[type] = value;
    else if (isKept(output, type)) data[type] = plainLines(textIn(output, type));
  }
  const { alt } = Object(output.metadata["image/png"]) as { alt?: unknown };
  const metadata: MimeBundle = typeof alt === "string" ? { "image/png": { alt } } : {};
  const counted = output.output_type === "execute_result" ? { execution_count: count } : {};
  return { ...output, data, metadata, ...counted };
}

function plainLines(text: string): string[] {
  return linesOf(stripVTControlCharacters(text));
}

/** Tells whether a media type is kept: text and tables. Our other HTML, scripts and bars, is not kept. */
function isKept(output: DataOutput, type: string): boolean {
  if (type !== "text/html") return type === "text/plain" || type === "text/markdown";
  const html = textIn(output, type);
  return html.includes("<table") && !/<script/i.test(html) && html.length <= MAX_OUTPUT / 4;
}

/** Lists the reasons why the file of a notebook cannot be committed. */
export function problemsOf(text: string, name: string): string[] {
  const notebook = parseNotebook(text, name);
  const problems = codeCells(notebook).flatMap(({ outputs }, at) =>
    outputs.flatMap(outputProblems).map((problem) => `cell ${at + 1}: ${problem}`)
  );
  if (text.length > MAX_NOTEBOOK) {
    problems.push(`expected at most ${MAX_NOTEBOOK} characters, got ${text.length}`);
  }
  if (problems.length === 0 && text !== printNotebook(normalise(notebook))) {
    problems.push("expected the normalised form of counts, metadata and outputs, got another");
  }
  return problems;
}

function outputProblems(output: Output): string[] {
  const size = JSON.stringify(output).length;
  const problems = size > MAX_OUTPUT ? [`expected small outputs, got ${size} characters`] : [];
  if (output.output_type === "error") problems.push(`expected no error, got ${output.ename}`);
  const isFigure = /^Figure\b/.test(textIn(output, "text/plain"));
  if (isFigure && textIn(output, "image/png") === "") {
    problems.push("expected an image/png of the figure, got none");
  }
  return problems;
}

/**
 * Formats the cells of a notebook's JSON text. Uses a pipe, because `deno fmt --check` of 2.8.1 reports every
 * notebook with Markdown as not formatted, even if it was just formatted.
 */
export async function formatNotebook(text: string): Promise<string> {
  const how = ["fmt", "--quiet", "--ext", "ipynb", "--config", join(projectRoot, "deno.json"), "-"];
  const answer = await ask([Deno.execPath(), ...how], { input: text });
  if (answer?.success) return answer.stdout;
  throw new SyntaxError(`Cannot format the notebook: ${answer?.stderr.trim()}`);
}
