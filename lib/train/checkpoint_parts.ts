/** Saves all parts of a run as the files of a checkpoint, and restores them. */
import type * as tf from "@tensorflow/tfjs";
import {
  arrayOf,
  checkOptions,
  finiteNumber,
  type Kind,
  type Kinds,
  objectWith,
  recordOf,
  text,
  wholeNumber,
} from "../check/mod.ts";
import type { MovingAverage } from "../nn/mod.ts";
import type { Files } from "./checkpoint_files.ts";
import { planModel, saveModel } from "./checkpoint_model.ts";
import {
  type CheckpointNetwork,
  copyNumbers,
  type Plan,
  planNetwork,
  refill,
  type SavedNetwork,
  saveNetwork,
} from "./checkpoint_network.ts";
import { planState, type Resumable, saveState } from "./checkpoint_state.ts";
import { Damage, expectKind, parseJson, RECORD } from "./damage.ts";

/** Parts of a run that are saved. Each has a name of letters, digits, `_` and `-`. */
export interface CheckpointParts {
  /** Networks with their optimizers. */
  readonly networks: Readonly<Record<string, CheckpointNetwork>>;
  /** Moving averages of networks. */
  readonly averages?: Readonly<Record<string, MovingAverage>>;
  /** Other objects with a state, such as random generators and batches. */
  readonly states?: Readonly<Record<string, Resumable>>;
  /** Lists of numbers, such as losses for a plot. A restore replaces their content in place. */
  readonly lists?: Readonly<Record<string, number[]>>;
}

/** Content of `checkpoint.json`. */
export interface SavedParts {
  /** Name of the file format. */
  readonly format: string;
  /** Version of the file format. */
  readonly version: number;
  /** Identifier of the run that wrote the checkpoint. */
  readonly run: string;
  /** Number of finished steps. */
  readonly step: number;
  /** Networks, without the arrays in other files. */
  readonly networks: Readonly<Record<string, SavedNetwork>>;
  /** States of the moving averages. */
  readonly averages: Readonly<Record<string, unknown>>;
  /** States of the other objects. */
  readonly states: Readonly<Record<string, unknown>>;
  /** Contents of the lists. */
  readonly lists: Readonly<Record<string, readonly number[]>>;
}

/** Name of the file that describes a checkpoint. */
export const SAVED = "checkpoint.json";

const FORMAT = "gan-notebooks checkpoint";
const VERSION = 2;
const RESUMABLE: Kind = objectWith("something with state() and restore()", ["state", "restore"]);

const OPTIMIZER: Kind = objectWith("an optimizer", ["applyGradients", "getClassName"]);

const NETWORK: Kind = {
  expected: "a network such as a Discriminator or a Generator",
  fault: (value) => {
    const { model, optimizer, progress, counter } = Object(value) as Partial<CheckpointNetwork>;
    const isNetwork = isModel(model) && Array.isArray(progress) && typeof counter === "number";
    return isNetwork && !OPTIMIZER.fault(optimizer) ? undefined : "type";
  },
};

const AVERAGE: Kind = {
  expected: "a MovingAverage",
  fault: (value) => isModel(Object(value).model) && !RESUMABLE.fault(value) ? undefined : "type",
};

const KINDS: Kinds<CheckpointParts> = {
  networks: recordOf(NETWORK),
  averages: recordOf(AVERAGE),
  states: recordOf(RESUMABLE),
  lists: recordOf(arrayOf(finiteNumber())),
};

function isModel(value: unknown): value is tf.LayersModel {
  return Array.isArray(Object(value).weights) && typeof Object(value).toJSON === "function";
}

/**
 * Checks the parts of a run and adds empty records for missing ones.
 *
 * @throws {TypeError | RangeError} if a part or a name is wrong.
 */
export function readParts(task: string, parts: CheckpointParts): Required<CheckpointParts> {
  checkOptions(task, parts, { kinds: KINDS, required: ["networks"] });
  const { networks, averages = {}, states = {}, lists = {} } = parts;
  for (const part of [networks, averages, states, lists]) {
    const names = Object.keys(part);
    const bad = names.find((name) => !/^[\w-]+$/.test(name));
    if (bad !== undefined) {
      throw new RangeError(
        `Cannot ${task}: expected names of letters, digits, _ and -, got "${bad}"`,
      );
    }
    if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
      throw new RangeError(
        `Cannot ${task}: expected names that differ in more than case, got ${names.join(", ")}`,
      );
    }
  }
  return { networks, averages, states, lists };
}

/**
 * Makes the files of a checkpoint from the present state of all parts.
 *
 * @throws {TypeError | RangeError} if a part cannot be saved.
 */
export function saveParts(
  { networks, averages, states, lists }: Required<CheckpointParts>,
  { run, step }: { readonly run: string; readonly step: number },
): Files {
  const saved = mapValues(networks, (network, name) => saveNetwork(name, network));
  const json: SavedParts = {
    format: FORMAT,
    version: VERSION,
    run,
    step,
    networks: mapValues(saved, ({ saved }) => saved),
    averages: mapValues(averages, (average, name) => saveState(name, average)),
    states: mapValues(states, (state, name) => saveState(name, state)),
    lists: mapValues(lists, (list, name) => copyNumbers(list, `the list ${name}`)),
  };
  return new Map([
    [SAVED, new TextEncoder().encode(`${JSON.stringify(json)}\n`)],
    ...Object.values(saved).flatMap(({ files }) => [...files]),
    ...Object.entries(averages).flatMap(([name, { model }]) => [
      ...saveModel(`${name}.average`, model),
    ]),
  ]);
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, map(value, name)]),
  );
}

/**
 * Reads `checkpoint.json` without checking the networks, averages, states and lists in it.
 *
 * @throws {Damage} if the file is damaged.
 * @throws {RangeError} if it has another version.
 */
export function readSaved(bytes: Uint8Array | undefined): SavedParts {
  const saved = expectKind<SavedParts>(SAVED, parseJson(SAVED, bytes), RECORD);
  expectKind("format", saved.format, text);
  expectKind("version", saved.version, wholeNumber({ from: 1 }));
  if (saved.format !== FORMAT || saved.version !== VERSION) {
    throw new RangeError(
      `expected "${FORMAT}" of version ${VERSION}, got "${saved.format}" of version ` +
        `${saved.version}, which another version of this library wrote`,
    );
  }
  expectKind("step", saved.step, wholeNumber({ from: 0 }));
  expectKind("run", saved.run, text);
  for (const part of ["networks", "averages", "states", "lists"] as const) {
    expectKind(part, saved[part], RECORD);
  }
  return saved;
}

/**
 * Checks that all saved parts fit, and returns the functions that restore them. Nothing changes
 * yet.
 *
 * @throws {Damage} if a saved part is damaged.
 * @throws {RangeError} if a part does not fit; the message says why.
 */
export function planParts(
  { networks, averages, states, lists }: Required<CheckpointParts>,
  { saved, files }: { readonly saved: SavedParts; readonly files: Files },
): Plan {
  const models = [...Object.keys(saved.networks), ...averageNames(saved.averages)];
  for (const file of files.keys()) {
    const [name = "", isInside] = file.split("/");
    if (isInside && !models.includes(name)) {
      throw new Damage(`expected ${SAVED} to list ${name}, got only its files`);
    }
  }
  checkNames("networks", networks, saved.networks);
  checkNames("averages", averages, saved.averages);
  checkNames("states", states, saved.states);
  checkNames("lists", lists, saved.lists);
  const plans = Object.entries(networks).map(([name, network]) =>
    planNetwork(name, network, { saved: saved.networks[name], files })
  );
  const others = [
    ...Object.entries(averages).flatMap(([name, average]) => [
      planModel(`${name}.average`, average.model, files),
      planState(name, average as Resumable, saved.averages[name]),
    ]),
    ...Object.entries(states).map(([name, part]) => planState(name, part, saved.states[name])),
    ...Object.entries(lists).map(([name, list]) => {
      const kind = arrayOf(finiteNumber());
      const values = expectKind<number[]>(`the list ${name}`, saved.lists[name], kind);
      return () => refill(list, values);
    }),
  ];
  return {
    restores: [...plans.flatMap(({ restores }) => restores), ...others],
    notes: plans.flatMap(({ notes }) => notes),
  };
}

function averageNames(averages: object): string[] {
  return Object.keys(averages).map((name) => `${name}.average`);
}

/**
 * Checks that the saved parts have the same names as the parts of the run.
 *
 * @throws {RangeError} if they do not.
 */
function checkNames(kind: string, parts: object, saved: object): void {
  const [mine, found] = [parts, saved].map((record) => Object.keys(record).sort().join(", "));
  if (mine === found) return;
  throw new RangeError(`expected ${kind} ${mine || "none"}, got ${found || "none"}`);
}
