/**
 * Locks a folder, so that only one run writes to it. It is a file lock of the system, which ends
 * when its process ends.
 */
import { messageOf } from "./damage.ts";

/** Name of the locked file. It contains the process id of the writer. */
const LOCK = ".writer.lock";

/** Lock of a folder: other writers are refused while at least one caller holds it. */
export class FolderLock {
  readonly #folder: string;
  #holders = 0;
  #file: Promise<Deno.FsFile> | undefined;

  /** Makes a lock. Does not open files yet. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes the folder if necessary, and locks it until the result is disposed.
   *
   * @throws {RangeError} if another run is writing to the folder, or it is not a folder.
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
    } catch { // the folder was removed, or the system does not remove open files
    }
    file.close(); // this also ends the lock
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

/** Opens and locks the file. Returns undefined if another process has removed the file meanwhile. */
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

/** Tries to lock a file. Some network drives have no locks; a folder there can be used without one. */
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
