/** Folders that are written whole or not at all, and read whole or refused. */

/** Files by their path inside a folder. */
export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** The list of a folder's files and their sums, as `sha256sum -c SHA256SUMS` reads it. */
const SUMS = "SHA256SUMS";

/** A line of it: the sum, and a path of names that have no dot at either end. */
const LINE = /^([0-9a-f]{64}) {2}((?:[\w-]+(?:\.[\w-]+)*\/)?[\w-]+\.[a-z]+)$/;

/** What a folder is called while it is written, and while it is removed: never as a whole one is. */
const UNFINISHED = /^\.(draft|old)-\d{6,}$/;

/** What a whole folder is called: a number that goes up by one. */
const WHOLE = /^\d{6,}$/;

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The numbered folders inside `folder`, the newest first; none where it does not exist. */
export async function numberedFolders(folder: string): Promise<string[]> {
  const whole = (await namesIn(folder)).filter((name) => WHOLE.test(name));
  return whole.sort((a, b) => Number(b) - Number(a)).map((name) => `${folder}/${name}`);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Makes what was written to a file, or the names in a folder, survive a loss of power. */
async function flush(path: string): Promise<void> {
  if (Deno.build.os === "windows") return; // which opens no folder, and no file to flush it read-only
  using file = await Deno.open(path);
  await file.sync();
}

async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(path, bytes, { createNew: true });
  await flush(path);
}

/** Every folder that the files are in, the innermost first. */
function foldersOf(files: Files): string[] {
  const inner = [...files.keys()].filter((path) => path.includes("/"));
  return [...new Set(inner.map((path) => `/${path.slice(0, path.lastIndexOf("/"))}`)), ""];
}

/**
 * Writes files as the next numbered folder inside `folder` and removes all but the newest `keep`.
 *
 * The folder gets its number by a rename, after all of it reached the disk: whatever kills the
 * process, a numbered folder is whole, and those before it are still there. One process writes to a
 * folder at a time.
 *
 * @returns the path of the new folder.
 */
export async function writeNumberedFolder(
  folder: string,
  { files, keep }: { readonly files: Files; readonly keep: number },
): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  await removeUnfinished(folder);
  const [newest] = await numberedFolders(folder);
  const number = newest === undefined ? 1 : Number(newest.slice(folder.length + 1)) + 1;
  const name = String(number).padStart(6, "0");
  const draft = `${folder}/.draft-${name}`;
  const sums: string[] = [];
  for (const [path, bytes] of files) {
    await writeFile(`${draft}/${path}`, bytes);
    sums.push(`${await sha256(bytes)}  ${path}\n`);
  }
  await writeFile(`${draft}/${SUMS}`, new TextEncoder().encode(sums.join("")));
  for (const inner of foldersOf(files)) await flush(draft + inner);
  await Deno.rename(draft, `${folder}/${name}`);
  await flush(folder);
  for (const old of (await numberedFolders(folder)).slice(keep)) await remove(old);
  return `${folder}/${name}`;
}

/** Removes what a killed process left half written or half removed. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (UNFINISHED.test(name)) await Deno.remove(`${folder}/${name}`, { recursive: true });
  }
}

/** Removes a numbered folder; it loses its number first, so that half of it is never found. */
async function remove(path: string): Promise<void> {
  const at = path.lastIndexOf("/") + 1;
  const old = `${path.slice(0, at)}.old-${path.slice(at)}`;
  await Deno.rename(path, old);
  await Deno.remove(old, { recursive: true });
}

/**
 * The files of a numbered folder, each as it was written.
 *
 * @throws {RangeError} that says which file is missing or was changed.
 */
export async function readWholeFolder(path: string): Promise<Files> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const list = new TextDecoder().decode(await readListed(path, SUMS));
  const sums = list.split("\n").slice(0, -1).map((line) => LINE.exec(line));
  const isWhole = sums.length > 0 && list.endsWith("\n") && !sums.includes(null);
  if (!isWhole) {
    throw new RangeError(`expected ${SUMS} with a sum and a file a line, got another file`);
  }
  for (const [, sum = "", file = ""] of sums.filter((line) => line !== null)) {
    const bytes = await readListed(path, file);
    const found = await sha256(bytes);
    if (found !== sum) {
      throw new RangeError(`expected ${file} with the SHA-256 ${sum}, got ${found}`);
    }
    files.set(file, bytes);
  }
  return files;
}

async function readListed(path: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(`${path}/${file}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new RangeError(`expected a file ${file}, got none`);
    }
    throw error;
  }
}
