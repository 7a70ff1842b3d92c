/** All parts of a run as the files of a checkpoint, and back. */
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

/** All that a run goes on from, by names of one's choice; names are letters, digits, `_` and `-`. */
export interface CheckpointParts {
  /** Networks with their optimizers. */
  readonly networks: Readonly<Record<string, CheckpointNetwork>>;
  /** Moving averages of networks. */
  readonly averages?: Readonly<Record<string, MovingAverage>>;
  /** Generators of random numbers, positions in the data. */
  readonly states?: Readonly<Record<string, Resumable>>;
  /** Lists of numbers that the loop keeps for its plots; they are refilled in place. */
  readonly lists?: Readonly<Record<string, number[]>>;
}

/** `checkpoint.json`. */
export interface SavedParts {
  /** What kind of file it is. */
  readonly format: string;
  /** The version of the format. */
  readonly version: number;
  /** Which run wrote it. */
  readonly run: string;
  /** Steps that were done. */
  readonly step: number;
  /** The networks, but for the numbers in binary files. */
  readonly networks: Readonly<Record<string, SavedNetwork>>;
  /** How far each average is. */
  readonly averages: Readonly<Record<string, unknown>>;
  /** The states. */
  readonly states: Readonly<Record<string, unknown>>;
  /** The lists. */
  readonly lists: Readonly<Record<string, readonly number[]>>;
}

/** The description of a checkpoint. */
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
 * Checks parts, and fills in those that were left out.
 *
 * @throws {TypeError | RangeError} if a part or a name cannot be one.
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
 * Makes the files of a checkpoint, all of one moment.
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
 * Reads `checkpoint.json`, but for its parts.
 *
 * @throws {RangeError} if it is damaged, or of another version.
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
 * Checks that all saved parts fit, before anything is put in place.
 *
 * @throws {RangeError} that says what does not fit, or is damaged.
 */
export function planParts(
  { networks, averages, states, lists }: Required<CheckpointParts>,
  { saved, files }: { readonly saved: SavedParts; readonly files: Files },
): Plan {
  const models = [...Object.keys(saved.networks), ...averageNames(saved.averages)];
  for (const file of files.keys()) {
    const [name = "", isInside] = file.split("/");
    if (isInside && !models.includes(name)) {
      throw new Damage(`expected ${SAVED} to know ${name}, got files of it alone`);
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

/** @throws {RangeError} if saved parts do not have the names of ours. */
function checkNames(kind: string, parts: object, saved: object): void {
  const [mine, found] = [parts, saved].map((record) => Object.keys(record).sort().join(", "));
  if (mine === found) return;
  throw new RangeError(`expected ${kind} ${mine || "none"}, got ${found || "none"}`);
}
