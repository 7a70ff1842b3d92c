/** Checkpoints: a run that was killed at any moment goes on as if it had not been. */
import {
  callable,
  check,
  checkOptions,
  folderPath,
  type Kinds,
  text,
  wholeNumber,
} from "../check/mod.ts";
import {
  type Files,
  numberedFolders,
  readWholeFolder,
  removeNumberedFolder,
  sumsOf,
  writeNumberedFolder,
} from "./checkpoint_files.ts";
import type { Plan } from "./checkpoint_network.ts";
import {
  type CheckpointParts,
  planParts,
  readParts,
  readSaved,
  SAVED,
  type SavedParts,
  saveParts,
} from "./checkpoint_parts.ts";
import { Damage, messageOf } from "./damage.ts";
import { FolderLock } from "./folder_lock.ts";

/** Options of `Checkpoints`. */
export interface CheckpointsOptions {
  /** How many of a run's checkpoints are kept, the newest; 2 by default. */
  readonly keep?: number;
  /** Takes lines that the reader should know, such as why a checkpoint is damaged; `console.warn` by default. */
  readonly warn?: (line: string) => void;
}

/** Options of a restore. */
export interface RestoreOptions {
  /** The folder name of a checkpoint, such as `000016`; the newest whole one by default. */
  readonly from?: string;
}

/** Where a run goes on. */
export interface RestoredCheckpoint {
  /** Steps that were done. */
  readonly step: number;
  /** The checkpoint's folder. */
  readonly path: string;
}

/** A checkpoint that was read and fits. */
interface Fitting {
  readonly saved: SavedParts;
  readonly plan: Plan;
  readonly sums: string;
}

/** The kinds of the options of `Checkpoints`. */
export const CHECKPOINTS_KINDS: Kinds<CheckpointsOptions> = {
  keep: wholeNumber({ from: 1 }),
  warn: callable,
};

/** Other runs in the same folder are named up to this number. */
const MAX_NAMED = 3;

/**
 * The checkpoints of a run in a folder.
 *
 * Every checkpoint is a folder of its own, numbered from `000001` on:
 *
 * | file | holds |
 * |---|---|
 * | `checkpoint.json` | `format`, `version`, `run`, `step`; for each network `counter`, `progress`, `history`, `answers`, `steps`, the lengths of its outputs, what is frozen, and its optimizer's class, numbers, step count and arrays; `averages`, `states` and `lists` |
 * | `<network>/model.json`, `<network>/weights.bin` | what `tf.loadLayersModel(fileSystem(path))` takes; each weight also has its path in the model |
 * | `<network>/optimizer.bin` | the optimizer's arrays, little end first, in the order of `checkpoint.json` |
 * | `<network>/outputs.bin` | the outputs that a generator kept, float32 |
 * | `<average>.average/model.json`, `<average>.average/weights.bin` | the averaged network, as above |
 * | `SHA256SUMS` | a SHA-256 for every file; `sha256sum -c SHA256SUMS` checks them |
 *
 * A run goes on bit-equal to one that was never stopped, on the same machine, compiled or not. Weights and
 * the numbers that an optimizer keeps for them are found by their path in the model, so names of layers
 * do not matter. The learning rate and what is frozen are state: they come back as they were saved, and a
 * line says so where they differ.
 *
 * A checkpoint gets its number once all of it is on disk. Each run removes its own checkpoints, but for the
 * newest, and those of no other run: a run that was not restored is a new one. Restoring takes the newest
 * checkpoint; only if that is damaged, a line says so and the one before it is taken.
 *
 * ```ts
 * import { Batches, Random } from "../data/mod.ts";
 * import { Discriminator, Generator } from "../nn/mod.ts";
 * import { Checkpoints } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = Deno.makeTempDirSync();
 * const run = () => {
 *   const noise = new Random(1);
 *   const networks = { D: new Discriminator(), G: new Generator() };
 *   const batches = new Batches(100, { batchSize: 10 });
 *   return { networks, noise, checkpoints: new Checkpoints(folder, { networks, states: { noise, batches } }) };
 * };
 * const first = run();
 * first.networks.G.train(first.networks.D, [first.noise.uniform()], [1]);
 * await first.checkpoints.save(1);
 *
 * const second = run(); // another day
 * assert.equal((await second.checkpoints.restore())?.step, 1);
 * assert.equal(second.noise.uniform(), first.noise.uniform());
 * assert.deepEqual(second.networks.G.forward([0.5]), first.networks.G.forward([0.5]));
 * Deno.removeSync(folder, { recursive: true });
 * ```
 */
export class Checkpoints {
  /** The folder that the checkpoints are in. */
  readonly folder: string;
  readonly #parts: Required<CheckpointParts>;
  readonly #keep: number;
  readonly #warn: (line: string) => void;
  readonly #lock: FolderLock;
  #run: string = crypto.randomUUID();
  #own: string[] = []; // of this run, the oldest first
  #lastSums = "";
  #writing: Promise<unknown> = Promise.resolve();

  /**
   * Reads and writes nothing yet.
   *
   * @throws {TypeError | RangeError} if `folder` is not the path of a folder, or a part, a name or an option
   * cannot be one.
   */
  constructor(folder: string, parts: CheckpointParts, options: CheckpointsOptions = {}) {
    const task = "keep checkpoints";
    check(task, { folder }, folderPath);
    checkOptions(task, options, { kinds: CHECKPOINTS_KINDS });
    const { keep = 2, warn = console.warn } = options;
    this.#parts = readParts(task, parts);
    this.folder = folder.replace(/(?<=.)\/+$/, "");
    this.#lock = new FolderLock(this.folder);
    this.#keep = keep;
    this.#warn = warn;
  }

  /** The newest checkpoint of this run, undefined before the first. */
  get newest(): string | undefined {
    return this.#own.at(-1);
  }

  /**
   * Keeps other runs from writing to the folder until the result is disposed.
   *
   * @throws {RangeError} if another run is writing to it, or it cannot be made.
   */
  hold(): Promise<AsyncDisposable> {
    return this.#lock.hold();
  }

  /**
   * Saves everything as it is after `step` steps, unless the newest checkpoint of this run says the same.
   *
   * @returns the folder of the checkpoint.
   * @throws {RangeError} if `step` is not a whole number from 0 on, a number is not finite, or the files
   * cannot be written; then nothing is left of them.
   * @throws {TypeError} if a state is no plain data, or an optimizer is shared by networks.
   */
  async save(step: number): Promise<string> {
    check("save a checkpoint", { step }, wholeNumber({ from: 0 }));
    const files = saveParts(this.#parts, { run: this.#run, step });
    const before = this.#writing;
    const write = async () => {
      await before;
      return await this.#write(files);
    };
    const written = write();
    this.#writing = written.catch(() => {}); // whoever asked for it is told
    return await written;
  }

  /**
   * Puts everything back as it was at the newest checkpoint, or at the one named by `from`; the run then
   * goes on with that checkpoint's run.
   *
   * @returns where the run goes on, or undefined if there is no checkpoint yet.
   * @throws {RangeError} if the newest whole checkpoint does not fit, or all are damaged, with the reason;
   * then nothing has changed.
   */
  async restore(options: RestoreOptions = {}): Promise<RestoredCheckpoint | undefined> {
    checkOptions("restore a checkpoint", options, { kinds: { from: text } });
    await this.#writing;
    const paths = await this.#find(options.from);
    const damaged: string[] = [];
    for (const path of paths) {
      const found = await this.#read(path);
      if (!(found instanceof Error)) {
        const { step } = found.saved;
        for (const line of damaged) this.#warn(`${line}; going on from ${path}, step ${step}`);
        await this.#adopt(path, found, options.from === undefined);
        return { step, path };
      }
      const line = `Cannot restore the checkpoint ${path}: ${found.message}`;
      if (!isDamage(found)) {
        const before = paths[paths.indexOf(path) + 1];
        const remedy = "use the parts that it was saved with, or another folder" +
          (before === undefined ? "" : `, or an older checkpoint by { from: "${nameOf(before)}" }`);
        throw new RangeError(`${line}; ${remedy}`, { cause: found });
      }
      damaged.push(line);
    }
    if (damaged.length === 0) return undefined;
    throw new RangeError(
      `${damaged.join("\n")}; use another checkpoint or another folder, or begin a new run`,
    );
  }

  /** Lists the folders of checkpoints, the newest first, or the one that is asked for. */
  async #find(from: string | undefined): Promise<string[]> {
    const paths = await this.#list();
    if (from === undefined) return paths;
    const path = `${this.folder}/${from}`;
    if (paths.includes(path)) return [path];
    const names = paths.map((path) => path.slice(this.folder.length + 1)).join(", ") || "none";
    throw new RangeError(
      `Cannot restore a checkpoint: expected from to be one of those in ${this.folder} (${names}), ` +
        `got "${from}"`,
    );
  }

  async #list(): Promise<string[]> {
    try {
      return await numberedFolders(this.folder, SAVED);
    } catch (error) {
      throw new RangeError(
        `Cannot restore a checkpoint from ${this.folder}: expected a folder, got ` +
          `"${messageOf(error)}"`,
        { cause: error },
      );
    }
  }

  /** Reads a checkpoint and finds out whether all of it fits, or gives the reason why not. */
  async #read(path: string): Promise<Fitting | Error> {
    try {
      const files = await readWholeFolder(path);
      const saved = readSaved(files.get(SAVED));
      const sums = await sumsOf(files);
      return { saved, sums, plan: planParts(this.#parts, { saved, files }) };
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Puts everything in place, and goes on with the run of the checkpoint. */
  async #adopt(path: string, { saved, sums, plan }: Fitting, nameOthers: boolean): Promise<void> {
    plan.restores.forEach((restore) => restore());
    plan.notes.forEach((note) => this.#warn(`${note}; set it after the restore to change it`));
    this.#run = saved.run;
    this.#lastSums = sums;
    const heads = await Promise.all((await this.#list()).map(readHead));
    const runs = heads.filter((head) => head !== undefined);
    this.#own = runs.filter((head) => head.run === saved.run).map((head) => head.path).reverse();
    this.#own.length = this.#own.indexOf(path) + 1;
    if (nameOthers) this.#nameOthers(runs);
  }

  /** Other runs in the folder are not lost; a line says how to get at them. */
  #nameOthers(runs: readonly Head[]): void {
    const newest = new Map<string, Head>();
    for (const head of runs) if (!newest.has(head.run)) newest.set(head.run, head);
    newest.delete(this.#run);
    const [other] = newest.values();
    if (!other) return;
    const named = [...newest.values()].slice(0, MAX_NAMED).map(({ path, step }) =>
      `${nameOf(path)} (step ${step})`
    );
    this.#warn(
      `${this.folder} also has checkpoints of ${newest.size} other runs, the newest ` +
        `${named.join(", ")}; with { from: "${nameOf(other.path)}" } that one is restored`,
    );
  }

  async #write(files: Files): Promise<string> {
    const sums = await sumsOf(files);
    const { newest } = this;
    if (newest !== undefined && sums === this.#lastSums && await exists(newest)) return newest;
    await using _ = await this.hold();
    try {
      const path = await writeNumberedFolder(this.folder, { files, sums });
      this.#own.push(path);
      this.#lastSums = sums;
      return path;
    } catch (error) {
      throw new RangeError(
        `Cannot save a checkpoint in ${this.folder}: expected to write its files, got ` +
          `"${messageOf(error)}"; make room or choose another folder`,
        { cause: error },
      );
    } finally {
      await this.#removeOld();
    }
  }

  /** Removes checkpoints of this run that newer ones replace. */
  async #removeOld(): Promise<void> {
    while (this.#own.length > this.#keep) {
      const [oldest = ""] = this.#own.splice(0, 1);
      try {
        await removeNumberedFolder(oldest);
      } catch (error) {
        this.#warn(`Cannot remove the old checkpoint ${oldest}: ${messageOf(error)}`);
      }
    }
  }
}

/** What tells the checkpoints of one run from those of another. */
interface Head {
  readonly path: string;
  readonly run: string;
  readonly step: number;
}

async function readHead(path: string): Promise<Head | undefined> {
  try {
    const { run, step } = readSaved(await Deno.readFile(`${path}/${SAVED}`));
    return { path, run, step };
  } catch {
    return undefined; // damaged, or of another version
  }
}

/** Tells whether the checkpoint before may be taken: not if this one is whole and does not fit. */
function isDamage(error: Error): boolean {
  return error instanceof Damage || !(error instanceof RangeError);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
