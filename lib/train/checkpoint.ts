/**
 * Saves a run as checkpoints and restores it, so that a killed run can continue as if it had not
 * been stopped.
 */
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

/** Options of {@linkcode Checkpoints}. */
export interface CheckpointsOptions {
  /** Number of checkpoints of this run that are kept, the newest ones; 2 by default. */
  readonly keep?: number;
  /** Receives warnings, such as why a checkpoint is damaged; `console.warn` by default. */
  readonly warn?: (line: string) => void;
}

/** Options of {@linkcode Checkpoints.restore} and `TrainingRun.resume`. */
export interface RestoreOptions {
  /** Folder name of the checkpoint to restore, such as `000016`; by default the newest undamaged one. */
  readonly from?: string;
}

/** Result of `restore`: the checkpoint from which the run continues. */
export interface RestoredCheckpoint {
  /** Number of finished steps. */
  readonly step: number;
  /** Path of the checkpoint's folder. */
  readonly path: string;
}

/** Checkpoint that was read and fits the parts of the run. */
interface Fitting {
  readonly saved: SavedParts;
  readonly plan: Plan;
  readonly sums: string;
}

/** Kinds of the options of `Checkpoints`. */
export const CHECKPOINTS_KINDS: Kinds<CheckpointsOptions> = {
  keep: wholeNumber({ from: 1 }),
  warn: callable,
};

/** Maximum number of other runs that a warning lists. */
const MAX_NAMED = 3;

/**
 * Checkpoints of a run in a folder.
 *
 * Each checkpoint is a folder, numbered from `000001` on, with these files:
 *
 * | file | content |
 * |---|---|
 * | `checkpoint.json` | `format`, `version`, `run`, `step`; for each network `counter`, `progress`, `history`, `answers`, `steps`, the lengths of its outputs, its frozen layers, and the class, numbers, step count and arrays of its optimizer; `averages`, `states` and `lists` |
 * | `<network>/model.json`, `<network>/weights.bin` | the model, readable by `tf.loadLayersModel(fileSystem(path))`; each weight also has its path in the model |
 * | `<network>/optimizer.bin` | the arrays of the optimizer, little-endian, in the order of `checkpoint.json` |
 * | `<network>/outputs.bin` | the outputs that a generator kept, float32 |
 * | `<average>.average/model.json`, `<average>.average/weights.bin` | the averaged network, in the same form |
 * | `SHA256SUMS` | the SHA-256 of each file; `sha256sum -c SHA256SUMS` checks them |
 *
 * On the same machine, a restored run is bit-equal to one that was never stopped, with or without
 * compilation. Weights and the optimizer's numbers for them are matched by their path in the model,
 * so layers may have other names. The learning rate and the frozen layers are part of the state:
 * they are restored, with a warning if they differ from the present ones.
 *
 * A checkpoint gets its number after all its files are on disk. A run removes its own old
 * checkpoints, but never those of another run. A run that was not restored counts as a new run.
 * `restore` uses the newest checkpoint; if it is damaged, a warning says so, and the one before it
 * is used.
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
  /** Path of the folder with the checkpoints. */
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
   * Checks the arguments. Does not read or write files yet.
   *
   * @throws {TypeError | RangeError} if `folder` is not the path of a folder, or a part, a name or
   * an option is wrong.
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

  /** Path of the newest checkpoint of this run; undefined before the first. */
  get newest(): string | undefined {
    return this.#own.at(-1);
  }

  /**
   * Prevents other runs from writing to the folder until the result is disposed.
   *
   * @throws {RangeError} if another run is writing to the folder, or it cannot be made.
   */
  hold(): Promise<AsyncDisposable> {
    return this.#lock.hold();
  }

  /**
   * Saves everything as it is after `step` steps. Does nothing if the newest checkpoint of this run
   * is the same.
   *
   * @returns the path of the checkpoint's folder.
   * @throws {RangeError} if `step` is not a whole number from 0 on, a number is not finite, or the
   * files cannot be written; then no files are left.
   * @throws {TypeError} if a state is not plain data, or several networks share an optimizer.
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
    this.#writing = written.catch(() => {}); // the caller of that save gets the error
    return await written;
  }

  /**
   * Restores everything from the newest checkpoint, or from the one named by `from`. The run then
   * continues the run that wrote it.
   *
   * @returns the checkpoint, or undefined if there is none yet.
   * @throws {RangeError} if the newest undamaged checkpoint does not fit, or all are damaged; then
   * nothing has changed.
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
        for (const line of damaged) this.#warn(`${line}; continuing from ${path}, step ${step}`);
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
      `${damaged.join("\n")}; use another checkpoint or another folder, or start a new run`,
    );
  }

  /** Lists the folders of checkpoints, the newest first, or only the one named by `from`. */
  async #find(from: string | undefined): Promise<string[]> {
    const paths = await this.#list();
    if (from === undefined) return paths;
    const path = `${this.folder}/${from}`;
    if (paths.includes(path)) return [path];
    const names = paths.map((path) => path.slice(this.folder.length + 1)).join(", ") || "none";
    throw new RangeError(
      `Cannot restore a checkpoint: expected \`from\` to name one of those in ${this.folder} (${names}), ` +
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

  /** Reads a checkpoint and checks whether it fits. Returns the error if it does not. */
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

  /** Restores all parts and continues the run of the checkpoint. */
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

  /** Warns that the folder has checkpoints of other runs, and says how to restore one of them. */
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
        `${named.join(", ")}; restore the newest of them with { from: "${nameOf(other.path)}" }`,
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
        `Cannot save a checkpoint in ${this.folder}: expected its files to be written, got ` +
          `"${messageOf(error)}"; free some disk space or choose another folder`,
        { cause: error },
      );
    } finally {
      await this.#removeOld();
    }
  }

  /** Removes the checkpoints of this run beyond the newest `keep`. */
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

/** Description of a checkpoint: the run that wrote it, and its step. */
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
    return undefined; // damaged, or written by another version
  }
}

/**
 * Tells whether an older checkpoint may be used instead: only if this one is damaged, not if it
 * does not fit.
 */
function isDamage(error: Error): boolean {
  return error instanceof Damage || !(error instanceof RangeError);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
