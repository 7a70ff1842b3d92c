/**
 * `deno task notebooks:commit [names…]`: runs the notebooks in the kernel and writes them back in the form
 * in which they are committed: pictures for figures, counts in order, fixed metadata. `--check` only
 * says whether they have that form.
 */

import { findChromium } from "./commit/chromium.ts";
import { formatNotebook, normalise, problemsOf } from "./commit/normalise.ts";
import { addPictures } from "./commit/pictures.ts";
import { runTask, TaskError } from "./errors.ts";
import { openJupyter } from "./jupyter/mod.ts";
import { printNotebook } from "./notebook/nbformat.ts";
import { checkWritable, resultsFolder, shortPath } from "./paths.ts";
import { findNotebooks } from "./run/find_notebooks.ts";
import { readNotebook, resultFiles, runNotebook } from "./run/run_notebook.ts";
import { terminalLog } from "./terminal.ts";

async function commit(paths: readonly string[], signal: AbortSignal): Promise<number> {
  const log = terminalLog();
  const chromium = await findChromium();
  await checkWritable(resultsFolder, []);
  using jupyter = await openJupyter({ log: log.line });
  for (const path of paths) {
    const name = shortPath(path);
    if (!await runNotebook(path, { jupyter, log, signal })) {
      throw new TaskError(`Cannot commit ${name}: expected every cell to succeed.`);
    }
    const notebook = await readNotebook(resultFiles(path).notebook);
    const figures = await addPictures(notebook, chromium);
    const text = await formatNotebook(printNotebook(normalise(notebook)));
    await Deno.writeTextFile(path, text);
    log.line(`Wrote ${name}: ${figures} figures, ${Math.round(text.length / 1000)} kB`);
  }
  return 0;
}

/** Prints what keeps notebooks from being fit to commit; returns the exit status. */
export async function checkCommitted(paths: readonly string[]): Promise<number> {
  let problems = 0;
  for (const path of paths) {
    const name = shortPath(path);
    const text = await Deno.readTextFile(path);
    const found = problemsOf(text, name);
    if (await formatNotebook(text) !== text) found.push("expected cells as `deno fmt` writes them");
    for (const problem of found) console.error(`Cannot commit ${name}: ${problem}`);
    problems += found.length;
  }
  if (problems > 0) console.error("`deno task notebooks:commit` runs and normalises notebooks.");
  return problems > 0 ? 1 : 0;
}

if (import.meta.main) {
  await runTask(async (signal) => {
    const paths = await findNotebooks(Deno.args.filter((arg) => arg !== "--check"));
    return Deno.args.includes("--check")
      ? await checkCommitted(paths)
      : await commit(paths, signal);
  });
}
