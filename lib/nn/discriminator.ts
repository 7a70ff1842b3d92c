/** The network that tells real from generated. */
import * as tf from "@tensorflow/tfjs";
import { arrayOf, checkOptions, flag, instanceOf, type Kinds, union } from "../check/mod.ts";
import { Random } from "../data/mod.ts";
import type { BatchProgram } from "./batch_program.ts";
import { checkScalar, type Pass } from "./descend.ts";
import { refuseChange } from "./fixed_parts.ts";
import { linear } from "./layers.ts";
import { LOSS, type Loss, type LossName, lossOf } from "./losses.ts";
import {
  checkNetworkOptions,
  Network,
  NETWORK_KINDS,
  type NetworkOptions,
  RECORD_EVERY,
} from "./network.ts";
import { readModel } from "./model_shapes.ts";
import { checkPenalty, PENALTY, type Penalty } from "./penalties.ts";
import { PenaltyPlaces } from "./penalty_places.ts";
import { labelsFor, readTargets, readValues, type TargetFormat, type Values } from "./values.ts";
import { keepWeights } from "./weights.ts";

/** Options of `Discriminator`. */
export interface DiscriminatorOptions extends NetworkOptions {
  /** What its answers are measured with, or the name of it; the script's mean squared error by default. */
  readonly loss?: Loss | LossName;
  /** What keeps it from being too steep; nothing by default. */
  readonly penalty?: Penalty;
  /**
   * Where the script's network takes its initial weights from, or where dropout layers of a model draw from;
   * by default the shared generator.
   */
  readonly rng?: Random;
}

const KINDS: Kinds<DiscriminatorOptions> = {
  ...NETWORK_KINDS,
  loss: LOSS,
  penalty: PENALTY,
  rng: instanceOf(Random),
};

/** Options of `Discriminator.train`. */
export interface DiscriminatorStepOptions {
  /**
   * True if the samples are real, false if they are generated, or one of them for each row. If left out,
   * the targets tell: real from 1/2 on. They cannot where labels are flipped, or real and generated
   * samples are in one batch.
   */
  readonly real?: boolean | readonly boolean[];
}

const STEP_KINDS: Kinds<DiscriminatorStepOptions> = { real: union(flag, arrayOf(flag)) };

/** Numbers of the discriminator's two tasks, each kept at every 10th step of that task. */
export interface DiscriminatorHistory {
  /** On real samples: all targets at least 1/2. */
  readonly real: number[];
  /** On generated samples: all targets below 1/2. */
  readonly fake: number[];
}

/** The two tasks: to answer real samples, and generated ones. */
type Task = keyof DiscriminatorHistory;

/** The tensors of one step; `places` are where a penalty measures slopes. */
interface StepInputs {
  readonly x: tf.Tensor;
  readonly targets: tf.Tensor;
  readonly places?: tf.Tensor;
}

const MAKE = "make a discriminator";
const TRAIN = "train the discriminator";
const LABELS = labelsFor(TRAIN);

/** How many numbers the pattern 1-0-1-0 has. */
const SCRIPT_INPUTS = 4;

/** The script's network: 4 numbers in, one number in (0, 1) out. */
function scriptModel(rng: Random | undefined): tf.Sequential {
  const options = { activation: "sigmoid", ...(rng && { rng }) } as const;
  return tf.sequential({ layers: [linear(SCRIPT_INPUTS, 3, options), linear(3, 1, options)] });
}

/**
 * A discriminator: 1 for real, 0 for generated.
 *
 * One step is one training pass of the network: batch normalization updates its moving averages once, and
 * not in a generator's step or in the second pass of a penalty, which use batch statistics too.
 *
 * A weight in `loss` or `penalty` that changes during training has to be a `tf.Variable`: see `Loss` and
 * `Penalty`. The learning rate is changed with `D.optimizer.learningRate = …`, or for plain gradient
 * descent `D.optimizer.setLearningRate(…)`.
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
  /** Its losses on real and on generated samples apart; the script's `progress` mixes them. */
  readonly history: DiscriminatorHistory = { real: [], fake: [] };
  /** Its mean answers, D(real) and D(fake), at the same steps: probabilities, or scores of a critic. */
  readonly answers: DiscriminatorHistory = { real: [], fake: [] };
  /** How often it was trained on real and on generated samples; `history` counts by them. */
  readonly steps: { real: number; fake: number } = { real: 0, fake: 0 };
  readonly #loss: Loss;
  readonly #penalty: Penalty | undefined;
  readonly #step: BatchProgram;
  readonly #penalised: BatchProgram;
  readonly #targets: TargetFormat;
  readonly #places: PenaltyPlaces | undefined;

  /**
   * Makes the script's discriminator, or one with a model, loss and optimizer of your own.
   *
   * @throws {TypeError | RangeError} if an option is not known or of another kind, or the model is none
   * with one input and one output of known sizes.
   */
  constructor(options: DiscriminatorOptions = {}) {
    checkNetworkOptions(MAKE, options, KINDS);
    const { model, loss = "mse", penalty, rng } = options;
    const found = lossOf(loss);
    const sampleSize = model ? readModel(MAKE, model).input.size : SCRIPT_INPUTS;
    if (penalty) checkPenalty(MAKE, penalty, sampleSize);
    super("discriminator", model ?? scriptModel(rng), options);
    this.#loss = found;
    this.#penalty = penalty;
    this.#targets = { sample: this.output, range: found.targets, labels: LABELS.targets };
    this.#places = penalty && new PenaltyPlaces(penalty, sampleSize);
    const sampleShapes = [this.inputShape, this.outputShape];
    const name = `the discriminator's step with the loss ${found.name}`;
    this.#step = this.stepProgram((x, targets) => this.#pass({ x: x!, targets: targets! }), {
      sampleShapes,
      name,
    });
    this.#penalised = this.stepProgram(
      (x, targets, places) => this.#pass({ x: x!, targets: targets!, places: places! }),
      {
        sampleShapes: [...sampleShapes, this.inputShape],
        name: `${name} and the penalty ${penalty?.name}`,
      },
    );
  }

  /** What its answers are measured with. */
  get loss(): Loss {
    return this.#loss;
  }
  set loss(other: never) {
    refuseChange("loss", this.name, other);
  }

  /** What keeps it from being too steep. */
  get penalty(): Penalty | undefined {
    return this.#penalty;
  }
  set penalty(other: never) {
    refuseChange("penalty", this.name, other);
  }

  /**
   * Makes one step towards answering `targets` (`[batch, outputs]`) to `x` (`[batch, inputs]`).
   *
   * Only the discriminator's own parameters move.
   *
   * @returns the loss before the step, with the regularizers of the layers, without the penalty.
   * @throws {TypeError | RangeError} if `x` or `targets` are not numbers of the right count, or a target
   * is outside the range of the loss, or the penalty needs to know which rows are real; then nothing has
   * changed.
   */
  train(x: Values, targets: Values, options?: DiscriminatorStepOptions): number {
    const input = readValues(x, this.input, LABELS.x);
    const batch = input.length / this.inputSize;
    const wanted = readTargets(targets, batch, this.#targets);
    const real = options === undefined ? undefined : readReal(options, batch);
    const task = taskOf(real ?? wanted);
    const places = this.#places && this.#placesOf(this.#places, { input, task, real });
    const [[loss], [answer]] =
      (places
        ? this.#penalised.run(batch, input, wanted, places)
        : this.#step.run(batch, input, wanted)) as [[number], [number]];
    this.record(loss);
    if (task) this.#keep(task, loss, answer);
    return loss;
  }

  /** Finds where the penalty measures slopes in this step, if it is due. */
  #placesOf(
    places: PenaltyPlaces,
    { input, task, real }: {
      readonly input: ArrayLike<number>;
      readonly task: Task | undefined;
      readonly real: ArrayLike<number> | undefined;
    },
  ): ArrayLike<number> | undefined {
    if (task) return places.of({ input, real: task === "real", step: this.steps[task] + 1 });
    if (!real) {
      throw new RangeError(
        `Cannot ${TRAIN}: expected targets that are all from 1/2 on or all below it, since the penalty ` +
          `${this.penalty!.name} needs to know which rows are real, got both; ` +
          "pass { real: [true, false, …] } as well, with one of them for each row",
      );
    }
    const mixedSteps = this.counter - this.steps.real - this.steps.fake;
    return places.of({ input, real, step: mixedSteps + 1 });
  }

  /** A discriminator trains twice in an iteration, on real and on generated samples. */
  protected override get iterations(): number {
    return Math.max(1, this.counter - Math.min(this.steps.real, this.steps.fake));
  }

  /** Computes the loss, the penalty, and the mean answer. */
  #pass({ x, targets, places }: StepInputs): Pass {
    const outputs = this.model.apply(x, { training: true }) as tf.Tensor;
    return {
      loss: checkScalar(this.loss.compute(outputs, targets), { task: TRAIN, maker: "the loss" }),
      penalty: places && this.#penaltyAt(places),
      result: meanAnswer(this.loss, outputs),
    };
  }

  /** Computes the penalty from the slopes of the answers by their samples, in a pass that leaves no trace. */
  #penaltyAt(places: tf.Tensor): tf.Tensor {
    const { model } = this;
    const answers = (samples: tf.Tensor) =>
      keepWeights(model.weights, () => model.apply(samples, { training: true }) as tf.Tensor);
    const slopes = tf.grad((samples) => answers(samples).sum())(places);
    return checkScalar(this.penalty!.compute(slopes), { task: TRAIN, maker: "the penalty" });
  }

  #keep(task: Task, loss: number, answer: number): void {
    if (++this.steps[task] % RECORD_EVERY !== 0) return;
    this.history[task].push(loss);
    this.answers[task].push(answer);
  }
}

/** Reads which rows are real, 1 for each that is, if the options say so. */
function readReal(
  options: DiscriminatorStepOptions,
  batch: number,
): readonly number[] | undefined {
  checkOptions(TRAIN, options, { kinds: STEP_KINDS });
  const { real } = options;
  if (real === undefined) return undefined;
  if (typeof real === "boolean") return new Array<number>(batch).fill(Number(real));
  if (real.length === batch) return real.map(Number);
  throw new RangeError(
    `Cannot ${TRAIN}: expected real to have a value for each of ${batch} rows, got ${real.length}`,
  );
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
