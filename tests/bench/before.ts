/** Provides this project at another commit, in its own folder. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Files of a commit. */
export interface Before extends AsyncDisposable {
  /** Folder with the files. */
  readonly folder: string;
  /** Name of the commit in tables. */
  readonly name: string;
}

async function git(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args: ["-C", root, ...args] })
    .output();
  const text = new TextDecoder().decode(success ? stdout : stderr).trim();
  if (success) return text;
  throw new RangeError(`Cannot measure another commit: expected one that git knows, got "${text}"`);
}

/** Writes the files of a commit to a temporary folder, which is removed at the end. */
export async function checkOutBefore(revision?: string): Promise<Before> {
  const isChanged = async () => await git("status", "--porcelain", "--", "lib", "tests") !== "";
  const wanted = revision ?? (await isChanged() ? "HEAD" : "HEAD~1");
  const name = await git("rev-parse", "--short", "--verify", `${wanted}^{commit}`);
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-before-" });
  const archive = join(folder, "files.tar");
  await git("archive", "--output", archive, name);
  const unpacked = await new Deno.Command("tar", { args: ["-xf", archive, "-C", folder] }).output();
  if (!unpacked.success) throw new Error(new TextDecoder().decode(unpacked.stderr));
  const remove = () => Deno.remove(folder, { recursive: true });
  return { folder, name, [Symbol.asyncDispose]: remove };
}
