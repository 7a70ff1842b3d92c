/** One writer for each folder: the lock is the system's, so that it ends with the process that holds it. */
import { messageOf } from "./damage.ts";

/** The file that is locked; it holds the process id of the writer. */
const LOCK = ".writer.lock";

/** Keeps other writers out of a folder while at least one caller holds it. */
export class FolderLock {
  readonly #folder: string;
  #holders = 0;
  #file: Promise<Deno.FsFile> | undefined;

  /** Opens nothing yet. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes the folder if it does not exist and holds it until the result is disposed.
   *
   * @throws {RangeError} if another run is writing to it, or it is no folder.
   */
  async hold(): Promise<AsyncDisposable> {
    this.#holders++;
    this.#file ??= open(this.#folder);
    try {
      await this.#file;
    } catch (error) {
      if (--this.#holders === 0) this.#file = undefined;
      throw error;
    }
    let held = true;
    const release = async () => {
      if (held) await this.#release();
      held = false;
    };
    return { [Symbol.asyncDispose]: release };
  }

  async #release(): Promise<void> {
    const file = await this.#file!;
    if (--this.#holders > 0) return;
    this.#file = undefined;
    try {
      Deno.removeSync(`${this.#folder}/${LOCK}`);
    } catch { // the reader has removed the folder, or the system does not remove open files
    }
    file.close(); // and with it the lock is gone
  }
}

async function open(folder: string): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    while (true) {
      const file = await openLocked(folder);
      if (file) return file;
    }
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new RangeError(
      `Cannot write to ${folder}: expected a folder to write to, got "${messageOf(error)}"; ` +
        "choose another folder, or move what is in the way",
      { cause: error },
    );
  }
}

/** Opens and locks the file; undefined if somebody removed it in between. */
async function openLocked(folder: string): Promise<Deno.FsFile | undefined> {
  const path = `${folder}/${LOCK}`;
  const file = await Deno.open(path, { create: true, read: true, write: true });
  try {
    if (!await tryLock(file)) throw new RangeError(await describeWriter(folder));
    if (await isSameFile(file, path)) {
      await file.truncate();
      await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
      return file;
    }
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return undefined;
}

/** Some network drives have no locks; a folder there is not guarded, but it can be used. */
async function tryLock(file: Deno.FsFile): Promise<boolean> {
  try {
    return await file.tryLock(true);
  } catch {
    return true;
  }
}

async function isSameFile(file: Deno.FsFile, path: string): Promise<boolean> {
  try {
    const [opened, present] = await Promise.all([file.stat(), Deno.stat(path)]);
    return opened.ino === present.ino && opened.dev === present.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function describeWriter(folder: string): Promise<string> {
  const pid = Number(await Deno.readTextFile(`${folder}/${LOCK}`).catch(() => ""));
  const writer = pid === Deno.pid ? "this process" : pid > 0 ? `process ${pid}` : "another process";
  return `Cannot write to ${folder}: expected a folder that no other run writes to, got one that a ` +
    `run of ${writer} is writing to; stop that run or choose another folder`;
}
