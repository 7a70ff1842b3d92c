/** What discriminator and generator have in common: a model, its optimizer, and the list of losses. */
import * as tf from "@tensorflow/tfjs";
import { copyFloats } from "../data/mod.ts";
import { type Figure, progressFigure } from "../plot/mod.ts";
import { type BatchFunction, BatchProgram } from "./batch_program.ts";
import { labelsFor, readValues, type ValueLabels, type Values } from "./values.ts";

/** Every how many calls of `train` a loss is kept; the script's number. */
export const RECORD_EVERY = 10;
/** Every how many calls of `train` a line is printed; the script's number. */
export const PRINT_EVERY = 10_000;

/** What both networks can be told. */
export interface NetworkOptions {
  /** The network, from `[batch, …]` to `[batch, …]`, with one input and one output. */
  readonly model?: tf.LayersModel;
  /** What moves the network's own parameters; by default gradient descent with a step of 0.01. */
  readonly optimizer?: tf.Optimizer;
  /**
   * Whether all steps run as compiled programs, which is the default. Plain TensorFlow.js is a thousand
   * times slower; it serves to compare, and runs layers that draw noise of their own, which compiled
   * steps refuse before anything changes.
   */
  readonly compile?: boolean;
  /** Where the line `counter = 10000` goes every 10,000 calls; by default to the console. */
  readonly print?: (line: string) => void;
}

/** The variables of a model that training moves. */
export function trainableVariables(model: tf.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => {
    const variable = weight.read();
    if (variable instanceof tf.Variable) return variable;
    throw new Error(`internal: the weight ${weight.name} is not a variable`);
  });
}

/** The shape of one sample, without the batch: `[null, 4]` gives `[4]`. */
function sampleShape(symbolic: tf.SymbolicTensor | undefined): number[] {
  return (symbolic?.shape ?? []).slice(1).map((size) => size ?? 1);
}

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A network that can be asked (`forward`) and that keeps its losses (`progress`). */
export abstract class Network {
  /** What messages and plots call it. */
  readonly name: string;
  /** The network itself: `setWeights`, `predict`, `summary` and `save` work on it at any time. */
  readonly model: tf.LayersModel;
  /** What moves the network's own parameters. */
  readonly optimizer: tf.Optimizer;
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
  readonly #compile: boolean;
  readonly #print: (line: string) => void;
  readonly #answer: BatchProgram;
  readonly #askLabels: ValueLabels;

  /** Takes the model; subclasses bring the script's. */
  constructor(name: string, model: tf.LayersModel, options: NetworkOptions) {
    this.name = name;
    this.#askLabels = labelsFor(`ask the ${name}`).x;
    this.model = model;
    this.optimizer = options.optimizer ?? tf.train.sgd(0.01);
    this.#compile = options.compile ?? true;
    this.#print = options.print ?? console.log;
    this.inputShape = sampleShape(model.inputs[0]);
    this.outputShape = sampleShape(model.outputs[0]);
    this.inputSize = sizeOf(this.inputShape);
    this.outputSize = sizeOf(this.outputShape);
    this.#answer = this.batchProgram((x) => [model.apply(x!) as tf.Tensor], [this.inputShape]);
  }

  /**
   * The network's answer to `[batch, inputs]` numbers: `[batch, outputs]` numbers, row after row.
   *
   * They are data, not part of a graph: nothing learns through them, and nothing is to be disposed.
   *
   * @throws {TypeError | RangeError} if `x` is not a whole number of samples of finite numbers.
   */
  forward(x: Values): Float32Array {
    const input = readValues(x, this.inputSize, this.#askLabels);
    const [output] = this.#answer.run(input.length / this.inputSize, input);
    return copyFloats(output!);
  }

  /** A figure of `progress` with the script's star markers. */
  plotProgress(): Figure {
    return progressFigure(this.progress, {
      title: `Loss of the ${this.name}`,
      every: RECORD_EVERY,
    });
  }

  /** A function of batches, compiled unless the options said otherwise. */
  protected batchProgram(
    fn: BatchFunction,
    sampleShapes: readonly (readonly number[])[],
  ): BatchProgram {
    return new BatchProgram(fn, { sampleShapes, compile: this.#compile });
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
