/** Finds places in the project's folder, and writes files there. */

import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { TaskError } from "./errors.ts";

/** The project's folder: absolute, without a slash at the end. */
export const projectRoot: string = fileURLToPath(new URL("../..", import.meta.url)).replace(
  /[\\/]$/,
  "",
);

/** The folder of results, which git passes over. */
export const resultsFolder: string = join(projectRoot, "notebooks", "out");

/** Shortens a path to what a reader of the project's folder would write. */
export function shortPath(path: string, root: string = projectRoot): string {
  const short = relative(root, path);
  return short.startsWith("..") ? path : short || ".";
}

/** Writes a file whole, so that a second run at the same time never meets half of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${Deno.pid}`;
  await Deno.writeTextFile(draft, text);
  await Deno.rename(draft, path);
}

/** Throws unless all files of these names can be written in a folder; makes the folder. */
export async function checkWritable(folder: string, names: readonly string[]): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder }));
    for (const name of names) {
      const found = await Deno.stat(join(folder, name)).catch(() => undefined);
      if (found && !found.isFile) throw new Error(`${name} is no file`);
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new TaskError(
      `Cannot save results in ${shortPath(folder)}: expected a folder to write in, got "${said}".`,
    );
  }
}
