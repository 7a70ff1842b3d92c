/** Discriminator: the network that distinguishes real from generated samples. */
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

/** Options of {@linkcode Discriminator}. */
export interface DiscriminatorOptions extends NetworkOptions {
  /** Loss or its name; by default the mean squared error, as in the script. */
  readonly loss?: Loss | LossName;
  /** Penalty on the slope of D; none by default. */
  readonly penalty?: Penalty;
  /**
   * Random generator of the initial weights of the default model, or of the noise of layers such as
   * dropout in a given model; by default the shared generator.
   */
  readonly rng?: Random;
}

const KINDS: Kinds<DiscriminatorOptions> = {
  ...NETWORK_KINDS,
  loss: LOSS,
  penalty: PENALTY,
  rng: instanceOf(Random),
};

/** Options of {@linkcode Discriminator.train}. */
export interface DiscriminatorStepOptions {
  /**
   * True if the samples are real, false if they are generated, or an array with one of them for
   * each row. By default the targets decide: samples with targets of at least 1/2 are real. Set it
   * if labels are flipped, or if a batch contains both real and generated samples.
   */
  readonly real?: boolean | readonly boolean[];
}

const STEP_KINDS: Kinds<DiscriminatorStepOptions> = { real: union(flag, arrayOf(flag)) };

/** Losses, or mean answers, of every 10th step on real samples and of every 10th step on generated samples. */
export interface DiscriminatorHistory {
  /** Values of steps on real samples: all targets are at least 1/2. */
  readonly real: number[];
  /** Values of steps on generated samples: all targets are below 1/2. */
  readonly fake: number[];
}

/** Kind of samples that a step trains on. */
type Task = keyof DiscriminatorHistory;

/** Tensors of one step; `places` are the points at which a penalty measures the slope. */
interface StepInputs {
  readonly x: tf.Tensor;
  readonly targets: tf.Tensor;
  readonly places?: tf.Tensor;
}

const MAKE = "make a discriminator";
const TRAIN = "train the discriminator";
const LABELS = labelsFor(TRAIN);

/** Number of values in the pattern 1-0-1-0. */
const SCRIPT_INPUTS = 4;

/** Makes the network of the script, from 4 numbers to one number in (0, 1). */
function scriptModel(rng: Random | undefined): tf.Sequential {
  const options = { activation: "sigmoid", ...(rng && { rng }) } as const;
  return tf.sequential({ layers: [linear(SCRIPT_INPUTS, 3, options), linear(3, 1, options)] });
}

/**
 * Discriminator: a network that learns to answer 1 to real and 0 to generated samples.
 *
 * Batch normalization updates its moving averages once per step of D. It does not update them in
 * steps of a generator or when a penalty is computed, although these passes also use batch
 * statistics.
 *
 * If a weight in `loss` or `penalty` changes during training, make it a `tf.Variable`, see `Loss`
 * and `Penalty`. To change the learning rate, set `D.learningRate`.
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
  /** Losses on real and on generated samples, separately. `progress`, as in the script, contains both. */
  readonly history: DiscriminatorHistory = { real: [], fake: [] };
  /**
   * Mean answers D(real) and D(fake) in the same steps, as probabilities, or as scores for a loss
   * with scores.
   */
  readonly answers: DiscriminatorHistory = { real: [], fake: [] };
  /** Number of training steps on real and on generated samples. */
  readonly steps: { real: number; fake: number } = { real: 0, fake: 0 };
  readonly #loss: Loss;
  readonly #penalty: Penalty | undefined;
  readonly #step: BatchProgram;
  readonly #penalised: BatchProgram;
  readonly #targets: TargetFormat;
  readonly #places: PenaltyPlaces | undefined;

  /**
   * Makes the discriminator of the script, or one with another model, loss and optimizer.
   *
   * @throws {TypeError | RangeError} if an option is unknown or wrong, or the model does not have
   * one input and one output of known sizes.
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

  /** Loss of the discriminator. */
  get loss(): Loss {
    return this.#loss;
  }
  set loss(other: never) {
    refuseChange("loss", this.name, other);
  }

  /** Penalty on the slope, if any. */
  get penalty(): Penalty | undefined {
    return this.#penalty;
  }
  set penalty(other: never) {
    refuseChange("penalty", this.name, other);
  }

  /**
   * Makes one training step towards the answers `targets` `[batch, outputs]` to the samples `x`
   * `[batch, inputs]`. Changes only the parameters of D.
   *
   * @returns the loss before the step, including regularizers, without the penalty.
   * @throws {TypeError | RangeError} if `x` or `targets` have the wrong number of values, a target
   * is outside the range of the loss, or a penalty needs to know which rows are real; then nothing
   * has changed.
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

  /** Chooses the points at which the penalty measures the slope; undefined if it is not due in this step. */
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
        `Cannot ${TRAIN}: expected targets that are all at least 1/2 or all below 1/2, because the ` +
          `penalty ${this.penalty!.name} needs to know which rows are real, got both; ` +
          "pass { real: [true, false, …] } as well, with one of them for each row",
      );
    }
    const mixedSteps = this.counter - this.steps.real - this.steps.fake;
    return places.of({ input, real, step: mixedSteps + 1 });
  }

  /** Number of iterations of the game. D trains twice in an iteration, on real and on generated samples. */
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

  /**
   * Computes the penalty from the gradient of the answers with respect to the samples. Does not
   * change any state of the model.
   */
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

/**
 * Reads from the options which rows are real, 1 for real and 0 for generated. Returns undefined if
 * they do not say.
 */
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

/** Tells whether a batch is real or generated; undefined if its targets are on both sides of 1/2. */
function taskOf(targets: ArrayLike<number>): Task | undefined {
  let ones = 0;
  for (let i = 0; i < targets.length; i++) if (targets[i]! >= 0.5) ones++;
  if (ones === targets.length) return "real";
  return ones === 0 ? "fake" : undefined;
}

/** Averages the answers `[batch, units]` for plots; logits become probabilities. */
function meanAnswer(loss: Loss, outputs: tf.Tensor): tf.Tensor {
  return loss.answers === "logit" ? outputs.sigmoid().mean() : outputs.mean();
}
