/** A network in a checkpoint: its model, its optimizer, and the lists that it kept. */
import type * as tf from "@tensorflow/tfjs";
import { arrayOf, finiteNumber, type Kind, wholeNumber } from "../check/mod.ts";
import { checkFinite, joinBytes, splitBytes } from "./checkpoint_arrays.ts";
import type { Files } from "./checkpoint_files.ts";
import { planModel, type Restore, saveModel } from "./checkpoint_model.ts";
import { planOptimizer, type SavedOptimizer, saveOptimizer } from "./checkpoint_optimizer.ts";
import { planState, type Resumable, saveState } from "./checkpoint_state.ts";
import { expectKind, RECORD } from "./damage.ts";
import { planFrozen, saveFrozen } from "./frozen.ts";
import { weightsOf } from "./model_paths.ts";

/** A network as checkpoints need it; `Discriminator` and `Generator` are such. */
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
  /** Where its layers draw from in training. */
  readonly noise?: Resumable;
  /** What it made on the way. */
  readonly outputs?: Float32Array[];
  /** A penalty, whose random numbers are part of the network's state. */
  readonly penalty?: { readonly rng?: Resumable } | undefined;
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
  /** Where the random numbers of its penalty are. */
  readonly penalty?: unknown;
  /** Where the random numbers of its layers are. */
  readonly noise?: unknown;
  /** The paths of layers and weights that training leaves as they are. */
  readonly frozen: readonly string[];
  /** What moves its parameters; its arrays are in `optimizer.bin`. */
  readonly optimizer: SavedOptimizer;
}

/** What was found to fit: what puts it in place, and lines that the reader should know. */
export interface Plan {
  /** Puts it in place, at once. */
  readonly restores: readonly Restore[];
  /** Settings that a restore changes. */
  readonly notes: readonly string[];
}

const TASKS = ["real", "fake"] as const;
const COUNT: Kind = wholeNumber({ from: 0 });
const NUMBERS: Kind = arrayOf(finiteNumber());

/**
 * Gives what goes into `checkpoint.json`, and the files of a network.
 *
 * @throws {RangeError} if a number is not finite.
 */
export function saveNetwork(
  name: string,
  network: CheckpointNetwork,
): { readonly saved: SavedNetwork; readonly files: Files } {
  const { model, counter, progress, history, answers, steps, noise, outputs, penalty } = network;
  const optimizer = saveOptimizer({
    owner: name,
    optimizer: network.optimizer,
    weights: weightsOf(model),
  });
  const files = new Map([...saveModel(name, model), [`${name}/optimizer.bin`, optimizer.bytes]]);
  if (outputs) {
    const bytes = joinBytes(outputs);
    checkFinite(new Float32Array(bytes.buffer), `the outputs of ${name}`);
    files.set(`${name}/outputs.bin`, bytes);
  }
  return {
    saved: {
      counter,
      progress: copyNumbers(progress, `the losses of ${name}`),
      ...(history && { history: copyTasks(history, `the losses of ${name}`) }),
      ...(answers && { answers: copyTasks(answers, `the answers of ${name}`) }),
      ...(steps && { steps: { ...steps } }),
      ...(outputs && { outputs: outputs.map(({ length }) => length) }),
      ...(noise && { noise: saveState(`the noise of ${name}`, noise) }),
      ...(penalty?.rng && { penalty: saveState(`the penalty of ${name}`, penalty.rng) }),
      frozen: saveFrozen(model),
      optimizer: optimizer.saved,
    },
    files,
  };
}

/** @throws {RangeError} if a number is not finite, which JSON cannot hold. */
export function copyNumbers(values: readonly number[], where: string): readonly number[] {
  checkFinite(values, where);
  return [...values];
}

function copyTasks({ real, fake }: SavedTasks, where: string): SavedTasks {
  return { real: copyNumbers(real, where), fake: copyNumbers(fake, where) };
}

/** Puts values into a list that others hold. */
export function refill<T>(list: T[], values: readonly T[]): void {
  list.length = 0;
  for (const value of values) list.push(value);
}

/**
 * Checks that a saved network fits, and gives what puts it in place.
 *
 * @throws {RangeError} that says what does not fit, or is damaged.
 */
export function planNetwork(
  name: string,
  network: CheckpointNetwork,
  { saved: value, files }: { readonly saved: unknown; readonly files: Files },
): Plan {
  const saved = expectKind<SavedNetwork>(`the network ${name}`, value, RECORD);
  const weights = planModel(name, network.model, files);
  const file = `${name}/optimizer.bin`;
  const optimizer = planOptimizer(
    { owner: name, optimizer: network.optimizer, weights: weightsOf(network.model) },
    { saved: saved.optimizer, file, bytes: files.get(file) },
  );
  const frozen = planFrozen(name, network.model, saved.frozen);
  return {
    restores: [
      weights,
      optimizer.restore,
      frozen.restore,
      ...planLists(name, network, { saved, files }),
      ...planRandom(name, network, saved),
    ],
    notes: [...optimizer.notes, ...frozen.notes],
  };
}

/** Finds the numbers that a network kept of its steps. */
function planLists(
  name: string,
  network: CheckpointNetwork,
  { saved, files }: { readonly saved: SavedNetwork; readonly files: Files },
): Restore[] {
  const counter = expectKind<number>(`the steps of ${name}`, saved.counter, COUNT);
  const progress = expectKind<number[]>(`the losses of ${name}`, saved.progress, NUMBERS);
  const restores: Restore[] = [
    () => network.counter = counter,
    () => refill(network.progress, progress),
  ];
  for (const task of TASKS) {
    for (const list of ["history", "answers"] as const) {
      const kept = network[list]?.[task];
      if (!kept) continue;
      const what = `the ${list} of ${name}`;
      const values = expectKind<number[]>(what, saved[list]?.[task], NUMBERS);
      restores.push(() => refill(kept, values));
    }
    const { steps } = network;
    if (!steps) continue;
    const count = expectKind<number>(`the steps of ${name}`, saved.steps?.[task], COUNT);
    restores.push(() => steps[task] = count);
  }
  const { outputs } = network;
  if (outputs) {
    const values = readOutputs(name, saved.outputs, files);
    restores.push(() => refill(outputs, values));
  }
  return restores;
}

function readOutputs(name: string, lengths: unknown, files: Files): Float32Array[] {
  const sizes = expectKind<number[]>(`the outputs of ${name}`, lengths, arrayOf(COUNT));
  const file = `${name}/outputs.bin`;
  const specs = sizes.map((size) => ({ shape: [size], dtype: "float32" }) as const);
  return splitBytes(specs, { file, bytes: files.get(file) })
    .map(({ values }) => values as Float32Array);
}

/** A penalty may be added or left out from a checkpoint on; earlier checkpoints have no noise. */
function planRandom(
  name: string,
  { penalty, noise }: CheckpointNetwork,
  saved: SavedNetwork,
): Restore[] {
  const restores: Restore[] = [];
  if (penalty?.rng && saved.penalty !== undefined) {
    restores.push(planState(`the penalty of ${name}`, penalty.rng, saved.penalty));
  }
  if (noise && saved.noise !== undefined) {
    restores.push(planState(`the noise of ${name}`, noise, saved.noise));
  }
  return restores;
}
