/** Saves and restores a network: its model, its optimizer, and its lists of losses and answers. */
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

/** Network that can be saved; `Discriminator` and `Generator` are examples. */
export interface CheckpointNetwork {
  /** Model of the network. */
  readonly model: tf.LayersModel;
  /** Optimizer of the network. */
  readonly optimizer: tf.Optimizer;
  /** Number of training steps. */
  counter: number;
  /** Losses, as the network recorded them. */
  readonly progress: number[];
  /** Losses on real and on generated samples. */
  readonly history?: { readonly real: number[]; readonly fake: number[] };
  /** Mean answers to real and to generated samples. */
  readonly answers?: { readonly real: number[]; readonly fake: number[] };
  /** Number of training steps on real and on generated samples. */
  readonly steps?: { real: number; fake: number };
  /** Source of the noise that layers such as dropout draw in training. */
  readonly noise?: Resumable;
  /** Outputs that the network kept. */
  readonly outputs?: Float32Array[];
  /** Penalty; the state of its random generator is saved with the network. */
  readonly penalty?: { readonly rng?: Resumable } | undefined;
}

/** Numbers for real and for generated samples. */
interface SavedTasks {
  /** Numbers for real samples. */
  readonly real: readonly number[];
  /** Numbers for generated samples. */
  readonly fake: readonly number[];
}

/** Network as it is in `checkpoint.json`. Its weights, outputs and optimizer arrays are in other files. */
export interface SavedNetwork {
  /** Number of training steps. */
  readonly counter: number;
  /** Losses. */
  readonly progress: readonly number[];
  /** Losses on real and on generated samples. */
  readonly history?: SavedTasks;
  /** Mean answers to real and to generated samples. */
  readonly answers?: SavedTasks;
  /** Number of training steps on real and on generated samples. */
  readonly steps?: { readonly real: number; readonly fake: number };
  /** Length of each output in `outputs.bin`. */
  readonly outputs?: readonly number[];
  /** State of the random generator of its penalty. */
  readonly penalty?: unknown;
  /** State of the noise of its layers. */
  readonly noise?: unknown;
  /** Paths of the frozen layers and weights. */
  readonly frozen: readonly string[];
  /** State of its optimizer; its arrays are in `optimizer.bin`. */
  readonly optimizer: SavedOptimizer;
}

/** Result of checking a saved part: functions that restore it, and warnings. */
export interface Plan {
  /** Functions that restore the part. */
  readonly restores: readonly Restore[];
  /** Warnings about settings that the restore changes. */
  readonly notes: readonly string[];
}

const TASKS = ["real", "fake"] as const;
const COUNT: Kind = wholeNumber({ from: 0 });
const NUMBERS: Kind = arrayOf(finiteNumber());

/**
 * Makes the entry of a network in `checkpoint.json`, and its other files.
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

/**
 * Copies numbers.
 *
 * @throws {RangeError} if a number is not finite, because JSON cannot represent it.
 */
export function copyNumbers(values: readonly number[], where: string): readonly number[] {
  checkFinite(values, where);
  return [...values];
}

function copyTasks({ real, fake }: SavedTasks, where: string): SavedTasks {
  return { real: copyNumbers(real, where), fake: copyNumbers(fake, where) };
}

/** Replaces the content of a list in place, because other code holds the list. */
export function refill<T>(list: T[], values: readonly T[]): void {
  list.length = 0;
  for (const value of values) list.push(value);
}

/**
 * Checks that a saved network fits, and returns the functions that restore it.
 *
 * @throws {Damage} if the saved network is damaged.
 * @throws {RangeError} if it does not fit; the message says why.
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

/** Checks the saved losses, answers, step counts and outputs, and returns the functions that restore them. */
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

/**
 * Checks the saved states of random generators. A penalty may be added or removed between runs, and
 * older checkpoints have no noise.
 */
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
