/** A network in a checkpoint: its model, its optimizer, and the lists that it kept. */
import * as tf from "@tensorflow/tfjs";
import type { Files } from "./checkpoint_files.ts";
import { joinBytes, modelFiles, readModelFiles } from "./checkpoint_model.ts";
import {
  checkOptimizer,
  restoreOptimizer,
  type SavedOptimizer,
  saveOptimizer,
  type Slot,
  slotsOf,
} from "./checkpoint_optimizer.ts";

/** What a checkpoint needs of a network; `Discriminator` and `Generator` are such. */
export interface CheckpointNetwork {
  /** The network itself. */
  readonly model: tf.LayersModel;
  /** What moves its parameters. */
  readonly optimizer: tf.Optimizer;
  /** How often it was trained. */
  counter: number;
  /** Losses. */
  readonly progress: number[];
  /** Losses of two tasks apart. */
  readonly history?: { readonly real: number[]; readonly fake: number[] };
  /** Mean answers of two tasks apart. */
  readonly answers?: { readonly real: number[]; readonly fake: number[] };
  /** How often it was trained on each task. */
  readonly steps?: { real: number; fake: number };
  /** What it made on the way. */
  readonly outputs?: Float32Array[];
}

/** Lists of two tasks. */
export interface SavedTasks {
  /** Of the task on real samples. */
  readonly real: readonly number[];
  /** Of the task on generated samples. */
  readonly fake: readonly number[];
}

/** A network as `checkpoint.json` has it; the rest is in binary files. */
export interface SavedNetwork {
  /** How often it was trained. */
  readonly counter: number;
  /** Losses. */
  readonly progress: readonly number[];
  /** Losses of two tasks apart. */
  readonly history?: SavedTasks;
  /** Mean answers of two tasks apart. */
  readonly answers?: SavedTasks;
  /** How often it was trained on each task. */
  readonly steps?: { readonly real: number; readonly fake: number };
  /** How many numbers each output has, in `outputs.bin`. */
  readonly outputs?: readonly number[];
  /** What moves its parameters; its arrays are in `optimizer.bin`. */
  readonly optimizer: SavedOptimizer;
}

/** A part of a checkpoint on its way to disk. */
export interface SavedPart<Saved> {
  /** What goes into `checkpoint.json`. */
  readonly saved: Saved;
  /** What goes into files. */
  readonly files: Files;
}

/** Something that was found to fit and only has to be put in place. */
export type Restore = () => void | Promise<void>;

/** The file of a checkpoint. */
function fileOf(files: Files, path: string): Uint8Array<ArrayBuffer> {
  const bytes = files.get(path);
  if (!bytes) throw new RangeError(`expected a file ${path}, got none`);
  return bytes;
}

/** @throws {RangeError} if a number is not finite: nothing good would go on from it. */
function checkFinite(tensors: readonly Slot[], owner: string): void {
  for (const { name, tensor } of tensors) {
    const bad = tensor.dataSync().find((value) => !Number.isFinite(value));
    if (bad !== undefined) {
      throw new RangeError(
        `Cannot save a checkpoint: expected finite numbers, got ${bad} in ${name} of ${owner}`,
      );
    }
  }
}

/**
 * The files of a model under a name.
 *
 * @throws {RangeError} if one of its weights is not finite.
 */
export function saveModel(name: string, model: tf.LayersModel): Files {
  checkFinite(model.weights.map((weight) => ({ name: weight.name, tensor: weight.read() })), name);
  return new Map([...modelFiles(model)].map(([file, bytes]) => [`${name}/${file}`, bytes]));
}

/** Parts of a layer's description that do not change what a trained layer computes. */
const INCIDENTAL = /^name$|_initializer$/;

type LayerConfig = Readonly<Record<string, unknown>>;

/** What each layer is, in TensorFlow.js's own words. */
function layersOf(topology: unknown): readonly LayerConfig[] {
  const { config } = topology as { config: { layers: { class_name: string; config: object }[] } };
  return config.layers.map((layer) => ({ class: layer.class_name, ...layer.config }));
}

/** @throws {RangeError} if the layers are others than the saved ones. */
function checkLayers(name: string, model: tf.LayersModel, saved: unknown): void {
  const expected = layersOf(model.toJSON(null, false));
  const found = layersOf(saved);
  if (found.length !== expected.length) {
    throw new RangeError(
      `expected a model ${name} with ${expected.length} layers, got ${found.length}`,
    );
  }
  expected.forEach((layer, i) => {
    for (const key of Object.keys({ ...layer, ...found[i] })) {
      const [want, got] = [layer[key], found[i]![key]].map((value) => JSON.stringify(value));
      if (want !== got && !INCIDENTAL.test(key)) {
        throw new RangeError(
          `expected ${key} ${want} in layer ${i + 1} of the model ${name}, got ${got}`,
        );
      }
    }
  });
}

/**
 * Whether a saved model fits, and what puts its weights in place.
 *
 * @throws {RangeError} that says what does not fit.
 */
export function planModel(name: string, model: tf.LayersModel, files: Files): Restore {
  const artifacts = readModelFiles(
    fileOf(files, `${name}/model.json`),
    fileOf(files, `${name}/weights.bin`),
  );
  checkLayers(name, model, artifacts.modelTopology);
  const specs = artifacts.weightSpecs ?? [];
  const shapes = (list: readonly { readonly shape: readonly (number | null)[] }[]) =>
    list.map(({ shape }) => `[${shape}]`).join(" ");
  if (shapes(specs) !== shapes(model.weights)) {
    throw new RangeError(
      `expected weights ${shapes(model.weights)} of the model ${name}, got ${shapes(specs)}`,
    );
  }
  return () => {
    const weights = tf.io.decodeWeights(artifacts.weightData ?? [], specs);
    model.setWeights(specs.map((spec) => weights[spec.name]!));
    tf.dispose(weights);
  };
}

/** Asks for what can only be asked for asynchronously; the result then saves all at one moment. */
export async function prepareNetwork(
  name: string,
  network: CheckpointNetwork,
): Promise<() => SavedPart<SavedNetwork>> {
  const slots = await slotsOf(network.optimizer);
  return () => saveNetwork(name, network, slots);
}

function saveNetwork(
  name: string,
  { model, optimizer, counter, progress, history, answers, steps, outputs }: CheckpointNetwork,
  slots: readonly Slot[],
): SavedPart<SavedNetwork> {
  checkFinite(slots, `${name}'s optimizer`);
  const { saved, bytes } = saveOptimizer(optimizer, slots);
  const files = new Map([...saveModel(name, model), [`${name}/optimizer.bin`, bytes]]);
  if (outputs) files.set(`${name}/outputs.bin`, joinBytes(outputs));
  return {
    saved: {
      counter,
      progress: [...progress],
      ...(history && { history: { real: [...history.real], fake: [...history.fake] } }),
      ...(answers && { answers: { real: [...answers.real], fake: [...answers.fake] } }),
      ...(steps && { steps: { ...steps } }),
      ...(outputs && { outputs: outputs.map(({ length }) => length) }),
      optimizer: saved,
    },
    files,
  };
}

/** Puts values into a list that others hold. */
export function refill<T>(list: T[], values: readonly T[]): void {
  list.length = 0;
  for (const value of values) list.push(value);
}

function readOutputs(lengths: readonly number[], bytes: Uint8Array): Float32Array[] {
  const values = new Float32Array(bytes.slice().buffer);
  let at = 0;
  return lengths.map((length) => values.slice(at, at += length));
}

/**
 * Whether a saved network fits, and what puts it in place.
 *
 * @throws {RangeError} that says what does not fit.
 */
export function planNetwork(
  name: string,
  network: CheckpointNetwork,
  { saved, files }: SavedPart<SavedNetwork>,
): Restore {
  const restoreWeights = planModel(name, network.model, files);
  checkOptimizer(network.optimizer, saved.optimizer, name);
  const slots = fileOf(files, `${name}/optimizer.bin`);
  const outputs = saved.outputs && readOutputs(saved.outputs, fileOf(files, `${name}/outputs.bin`));
  return async () => {
    await restoreWeights();
    await restoreOptimizer(network.optimizer, saved.optimizer, slots);
    network.counter = saved.counter;
    refill(network.progress, saved.progress);
    if (network.steps) Object.assign(network.steps, saved.steps);
    for (const list of ["history", "answers"] as const) {
      for (const task of ["real", "fake"] as const) {
        const kept = network[list]?.[task];
        if (kept) refill(kept, saved[list]?.[task] ?? []);
      }
    }
    if (network.outputs) refill(network.outputs, outputs ?? []);
  };
}
