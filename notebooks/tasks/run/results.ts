/** Saves an executed notebook and its page. */

import { basename, join } from "node:path";
import { type Notebook, printNotebook } from "../notebook/nbformat.ts";
import { pageHtml } from "../page/page.ts";
import { readPlotly } from "../page/plotly_source.ts";
import { projectRoot } from "../paths.ts";

/** Where results are saved unless told otherwise; not committed. */
export const resultsFolder: string = join(projectRoot, "notebooks", "out");

/** The files of a result. */
export interface SavedResult {
  /** The executed notebook. */
  readonly notebook: string;
  /** The page. */
  readonly page: string;
}

/** Writes `NAME.ipynb` and `NAME.html`. */
export async function saveResult(
  notebook: Notebook,
  { path, folder, note }: { path: string; folder: string; note: string },
): Promise<SavedResult> {
  const name = basename(path, ".ipynb");
  const saved = { notebook: join(folder, `${name}.ipynb`), page: join(folder, `${name}.html`) };
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(saved.notebook, printNotebook(notebook));
  const html = pageHtml(notebook, { plotly: await readPlotly(), name, note });
  await Deno.writeTextFile(saved.page, html);
  return saved;
}
