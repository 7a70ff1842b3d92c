/** Saves a notebook's board of digits as a page of its own, to be sent to somebody. */

import { join } from "node:path";
import { playgroundPage } from "../../../lib/jupyter/playground.ts";
import { codeCells, type Notebook, textOf } from "../notebook/nbformat.ts";
import { writeWhole } from "../paths.ts";

/** Writes `playground.html` if the notebook has a board of digits, the last one if it has several; returns its path. */
export async function savePlayground(
  notebook: Notebook,
  folder: string,
): Promise<string | undefined> {
  const boards = codeCells(notebook).flatMap(({ outputs }) => outputs).flatMap((output) => {
    const html = "data" in output ? output.data["text/html"] : undefined;
    const text = textOf((html ?? "") as string | string[]);
    return text.startsWith('<div class="gan-playground" data-kind="digits"') ? [text] : [];
  });
  const last = boards.at(-1);
  if (last === undefined) return undefined;
  const path = join(folder, "playground.html");
  await writeWhole(path, playgroundPage(last));
  return path;
}
