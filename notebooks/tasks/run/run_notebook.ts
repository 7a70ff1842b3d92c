/** Runs one notebook file, tells of it on the terminal, and saves what came of it. */

import { basename, dirname, join, resolve } from "node:path";
import { pageScript } from "../../../lib/jupyter/plotly_page.ts";
import { packPlotly } from "../../../lib/jupyter/ready_bundle.ts";
import type { Jupyter } from "../jupyter/mod.ts";
import { writeModule } from "../notebook/module.ts";
import {
  codeCells,
  type Notebook,
  parseNotebook,
  textOf,
  withoutAnsi,
} from "../notebook/nbformat.ts";
import { resultsFolder, shortPath } from "../paths.ts";
import type { TerminalLog } from "../terminal.ts";
import { lineOfError, syntaxError } from "./locate.ts";
import { savePlayground } from "./playground_page.ts";
import { progressOf } from "./progress.ts";
import { type FailedEvent, follow, type Runner } from "./runner.ts";

/** Options of {@linkcode runNotebook}. */
export interface RunOptions {
  /** Jupyter; without it the notebook runs in a process of Deno. */
  readonly jupyter?: Jupyter | undefined;
  /** Takes the progress. */
  readonly log: TerminalLog;
  /** The folder of the executed notebooks and pages. */
  readonly folder?: string;
  /** Ends the run, and the kernel with it. */
  readonly signal?: AbortSignal | undefined;
}

/** Names the files of a notebook's results. */
export function resultFiles(
  path: string,
  folder: string = resultsFolder,
): { readonly notebook: string; readonly page: string } {
  const stem = join(resolve(folder), basename(path, ".ipynb"));
  return { notebook: `${stem}.ipynb`, page: `${stem}.html` };
}

/** Runs a notebook; says whether every cell succeeded. */
export async function runNotebook(
  path: string,
  { jupyter, log, folder, signal }: RunOptions,
): Promise<boolean> {
  const name = shortPath(path);
  const notebook = await readNotebook(path);
  const kind = jupyter ? `in the kernel of Deno ${Deno.version.deno}` : "without Jupyter";
  log.line(`${name}, ${kind}`);
  const { notebook: executed, page } = resultFiles(path, folder);
  const note = `${name}, run ${kind} on ${new Date().toISOString().slice(0, 10)}.`;
  const runner = jupyter
    ? await jupyterRunner(jupyter, path, { run: true, executed, page, note })
    : await denoRunner(resolve(path), executed);
  const progress = progressOf(notebook, log);
  let failure: FailedEvent | undefined;
  const onEvent: Parameters<typeof follow>[1]["onEvent"] = (event) => {
    if (event.event === "failed") failure = event;
    progress(event);
  };
  await follow(runner, { onEvent, signal });
  if (failure) log.line(await failureText(notebook, { name, failure }));
  else {
    const ran = await readNotebook(executed);
    const last = withoutAnsi(finalText(ran));
    const board = await savePlayground(ran, dirname(executed));
    if (board) log.line(`Saved ${shortPath(board)}, the playground alone`);
    if (last !== "") log.line(`Its last value:\n${last.replace(/^/gm, "  ")}`);
  }
  const also = jupyter ? ` and ${shortPath(page)}` : "; its page needs Jupyter";
  log.line(`Saved ${shortPath(executed)}${also}`);
  return !failure;
}

/** Reads a notebook's file. */
export async function readNotebook(path: string): Promise<Notebook> {
  return parseNotebook(await Deno.readTextFile(path), shortPath(path));
}

/** Makes the process that has nbclient run a notebook and nbconvert export it. */
export async function jupyterRunner(
  { python, env }: Jupyter,
  path: string,
  wanted: { run: boolean; executed?: string; page: string; note: string },
): Promise<Runner> {
  const named = { notebook: resolve(path), name: basename(path, ".ipynb") };
  return {
    command: [python, join(import.meta.dirname ?? "", "../python/notebook_runner.py")],
    env: { ...env, PYTHONIOENCODING: "utf-8" },
    request: { ...named, ...wanted, script: pageScript(await packPlotly()) },
    silenceSeconds: 60,
  };
}

/** Makes the process that runs a notebook's module without Jupyter. */
async function denoRunner(path: string, executed: string): Promise<Runner> {
  const module = await writeModule(path, { runnable: true });
  const worker = join(import.meta.dirname ?? "", "../in_process/worker.ts");
  const deno = [Deno.execPath(), "run", "-A", "--quiet", "--config", module.config] as const;
  return { command: [...deno, worker, module.path, path, executed], cwd: dirname(path) };
}

/** Says which cell failed, at which line, with what. */
export async function failureText(
  notebook: Notebook,
  { name, failure }: { name: string; failure: FailedEvent },
): Promise<string> {
  const { error, place } = failure;
  const cell = place?.cell ?? failure.cell;
  const code = textOf(codeCells(notebook)[cell - 1]?.source ?? "");
  const silent = error.traceback.length === 0 ? await syntaxError(code) : undefined;
  const { ename, evalue } = silent ?? error;
  const line = place?.line ?? silent?.line ?? await lineOfError(code, error);
  const source = line === undefined ? "" : (code.split("\n")[line - 1] ?? "").trim();
  const trace = error.traceback.map(withoutAnsi).filter((text) => !/^Stack trace:/.test(text));
  const said = evalue === ename ? evalue : `${ename}: ${evalue}`;
  const more = trace[0]?.trim().startsWith(said.trim()) ? [] : trace;
  const where = `${name} cell ${cell}${line === undefined ? "" : ` line ${line}`} failed`;
  return [where, ...(source ? [source] : []), withoutAnsi(said), ...more].join("\n  ");
}

/** Returns the notebook's last value as text, and what was printed since. */
export function finalText(notebook: Notebook): string {
  let texts: string[] = [];
  for (const output of codeCells(notebook).flatMap(({ outputs }) => outputs)) {
    if (output.output_type === "stream") texts.push(textOf(output.text));
    const value = output.output_type === "execute_result" && output.data["text/plain"];
    if (value) texts = [textOf(value as string | string[])];
  }
  return texts.map((text) => text.trimEnd()).filter((text) => text !== "").join("\n");
}
