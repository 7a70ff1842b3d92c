/** Runs one notebook file, shows its progress on the terminal, and saves the results. */

import { basename, dirname, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { playgroundPage } from "../../../lib/jupyter/playground.ts";
import { pageScript } from "../../../lib/jupyter/plotly_page.ts";
import { packPlotly } from "../../../lib/jupyter/ready_bundle.ts";
import type { Jupyter } from "../jupyter/mod.ts";
import { writeModule } from "../notebook/module.ts";
import { type Notebook, outputsOf, readNotebook, textIn, textOf } from "../notebook/nbformat.ts";
import { resultsFolder, shortPath, writeWhole } from "../paths.ts";
import type { Log } from "../terminal.ts";
import { failureText } from "./failure.ts";
import { progressOf } from "./progress.ts";
import { follow, type Runner } from "./runner.ts";

/** Options of {@linkcode runNotebook}. */
export interface RunOptions {
  /** Jupyter. If it is undefined, the notebook runs in a process of Deno. */
  readonly jupyter?: Jupyter | undefined;
  readonly log: Log;
  /** The folder for the executed notebooks and pages. */
  readonly folder?: string;
  /** Signal that ends the run and its kernel. */
  readonly signal?: AbortSignal | undefined;
}

/** Returns the paths of a notebook's result files. */
export function resultFiles(path: string, folder: string = resultsFolder) {
  const stem = join(resolve(folder), basename(path, ".ipynb"));
  return { notebook: `${stem}.ipynb`, page: `${stem}.html` };
}

/** Runs a notebook. Returns true if every cell succeeded. */
export async function runNotebook(
  path: string,
  { jupyter, log, folder, signal }: RunOptions,
): Promise<boolean> {
  const name = shortPath(path);
  const notebook = await readNotebook(path);
  const kind = jupyter ? `in the kernel of Deno ${Deno.version.deno}` : "without Jupyter";
  log(`${name}, ${kind}`);
  const { notebook: executed, page } = resultFiles(path, folder);
  const note = `${name}, run ${kind} on ${new Date().toISOString().slice(0, 10)}.`;
  const runner = jupyter
    ? await jupyterRunner(jupyter, { notebook: resolve(path), executed, page, note })
    : await denoRunner(resolve(path), executed);
  const failure = await follow(runner, { onEvent: progressOf(notebook, log), signal });
  if (failure) log(await failureText(notebook, { name, failure }));
  else {
    const ran = await readNotebook(executed);
    const board = await savePlayground(ran, dirname(executed));
    if (board) log(`Saved ${shortPath(board)}, the playground alone`);
    const last = finalText(ran);
    if (last !== "") log(`Its last value:\n${last.replace(/^/gm, "  ")}`);
  }
  const also = jupyter ? ` and ${shortPath(page)}` : "; its page needs Jupyter";
  log(`Saved ${shortPath(executed)}${also}`);
  return !failure;
}

/** Describes the process that runs a notebook with nbclient and exports it with nbconvert. */
async function jupyterRunner({ python, env }: Jupyter, request: object): Promise<Runner> {
  return {
    command: [python, join(import.meta.dirname ?? "", "../python/notebook_runner.py")],
    env,
    request: { ...request, script: pageScript(await packPlotly()) },
    silenceSeconds: 60,
  };
}

/** Describes the process that runs a notebook's module without Jupyter, and writes the module. */
async function denoRunner(path: string, executed: string): Promise<Runner> {
  const module = await writeModule(path, { runnable: true });
  const worker = join(import.meta.dirname ?? "", "../in_process/worker.ts");
  const deno = [Deno.execPath(), "run", "-A", "--quiet", "--config", module.config] as const;
  return { command: [...deno, worker, module.path, path, executed], cwd: dirname(path) };
}

/** Saves a notebook's last playground of digits, if there is one, as a page of its own. Returns the page's path. */
async function savePlayground(notebook: Notebook, folder: string): Promise<string | undefined> {
  const board = outputsOf(notebook).map((output) => textIn(output, "text/html"))
    .findLast((html) => html.startsWith('<div class="gan-playground" data-kind="digits"'));
  if (board === undefined) return undefined;
  const path = join(folder, "playground.html");
  await writeWhole(path, playgroundPage(board));
  return path;
}

/** Returns the notebook's last value as text, and the text that was printed after it. */
export function finalText(notebook: Notebook): string {
  let texts: string[] = [];
  for (const output of outputsOf(notebook)) {
    if (output.output_type === "stream") texts.push(textOf(output.text));
    const value = output.output_type === "execute_result" && textIn(output, "text/plain");
    if (value) texts = [value];
  }
  const said = texts.map((text) => text.trimEnd()).filter((text) => text !== "").join("\n");
  return stripVTControlCharacters(said);
}
