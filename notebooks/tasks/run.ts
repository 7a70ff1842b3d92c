/**
 * `deno task notebooks [names…]`: sets up Jupyter, runs the notebooks from top to bottom in the real kernel, and
 * saves each as an executed notebook and a page. `--preset seconds` (or minutes, best) chooses their settings, and
 * `--in-process` runs them without Jupyter.
 */

import { parseArgs } from "node:util";
import { PRESET_VARIABLE } from "../../lib/jupyter/preset.ts";
import { JupyterUnavailableError, runTask, TaskError } from "./errors.ts";
import { type Jupyter, openJupyter } from "./jupyter/mod.ts";
import { checkWritable, findNotebooks, resultsFolder } from "./paths.ts";
import { resultFiles, runNotebook, type RunOptions } from "./run/run_notebook.ts";
import { type Log, terminalLog } from "./terminal.ts";

/** Runs the notebooks that the arguments name. Returns the exit status. */
export async function main(
  args: readonly string[],
  { log = terminalLog(), folder = resultsFolder, signal }: Partial<RunOptions> = {},
): Promise<number> {
  const { names, preset, inProcess } = readArguments(args);
  const paths = await findNotebooks(names);
  await checkWritable(folder, paths.flatMap((path) => Object.values(resultFiles(path, folder))));
  if (preset !== undefined) Deno.env.set(PRESET_VARIABLE, preset); // kernels inherit it
  const jupyter = inProcess ? undefined : await jupyterOrNone(log);
  let failed = 0;
  for (const path of paths) {
    if (!await runNotebook(path, { jupyter, log, folder, signal })) failed++;
  }
  if (paths.length > 1) log(`${paths.length - failed} of ${paths.length} notebooks ran.`);
  return failed > 0 ? 1 : 0;
}

function readArguments(args: readonly string[]) {
  const options = { preset: { type: "string" }, "in-process": { type: "boolean" } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { names: positionals, preset: values.preset, inProcess: values["in-process"] };
  } catch (error) {
    const said = (error as Error).message;
    throw new TaskError(`Cannot run notebooks: expected names, --preset or --in-process. ${said}`);
  }
}

/** Opens Jupyter. If that is not possible, prints the reason in one sentence and returns undefined. */
async function jupyterOrNone(log: Log): Promise<Jupyter | undefined> {
  try {
    return await openJupyter({ log });
  } catch (error) {
    // A gate that means to run the kernel must not pass without it.
    const isOptional = Deno.env.get("CI") !== "true";
    if (!(error instanceof JupyterUnavailableError && isOptional)) throw error;
    log(`${error.message} Running the cells without Jupyter; only the pages need it.`);
    return undefined;
  }
}

if (import.meta.main) await runTask((signal) => main(Deno.args, { signal }));
