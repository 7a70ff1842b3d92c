/** `deno task setup`: makes `.venv` with JupyterLab and the Deno kernel. It is quick if nothing has changed. */

import { runTask } from "./errors.ts";
import { setUpVenv } from "./jupyter/mod.ts";
import { terminalLog } from "./terminal.ts";

const READY =
  "Jupyter is ready in .venv: `deno task notebooks` runs the notebooks, `deno task lab` opens them.";

if (import.meta.main) {
  const log = terminalLog();
  await runTask(async () => void await setUpVenv({ log }).then(() => log(READY)));
}
