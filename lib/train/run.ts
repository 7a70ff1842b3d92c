/** Runs a training with checkpoints: counts steps, saves, and resumes after a stop. */
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

/** Options of {@linkcode TrainingRun}. */
export interface TrainingRunOptions extends CheckpointsOptions {
  /** Path of the folder with the checkpoints. */
  readonly folder: string;
  /**
   * Number of steps between checkpoints; 500 by default. The run is also saved at its start, at its
   * end and when it is interrupted.
   */
  readonly saveEvery?: number;
}

const KINDS: Kinds<TrainingRunOptions> = {
  folder: folderPath,
  saveEvery: wholeNumber({ from: 1 }),
  ...CHECKPOINTS_KINDS,
};

/**
 * Training run: a `for await` loop over steps, with checkpoints.
 *
 * To continue an interrupted loop, run it again. To continue in another process, call `resume()`
 * first; the result is bit-equal to a run that was never stopped. Without `resume()` it is a new
 * run, which leaves the checkpoints of earlier runs in the folder unchanged.
 *
 * The step count always matches the networks. If the loop is left in the middle of a step, or
 * numbers are no longer finite, the run returns to its last checkpoint, and a warning or the error
 * says so.
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
   * Checks the arguments. Does not read or write files yet.
   *
   * @throws {TypeError | RangeError} if `folder` is not the path of a folder, or a part, a name or
   * an option is wrong.
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

  /** Number of finished steps. */
  get step(): number {
    return this.#step;
  }

  /**
   * Restores everything from the newest checkpoint in the folder, or from the one named by `from`.
   * A loop that starts meanwhile waits for it.
   *
   * @returns the number of finished steps; 0 if there is no checkpoint.
   * @throws {RangeError} if the newest undamaged checkpoint does not fit, or all are damaged; then
   * nothing has changed.
   */
  async resume(options: RestoreOptions = {}): Promise<number> {
    if (this.#isLooping) {
      throw new RangeError(
        "Cannot resume a training run: expected a run whose loop has ended, got one whose loop is running",
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

  /** Saves the present state, see {@linkcode Checkpoints.save}. */
  async save(): Promise<void> {
    await this.#checkpoints.save(this.#step);
  }

  /**
   * Counts the steps from the present one to `total - 1`, as {@linkcode steps} does. `total` is the
   * number of steps of the whole run, so a larger total continues a finished run.
   *
   * @throws {TypeError | RangeError} if `total` is not a whole number from 0 on, or an option is
   * wrong. In the loop: if another run is writing to the folder, a checkpoint cannot be written, or
   * numbers are no longer finite when the run is saved.
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
    // A copy of the options would read a notebook's signal too early: it has to be read when the
    // loop starts.
    const from = { value: Math.min(this.#step, total) };
    const loop = steps(total, Object.create(options, { from }));
    const counts = this.#counts;
    counts.forget();
    let isLeft = true;
    const saveGood = async () => {
      isLeft = false; // the error already says what happened
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

  /** Saves a checkpoint. If numbers are not finite, restores the last checkpoint instead and throws. */
  async #saveGood(): Promise<void> {
    try {
      await this.save();
    } catch (error) {
      if (!(error instanceof NotFinite)) throw error;
      const left = this.#step;
      await this.#putBack();
      throw new RangeError(
        `Cannot continue after step ${left}: ${reasonOf(error)}; the run is back at step ` +
          `${this.#step}; try a smaller learning rate`,
        { cause: error },
      );
    }
  }

  /**
   * Handles a loop that was left early: saves, or restores the last checkpoint. Never throws,
   * because it would hide the error that ended the loop.
   */
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
      `Step ${left} was interrupted; the run is back at its last checkpoint, step ${this.#step}`,
    );
  }

  /** Restores the newest checkpoint of this run. There is one, because every loop saves at its start. */
  async #putBack(): Promise<void> {
    const { newest = "" } = this.#checkpoints;
    const from = newest.slice(newest.lastIndexOf("/") + 1);
    this.#step = (await this.#checkpoints.restore({ from }))!.step;
  }
}

/** Removes "Cannot ...:" from the message of an error. */
function reasonOf(error: Error): string {
  return error.message.replace(/^Cannot [^:]*: /, "");
}
