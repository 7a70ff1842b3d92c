/** Common parts of discriminator, generator and classifier: a model, its optimizer, and a list of losses. */
import * as tf from "@tensorflow/tfjs";
import {
  callable,
  check,
  checkOptions,
  finiteNumber,
  flag,
  type Kind,
  type Kinds,
  objectWith,
} from "../check/mod.ts";
import { copyFloats, type Random } from "../data/mod.ts";
import type { NoiseSource } from "../jit/mod.ts";
import { type Figure, progressFigure } from "../plot/mod.ts";
import { type BatchFunction, BatchProgram, type BatchProgramOptions } from "./batch_program.ts";
import { descend, type Pass } from "./descend.ts";
import { refuseChange } from "./fixed_parts.ts";
import { MODEL, readModel, type SampleShape } from "./model_shapes.ts";
import { drawsNoise, noiseSource } from "./noise.ts";
import { labelsFor, readValues, type ValueLabels, type Values } from "./values.ts";
import { holdVariablesWeakly } from "./weak_variables.ts";
import { TrainableWatch } from "./weights.ts";

/** Number of steps from one recorded loss to the next, as in the script. */
export const RECORD_EVERY = 10;
/** Number of steps from one printed line to the next, as in the script. */
const PRINT_EVERY = 10_000;

/** Options that {@linkcode Network} and its subclasses share. */
export interface NetworkOptions {
  /**
   * Model from `[batch, …]` to `[batch, …]`, with one input and one output of known sizes.
   *
   * `trainable` of the model and its layers may be changed between steps: frozen layers do not
   * change. Regularizers are added to the loss, and constraints are applied after each step.
   */
  readonly model?: tf.LayersModel;
  /**
   * Optimizer of this network; it must not be shared with another network. By default gradient
   * descent with the learning rate 0.01.
   */
  readonly optimizer?: tf.Optimizer;
  /**
   * True if all steps run as compiled programs; true by default. Plain TensorFlow.js is up to a
   * thousand times slower and serves only for comparisons. Its noise in dropout layers has no seed
   * and is not saved.
   */
  readonly compile?: boolean;
  /** Receives the line `counter = 10000` and so on, every 10,000 steps; `console.log` by default. */
  readonly print?: (line: string) => void;
}

/** Kinds of the options that all networks have. */
export const NETWORK_KINDS: Kinds<NetworkOptions> = {
  model: MODEL,
  optimizer: objectWith("an optimizer, such as tf.train.adam(…) makes", [
    "minimize",
    "computeGradients",
    "applyGradients",
  ]),
  compile: flag,
  print: callable,
};

/**
 * Checks the options of a network.
 *
 * @throws {TypeError | RangeError} if an option is unknown or wrong.
 */
export function checkNetworkOptions(
  task: string,
  options: NetworkOptions & { readonly rng?: Random },
  kinds: Readonly<Record<string, Kind>>,
): void {
  checkOptions(task, options, { kinds });
  const { model, rng } = options;
  if (model === undefined || rng === undefined || drawsNoise(model)) return;
  throw new TypeError(
    `Cannot ${task}: expected rng without a model, or with a model whose layers draw noise, got ` +
      "a model without such layers",
  );
}

/** Model that each optimizer belongs to. */
const owners = new WeakMap<tf.Optimizer, WeakRef<tf.LayersModel>>();

/**
 * Assigns an optimizer to a model.
 *
 * @throws {TypeError} if it belongs to another model.
 */
function claimOptimizer(task: string, optimizer: tf.Optimizer, model: tf.LayersModel): void {
  const owner = owners.get(optimizer);
  if (owner && owner.deref() !== model) {
    throw new TypeError(
      `Cannot ${task}: expected an optimizer that no other network uses, got one that another network uses; ` +
        "make a new one for each network",
    );
  }
  owners.set(optimizer, new WeakRef(model));
}

/** Properties of optimizers that TensorFlow.js declares protected, or only for some of them. */
interface WithRate {
  learningRate: number;
  setLearningRate?(rate: number): void;
}

/** Reads the learning rate of an optimizer. */
function readRate(optimizer: tf.Optimizer, task: string): number {
  const { learningRate } = optimizer as unknown as Partial<WithRate>;
  if (typeof learningRate === "number") return learningRate;
  throw new TypeError(
    `Cannot ${task}: expected an optimizer with a learning rate, got ${optimizer.getClassName()}`,
  );
}

/** Network with a `forward` pass and a record of its losses. */
export abstract class Network {
  /** Name of the network in messages and plots. */
  readonly name: string;
  /** Source of the noise of layers such as dropout, in compiled steps; saved in checkpoints. */
  readonly noise: NoiseSource;
  /** Number of training steps. */
  counter = 0;
  /** Loss of every 10th training step, as in the script. */
  readonly progress: number[] = [];
  /** Shape of one input sample, without the batch. */
  readonly inputShape: readonly number[];
  /** Shape of one output sample, without the batch. */
  readonly outputShape: readonly number[];
  /** Number of values in one input sample. */
  readonly inputSize: number;
  /** Number of values in one output sample. */
  readonly outputSize: number;
  /** Shape and size of one input sample. */
  protected readonly input: SampleShape;
  /** Shape and size of one output sample. */
  protected readonly output: SampleShape;
  readonly #model: tf.LayersModel;
  readonly #optimizer: tf.Optimizer;
  readonly #compile: boolean;
  readonly #print: (line: string) => void;
  readonly #answer: BatchProgram;
  readonly #trainable: TrainableWatch;
  readonly #askLabels: ValueLabels;

  /** Stores a model with one input and one output. Subclasses check their options. */
  constructor(
    name: string,
    model: tf.LayersModel,
    options: NetworkOptions & { readonly rng?: Random },
  ) {
    holdVariablesWeakly();
    const task = `make a ${name}`;
    const { input, output } = readModel(task, model);
    const { optimizer = tf.train.sgd(0.01), compile = true, print = console.log } = options;
    claimOptimizer(task, optimizer, model);
    this.name = name;
    this.#model = model;
    this.#optimizer = optimizer;
    this.noise = noiseSource(name, options.rng);
    this.input = input;
    this.output = output;
    this.inputShape = input.shape;
    this.outputShape = output.shape;
    this.inputSize = input.size;
    this.outputSize = output.size;
    this.#compile = compile;
    this.#print = print;
    this.#askLabels = labelsFor(`ask the ${name}`).x;
    this.#trainable = new TrainableWatch(model);
    this.#answer = this.batchProgram((x) => [model.apply(x!) as tf.Tensor], [input.shape]);
  }

  /** Model. Its methods, such as `setWeights`, `predict`, `summary` and `save`, can be called at any time. */
  get model(): tf.LayersModel {
    return this.#model;
  }
  set model(other: never) {
    refuseChange("model", this.name, other);
  }

  /** Optimizer of the network. */
  get optimizer(): tf.Optimizer {
    return this.#optimizer;
  }
  set optimizer(other: never) {
    refuseChange("optimizer", this.name, other);
  }

  /**
   * Learning rate of the optimizer. A new one takes effect in the next step; 0 changes nothing.
   *
   * @throws {TypeError | RangeError} if the new rate is not a finite number from 0 on, or the
   * optimizer has no learning rate.
   */
  get learningRate(): number {
    return readRate(this.optimizer, `read the learning rate of the ${this.name}`);
  }
  set learningRate(rate: number) {
    const task = `set the learning rate of the ${this.name}`;
    check(task, { learningRate: rate }, finiteNumber({ from: 0 }));
    readRate(this.optimizer, task);
    const optimizer = this.optimizer as tf.Optimizer & WithRate;
    // Plain gradient descent also keeps the rate as a tensor.
    if (optimizer.setLearningRate) optimizer.setLearningRate(rate);
    else optimizer.learningRate = rate;
  }

  /**
   * Computes the outputs `[batch, outputs]` for inputs `[batch, inputs]`, row after row.
   *
   * The result is plain data: no gradient flows through it, and it need not be disposed. Batch
   * normalization uses its moving averages, and dropout is off.
   *
   * @throws {TypeError | RangeError} if `x` is not a whole number of samples of finite numbers, or
   * is a tensor of another shape.
   */
  forward(x: Values): Float32Array {
    const input = readValues(x, this.input, this.#askLabels);
    const [output] = this.#answer.run(input.length / this.inputSize, input);
    return copyFloats(output!);
  }

  /** Draws the losses over the iterations of the game, with star markers as in the script. */
  plotProgress(): Figure {
    return progressFigure(this.progress, {
      title: `Loss of the ${this.name}`,
      every: RECORD_EVERY * this.iterations / Math.max(1, this.counter),
      player: this.name === "generator" ? "generator" : "discriminator",
    });
  }

  /** Number of iterations of the game. */
  protected get iterations(): number {
    return Math.max(1, this.counter);
  }

  /** Makes a function of batches, compiled unless `compile` is false. */
  protected batchProgram(
    fn: BatchFunction,
    sampleShapes: readonly (readonly number[])[],
  ): BatchProgram {
    return new BatchProgram(fn, { sampleShapes, compile: this.#compile, noise: this.noise });
  }

  /** Makes the function of a training step; `name` is for errors. */
  protected stepProgram(
    pass: (...batches: tf.Tensor[]) => Pass,
    { sampleShapes, name }: Pick<BatchProgramOptions, "sampleShapes" | "name">,
  ): BatchProgram {
    return new BatchProgram((...batches) => descend(this, () => pass(...batches)), {
      sampleShapes,
      name,
      compile: this.#compile,
      noise: this.noise,
      trainable: this.#trainable,
    });
  }

  /**
   * Counts a step and records every 10th loss.
   *
   * @throws {RangeError} if the loss is not finite.
   */
  protected record(loss: number): void {
    if (!Number.isFinite(loss)) {
      throw new RangeError(
        `Cannot train the ${this.name}: expected a finite loss, got ${loss} at step ${
          this.counter + 1
        }; try a smaller learning rate`,
      );
    }
    this.counter++;
    if (this.counter % RECORD_EVERY === 0) this.progress.push(loss);
    if (this.counter % PRINT_EVERY === 0) this.#print(`counter = ${this.counter}`);
  }
}
