/**
 * `deno task notebooks [names…]`: sets up Jupyter, runs the notebooks from top to bottom in the real kernel,
 * and saves each as an executed notebook and a page. `--preset seconds` (or minutes, best) chooses their
 * knobs, `--in-process` runs them without Jupyter.
 */

import { basename } from "node:path";
import { parseArgs } from "node:util";
import { PRESET_VARIABLE } from "../../lib/jupyter/preset.ts";
import { JupyterUnavailableError, runTask, TaskError } from "./errors.ts";
import { type Jupyter, openJupyter } from "./jupyter/mod.ts";
import { checkWritable, resultsFolder } from "./paths.ts";
import { findNotebooks } from "./run/find_notebooks.ts";
import { resultFiles, runNotebook } from "./run/run_notebook.ts";
import { type TerminalLog, terminalLog } from "./terminal.ts";

/** Where a run's words and files go, and what stops it. */
export interface MainOptions {
  /** Takes the progress. */
  readonly log?: TerminalLog;
  /** Gets the executed notebooks and pages. */
  readonly folder?: string;
  /** Ends the run and the kernel. */
  readonly signal?: AbortSignal;
}

/** Runs the notebooks that the arguments name; returns the exit status. */
export async function main(
  args: readonly string[],
  { log = terminalLog(), folder = resultsFolder, signal }: MainOptions = {},
): Promise<number> {
  const { names, preset, inProcess } = readArguments(args);
  const paths = await findNotebooks(names);
  const files = paths.flatMap((path) => Object.values(resultFiles(path, folder)));
  await checkWritable(folder, files.map((path) => basename(path)));
  if (preset !== undefined) Deno.env.set(PRESET_VARIABLE, preset); // kernels inherit it
  using jupyter = inProcess ? undefined : await jupyterOrNone(log);
  let failed = 0;
  for (const path of paths) {
    if (!await runNotebook(path, { jupyter, log, folder, signal })) failed++;
  }
  if (paths.length > 1) log.line(`${paths.length - failed} of ${paths.length} notebooks ran.`);
  return failed > 0 ? 1 : 0;
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

/** Opens Jupyter, or says in one sentence why the notebooks run without it. */
async function jupyterOrNone(log: TerminalLog): Promise<Jupyter | undefined> {
  try {
    const jupyter = await openJupyter({ log: log.line });
    if (jupyter.insteadOfVenv) log.line(`${jupyter.insteadOfVenv} Using the jupyter on the PATH.`);
    return jupyter;
  } catch (error) {
    if (!(error instanceof JupyterUnavailableError)) throw error;
    // A gate that means to run the kernel must not pass without it.
    if (Deno.env.get("CI") === "true") throw error;
    log.line(`${error.message} Running the cells without Jupyter; only the pages need it.`);
    return undefined;
  }
}

if (import.meta.main) await runTask((signal) => main(Deno.args, { signal }));
