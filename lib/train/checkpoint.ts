/** Checkpoints: a run that was killed at any moment goes on as if it had not been. */
import type { MovingAverage } from "../nn/mod.ts";
import {
  type Files,
  numberedFolders,
  readWholeFolder,
  writeNumberedFolder,
} from "./checkpoint_files.ts";
import {
  type CheckpointNetwork,
  planModel,
  planNetwork,
  prepareNetwork,
  refill,
  type Restore,
  type SavedNetwork,
  saveModel,
} from "./checkpoint_network.ts";

/** Something whose state is plain data: a `Random`, `Batches`, or one's own. */
export interface Resumable {
  /** The state, as JSON can hold it. */
  state(): unknown;
  /** Goes on from a state, or throws and stays as it was. */
  restore(state: unknown): void;
}

/** All that a run goes on from, by names of one's choice; names are letters, digits, `_` and `-`. */
export interface CheckpointParts {
  /** Networks with their optimizers. */
  readonly networks: Readonly<Record<string, CheckpointNetwork>>;
  /** Moving averages of networks. */
  readonly averages?: Readonly<Record<string, MovingAverage>>;
  /** Generators of random numbers, positions in the data. */
  readonly states?: Readonly<Record<string, Resumable>>;
  /** Lists of numbers that the loop keeps for its plots; they are refilled in place. */
  readonly lists?: Readonly<Record<string, number[]>>;
}

/** How checkpoints are kept. */
export interface CheckpointsOptions {
  /** How many are kept, the newest; 2 by default. */
  readonly keep?: number;
  /** Where the line about a refused checkpoint goes; by default to the console. */
  readonly warn?: (line: string) => void;
}

/** Where a run goes on. */
export interface RestoredCheckpoint {
  /** Steps that were done. */
  readonly step: number;
  /** The checkpoint's folder. */
  readonly path: string;
}

/** What `checkpoint.json` holds. */
interface Saved {
  readonly format: string;
  readonly version: number;
  readonly step: number;
  readonly networks: Readonly<Record<string, SavedNetwork>>;
  readonly averages: Readonly<Record<string, unknown>>;
  readonly states: Readonly<Record<string, unknown>>;
  readonly lists: Readonly<Record<string, readonly number[]>>;
}

const FORMAT = "gan-notebooks checkpoint";
const VERSION = 1;
const SAVED = "checkpoint.json";

/**
 * The checkpoints of a run in a folder.
 *
 * Every checkpoint is a folder of its own, numbered from `000001` on:
 *
 * | file | holds |
 * |---|---|
 * | `checkpoint.json` | `format`, `version`, `step`; for each network `counter`, `progress`, `history`, `answers`, `steps`, the lengths of its outputs and its optimizer's class, options, step count and array shapes; `averages`, `states` and `lists` |
 * | `<network>/model.json`, `<network>/weights.bin` | what `tf.loadLayersModel(fileSystem(path))` takes |
 * | `<network>/optimizer.bin` | the optimizer's arrays, float32, little end first, in the order of their shapes |
 * | `<network>/outputs.bin` | the outputs that a generator kept, float32 |
 * | `<average>.average/model.json`, `<average>.average/weights.bin` | the averaged network, as above |
 * | `SHA256SUMS` | a SHA-256 for every file; `sha256sum -c SHA256SUMS` checks them |
 *
 * A run goes on bit-equal to one that was never stopped, on the same machine, compiled or not.
 *
 * A checkpoint gets its number once all of it is on disk. Restoring takes the newest one that is
 * whole and fits; a damaged or foreign one is named with the reason and the one before it is taken.
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
  #writing: Promise<unknown> = Promise.resolve();

  /**
   * Reads and writes nothing yet.
   *
   * @throws {RangeError} if `keep` is not a whole number from 1 on, or a name cannot be one.
   */
  constructor(
    folder: string,
    parts: CheckpointParts,
    { keep = 2, warn = console.warn }: CheckpointsOptions = {},
  ) {
    if (!Number.isSafeInteger(keep) || keep < 1) {
      throw new RangeError(
        `Cannot keep checkpoints: expected how many as a whole number from 1 on, got ${keep}`,
      );
    }
    for (const name of Object.values(parts).flatMap((part) => Object.keys(part))) {
      if (!/^[\w-]+$/.test(name)) {
        throw new RangeError(
          `Cannot keep checkpoints: expected names of letters, digits, _ and -, got "${name}"`,
        );
      }
    }
    this.folder = folder.replace(/(?<=.)\/+$/, "");
    this.#parts = { averages: {}, states: {}, lists: {}, ...parts };
    this.#keep = keep;
    this.#warn = warn;
  }

  /**
   * Saves everything as it is after `step` steps; wait for it before the next step.
   *
   * @returns the new checkpoint's folder.
   * @throws {RangeError} if `step` is not a whole number from 0 on or a number is not finite; then
   * nothing is written.
   * @throws {TypeError} if an optimizer cannot tell its state.
   */
  async save(step: number): Promise<string> {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(
        `Cannot save a checkpoint: expected a step that is a whole number from 0 on, got ${step}`,
      );
    }
    const write = async () => {
      const [files] = await Promise.all([this.#files(step), before]);
      return await writeNumberedFolder(this.folder, { files, keep: this.#keep });
    };
    const before = this.#writing;
    const written = write();
    this.#writing = written.catch(() => {}); // whoever asked for it is told
    return await written;
  }

  /**
   * Puts everything back as it was at the newest checkpoint that is whole and fits.
   *
   * @returns where the run goes on, or undefined if there is no checkpoint yet.
   * @throws {RangeError} if there are checkpoints but none of them is whole and fits, with the
   * reason for each; then nothing has changed.
   */
  async restore(): Promise<RestoredCheckpoint | undefined> {
    const paths = await numberedFolders(this.folder);
    const refused: string[] = [];
    for (const path of paths) {
      try {
        const { step, restores } = await this.#plan(path);
        for (const restore of restores) await restore();
        for (const line of refused) this.#warn(`${line}; going on from ${path}, step ${step}`);
        return { step, path };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refused.push(`Cannot restore the checkpoint ${path}: ${error.message}`);
      }
    }
    if (refused.length > 0) throw new RangeError(refused.join("\n"));
    return undefined;
  }

  /** The files of a checkpoint, all of one moment. */
  async #files(step: number): Promise<Files> {
    const { networks, averages, states, lists } = this.#parts;
    checkLists(lists);
    const prepared = await Promise.all(
      Object.entries(networks).map(async ([name, network]) =>
        [name, await prepareNetwork(name, network)] as const
      ),
    );
    const saved = prepared.map(([name, save]) => [name, save()] as const);
    const json: Saved = {
      format: FORMAT,
      version: VERSION,
      step,
      networks: Object.fromEntries(saved.map(([name, part]) => [name, part.saved])),
      averages: statesOf(averages),
      states: statesOf(states),
      lists,
    };
    return new Map([
      [SAVED, new TextEncoder().encode(`${JSON.stringify(json)}\n`)],
      ...saved.flatMap(([, part]) => [...part.files]),
      ...Object.entries(averages).flatMap(([name, { model }]) => [
        ...saveModel(`${name}.average`, model),
      ]),
    ]);
  }

  /** Reads a checkpoint and finds out whether all of it fits, before anything is put in place. */
  async #plan(path: string): Promise<{ readonly step: number; readonly restores: Restore[] }> {
    try {
      const files = await readWholeFolder(path);
      const saved = readSaved(files.get(SAVED));
      const { networks, averages, states, lists } = this.#parts;
      const restores = [
        ...planStates(states, namedLike(states, saved.states, "states")),
        ...planStates(averages, namedLike(averages, saved.averages, "averages")),
        ...Object.entries(namedLike(networks, saved.networks, "networks")).map(([name, part]) =>
          planNetwork(name, networks[name]!, { saved: part, files })
        ),
        ...Object.entries(averages).map(([name, { model }]) =>
          planModel(`${name}.average`, model, files)
        ),
        ...Object.entries(namedLike(lists, saved.lists, "lists")).map(([name, values]) => () =>
          refill(lists[name]!, values)
        ),
      ];
      return { step: saved.step, restores };
    } catch (error) {
      throw new Refusal(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}

/** A checkpoint is not taken; the message says why. */
class Refusal extends Error {}

function statesOf(parts: Readonly<Record<string, { state(): unknown }>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.state()]));
}

/** @throws {RangeError} if a number is not finite, which JSON cannot hold. */
function checkLists(lists: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, values] of Object.entries(lists)) {
    const bad = values.find((value) => !Number.isFinite(value));
    if (bad !== undefined) {
      throw new RangeError(
        `Cannot save a checkpoint: expected finite numbers, got ${bad} in the list ${name}`,
      );
    }
  }
}

/** @throws {RangeError} if it is not this format, or another version of it. */
function readSaved(bytes: Uint8Array | undefined): Saved {
  const saved = JSON.parse(new TextDecoder().decode(bytes)) as Saved;
  if (saved.format !== FORMAT || saved.version !== VERSION) {
    throw new RangeError(
      `expected "${FORMAT}" of version ${VERSION}, got "${saved.format}" of version ${saved.version}`,
    );
  }
  return saved;
}

/** The saved parts, once they have the names of ours. */
function namedLike<T>(
  parts: Readonly<Record<string, unknown>>,
  saved: Readonly<Record<string, T>>,
  kind: string,
): Readonly<Record<string, T>> {
  const names = (record: object) => Object.keys(record).sort().join(", ") || "none";
  if (names(parts) !== names(saved)) {
    throw new RangeError(`expected ${kind} ${names(parts)}, got ${names(saved)}`);
  }
  return saved;
}

/**
 * Whether saved states are taken, tried on the parts themselves, which then go back to where they
 * were; and what puts the states in place.
 */
function planStates(
  parts: Readonly<Record<string, Resumable>>,
  saved: Readonly<Record<string, unknown>>,
): Restore[] {
  return Object.entries(parts).map(([name, part]) => {
    const before = part.state();
    part.restore(saved[name]);
    part.restore(before);
    return () => part.restore(saved[name]);
  });
}
