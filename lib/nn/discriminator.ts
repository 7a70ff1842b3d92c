/** The network that tells real from generated. */
import * as tf from "@tensorflow/tfjs";
import type { Random } from "../data/mod.ts";
import { linear } from "./layers.ts";
import { type Loss, meanSquaredError } from "./losses.ts";
import {
  Network,
  type NetworkOptions,
  readBatch,
  RECORD_EVERY,
  trainableVariables,
} from "./network.ts";
import type { Batch, StepFunction } from "./step.ts";
import type { Values } from "./values.ts";

/** What a discriminator can be told. */
export interface DiscriminatorOptions extends NetworkOptions {
  /** What its answers are measured with; the script's mean squared error by default. */
  readonly loss?: Loss;
  /** Where the script's network takes its initial weights from. */
  readonly rng?: Random;
}

/** Losses of the discriminator's two tasks, each kept at every 10th step of that task. */
export interface DiscriminatorHistory {
  /** On real samples: all targets at least 1/2. */
  readonly real: number[];
  /** On generated samples: all targets below 1/2. */
  readonly fake: number[];
}

/** The script's network: 4 numbers in, one number in (0, 1) out. */
function scriptModel(rng: Random | undefined): tf.Sequential {
  const options = { activation: "sigmoid", ...(rng && { rng }) } as const;
  return tf.sequential({ layers: [linear(4, 3, options), linear(3, 1, options)] });
}

/**
 * A discriminator: 1 for real, 0 for generated.
 *
 * ```ts
 * import { Discriminator } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const D = new Discriminator();
 * const first = D.train([1, 0, 1, 0], [1]);
 * for (let i = 0; i < 100; i++) D.train([1, 0, 1, 0], [1]);
 * assert(D.train([1, 0, 1, 0], [1]) < first);
 * ```
 */
export class Discriminator extends Network {
  /** What its answers are measured with. */
  readonly loss: Loss;
  /** Its losses on real and on generated samples apart; the script's `progress` mixes them. */
  readonly history: DiscriminatorHistory = { real: [], fake: [] };
  readonly #seen = { real: 0, fake: 0 };
  readonly #step: StepFunction = (input, targets) => {
    const output = this.model.apply(input) as tf.Tensor;
    const loss = this.optimizer.minimize(
      () => this.loss.compute(this.model.apply(input) as tf.Tensor, targets),
      true,
      trainableVariables(this.model),
    );
    return { loss: loss!, output };
  };

  /** Makes the script's discriminator, or one with a model, loss and optimizer of your own. */
  constructor(options: DiscriminatorOptions = {}) {
    super("discriminator", options.model ?? scriptModel(options.rng), options);
    this.loss = options.loss ?? meanSquaredError;
  }

  /**
   * One step towards answering `targets` (`[batch, outputs]`) to `x` (`[batch, inputs]`).
   *
   * Only the discriminator's own parameters move.
   *
   * @returns the loss before the step.
   * @throws {TypeError | RangeError} if `x` or `targets` are not numbers of the right count; then
   * nothing has changed.
   */
  train(x: Values, targets: Values): number {
    const task = "train the discriminator";
    const input = readBatch(x, this.inputShape, { task, name: "x" });
    const wanted = this.readTargets(targets, input.shape[0]!, task);
    const { loss } = this.runStep(this.#step, input, wanted);
    this.#keep(wanted.values, loss);
    return loss;
  }

  /**
   * Targets for answers to `batch` samples, checked; the generator's step needs them too.
   *
   * @throws {TypeError | RangeError} if they are not `batch` times as many finite numbers as one
   * answer has.
   */
  readTargets(targets: unknown, batch: number, task: string): Batch {
    const wanted = readBatch(targets, this.outputShape, { task, name: "targets" });
    if (wanted.shape[0] !== batch) {
      throw new RangeError(
        `Cannot ${task}: expected targets for ${batch} samples, got targets for ${wanted.shape[0]}`,
      );
    }
    return wanted;
  }

  #keep(targets: Float32Array, loss: number): void {
    const real = targets.every((target) => target >= 0.5);
    if (!real && targets.some((target) => target >= 0.5)) return; // a mixed batch is neither
    const kind = real ? "real" : "fake";
    if (++this.#seen[kind] % RECORD_EVERY === 0) this.history[kind].push(loss);
  }
}
