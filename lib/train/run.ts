/** A training run: steps that are counted, saved on the way, and gone on with after a stop. */
import type * as tf from "@tensorflow/tfjs";
import { type CheckpointParts, Checkpoints, type CheckpointsOptions } from "./checkpoint.ts";
import { steps, type StepsOptions } from "./steps.ts";

/** How a run is saved. */
export interface TrainingRunOptions extends CheckpointsOptions {
  /** The folder of its checkpoints. */
  readonly folder: string;
  /** After how many steps it is saved; also at its begin, its end and at an interrupt. */
  readonly saveEvery?: number;
}

/**
 * The steps of a run in a `for await` loop, with checkpoints.
 *
 * A loop that was interrupted goes on where it was when it is run again, and after `resume()` one of
 * another process does, bit-equal to a run that was never stopped. If the loop is left because the
 * numbers are no longer finite, the last good state is put back.
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
  readonly #models: readonly tf.LayersModel[];
  readonly #saveEvery: number;
  readonly #warn: (line: string) => void;
  #step = 0;
  #savedAt: number | undefined;

  /**
   * Reads and writes nothing yet.
   *
   * @throws {RangeError} if `saveEvery` is not a whole number from 1 on, or see {@linkcode Checkpoints}.
   */
  constructor(parts: CheckpointParts, options: TrainingRunOptions) {
    const { folder, saveEvery = 500, warn = console.warn } = options;
    if (!Number.isSafeInteger(saveEvery) || saveEvery < 1) {
      throw new RangeError(
        `Cannot save a run: expected saveEvery to be a whole number from 1 on, got ${saveEvery}`,
      );
    }
    this.#checkpoints = new Checkpoints(folder, parts, options);
    this.#models = [...Object.values(parts.networks), ...Object.values(parts.averages ?? {})]
      .map(({ model }) => model);
    this.#saveEvery = saveEvery;
    this.#warn = warn;
  }

  /** Steps that are done. */
  get step(): number {
    return this.#step;
  }

  /**
   * Puts everything back as it was at the newest checkpoint, if there is one.
   *
   * @returns the steps that were done by then, 0 without a checkpoint.
   * @throws {RangeError} if there are checkpoints but none of them fits; then nothing has changed.
   */
  async resume(): Promise<number> {
    const restored = await this.#checkpoints.restore();
    if (restored) this.#step = this.#savedAt = restored.step;
    return this.#step;
  }

  /** Saves everything as it is now; see {@linkcode Checkpoints.save}. */
  async save(): Promise<void> {
    if (this.#savedAt === this.#step) return;
    await this.#checkpoints.save(this.#step);
    this.#savedAt = this.#step;
  }

  /**
   * Counts from where the run is to `total - 1`, as {@linkcode steps} does; `total` is that of the whole
   * run, so a larger one goes on with a run that is over.
   *
   * @throws {RangeError} if `total` is not a whole number from 0 on.
   */
  steps(total: number, options: Omit<StepsOptions, "from"> = {}): AsyncIterable<number> {
    const from = Math.min(this.#step, total);
    // Not spread: a notebook's signal is asked for when the loop begins.
    const loop = steps(total, Object.create(options, { from: { value: from } }));
    return { [Symbol.asyncIterator]: () => this.#saving(loop) };
  }

  async *#saving(loop: AsyncIterable<number>): AsyncGenerator<number, undefined> {
    await this.save();
    let inStep = false;
    try {
      for await (const i of loop) {
        inStep = true;
        yield i;
        inStep = false;
        this.#step = i + 1;
        if (this.#step % this.#saveEvery === 0) await this.save();
      }
    } finally {
      if (inStep) await this.#keepGood();
      else await this.save();
    }
  }

  /** A step was left in its midst: by an error, or by the reader. */
  async #keepGood(): Promise<void> {
    if (this.#models.every(isFinite)) return;
    const left = this.#step + 1;
    await this.resume();
    this.#warn(
      `The numbers were no longer finite after step ${left}; everything is as it was at step ${this.#step}.`,
    );
  }
}

/** Whether all weights are numbers. */
function isFinite(model: tf.LayersModel): boolean {
  return model.weights.every((weight) => weight.read().dataSync().every(Number.isFinite));
}
