/** Notebooks stay short, and have as much text as code; each exercise has its answer folded below it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { codeCells, parseNotebook, textOf } from "../../notebooks/tasks/notebook/nbformat.ts";
import { folder } from "./notebook_cells.ts";

/** About 120 lines of code are one sitting; 02 has its playground besides. */
const MOST_LINES = 150;

/** A cell is one idea. */
const MOST_LINES_OF_A_CELL = 15;

const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
  .filter((name) => name.endsWith(".ipynb"));

for (const name of names.sort()) {
  const notebook = parseNotebook(Deno.readTextFileSync(join(folder, name)), name);
  const code = codeCells(notebook).map(({ source }) => textOf(source));
  const texts = notebook.cells.filter(({ cell_type }) => cell_type === "markdown")
    .map(({ source }) => textOf(source));

  Deno.test(`${name} is short, and so are its cells`, () => {
    for (const cell of code) assert(cell.split("\n").length <= MOST_LINES_OF_A_CELL, cell);
    const lines = code.flatMap((cell) => cell.split("\n")).filter((line) => line.trim() !== "");
    assert(lines.length <= MOST_LINES, `${lines.length} lines of code`);
    assert(texts.length >= 0.9 * code.length, `${texts.length} texts, ${code.length} cells`);
  });

  Deno.test(`${name}: each exercise has its answer folded below it`, () => {
    const exercises = texts.filter((text) => /^## (?:Three t|T)hings to try$/m.test(text));
    assert.equal(exercises.length, 1);
    const [text] = exercises;
    const parts = text!.split(/^(?=\*\*\d\. |\d\. \*\*)/m).slice(1);
    assert(parts.length >= 3, `${parts.length} exercises`);
    for (const part of parts) {
      assert.match(part, /<details><summary>Answer<\/summary>\n\n[^]*\d[^]*\n *<\/details>/);
    }
  });
}
