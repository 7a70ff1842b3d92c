/** The network that makes samples, and learns through the discriminator's loss. */
import * as tf from "@tensorflow/tfjs";
import { makeFloats, type Random } from "../data/mod.ts";
import type { Discriminator } from "./discriminator.ts";
import { linear } from "./layers.ts";
import type { BatchProgram } from "./batch_program.ts";
import { Network, type NetworkOptions, RECORD_EVERY, trainableVariables } from "./network.ts";
import { labelsFor, readValues, type Values } from "./values.ts";

/** What a generator can be told. */
export interface GeneratorOptions extends NetworkOptions {
  /** Whether `outputs` are kept, the default; images every 10 steps add up to many megabytes. */
  readonly keepOutputs?: boolean;
  /** Where the script's network takes its initial weights from. */
  readonly rng?: Random;
}

const LABELS = labelsFor("train the generator");

/** The script's network: one number in, 4 numbers in (0, 1) out. */
function scriptModel(rng: Random | undefined): tf.Sequential {
  const options = { activation: "sigmoid", ...(rng && { rng }) } as const;
  return tf.sequential({ layers: [linear(1, 3, options), linear(3, 4, options)] });
}

/**
 * A generator: from inputs to samples that the discriminator takes for real.
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
  // One program for each discriminator that it was trained against.
  readonly #steps: WeakMap<Discriminator, BatchProgram> = new WeakMap();

  /** Makes the script's generator, or one with a model and optimizer of your own. */
  constructor(options: GeneratorOptions = {}) {
    super("generator", options.model ?? scriptModel(options.rng), options);
    this.#keepOutputs = options.keepOutputs ?? true;
  }

  /**
   * One step towards samples of `x` (`[batch, inputs]`) to which `D` answers `targets`
   * (`[batch, outputs of D]`).
   *
   * The gradient passes through `D`, but only the generator's own parameters move.
   *
   * @returns the discriminator's loss before the step.
   * @throws {TypeError | RangeError} if `x` or `targets` are not numbers of the right count, or `D`
   * does not take what the generator makes; then nothing has changed.
   */
  train(D: Discriminator, x: Values, targets: Values): number {
    const input = readValues(x, this.inputSize, LABELS.x);
    const batch = input.length / this.inputSize;
    const wanted = D.readTargets(targets, batch, LABELS.targets);
    const step = this.#steps.get(D) ?? this.#stepAgainst(D);
    const [[loss], output] = step.run(batch, input, wanted) as [[number], ArrayLike<number>];
    this.record(loss);
    if (this.#keepOutputs && this.counter % RECORD_EVERY === 0) this.#keep(output);
    return loss;
  }

  #stepAgainst(D: Discriminator): BatchProgram {
    if (D.inputShape.join() !== this.outputShape.join()) {
      throw new RangeError(
        `Cannot train the generator: expected a discriminator of samples [${this.outputShape}], ` +
          `got one of samples [${D.inputShape}]`,
      );
    }
    const step = this.batchProgram(
      (x, targets) => this.#descend(D, { x: x!, targets: targets! }),
      [this.inputShape, D.outputShape],
    );
    this.#steps.set(D, step);
    return step;
  }

  /** Returns the loss and what the generator made before the step. */
  #descend(
    D: Discriminator,
    { x, targets }: { readonly x: tf.Tensor; readonly targets: tf.Tensor },
  ): tf.Tensor[] {
    const training = { training: true };
    const generate = () => this.model.apply(x, training) as tf.Tensor;
    const output = generate(); // again in the loss below; the compiler makes it once
    const { loss: measure } = D;
    const compute = measure.computeForGenerator ?? measure.compute;
    const loss = this.optimizer.minimize(
      () => compute(D.model.apply(generate(), training) as tf.Tensor, targets),
      true,
      trainableVariables(this.model),
    );
    return [loss!, output];
  }

  #keep(output: ArrayLike<number>): void {
    const first = makeFloats(this.outputSize);
    for (let i = 0; i < first.length; i++) first[i] = output[i]!;
    this.outputs.push(first);
  }
}
