/** The network that makes samples, and learns through the discriminator's loss. */
import * as tf from "@tensorflow/tfjs";
import type { Random } from "../data/mod.ts";
import type { Discriminator } from "./discriminator.ts";
import { linear } from "./layers.ts";
import {
  Network,
  type NetworkOptions,
  readBatch,
  RECORD_EVERY,
  sizeOf,
  trainableVariables,
} from "./network.ts";
import type { StepFunction } from "./step.ts";
import type { Values } from "./values.ts";

/** What a generator can be told. */
export interface GeneratorOptions extends NetworkOptions {
  /** Where the script's network takes its initial weights from. */
  readonly rng?: Random;
}

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
  // One step function for each discriminator that it was trained against.
  readonly #steps: WeakMap<Discriminator, StepFunction> = new WeakMap();

  /** Makes the script's generator, or one with a model and optimizer of your own. */
  constructor(options: GeneratorOptions = {}) {
    super("generator", options.model ?? scriptModel(options.rng), options);
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
    const task = "train the generator";
    const input = readBatch(x, this.inputShape, { task, name: "x" });
    const wanted = D.readTargets(targets, input.shape[0]!, task);
    const { loss, output } = this.runStep(this.#stepAgainst(D), input, wanted);
    if (this.counter % RECORD_EVERY === 0) {
      this.outputs.push(output.slice(0, sizeOf(this.outputShape)));
    }
    return loss;
  }

  #stepAgainst(D: Discriminator): StepFunction {
    const known = this.#steps.get(D);
    if (known) return known;
    if (D.inputShape.join() !== this.outputShape.join()) {
      throw new RangeError(
        `Cannot train the generator: expected a discriminator of samples [${this.outputShape}], ` +
          `got one of samples [${D.inputShape}]`,
      );
    }
    const generate = (input: tf.Tensor) => this.model.apply(input) as tf.Tensor;
    const step: StepFunction = (input, targets) => {
      const output = generate(input);
      const loss = this.optimizer.minimize(
        () => D.loss.compute(D.model.apply(generate(input)) as tf.Tensor, targets),
        true,
        trainableVariables(this.model),
      );
      return { loss: loss!, output };
    };
    this.#steps.set(D, step);
    return step;
  }
}
