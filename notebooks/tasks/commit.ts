/**
 * `deno task notebooks:commit [names…]`: runs the notebooks in the kernel and writes them back in the form
 * in which they are committed: pictures for figures, counts in order, fixed metadata.
 */

import { formatNotebook, normalise } from "./commit/normalise.ts";
import { addPictures, findChromium } from "./commit/pictures.ts";
import { runTask, TaskError } from "./errors.ts";
import { openJupyter } from "./jupyter/mod.ts";
import { printNotebook, readNotebook } from "./notebook/nbformat.ts";
import { checkWritable, findNotebooks, resultsFolder, shortPath } from "./paths.ts";
import { resultFiles, runNotebook } from "./run/run_notebook.ts";
import { terminalLog } from "./terminal.ts";

if (import.meta.main) {
  await runTask(async (signal) => {
    const paths = await findNotebooks(Deno.args);
    const log = terminalLog();
    const chromium = await findChromium();
    await checkWritable(resultsFolder, []);
    const jupyter = await openJupyter({ log });
    for (const path of paths) {
      const name = shortPath(path);
      if (!await runNotebook(path, { jupyter, log, signal })) {
        throw new TaskError(`Cannot commit ${name}: expected every cell to succeed.`);
      }
      const notebook = await readNotebook(resultFiles(path).notebook);
      const figures = await addPictures(notebook, chromium);
      const text = await formatNotebook(printNotebook(normalise(notebook)));
      await Deno.writeTextFile(path, text);
      log(`Wrote ${name}: ${figures} figures, ${Math.round(text.length / 1000)} kB`);
    }
  });
}
