/** Runs a notebook's cells from top to bottom in a session and puts the outputs into the notebook. */

import type { CellPosition } from "../notebook/extract.ts";
import type { OutputMessage } from "../notebook/outputs.ts";
import type { ExecuteOptions, Execution, Session } from "../notebook/session.ts";
import { findSyntaxError, lineOfError } from "./locate.ts";
import {
  type CodeCell,
  codeCells,
  type ErrorOutput,
  linesOf,
  type Notebook,
  type Output,
  textOf,
} from "../notebook/nbformat.ts";

/** Hears of the progress of a run; cells are numbered from 1. */
export interface RunListener {
  /** A cell begins. */
  cellStarted?(cell: number, label: string): void;
  /** A cell sent something. */
  cellOutput?(cell: number, message: OutputMessage): void;
  /** A cell ended. */
  cellEnded?(cell: number, failed: boolean): void;
}

/** Why a run stopped before the notebook's end. */
export interface CellFailure {
  /** The code cell's number. */
  readonly cell: number;
  /** The line that failed, where it is known, and its text. */
  readonly line?: { readonly number: number; readonly text: string };
  /** What the cell threw. */
  readonly error: ErrorOutput;
}

/** Runs the cells; `notebook` gets the outputs and counts. Stops at the first cell that fails. */
export async function runCells(
  notebook: Notebook,
  session: Session,
  listener: RunListener = {},
): Promise<CellFailure | undefined> {
  const cells = codeCells(notebook);
  for (const cell of cells) Object.assign(cell, { outputs: [], execution_count: null });
  for (const [index, cell] of cells.entries()) {
    const number = index + 1;
    listener.cellStarted?.(number, labelOf(notebook, cell));
    const { error, outputs, executionCount } = await executeCell(session, textOf(cell.source), {
      onOutput: (message) => listener.cellOutput?.(number, message),
    });
    // Not copies: later cells may update these displays.
    Object.assign(cell, { outputs, execution_count: executionCount });
    listener.cellEnded?.(number, error !== undefined);
    if (error) return await failureOf(error, { cell: number, cells, place: session.failedAt });
  }
  storeAsLines(cells);
  return undefined;
}

/** Runs a cell; a kernel that ends in it is an error of the cell. */
async function executeCell(
  session: Session,
  code: string,
  options: ExecuteOptions,
): Promise<Execution> {
  try {
    return await session.execute(code, options);
  } catch (thrown) {
    const evalue = thrown instanceof Error ? thrown.message : String(thrown);
    const error: ErrorOutput = {
      output_type: "error",
      ename: "Error",
      evalue,
      traceback: [evalue],
    };
    return { status: "error", outputs: [error], executionCount: null, error };
  }
}

interface FailureContext {
  readonly cell: number;
  readonly cells: readonly CodeCell[];
  readonly place: CellPosition | undefined;
}

async function failureOf(error: ErrorOutput, context: FailureContext): Promise<CellFailure> {
  const { cell, cells, place } = context;
  const number = place?.cell ?? cell;
  const failed = cells[number - 1];
  const code = textOf(failed?.source ?? "");
  const silent = place || error.traceback.length > 0 ? undefined : findSyntaxError(code);
  const told = silent ? { ...error, ename: "SyntaxError", evalue: silent.message } : error;
  if (failed && !failed.outputs.some((output) => output.output_type === "error")) {
    failed.outputs.push(told);
  }
  storeAsLines(cells);
  const line = place?.line ?? silent?.line ?? await lineOfError(code, error);
  if (line === undefined) return { cell: number, error: told };
  const text = (code.split("\n")[line - 1] ?? "").trim();
  return { cell: number, error: told, line: { number: line, text } };
}

/** The heading just above a cell, or its first line of code. */
export function labelOf({ cells }: Notebook, cell: CodeCell): string {
  const before = cells[cells.indexOf(cell) - 1];
  const heading = before?.cell_type === "markdown" &&
    /^#+\s+(.+)$/m.exec(textOf(before.source))?.[1];
  const lines = textOf(cell.source).split("\n").map((line) => line.trim());
  return heading || (lines.find((line) => line !== "" && !line.startsWith("//")) ?? "");
}

function storeAsLines(cells: readonly CodeCell[]): void {
  for (const { outputs } of cells) {
    for (const output of outputs) {
      if (output.output_type === "stream") output.text = linesOf(textOf(output.text));
    }
  }
}

/** The notebook's last value as text, and what was printed since. */
export function finalText(notebook: Notebook): string {
  const outputs = codeCells(notebook).flatMap((cell) => cell.outputs);
  const last = outputs.findLastIndex((output) => plainText(output) !== undefined);
  const texts = outputs.slice(Math.max(last, 0)).map((output) =>
    output.output_type === "stream" ? textOf(output.text) : plainText(output) ?? ""
  );
  return texts.map((text) => text.trimEnd()).filter((text) => text !== "").join("\n");
}

function plainText(output: Output): string | undefined {
  if (output.output_type !== "execute_result") return undefined;
  const text = output.data["text/plain"];
  return typeof text === "string" || Array.isArray(text) ? textOf(text) : undefined;
}
