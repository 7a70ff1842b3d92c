/** Cells of the project's notebooks for tests: changed as a reader would change them, and run in a kernel. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Kernel } from "./kernel.ts";
import { codeCells, parseNotebook, textOf } from "../../notebooks/tasks/notebook/nbformat.ts";
import { projectRoot } from "../../notebooks/tasks/paths.ts";

/** The folder that cells run in. */
export const folder = join(projectRoot, "notebooks");

/** Words of cells about the games of notebook 03 that fail: they have nothing to do with the whole game. */
export const GALLERY = ["broken", "games"];

/** Tells whether a cell is about the games that fail. */
export const isGallery = (cell: string): boolean => GALLERY.some((word) => cell.includes(word));

/** One change of a reader: some text of a cell, and what stands there instead. */
export type Change = readonly [from: string, to: string];

/** The code cells of a notebook with some changes, each of which must apply to exactly one place. */
export function cellsOf(name: string, changes: readonly Change[] = []): string[] {
  const notebook = parseNotebook(Deno.readTextFileSync(join(folder, name)), name);
  let cells = codeCells(notebook).map(({ source }) => textOf(source));
  for (const [from, to] of changes) {
    const places = cells.reduce((sum, cell) => sum + cell.split(from).length - 1, 0);
    assert.equal(places, 1, `${name} has ${places} places with ${from}`);
    cells = cells.map((cell) => cell.replace(from, () => to));
  }
  return cells;
}

/** The cells down to the first one with this text. */
export function downTo(cells: readonly string[], text: string): string[] {
  const last = cells.findIndex((cell) => cell.includes(text));
  assert(last >= 0, `no cell has ${text}`);
  return cells.slice(0, last + 1);
}

/** Runs cells, whatever they show, and returns the error of the last one, if it threw; the others must not. */
export async function runCells(
  kernel: Kernel,
  cells: readonly string[],
): Promise<string | undefined> {
  for (const [i, cell] of cells.entries()) {
    const { status, error } = await kernel.execute(cell, { late: false });
    if (status !== "ok" && i === cells.length - 1) return error?.evalue;
    assert.equal(status, "ok", `${error?.evalue} in:\n${cell}`);
  }
  return undefined;
}

/** Evaluates an expression in the kernel; what it gives must survive JSON. */
export async function valueOf<Value>(kernel: Kernel, expression: string): Promise<Value> {
  const { outputs } = await kernel.execute(`console.log(JSON.stringify(${expression}));`);
  const [output] = outputs;
  assert(output?.output_type === "stream", `${expression} prints`);
  return JSON.parse(textOf(output.text)) as Value;
}
