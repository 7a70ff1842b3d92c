/** Finds notebooks and folders of the project, and writes files. */

import { basename, dirname, join, relative, resolve } from "node:path";
import { TaskError } from "./errors.ts";

/** The project's folder: absolute, without a slash at the end. */
export const projectRoot: string = resolve(import.meta.dirname ?? "", "../..");

/** The folder of results. Git ignores it. */
export const resultsFolder: string = join(projectRoot, "notebooks", "out");

/** Returns a path relative to the project's folder. A path outside it stays as it is. */
export function shortPath(path: string): string {
  const short = relative(projectRoot, path);
  return short.startsWith("..") ? path : short || ".";
}

/** Writes a file, and makes its folder. Another run that reads it at the same time never gets half of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, text);
  await Deno.rename(draft, path);
}

/** Makes a folder. Throws if it, or one of the files in it, cannot be written. */
export async function checkWritable(folder: string, files: readonly string[]): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder }));
    for (const path of files) {
      const found = await Deno.stat(path).catch(() => undefined);
      if (found && !found.isFile) throw new Error(`${basename(path)} is no file`);
    }
  } catch (error) {
    const expected = `Cannot save results in ${shortPath(folder)}: expected a folder to write in`;
    throw new TaskError(`${expected}, got "${(error as Error).message}".`);
  }
}

/** Finds the notebooks with the given names (`01`, `01_gan_1010`) or paths. Without names, finds all of them. */
export async function findNotebooks(
  names: readonly string[],
  folder: string = join(projectRoot, "notebooks"),
): Promise<string[]> {
  const files = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile);
  const paths = files.map(({ name }) => join(folder, name)).sort();
  const all = paths.filter((path) => path.endsWith(".ipynb"));
  if (names.length > 0) return await Promise.all(names.map((name) => findOne(name, all)));
  if (all.length > 0) return all;
  throw new TaskError(`Cannot run notebooks: expected *.ipynb in ${shortPath(folder)}, got none.`);
}

async function findOne(name: string, all: readonly string[]): Promise<string> {
  const isFile = async () => (await Deno.stat(name).catch(() => undefined))?.isFile;
  if (name.endsWith(".ipynb") && await isFile()) return resolve(name);
  const stem = basename(name, ".ipynb");
  const stems = all.map((path) => basename(path, ".ipynb"));
  const found = stems.includes(stem) ? stem : stems.find((known) => known.startsWith(`${stem}_`));
  if (found) return all[stems.indexOf(found)]!;
  throw new TaskError(`Cannot run ${name}: expected one of ${stems.join(", ")}, or a path.`);
}
