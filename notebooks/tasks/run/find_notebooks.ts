/** Finds the notebooks that a command names. */

import { basename, join, resolve } from "node:path";
import { TaskError } from "../errors.ts";
import { projectRoot, shortPath } from "../paths.ts";

/** Lists all notebooks of a folder, in order of their names. */
async function allNotebooks(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && name.endsWith(".ipynb")) names.push(name);
  }
  return names.sort().map((name) => join(folder, name));
}

/** Finds the notebooks with the given names (`01`, `01_gan_1010`) or paths; all of them without names. */
export async function findNotebooks(
  names: readonly string[],
  folder: string = join(projectRoot, "notebooks"),
): Promise<string[]> {
  const all = await allNotebooks(folder);
  if (names.length > 0) return await Promise.all(names.map((name) => findOne(name, all)));
  if (all.length > 0) return all;
  throw new TaskError(`Cannot run notebooks: expected *.ipynb in ${shortPath(folder)}, got none.`);
}

async function findOne(name: string, all: readonly string[]): Promise<string> {
  const isFile = async () => (await Deno.stat(name).catch(() => undefined))?.isFile;
  if (name.endsWith(".ipynb") && await isFile()) return resolve(name);
  const stem = basename(name, ".ipynb");
  const stems = all.map((path) => basename(path, ".ipynb"));
  const index = stems.includes(stem)
    ? stems.indexOf(stem)
    : stems.findIndex((known) => known.startsWith(`${stem}_`));
  const path = all[index];
  if (path) return path;
  throw new TaskError(`Cannot run ${name}: expected one of ${stems.join(", ")}, or a path.`);
}
