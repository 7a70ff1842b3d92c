/** What discriminator and generator have in common: a model, its optimizer, and the list of losses. */
import * as tf from "@tensorflow/tfjs";
import { callable, checkOptions, flag, type Kind, type Kinds, objectWith } from "../check/mod.ts";
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

/** Every how many calls of `train` a loss is kept; the script's number. */
export const RECORD_EVERY = 10;
/** Every how many calls of `train` a line is printed; the script's number. */
export const PRINT_EVERY = 10_000;

/** Options shared by `Discriminator` and `Generator`. */
export interface NetworkOptions {
  /**
   * The network, from `[batch, …]` to `[batch, …]`, with one input and one output of known sizes.
   *
   * `trainable` may be set on it and its layers between steps: a frozen layer stays as it is. Regularizers
   * are added to the loss, constraints are applied after each step.
   */
  readonly model?: tf.LayersModel;
  /**
   * What moves the network's own parameters, and no other network's; by default gradient descent with a
   * step of 0.01.
   */
  readonly optimizer?: tf.Optimizer;
  /**
   * Whether all steps run as compiled programs, which is the default. Plain TensorFlow.js is a thousand
   * times slower; it serves to compare. Its dropout layers have noise that nobody seeds or saves.
   */
  readonly compile?: boolean;
  /** Where the line `counter = 10000` goes every 10,000 calls; by default to the console. */
  readonly print?: (line: string) => void;
}

/** The kinds of the options that both networks share. */
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

/** @throws {TypeError | RangeError} if an option of a network is not known or of another kind. */
export function checkNetworkOptions(
  task: string,
  options: NetworkOptions & { readonly rng?: Random },
  kinds: Readonly<Record<string, Kind>>,
): void {
  checkOptions(task, options, { kinds });
  const { model, rng } = options;
  if (model === undefined || rng === undefined || drawsNoise(model)) return;
  throw new TypeError(
    `Cannot ${task}: expected an rng only without a model, which has its weights already, or for ` +
      "layers that draw noise, got both and no such layer",
  );
}

/** The models that optimizers belong to. */
const owners = new WeakMap<tf.Optimizer, WeakRef<tf.LayersModel>>();

/** @throws {TypeError} if the optimizer has slots for the weights of another model. */
function claimOptimizer(task: string, optimizer: tf.Optimizer, model: tf.LayersModel): void {
  const owner = owners.get(optimizer);
  if (owner && owner.deref() !== model) {
    throw new TypeError(
      `Cannot ${task}: expected an optimizer of its own, got one that another network has; ` +
        "make a new one for each network",
    );
  }
  owners.set(optimizer, new WeakRef(model));
}

/** A network that can be asked (`forward`) and that keeps its losses (`progress`). */
export abstract class Network {
  /** What messages and plots call it. */
  readonly name: string;
  /** Where dropout layers and their like draw from in compiled steps; part of a checkpoint. */
  readonly noise: NoiseSource;
  /** How often `train` was called. */
  counter = 0;
  /** The loss of every 10th call of `train`, as in the script. */
  readonly progress: number[] = [];
  /** The shape of one sample that goes in, without the batch. */
  readonly inputShape: readonly number[];
  /** The shape of one sample that comes out, without the batch. */
  readonly outputShape: readonly number[];
  /** How many numbers one sample that goes in has. */
  readonly inputSize: number;
  /** How many numbers one sample that comes out has. */
  readonly outputSize: number;
  /** One sample that goes in. */
  protected readonly input: SampleShape;
  /** One sample that comes out. */
  protected readonly output: SampleShape;
  readonly #model: tf.LayersModel;
  readonly #optimizer: tf.Optimizer;
  readonly #compile: boolean;
  readonly #print: (line: string) => void;
  readonly #answer: BatchProgram;
  readonly #trainable: TrainableWatch;
  readonly #askLabels: ValueLabels;

  /** Takes the model, which has to have one input and one output; subclasses check their options. */
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

  /** The network itself: `setWeights`, `predict`, `summary` and `save` work on it at any time. */
  get model(): tf.LayersModel {
    return this.#model;
  }
  set model(other: never) {
    refuseChange("model", this.name, other);
  }

  /** What moves the network's own parameters. */
  get optimizer(): tf.Optimizer {
    return this.#optimizer;
  }
  set optimizer(other: never) {
    refuseChange("optimizer", this.name, other);
  }

  /**
   * The network's answer to `[batch, inputs]` numbers: `[batch, outputs]` numbers, row after row.
   *
   * They are data, not part of a graph: nothing learns through them, and nothing is to be disposed. Batch
   * normalization uses its moving averages, dropout is off.
   *
   * @throws {TypeError | RangeError} if `x` is not a whole number of samples of finite numbers, or a
   * tensor of another shape.
   */
  forward(x: Values): Float32Array {
    const input = readValues(x, this.input, this.#askLabels);
    const [output] = this.#answer.run(input.length / this.inputSize, input);
    return copyFloats(output!);
  }

  /** Draws `progress` over the iterations of the game, with the script's star markers. */
  plotProgress(): Figure {
    return progressFigure(this.progress, {
      title: `Loss of the ${this.name}`,
      every: RECORD_EVERY * this.iterations / Math.max(1, this.counter),
      player: this.name === "generator" ? "generator" : "discriminator",
    });
  }

  /** Counts the iterations of the game that the calls of `train` make up. */
  protected get iterations(): number {
    return Math.max(1, this.counter);
  }

  /** Makes a function of batches, compiled unless the options said otherwise. */
  protected batchProgram(
    fn: BatchFunction,
    sampleShapes: readonly (readonly number[])[],
  ): BatchProgram {
    return new BatchProgram(fn, { sampleShapes, compile: this.#compile, noise: this.noise });
  }

  /** Makes a function of batches of this network's training step; `name` is for errors. */
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
   * Counts a step and keeps every 10th loss.
   *
   * @throws {RangeError} if the loss is not finite.
   */
  protected record(loss: number): void {
    if (!Number.isFinite(loss)) {
      throw new RangeError(
        `Cannot train the ${this.name}: expected a finite loss, got ${loss} at step ${
          this.counter + 1
        }; a smaller learning rate is the usual way out`,
      );
    }
    this.counter++;
    if (this.counter % RECORD_EVERY === 0) this.progress.push(loss);
    if (this.counter % PRINT_EVERY === 0) this.#print(`counter = ${this.counter}`);
  }
}
