/** Runs one notebook file, tells of it on the terminal, and saves what came of it. */

import { dirname } from "node:path";
import { startInProcess } from "../in_process/session.ts";
import { type Jupyter, startKernel } from "../jupyter/mod.ts";
import { codeCells, type Notebook, parseNotebook, withoutAnsi } from "../notebook/nbformat.ts";
import type { Session } from "../notebook/session.ts";
import { shortPath } from "../paths.ts";
import type { TerminalLog } from "../terminal.ts";
import { progressListener } from "./progress.ts";
import { resultsFolder, saveResult } from "./results.ts";
import { type CellFailure, finalText, runCells } from "./run_cells.ts";

/** How a notebook is run. */
export interface RunOptions {
  /** Jupyter; without it the notebook runs in a process of Deno. */
  readonly jupyter?: Jupyter | undefined;
  /** Where progress goes. */
  readonly log: TerminalLog;
  /** Where the results are saved. */
  readonly folder?: string;
  /** Ends the run, and the kernel with it. */
  readonly signal?: AbortSignal;
}

/** A notebook that was run. */
export interface RunResult {
  /** The notebook with its outputs. */
  readonly notebook: Notebook;
  /** Why it stopped early, if it did. */
  readonly failure?: CellFailure;
}

/** Runs a notebook; says whether every cell succeeded. */
export async function runNotebook(path: string, options: RunOptions): Promise<boolean> {
  const { log, folder = resultsFolder, jupyter } = options;
  const name = shortPath(path);
  const kind = jupyter ? `in the kernel of Deno ${Deno.version.deno}` : "without Jupyter";
  log.line(`${name}, ${kind}`);
  const { notebook, failure } = await executeNotebook(path, options);
  const note = `${name}, run ${kind} on ${new Date().toISOString().slice(0, 10)}.`;
  const saved = await saveResult(notebook, { path, folder, note });
  const last = withoutAnsi(finalText(notebook));
  if (failure) log.line(failureText(name, failure));
  else if (last !== "") log.line(`Its last value:\n${last.replace(/^/gm, "  ")}`);
  log.line(`Saved ${shortPath(saved.notebook)} and ${shortPath(saved.page)}`);
  return !failure;
}

/** Runs a notebook's cells and returns it with their outputs; nothing is saved. */
export async function executeNotebook(
  path: string,
  { jupyter, log, signal }: RunOptions,
): Promise<RunResult> {
  const notebook = parseNotebook(await Deno.readTextFile(path), shortPath(path));
  signal?.throwIfAborted();
  await using session: Session = jupyter
    ? await startKernel(jupyter, { cwd: dirname(path) })
    : await startInProcess(path);
  using listener = progressListener(codeCells(notebook).length, log);
  const failure = await untilAborted(runCells(notebook, session, listener), signal);
  return { notebook, ...(failure ? { failure } : {}) };
}

async function untilAborted<T>(running: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await running;
  running.catch(() => {}); // after an abort, the end of the kernel ends it too
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([running, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Which cell failed, at which line, with what. */
export function failureText(name: string, { cell, line, error }: CellFailure): string {
  const place = line ? `${name} cell ${cell} line ${line.number}` : `${name} cell ${cell}`;
  const source = line && line.text !== "" ? `\n  ${line.text}` : "";
  const trace = error.traceback.filter((text) => !/^Stack trace:/.test(text)).join("\n");
  const said = error.evalue === error.ename ? error.evalue : `${error.ename}: ${error.evalue}`;
  const more = trace !== "" && !trace.trim().startsWith(said.trim()) ? `${said}\n${trace}` : said;
  return withoutAnsi(`${place} failed${source}\n${more.replace(/^/gm, "  ")}`);
}
