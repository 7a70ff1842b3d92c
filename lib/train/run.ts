/** A training run: steps that are counted, saved on the way, and gone on with after a stop. */
import { check, checkOptions, folderPath, type Kinds, wholeNumber } from "../check/mod.ts";
import {
  Checkpoints,
  CHECKPOINTS_KINDS,
  type CheckpointsOptions,
  type RestoreOptions,
} from "./checkpoint.ts";
import { NotFinite } from "./checkpoint_arrays.ts";
import { type CheckpointParts, readParts } from "./checkpoint_parts.ts";
import { messageOf } from "./damage.ts";
import { StepCounts } from "./step_counts.ts";
import { LOOP_KINDS, type LoopOptions, steps } from "./steps.ts";

/** Options of `TrainingRun`. */
export interface TrainingRunOptions extends CheckpointsOptions {
  /** The folder of its checkpoints. */
  readonly folder: string;
  /** After how many steps it is saved, 500 by default; also at its begin, its end and at an interrupt. */
  readonly saveEvery?: number;
}

const KINDS: Kinds<TrainingRunOptions> = {
  folder: folderPath,
  saveEvery: wholeNumber({ from: 1 }),
  ...CHECKPOINTS_KINDS,
};

/**
 * The steps of a run in a `for await` loop, with checkpoints.
 *
 * A loop that was interrupted goes on where it was when it is run again, and after `resume()` one of
 * another process does, bit-equal to a run that was never stopped. Without `resume()` the run is a new one:
 * it leaves the checkpoints of earlier runs in the folder alone.
 *
 * The count of steps and the networks always agree. A step that was left in its middle is taken back with
 * those since the last checkpoint, and so are steps after which numbers are no longer finite; a line or the
 * error says so.
 *
 * ```ts
 * import { Random } from "../data/mod.ts";
 * import { Discriminator, Generator } from "../nn/mod.ts";
 * import { TrainingRun } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = Deno.makeTempDirSync();
 * const noise = new Random(1);
 * const networks = { D: new Discriminator(), G: new Generator() };
 * const run = new TrainingRun({ networks, states: { noise } }, { folder });
 * for await (const _ of run.steps(20)) networks.G.train(networks.D, [noise.uniform()], [1]);
 * assert.equal(run.step, 20);
 * Deno.removeSync(folder, { recursive: true });
 * ```
 */
export class TrainingRun {
  readonly #checkpoints: Checkpoints;
  readonly #counts: StepCounts;
  readonly #saveEvery: number;
  readonly #warn: (line: string) => void;
  #step = 0;
  #isLooping = false;
  #resuming: Promise<unknown> | undefined;

  /**
   * Reads and writes nothing yet.
   *
   * @throws {TypeError | RangeError} if `folder` is not the path of a folder, or a part, a name or an option
   * cannot be one.
   */
  constructor(parts: CheckpointParts, options: TrainingRunOptions) {
    const task = "make a training run";
    checkOptions(task, options, { kinds: KINDS, required: ["folder"] });
    const { folder, saveEvery = 500, keep = 2, warn = console.warn } = options;
    this.#counts = new StepCounts(readParts(task, parts));
    this.#checkpoints = new Checkpoints(folder, parts, { keep, warn });
    this.#saveEvery = saveEvery;
    this.#warn = warn;
  }

  /** Steps that are done. */
  get step(): number {
    return this.#step;
  }

  /**
   * Puts everything back as it was at the newest checkpoint in the folder, if there is one, or at the one
   * named by `from`. A loop that begins meanwhile waits for it.
   *
   * @returns the steps that were done by then, 0 without a checkpoint.
   * @throws {RangeError} if the newest whole checkpoint does not fit, or all are damaged; then nothing has
   * changed.
   */
  async resume(options: RestoreOptions = {}): Promise<number> {
    if (this.#isLooping) {
      throw new RangeError(
        "Cannot resume a training run: expected it to rest, got one whose loop is at work",
      );
    }
    const restored = this.#checkpoints.restore(options);
    this.#resuming = restored;
    try {
      this.#step = (await restored)?.step ?? this.#step;
    } finally {
      this.#resuming = undefined;
    }
    return this.#step;
  }

  /** Saves everything as it is now; see {@linkcode Checkpoints.save}. */
  async save(): Promise<void> {
    await this.#checkpoints.save(this.#step);
  }

  /**
   * Counts from where the run is to `total - 1`, as {@linkcode steps} does; `total` is that of the whole
   * run, so a larger one goes on with a run that is over.
   *
   * @throws {TypeError | RangeError} if `total` is not a whole number from 0 on, or an option cannot be one;
   * in the loop, if another run is writing to the folder, a checkpoint cannot be written, or numbers are no
   * longer finite where the run is saved.
   */
  steps(total: number, options: LoopOptions = {}): AsyncIterable<number> {
    check("run a training", { total }, wholeNumber({ from: 0 }));
    checkOptions("run a training", options, { kinds: LOOP_KINDS });
    return { [Symbol.asyncIterator]: () => this.#loop(total, options) };
  }

  async *#loop(
    total: number,
    options: LoopOptions,
  ): AsyncGenerator<number, undefined> {
    if (this.#isLooping) {
      throw new RangeError(
        "Cannot run a training: expected one loop at a time, got a second one of the same run",
      );
    }
    this.#isLooping = true;
    try {
      await this.#resuming;
      await using _ = await this.#checkpoints.hold();
      await this.save();
      yield* this.#saving(total, options);
    } finally {
      this.#isLooping = false;
    }
  }

  async *#saving(
    total: number,
    options: LoopOptions,
  ): AsyncGenerator<number, undefined> {
    // Not spread: a notebook's signal is asked for when the loop begins.
    const from = { value: Math.min(this.#step, total) };
    const loop = steps(total, Object.create(options, { from }));
    const counts = this.#counts;
    counts.forget();
    let isLeft = true;
    const saveGood = async () => {
      isLeft = false; // an error says all that is to be said
      await this.#saveGood();
      isLeft = true;
    };
    try {
      for await (const i of loop) {
        counts.begin();
        yield i;
        counts.end();
        this.#step = i + 1;
        if (this.#step % this.#saveEvery === 0) await saveGood();
      }
      await saveGood();
      isLeft = false;
    } finally {
      if (isLeft) await this.#leave();
    }
  }

  /** Saves, or puts the last checkpoint back where numbers are no longer finite. */
  async #saveGood(): Promise<void> {
    try {
      await this.save();
    } catch (error) {
      if (!(error instanceof NotFinite)) throw error;
      const left = this.#step;
      await this.#putBack();
      throw new RangeError(
        `Cannot go on after step ${left}: ${reasonOf(error)}; everything is as it was at step ` +
          `${this.#step}, a smaller learning rate may help`,
        { cause: error },
      );
    }
  }

  /** The loop is left early, by whatever: an error that is on its way has to be seen, so this throws none. */
  async #leave(): Promise<void> {
    const progress = this.#counts.progress();
    if (progress !== "nothing") this.#step++;
    try {
      if (progress === "part") await this.#takeBack();
      else await this.#saveGood();
    } catch (error) {
      this.#warn(messageOf(error));
    }
  }

  async #takeBack(): Promise<void> {
    const left = this.#step;
    await this.#putBack();
    this.#warn(
      `Step ${left} was left in its middle; everything is as it was at step ${this.#step}, where the run ` +
        "was saved last",
    );
  }

  /** Puts back the newest checkpoint of this run, which every loop has made at its begin. */
  async #putBack(): Promise<void> {
    const { newest = "" } = this.#checkpoints;
    const from = newest.slice(newest.lastIndexOf("/") + 1);
    this.#step = (await this.#checkpoints.restore({ from }))!.step;
  }
}

/** Gives the reason of an error, without what could not be done. */
function reasonOf(error: Error): string {
  return error.message.replace(/^Cannot [^:]*: /, "");
}
