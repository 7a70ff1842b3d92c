/** `deno task setup`: makes `.venv` with JupyterLab and the Deno kernel; quick when nothing changed. */

import { runTask } from "./errors.ts";
import { setUpVenv } from "./jupyter/venv.ts";
import { terminalLog } from "./terminal.ts";

if (import.meta.main) {
  await runTask(async () => {
    const log = terminalLog();
    await setUpVenv({ log: log.line });
    log.line(
      "Jupyter is ready in .venv: `deno task notebooks` runs the notebooks, `deno task lab` opens them.",
    );
  });
}
