/** Generator: the network that makes samples and learns through the discriminator's loss. */
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

/** Options of {@linkcode Generator}. */
export interface GeneratorOptions extends NetworkOptions {
  /** True if `outputs` are recorded; true by default. For images this can need many megabytes. */
  readonly keepOutputs?: boolean;
  /**
   * Random generator of the initial weights of the default model, or of the noise of layers such as
   * dropout in a given model; by default the shared generator.
   */
  readonly rng?: Random;
}

const KINDS: Kinds<GeneratorOptions> = {
  ...NETWORK_KINDS,
  keepOutputs: flag,
  rng: instanceOf(Random),
};

/** Training step against one discriminator, and the format of its targets. */
interface Game {
  readonly step: BatchProgram;
  readonly format: TargetFormat;
}

const TRAIN = "train the generator";
const LABELS = labelsFor(TRAIN);
const DISCRIMINATOR = instanceOf(Discriminator);

/** Makes the network of the script, from one number to 4 numbers in (0, 1). */
function scriptModel(rng: Random | undefined): tf.Sequential {
  const options = { activation: "sigmoid", ...(rng && { rng }) } as const;
  return tf.sequential({ layers: [linear(1, 3, options), linear(3, 4, options)] });
}

/**
 * Generator: a network from inputs to samples that the discriminator should mistake for real ones.
 *
 * Batch normalization updates the moving averages of the generator once per step, and does not
 * update those of the discriminator.
 *
 * The generator minimizes the discriminator's loss. If a weight in that loss changes during
 * training, make it a `tf.Variable`, see `Loss`. To change the learning rate, set `G.learningRate`.
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
  /** Sample from the first input of every 10th step, before the step changed the weights. */
  readonly outputs: Float32Array[] = [];
  readonly #keepOutputs: boolean;
  // Training steps, one for each discriminator.
  readonly #games: WeakMap<Discriminator, Game> = new WeakMap();

  /**
   * Makes the generator of the script, or one with another model and optimizer.
   *
   * @throws {TypeError | RangeError} if an option is unknown or wrong, or the model does not have
   * one input and one output of known sizes.
   */
  constructor(options: GeneratorOptions = {}) {
    checkNetworkOptions("make a generator", options, KINDS);
    super("generator", options.model ?? scriptModel(options.rng), options);
    this.#keepOutputs = options.keepOutputs ?? true;
  }

  /**
   * Makes one training step with the inputs `x` `[batch, inputs]`, towards samples to which `D`
   * answers `targets` `[batch, outputs of D]`.
   *
   * The gradient passes through `D`, but only the parameters of the generator change.
   *
   * @returns the loss of D before the step, including the regularizers of the generator's layers.
   * @throws {TypeError | RangeError} if `x` or `targets` have the wrong number of values, a target
   * is outside the range of D's loss, or the samples do not fit the inputs of `D`; then nothing has
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

  /** Computes the loss, and the samples before the step. */
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
