/** Pages of notebooks that were run elsewhere. */

import type { Jupyter } from "../../notebooks/tasks/jupyter/mod.ts";
import { jupyterRunner } from "../../notebooks/tasks/run/run_notebook.ts";
import { follow } from "../../notebooks/tasks/run/runner.ts";

/** Saves a notebook's page without running it. */
export async function exportPage(
  path: string,
  { jupyter, page }: { readonly jupyter: Jupyter; readonly page: string },
): Promise<void> {
  const runner = await jupyterRunner(jupyter, path, { run: false, page, note: "" });
  await follow(runner, { onEvent: () => {} });
}
