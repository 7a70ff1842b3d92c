/** Writes the cells of a notebook as one module for Deno's tools, and finds the cells that messages are about. */

import { join, parse, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { projectRoot, resultsFolder, shortPath, writeWhole } from "../paths.ts";
import { codeCells, type Notebook, readNotebook, textOf } from "./nbformat.ts";

/** The name of the global object that a module, run without Jupyter, calls at each cell and result. */
export const LISTENER = "__notebookRun";

/** A module on disk: the notebook's name in messages, the paths of module and configuration, and the text. */
type NotebookModule = Awaited<ReturnType<typeof writeModule>>;

/**
 * Writes a notebook's module below a folder, with a configuration in which its imports mean the same as in the
 * notebook. A `runnable` module runs without Jupyter: it reports each cell and the value of its last expression.
 */
export async function writeModule(
  notebookPath: string,
  { folder = join(resultsFolder, "cells"), runnable = false } = {},
) {
  const text = moduleText(await readNotebook(notebookPath), { runnable });
  // Below the folder as the notebook is below the root: so one rule leads every relative import.
  const { root, dir, name } = parse(resolve(notebookPath));
  const place = join(folder, dir.slice(root.length));
  const path = join(place, name + (runnable ? ".run.tsx" : ".tsx"));
  await writeWhole(path, text);
  const config = join(folder, "deno.json");
  await writeWhole(config, await configText(root));
  // A copy, since Deno 2.9 adds lines to it; the packages are the pinned ones all the same.
  const lock = await Deno.readTextFile(join(projectRoot, "deno.lock"));
  await writeWhole(join(folder, "deno.lock"), lock);
  return { name: shortPath(notebookPath), path, config, text };
}

/** Joins the code cells in order. Each cell follows a line that names it, and keeps its lines. */
export function moduleText(notebook: Notebook, { runnable = false } = {}): string {
  const parts = codeCells(notebook).map(({ source }, index) => {
    const code = textOf(source).replaceAll("\r\n", "\n");
    // The semicolon ends the cell before, which could go on where this one begins with ( or [.
    const start = runnable ? `;await ${LISTENER}.cell(${index + 1});` : ";";
    return `${start} // cell ${index + 1}\n${runnable ? withResult(code) : code}\n`;
  });
  return parts.join("") + "export {};\n";
}

/** Adds code that reports the value of a cell's last statement, if it is an expression. */
function withResult(code: string): string {
  const source = ts.createSourceFile("cell.tsx", code, ts.ScriptTarget.ESNext, true);
  const last = source.statements.at(-1);
  if (!last || !ts.isExpressionStatement(last)) return code;
  const [start, end] = [last.expression.getStart(source), last.expression.end];
  // Two parentheses for `a, b`; `;` because without it the parenthesis could call what stands before.
  const result = `;await ${LISTENER}.result((${code.slice(start, end)}))`;
  return code.slice(0, start) + result + code.slice(end);
}

/** Makes the modules' own configuration: Deno ignores files that the project's excludes, even if they are named. */
async function configText(root: string): Promise<string> {
  const project = JSON.parse(await Deno.readTextFile(join(projectRoot, "deno.json")));
  const { imports, compilerOptions, lint, nodeModulesDir } = project;
  const scopes = { "./": { "./": pathToFileURL(root).href } };
  return JSON.stringify({ imports, scopes, compilerOptions, lint, nodeModulesDir }, null, 2) + "\n";
}

/** Converts a line of a module's text to a cell and its line, counted from 1; to neither if the line names a cell. */
export function positionOf(text: string, line: number) {
  const lines = text.split("\n").slice(0, line);
  const header = lines.findLastIndex((line) => /^;.*\/\/ cell \d+$/.test(line));
  if (header < 0 || header === line - 1) return undefined;
  return { cell: Number(/\d+$/.exec(lines[header]!)?.[0]), line: line - 1 - header };
}

/** Replaces the lines of modules in a tool's message by the cells and lines of notebooks. */
export function withPlaces(message: string, modules: readonly NotebookModule[]): string {
  return message.replace(PLACE, (all, url: string, colon?: string, compact?: string) => {
    const module = modules.find(({ path }) => pathToFileURL(path).href === url);
    const place = module && positionOf(module.text, Number(colon ?? compact));
    return place ? `${module.name} cell ${place.cell} line ${place.line}` : all;
  });
}

/** Pattern of a line of a module in a message of most tools, or of `deno lint --compact`. */
const PLACE = /(file:\/\/[^\s:)]+)(?::(\d+):\d+|: line (\d+), col \d+)/g;
