/** The network that tells real from generated. */
import * as tf from "@tensorflow/tfjs";
import type { Random } from "../data/mod.ts";
import { linear } from "./layers.ts";
import { type Loss, type LossName, lossOf } from "./losses.ts";
import type { BatchProgram } from "./batch_program.ts";
import { Network, type NetworkOptions, RECORD_EVERY, trainableVariables } from "./network.ts";
import { betweenSamples, type Penalty } from "./penalties.ts";
import { labelsFor, readValues, type ValueLabels, type Values } from "./values.ts";

/** What a discriminator can be told. */
export interface DiscriminatorOptions extends NetworkOptions {
  /** What its answers are measured with, or the name of it; the script's mean squared error by default. */
  readonly loss?: Loss | LossName;
  /** What keeps it from being too steep; nothing by default. */
  readonly penalty?: Penalty;
  /** Where the script's network takes its initial weights from. */
  readonly rng?: Random;
}

/** Numbers of the discriminator's two tasks, each kept at every 10th step of that task. */
export interface DiscriminatorHistory {
  /** On real samples: all targets at least 1/2. */
  readonly real: number[];
  /** On generated samples: all targets below 1/2. */
  readonly fake: number[];
}

/** What a batch teaches: what real samples look like, or generated ones; a mixed one is neither. */
type Task = keyof DiscriminatorHistory;

/** One batch of a step; `places` are where a penalty measures slopes. */
interface StepInputs {
  readonly x: tf.Tensor;
  readonly targets: tf.Tensor;
  readonly places?: tf.Tensor;
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
  /** What keeps it from being too steep. */
  readonly penalty: Penalty | undefined;
  /** Its losses on real and on generated samples apart; the script's `progress` mixes them. */
  readonly history: DiscriminatorHistory = { real: [], fake: [] };
  /** Its mean answers, D(real) and D(fake), at the same steps: probabilities, or scores of a critic. */
  readonly answers: DiscriminatorHistory = { real: [], fake: [] };
  /** How often it was trained on real and on generated samples; `history` counts by them. */
  readonly steps: { real: number; fake: number } = { real: 0, fake: 0 };
  readonly #step: BatchProgram;
  readonly #penalised: BatchProgram;
  #lastReal: Float32Array | undefined;

  /** Makes the script's discriminator, or one with a model, loss and optimizer of your own. */
  constructor(options: DiscriminatorOptions = {}) {
    super("discriminator", options.model ?? scriptModel(options.rng), options);
    this.loss = lossOf(options.loss ?? "mse");
    this.penalty = options.penalty;
    const shapes = [this.inputShape, this.outputShape];
    this.#step = this.batchProgram(
      (x, targets) => this.#descend({ x: x!, targets: targets! }),
      shapes,
    );
    this.#penalised = this.batchProgram(
      (x, targets, places) => this.#descend({ x: x!, targets: targets!, places: places! }),
      [...shapes, this.inputShape],
    );
  }

  /**
   * One step towards answering `targets` (`[batch, outputs]`) to `x` (`[batch, inputs]`).
   *
   * Only the discriminator's own parameters move.
   *
   * @returns the loss before the step, without the penalty.
   * @throws {TypeError | RangeError} if `x` or `targets` are not numbers of the right count; then
   * nothing has changed.
   */
  train(x: Values, targets: Values): number {
    const input = readValues(x, this.inputSize, LABELS.x);
    const batch = input.length / this.inputSize;
    const wanted = this.readTargets(targets, batch, LABELS.targets);
    const task = taskOf(wanted);
    const places = task && this.#placesOf(task, input);
    const [[loss], [answer]] =
      (places
        ? this.#penalised.run(batch, input, wanted, places)
        : this.#step.run(batch, input, wanted)) as [[number], [number]];
    this.record(loss);
    if (task) this.#keep(task, loss, answer);
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

  /** Where the penalty measures slopes in this step, if it is due. */
  #placesOf(task: Task, input: ArrayLike<number>): ArrayLike<number> | undefined {
    const { penalty } = this;
    if (!penalty) return undefined;
    if (penalty.at === "between" && task === "real") this.#lastReal = Float32Array.from(input);
    if (task !== (penalty.at === "real" ? "real" : "fake")) return undefined;
    if ((this.steps[task] + 1) % penalty.every !== 0) return undefined;
    if (penalty.at === "real") return input;
    // The first step may be on generated samples: then there is nothing yet to be between.
    if (this.#lastReal?.length !== input.length) return undefined;
    return betweenSamples(this.#lastReal, input, { penalty, size: this.inputSize });
  }

  /** Returns the loss without the penalty, and the mean answer. */
  #descend({ x, targets, places }: StepInputs): tf.Tensor[] {
    const kept: tf.Tensor[] = [];
    const answer = (samples: tf.Tensor) =>
      this.model.apply(samples, { training: true }) as tf.Tensor;
    const total = this.optimizer.minimize(
      () => {
        const outputs = answer(x);
        const loss = this.loss.compute(outputs, targets);
        kept.push(tf.keep(loss.clone()), tf.keep(meanAnswer(this.loss, outputs)));
        if (!places || !this.penalty) return loss;
        const slopes = tf.grad((samples) => answer(samples).sum())(places);
        return tf.add(loss, this.penalty.compute(slopes));
      },
      true,
      trainableVariables(this.model),
    );
    total?.dispose();
    const results = kept.map((tensor) => tensor.clone()); // the caller's scope disposes these
    tf.dispose(kept);
    return results;
  }

  #keep(task: Task, loss: number, answer: number): void {
    if (++this.steps[task] % RECORD_EVERY !== 0) return;
    this.history[task].push(loss);
    this.answers[task].push(answer);
  }
}

/** A batch is of one task if all its targets are on one side of 1/2. */
function taskOf(targets: ArrayLike<number>): Task | undefined {
  let ones = 0;
  for (let i = 0; i < targets.length; i++) if (targets[i]! >= 0.5) ones++;
  if (ones === targets.length) return "real";
  return ones === 0 ? "fake" : undefined;
}

/** Answers `[batch, units]` as one number that plots can show: logits as probabilities. */
function meanAnswer(loss: Loss, outputs: tf.Tensor): tf.Tensor {
  return loss.answers === "logit" ? outputs.sigmoid().mean() : outputs.mean();
}
