/** The network that makes samples, and learns through the discriminator's loss. */
import * as tf from "@tensorflow/tfjs";
import { check, flag, instanceOf, type Kinds } from "../check/mod.ts";
import { makeFloats, Random } from "../data/mod.ts";
import type { BatchProgram } from "./batch_program.ts";
import { checkScalar, type Pass } from "./descend.ts";
import { Discriminator } from "./discriminator.ts";
import { linear } from "./layers.ts";
import {
  checkNetworkOptions,
  Network,
  NETWORK_KINDS,
  type NetworkOptions,
  RECORD_EVERY,
} from "./network.ts";
import { labelsFor, readTargets, readValues, type TargetFormat, type Values } from "./values.ts";
import { keepWeights } from "./weights.ts";

/** Options of `Generator`. */
export interface GeneratorOptions extends NetworkOptions {
  /** True if `outputs` are kept, the default; images every 10 steps add up to many megabytes. */
  readonly keepOutputs?: boolean;
  /**
   * Where the script's network takes its initial weights from, or where dropout layers of a model draw from;
   * by default the shared generator.
   */
  readonly rng?: Random;
}

const KINDS: Kinds<GeneratorOptions> = {
  ...NETWORK_KINDS,
  keepOutputs: flag,
  rng: instanceOf(Random),
};

/** What a generator needs for training against a discriminator. */
interface Game {
  readonly step: BatchProgram;
  readonly format: TargetFormat;
}

const TRAIN = "train the generator";
const LABELS = labelsFor(TRAIN);
const DISCRIMINATOR = instanceOf(Discriminator);

/** The script's network: one number in, 4 numbers in (0, 1) out. */
function scriptModel(rng: Random | undefined): tf.Sequential {
  const options = { activation: "sigmoid", ...(rng && { rng }) } as const;
  return tf.sequential({ layers: [linear(1, 3, options), linear(3, 4, options)] });
}

/**
 * A generator: from inputs to samples that the discriminator mistakes for real ones.
 *
 * One step is one training pass: batch normalization updates the moving averages of the generator once,
 * and those of the discriminator not at all.
 *
 * It descends the discriminator's loss. A weight in that loss that changes during training has to be a
 * `tf.Variable`: see `Loss`. The learning rate is changed with `G.optimizer.learningRate = …`, or for
 * plain gradient descent `G.optimizer.setLearningRate(…)`.
 *
 * ```ts
 * import { Discriminator, Generator } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const D = new Discriminator();
 * const G = new Generator();
 * const first = G.train(D, [0.5], [1]);
 * for (let i = 0; i < 100; i++) G.train(D, [0.5], [1]);
 * assert(G.train(D, [0.5], [1]) < first);
 * ```
 */
export class Generator extends Network {
  /** What it made of the first input of every 10th step, before that step moved it. */
  readonly outputs: Float32Array[] = [];
  readonly #keepOutputs: boolean;
  // One for each discriminator that it was trained against.
  readonly #games: WeakMap<Discriminator, Game> = new WeakMap();

  /**
   * Makes the script's generator, or one with a model and optimizer of your own.
   *
   * @throws {TypeError | RangeError} if an option is not known or of another kind, or the model is none
   * with one input and one output of known sizes.
   */
  constructor(options: GeneratorOptions = {}) {
    checkNetworkOptions("make a generator", options, KINDS);
    super("generator", options.model ?? scriptModel(options.rng), options);
    this.#keepOutputs = options.keepOutputs ?? true;
  }

  /**
   * Makes one step towards samples of `x` (`[batch, inputs]`) to which `D` answers `targets`
   * (`[batch, outputs of D]`).
   *
   * The gradient passes through `D`, but only the generator's own parameters move.
   *
   * @returns the discriminator's loss before the step, with the regularizers of the generator's layers.
   * @throws {TypeError | RangeError} if `x` or `targets` are not numbers of the right count, a target is
   * outside the range of D's loss, or `D` does not take what the generator makes; then nothing has
   * changed.
   */
  train(D: Discriminator, x: Values, targets: Values): number {
    const game = this.#games.get(D);
    if (game === undefined) check(TRAIN, { D }, DISCRIMINATOR);
    const input = readValues(x, this.input, LABELS.x);
    const batch = input.length / this.inputSize;
    const { step, format } = game ?? this.#gameAgainst(D);
    const wanted = readTargets(targets, batch, format);
    const [[loss], output] = step.run(batch, input, wanted) as [[number], ArrayLike<number>];
    this.record(loss);
    if (this.#keepOutputs && this.counter % RECORD_EVERY === 0) this.#keep(output);
    return loss;
  }

  #gameAgainst(D: Discriminator): Game {
    if (D.inputShape.join() !== this.outputShape.join()) {
      throw new RangeError(
        `Cannot ${TRAIN}: expected a discriminator of samples [${this.outputShape}], ` +
          `got one of samples [${D.inputShape}]`,
      );
    }
    const step = this.stepProgram(
      (x, targets) => this.#pass(D, { x: x!, targets: targets! }),
      {
        sampleShapes: [this.inputShape, D.outputShape],
        name: `the generator's step with the loss ${D.loss.name}`,
      },
    );
    const sample = { shape: D.outputShape, size: D.outputSize };
    const game = { step, format: { sample, range: D.loss.targets, labels: LABELS.targets } };
    this.#games.set(D, game);
    return game;
  }

  /** Computes the loss, and what the generator makes before the step. */
  #pass(
    D: Discriminator,
    { x, targets }: { readonly x: tf.Tensor; readonly targets: tf.Tensor },
  ): Pass {
    const training = { training: true };
    const samples = this.model.apply(x, training) as tf.Tensor;
    const outputs = keepWeights(
      D.model.weights,
      () => D.model.apply(samples, training) as tf.Tensor,
    );
    const loss = D.loss.computeForGenerator?.(outputs, targets) ?? D.loss.compute(outputs, targets);
    return { loss: checkScalar(loss, { task: TRAIN, maker: "D's loss" }), result: samples };
  }

  #keep(output: ArrayLike<number>): void {
    const first = makeFloats(this.outputSize);
    for (let i = 0; i < first.length; i++) first[i] = output[i]!;
    this.outputs.push(first);
  }
}
