/**
 * `deno task notebooks [names…]`: sets up Jupyter, runs the notebooks from top to bottom in the real kernel,
 * and saves each as an executed notebook and a page. `--preset seconds` (or minutes, best) chooses their
 * knobs, `--in-process` runs them without Jupyter.
 */

import { parseArgs } from "node:util";
import { PRESET_VARIABLE } from "../../lib/jupyter/preset.ts";
import { JupyterUnavailableError, runTask, TaskError } from "./errors.ts";
import { type Jupyter, openJupyter } from "./jupyter/mod.ts";
import { findNotebooks } from "./run/find_notebooks.ts";
import { resultsFolder } from "./run/results.ts";
import { runNotebook } from "./run/run_notebook.ts";
import { type TerminalLog, terminalLog } from "./terminal.ts";

/** Where a run's words and files go. */
export interface MainOptions {
  /** Takes the progress. */
  readonly log?: TerminalLog;
  /** Gets the executed notebooks and pages. */
  readonly folder?: string;
}

/** Runs the notebooks that the arguments name; returns the exit status. */
export async function main(
  args: readonly string[],
  { log = terminalLog(), folder = resultsFolder }: MainOptions = {},
): Promise<number> {
  const { names, preset, inProcess } = readArguments(args);
  const paths = await findNotebooks(names);
  if (preset !== undefined) Deno.env.set(PRESET_VARIABLE, preset); // kernels inherit it
  using jupyter = inProcess ? undefined : await jupyterOrNone(log);
  const { signal, release } = abortOnCtrlC();
  try {
    let failed = 0;
    for (const path of paths) {
      if (!await runNotebook(path, { jupyter, log, folder, signal })) failed++;
    }
    if (paths.length > 1) log.line(`${paths.length - failed} of ${paths.length} notebooks ran.`);
    return failed > 0 ? 1 : 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    log.line("Stopped; the kernel is ended.");
    return 130;
  } finally {
    release();
  }
}

interface Arguments {
  readonly names: string[];
  readonly preset: string | undefined;
  readonly inProcess: boolean;
}

function readArguments(args: readonly string[]): Arguments {
  const options = { preset: { type: "string" }, "in-process": { type: "boolean" } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const { preset, "in-process": inProcess = false } = values;
    return { names: positionals, preset, inProcess };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new TaskError(`Cannot run notebooks: expected names, --preset or --in-process. ${said}`);
  }
}

/** Jupyter, or one sentence on why the notebooks run without it. */
async function jupyterOrNone(log: TerminalLog): Promise<Jupyter | undefined> {
  try {
    const jupyter = await openJupyter({ log: log.line });
    if (jupyter.insteadOfVenv) log.line(`${jupyter.insteadOfVenv} Using the jupyter on the PATH.`);
    return jupyter;
  } catch (error) {
    if (!(error instanceof JupyterUnavailableError)) throw error;
    // A gate that means to run the kernel must not pass without it.
    if (Deno.env.get("CI") === "true") throw error;
    log.line(`${error.message} Running without Jupyter: same cells, same page.`);
    return undefined;
  }
}

function abortOnCtrlC(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort(new TaskError("Stopped."));
  Deno.addSignalListener("SIGINT", abort);
  return { signal: controller.signal, release: () => Deno.removeSignalListener("SIGINT", abort) };
}

if (import.meta.main) await runTask(() => main(Deno.args));
