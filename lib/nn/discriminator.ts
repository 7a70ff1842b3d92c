/** The network that tells real from generated. */
import * as tf from "@tensorflow/tfjs";
import type { Random } from "../data/mod.ts";
import { linear } from "./layers.ts";
import { type Loss, meanSquaredError } from "./losses.ts";
import type { BatchProgram } from "./batch_program.ts";
import { Network, type NetworkOptions, RECORD_EVERY, trainableVariables } from "./network.ts";
import { labelsFor, readValues, type ValueLabels, type Values } from "./values.ts";

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

const LABELS = labelsFor("train the discriminator");

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
  /** How often it was trained on real and on generated samples; `history` counts by them. */
  readonly steps: { real: number; fake: number } = { real: 0, fake: 0 };
  readonly #step: BatchProgram;

  /** Makes the script's discriminator, or one with a model, loss and optimizer of your own. */
  constructor(options: DiscriminatorOptions = {}) {
    super("discriminator", options.model ?? scriptModel(options.rng), options);
    this.loss = options.loss ?? meanSquaredError;
    this.#step = this.batchProgram(
      (x, targets) => [this.#descend(x!, targets!)],
      [this.inputShape, this.outputShape],
    );
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
    const input = readValues(x, this.inputSize, LABELS.x);
    const batch = input.length / this.inputSize;
    const wanted = this.readTargets(targets, batch, LABELS.targets);
    const loss = this.#step.run(batch, input, wanted)[0]![0]!;
    this.record(loss);
    this.#keep(wanted, loss);
    return loss;
  }

  /**
   * Targets for answers to `batch` samples, checked; the generator's step needs them too.
   *
   * @throws {TypeError | RangeError} if they are not `batch` times as many finite numbers as one
   * answer has.
   */
  readTargets(targets: unknown, batch: number, labels: ValueLabels): ArrayLike<number> {
    const wanted = readValues(targets, this.outputSize, labels);
    if (wanted.length !== batch * this.outputSize) {
      throw new RangeError(
        `Cannot ${labels.task}: expected targets for ${batch} samples, ` +
          `got targets for ${wanted.length / this.outputSize}`,
      );
    }
    return wanted;
  }

  #descend(x: tf.Tensor, targets: tf.Tensor): tf.Tensor {
    const loss = this.optimizer.minimize(
      () => this.loss.compute(this.model.apply(x, { training: true }) as tf.Tensor, targets),
      true,
      trainableVariables(this.model),
    );
    return loss!;
  }

  #keep(targets: ArrayLike<number>, loss: number): void {
    let ones = 0;
    for (let i = 0; i < targets.length; i++) if (targets[i]! >= 0.5) ones++;
    if (ones > 0 && ones < targets.length) return; // a mixed batch is neither
    const kind = ones > 0 ? "real" : "fake";
    if (++this.steps[kind] % RECORD_EVERY === 0) this.history[kind].push(loss);
  }
}
