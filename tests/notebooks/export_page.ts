/** Pages of notebooks that were run elsewhere. */

import assert from "node:assert/strict";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { pageScript } from "../../lib/jupyter/plotly_page.ts";
import { packPlotly } from "../../lib/jupyter/ready_bundle.ts";
import type { Jupyter } from "../../notebooks/tasks/jupyter/mod.ts";
import { ask } from "../../notebooks/tasks/processes.ts";

const EXPORT = `
import sys, nbformat, notebook_runner as runner
_, path, page, name = sys.argv
notebook = nbformat.read(path, as_version=4)
html = runner.export(notebook, name, "", sys.stdin.read())
open(page, "w", encoding="utf-8").write(html)
`;

/** Saves a notebook's page without running it. */
export async function exportPage(
  path: string,
  { jupyter, page }: { readonly jupyter: Jupyter; readonly page: string },
): Promise<void> {
  const PYTHONPATH = fileURLToPath(new URL("../../notebooks/tasks/python", import.meta.url));
  const env = { ...jupyter.env, PYTHONPATH, PYTHONDONTWRITEBYTECODE: "1", PYTHONUTF8: "1" };
  const command = [jupyter.python, "-c", EXPORT, path, page, basename(path, ".ipynb")];
  const answer = await ask(command, { env, input: pageScript(await packPlotly()) });
  assert.ok(answer?.success, answer?.stderr);
}
