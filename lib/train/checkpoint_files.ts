/** Writes and reads numbered folders. A folder is written completely or not at all. */
import { Damage } from "./damage.ts";

/** Contents of files, by their path inside a folder. */
export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** Name of the list of files and their SHA-256, in the format of `sha256sum -c`. */
const SUMS = "SHA256SUMS";

/** Line of that list: the SHA-256, and a path whose names do not begin or end with a dot. */
const LINE = /^([0-9a-f]{64}) {2}((?:[\w-]+(?:\.[\w-]+)*\/)?[\w-]+\.[a-z]+)$/;

/** Name of a folder that is being written or removed. It never has the form of a complete folder's name. */
const UNFINISHED = /^\.(draft|old)-\d{6,15}$/;

/** Name of a completely written folder: its number, with at least 6 digits. */
const WHOLE = /^\d{6,15}$/;

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * Finds the numbered folders inside `folder` that this library wrote, the newest first. Returns
 * none if `folder` does not exist. A folder counts only if it contains the file `index` or
 * `SHA256SUMS`; another folder whose name is a number, such as a date, is not ours.
 */
export async function numberedFolders(folder: string, index: string): Promise<string[]> {
  const numbered = (await entriesOf(folder)).filter(({ name }) => WHOLE.test(name));
  const names: string[] = [];
  for (const { name } of numbered) {
    const inside = await entriesOf(`${folder}/${name}`).catch(() => []);
    if (inside.some((entry) => entry.name === index || entry.name === SUMS)) names.push(name);
  }
  return names.sort((a, b) => Number(b) - Number(a)).map((name) => `${folder}/${name}`);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Makes the content of `SHA256SUMS`. */
export async function sumsOf(files: Files): Promise<string> {
  const lines: string[] = [];
  for (const [path, bytes] of files) lines.push(`${await sha256(bytes)}  ${path}\n`);
  return lines.join("");
}

/** Flushes a file, or the names in a folder, to disk, so that they survive a loss of power. */
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

/** Lists all folders of the files, the inner ones first. */
function foldersOf(files: Files): string[] {
  const inner = [...files.keys()].filter((path) => path.includes("/"));
  return [...new Set(inner.map((path) => `/${path.slice(0, path.lastIndexOf("/"))}`)), ""];
}

/**
 * Writes files as the next numbered folder inside `folder`, which must exist.
 *
 * The folder is written under another name and gets its number by a rename, after all files are on
 * disk. So a numbered folder is complete even if the process is killed. Only one process may write
 * to a folder at a time.
 *
 * @param files Files to write. The first one marks a folder as ours.
 * @returns the path of the new folder.
 */
export async function writeNumberedFolder(
  folder: string,
  { files, sums }: { readonly files: Files; readonly sums: string },
): Promise<string> {
  await removeUnfinished(folder, files);
  const name = await nextName(folder, files);
  const draft = `${folder}/.draft-${name}`;
  try {
    for (const [path, bytes] of files) await writeFile(`${draft}/${path}`, bytes);
    await writeFile(`${draft}/${SUMS}`, new TextEncoder().encode(sums));
    for (const inner of foldersOf(files)) await flush(draft + inner);
    await Deno.rename(draft, `${folder}/${name}`);
  } catch (error) {
    await Deno.remove(draft, { recursive: true }).catch(() => {}); // frees the space on a full disk
    throw error;
  }
  await flush(folder);
  return `${folder}/${name}`;
}

async function nextName(folder: string, files: Files): Promise<string> {
  const [index = ""] = files.keys();
  const [newest] = await numberedFolders(folder, index);
  const taken = new Set((await entriesOf(folder)).map(({ name }) => name));
  let number = newest === undefined ? 1 : Number(newest.slice(folder.length + 1)) + 1;
  const name = () => String(number).padStart(6, "0");
  while (taken.has(name()) || taken.has(`.draft-${name()}`)) number++;
  return name();
}

/** Removes folders that a killed process left incomplete, unless they contain other files. */
async function removeUnfinished(folder: string, files: Files): Promise<void> {
  const ours = new Set(
    [SUMS, ...files.keys()].map((path) => path.slice(path.lastIndexOf("/") + 1)),
  );
  for (const { name, isDirectory } of await entriesOf(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory && UNFINISHED.test(name) && await holdsOnly(path, ours)) {
      await Deno.remove(path, { recursive: true });
    }
  }
}

async function holdsOnly(folder: string, names: ReadonlySet<string>): Promise<boolean> {
  for (const entry of await entriesOf(folder)) {
    const known = entry.isDirectory
      ? await holdsOnly(`${folder}/${entry.name}`, names)
      : entry.isFile && names.has(entry.name);
    if (!known) return false;
  }
  return true;
}

/** Removes a numbered folder. Renames it first, so that a partly removed folder is never read. */
export async function removeNumberedFolder(path: string): Promise<void> {
  const at = path.lastIndexOf("/") + 1;
  const old = `${path.slice(0, at)}.old-${path.slice(at)}`;
  try {
    await Deno.rename(path, old);
    await Deno.remove(old, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // another process has removed it
  }
}

/**
 * Reads all files of a numbered folder and checks their SHA-256.
 *
 * @throws {Damage} if a file is missing, or its SHA-256 is another.
 */
export async function readWholeFolder(path: string): Promise<Files> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [file, sum] of readSums(await readListed(path, SUMS))) {
    const bytes = await readListed(path, file);
    const found = await sha256(bytes);
    if (found !== sum) throw new Damage(`expected ${file} with the SHA-256 ${sum}, got ${found}`);
    files.set(file, bytes);
  }
  return files;
}

function readSums(bytes: Uint8Array): [file: string, sum: string][] {
  const list = new TextDecoder().decode(bytes);
  const lines = list.split("\n").slice(0, -1).map((line) => LINE.exec(line));
  if (lines.length === 0 || !list.endsWith("\n") || lines.includes(null)) {
    throw new Damage(`expected each line of ${SUMS} to hold a sum and a file, got other text`);
  }
  return lines.map((line) => [line![2]!, line![1]!]);
}

async function readListed(path: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(`${path}/${file}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new Damage(`expected a file ${file}, got none`);
    }
    throw new Damage(`expected a file ${file} that can be read, got "${String(error)}"`, {
      cause: error,
    });
  }
}
