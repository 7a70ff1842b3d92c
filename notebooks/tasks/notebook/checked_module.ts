/** Writes notebooks' modules where Deno's tools read them, and finds the way back from a tool's message. */

import { basename, dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot, shortPath } from "../paths.ts";
import { type CellPosition, extract, type Extraction, type ExtractOptions } from "./extract.ts";
import { parseNotebook } from "./nbformat.ts";

/** A notebook's module on disk. */
export interface NotebookModule {
  /** The notebook's path as messages name it. */
  readonly name: string;
  /** The module's path. */
  readonly path: string;
  /** The place in the notebook of a line of the module. */
  readonly positionOf: Extraction["positionOf"];
}

/** Where modules are written, and in which form. */
export interface WriteOptions extends Pick<ExtractOptions, "runnable"> {
  /** The folder for the modules and their deno.json. */
  readonly folder?: string;
}

/** The folder of the modules: below `notebooks/out/`, which is not committed. */
export const cellsFolder: string = join(projectRoot, "notebooks", "out", "cells");

/** Writes a notebook's module and, beside it, the project's deno.json without its exclusions. */
export async function writeModule(
  notebookPath: string,
  { folder = cellsFolder, runnable = false }: WriteOptions = {},
): Promise<NotebookModule> {
  const name = shortPath(notebookPath);
  const notebook = parseNotebook(await Deno.readTextFile(notebookPath), name);
  const toNotebook = relative(folder, dirname(notebookPath)).replaceAll("\\", "/") || ".";
  const { text, positionOf } = extract(notebook, { toNotebook, runnable });
  const suffix = runnable ? ".run.tsx" : ".tsx";
  const path = join(folder, basename(notebookPath, ".ipynb") + suffix);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(path, text);
  await writeConfig(folder);
  return { name, path, positionOf };
}

/** Deno passes over files that its configuration excludes, even those named: so the modules have their own. */
async function writeConfig(folder: string): Promise<void> {
  const project = JSON.parse(await Deno.readTextFile(join(projectRoot, "deno.json")));
  const { imports, compilerOptions, lint, nodeModulesDir } = project;
  const lock = { path: join(projectRoot, "deno.lock"), frozen: true };
  const config = { imports, compilerOptions, lint, nodeModulesDir, lock };
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(config, null, 2) + "\n");
}

/** The configuration that tools are given with the modules of a folder. */
export function configOf(folder: string = cellsFolder): string {
  return join(folder, "deno.json");
}

/** "notebooks/x.ipynb cell 5 line 2". */
export function placeName(name: string, { cell, line }: CellPosition): string {
  return `${name} cell ${cell} line ${line}`;
}

/** A module's line in a tool's message. */
export interface ModulePlace {
  /** The module. */
  readonly module: NotebookModule;
  /** The place in its notebook. */
  readonly position: CellPosition;
}

/** The first place inside a cell that a message names as `file:///…:line:column`. */
export function findPlace(
  text: string,
  modules: readonly NotebookModule[],
): ModulePlace | undefined {
  for (const [, url, line] of text.matchAll(/(file:\/\/[^\s)]+?):(\d+)(?::\d+)?/g)) {
    const module = modules.find(({ path }) => pathToFileURL(path).href === url);
    const position = module?.positionOf(Number(line));
    if (module && position) return { module, position };
  }
  return undefined;
}
