/** An optimizer in a checkpoint: its numbers, its step count, and what it keeps for each weight. */
import * as tf from "@tensorflow/tfjs";
import { arrayOf, finiteNumber, type Kind, optional, text, wholeNumber } from "../check/mod.ts";
import {
  type ArraySpec,
  checkFinite,
  isSameShape,
  joinBytes,
  type ReadArray,
  readSpec,
  specOf,
  splitBytes,
} from "./checkpoint_arrays.ts";
import { assign, type Restore } from "./checkpoint_model.ts";
import { Damage, expectKind, RECORD } from "./damage.ts";
import type { PathWeight } from "./model_paths.ts";

/** An optimizer as `checkpoint.json` has it. */
export interface SavedOptimizer {
  /** The class: SGD, Adam, … */
  readonly name: string;
  /** How many steps it made. */
  readonly iterations: number;
  /** Its numbers, such as the learning rate: state, since they may change during a training. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Its switches, such as `useNesterov`. */
  readonly flags: Readonly<Record<string, boolean>>;
  /** The arrays in its binary file, in order. */
  readonly slots: readonly SavedSlot[];
}

/** An array that an optimizer keeps: in a field of its own, or in a list with one for each weight. */
interface SavedSlot extends ArraySpec {
  /** The field of the optimizer. */
  readonly field: string;
  /** The path of the weight that it belongs to. */
  readonly path?: string;
  /** What TensorFlow.js puts behind the weight's name, such as `/m`. */
  readonly suffix?: string;
}

/** An entry of an optimizer's list. */
interface SlotVariable {
  readonly originalName: string;
  readonly variable: tf.Variable;
}

/** A network whose optimizer is saved. */
export interface OptimizerOwner {
  /** The network's name, for messages. */
  readonly owner: string;
  /** Its optimizer. */
  readonly optimizer: tf.Optimizer;
  /** The weights of its model. */
  readonly weights: readonly PathWeight[];
}

/** Counted by the optimizer itself; saved under a name of its own. */
const COUNTER = "iterations_";

/** TensorFlow.js declares these fields private, and `getWeights` does not know all of them. */
type Fields = Record<string, unknown>;

function fieldsOf(optimizer: tf.Optimizer): Fields {
  return optimizer as unknown as Fields;
}

/** Gives the fields of an optimizer that hold values of one type. */
function fieldsOfType<T>(
  optimizer: tf.Optimizer,
  isOfType: (value: unknown) => value is T,
): [field: string, value: T][] {
  return Object.entries(fieldsOf(optimizer)).flatMap(([field, value]) =>
    field !== COUNTER && isOfType(value) ? [[field, value] as [string, T]] : []
  );
}

const isNumber = (value: unknown) => typeof value === "number";
const isFlag = (value: unknown) => typeof value === "boolean";
const isTensor = (value: unknown) => value instanceof tf.Tensor;
const isSlotList = (value: unknown): value is SlotVariable[] =>
  Array.isArray(value) && value.every((entry) => Object(entry).variable instanceof tf.Tensor);

/** Gives an optimizer as it is at the moment of the call, and the bytes of its arrays. */
export function saveOptimizer(
  { owner, optimizer, weights }: OptimizerOwner,
): { readonly saved: SavedOptimizer; readonly bytes: Uint8Array<ArrayBuffer> } {
  const numbers = fieldsOfType(optimizer, isNumber);
  for (const [field, value] of numbers) checkFinite([value], `${field} of ${owner}'s optimizer`);
  const arrays = [
    ...fieldsOfType(optimizer, isTensor).map(([field, tensor]) => ({ field, tensor })),
    ...fieldsOfType(optimizer, isSlotList).flatMap(([field, list]) =>
      list.map((entry) => ({ field, tensor: entry.variable, ...slotOwner(owner, entry, weights) }))
    ),
  ].map((array) => ({ ...array, values: array.tensor.dataSync() as Float32Array }));
  for (const { field, values } of arrays) checkFinite(values, `${field} of ${owner}'s optimizer`);
  const saved = {
    name: optimizer.getClassName(),
    iterations: optimizer.iterations,
    numbers: Object.fromEntries(numbers),
    flags: Object.fromEntries(fieldsOfType(optimizer, isFlag)),
    slots: arrays.map(({ tensor, values: _, ...slot }) => ({ ...slot, ...specOf(tensor) })),
  };
  return { saved, bytes: joinBytes(arrays.map(({ values }) => values)) };
}

/** @throws {TypeError} if an optimizer's slot is not one of a weight of its network. */
function slotOwner(
  owner: string,
  { originalName }: SlotVariable,
  weights: readonly PathWeight[],
): { readonly path: string; readonly suffix: string } {
  const end = originalName.lastIndexOf("/");
  const name = originalName.slice(0, end);
  const weight = weights.find(({ variable }) => variable.name === name);
  if (weight) return { path: weight.path, suffix: originalName.slice(end) };
  throw new TypeError(
    `Cannot save a checkpoint: expected ${owner}'s optimizer to have trained ${owner} alone, got ` +
      `one with numbers for ${originalName}; give every network a new optimizer of its own`,
  );
}

const WHOLE: Kind = wholeNumber({ from: 0 });

/**
 * Checks that a saved optimizer is of the same kind, and gives what puts it in place.
 *
 * @throws {RangeError} that says what differs, or what is damaged.
 */
export function planOptimizer(
  { owner, optimizer, weights }: OptimizerOwner,
  { saved, file, bytes }: {
    readonly saved: unknown;
    readonly file: string;
    readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  },
): { readonly restore: Restore; readonly notes: readonly string[] } {
  const what = `${owner}'s optimizer`;
  const { name, iterations, numbers, flags, slots } = expectKind<SavedOptimizer>(
    what,
    saved,
    RECORD,
  );
  expectKind(`the class of ${what}`, name, text);
  expectKind(`the steps of ${what}`, iterations, WHOLE);
  expectKind(`the slots of ${what}`, slots, arrayOf(RECORD));
  checkClass(what, optimizer, { name, flags });
  const rates = readNumbers(what, optimizer, numbers);
  const arrays = splitBytes(slots.map((slot) => readSlot(what, slot)), { file, bytes });
  const tensors = findTensors(what, optimizer, arrays);
  const lists = findLists(what, { optimizer, weights, arrays, iterations });
  return {
    notes: rates.filter(([field, value]) => fieldsOf(optimizer)[field] !== value).map((
      [field, value],
    ) =>
      `${what} goes on with ${field} ${value}, as it was saved, not ${fieldsOf(optimizer)[field]}`
    ),
    restore: () => {
      rates.forEach(([field, value]) => fieldsOf(optimizer)[field] = value);
      fieldsOf(optimizer)[COUNTER] = iterations;
      tensors.forEach((array) => restoreTensor(optimizer, array));
      lists.forEach(({ field, arrays }) => restoreList({ optimizer, weights }, field, arrays));
    },
  };
}

function readSlot(what: string, slot: SavedSlot): SavedSlot {
  const field = expectKind<string>(`the field of a slot of ${what}`, slot.field, text);
  const path = expectKind<string | undefined>("the path of a slot", slot.path, optional(text));
  const suffix = expectKind<string | undefined>(
    "the suffix of a slot",
    slot.suffix,
    optional(text),
  );
  const spec = readSpec(`${field} of ${what}`, slot);
  return { field, ...(path !== undefined && { path, suffix: suffix ?? "" }), ...spec };
}

/** @throws {RangeError} if the optimizer is of another class, or has other switches. */
function checkClass(
  what: string,
  optimizer: tf.Optimizer,
  { name, flags }: Pick<SavedOptimizer, "name" | "flags">,
): void {
  const found = optimizer.getClassName();
  if (found !== name) throw new RangeError(`expected ${what} to be ${found}, got ${name}`);
  expectKind(`the switches of ${what}`, flags, RECORD);
  for (const [field, value] of fieldsOfType(optimizer, isFlag)) {
    if (flags[field] === value) continue;
    const text = `expected ${what} to have ${field} ${value}, got ${flags[field]}`;
    throw typeof flags[field] === "boolean" ? new RangeError(text) : new Damage(text);
  }
}

function readNumbers(what: string, optimizer: tf.Optimizer, saved: unknown): [string, number][] {
  const numbers = expectKind<Record<string, unknown>>(`the numbers of ${what}`, saved, RECORD);
  return fieldsOfType(optimizer, isNumber).map(([field]) => [
    field,
    expectKind<number>(`${field} of ${what}`, numbers[field], finiteNumber()),
  ]);
}

/** Finds the saved arrays of the fields that are tensors, such as Adam's powers of beta. */
function findTensors(
  what: string,
  optimizer: tf.Optimizer,
  arrays: readonly ReadArray<SavedSlot>[],
): ReadArray<SavedSlot>[] {
  return fieldsOfType(optimizer, isTensor).map(([field, { shape, dtype }]) => {
    const array = arrays.find(({ spec }) => spec.field === field && spec.path === undefined);
    if (array && array.spec.dtype === dtype && isSameShape(array.spec.shape, shape)) return array;
    throw new Damage(`expected ${what} to have ${field} ${dtype} [${shape}], got none like it`);
  });
}

/** Sorts the saved arrays that belong to weights into the optimizer's lists. */
function findLists(
  what: string,
  { optimizer, weights, arrays, iterations }: {
    readonly optimizer: tf.Optimizer;
    readonly weights: readonly PathWeight[];
    readonly arrays: readonly ReadArray<SavedSlot>[];
    readonly iterations: number;
  },
): { readonly field: string; readonly arrays: readonly ReadArray<SavedSlot>[] }[] {
  const ofWeights = arrays.filter(({ spec }) => spec.path !== undefined);
  const lists = fieldsOfType(optimizer, isSlotList).map(([field]) => ({
    field,
    arrays: ofWeights.filter(({ spec }) => spec.field === field),
  }));
  const known = lists.flatMap(({ arrays }) => arrays);
  if (known.length < ofWeights.length) {
    throw new Damage(
      `expected slots that ${what} has, got ${ofWeights.length - known.length} more`,
    );
  }
  for (const { spec } of known) checkSlot(what, spec, weights);
  const paths = lists.map(({ arrays }) => arrays.map(({ spec }) => spec.path!));
  const [first = []] = paths.filter((list) => list.length > 0);
  const isWhole = paths.every((list) => list.length === 0 || list.join() === first.join()) &&
    new Set(first).size === first.length;
  if (!isWhole || (iterations > 0 && lists.length > 0 && first.length === 0)) {
    throw new Damage(`expected ${what} to have one slot of each kind for a weight, got others`);
  }
  return lists;
}

function checkSlot(what: string, spec: SavedSlot, weights: readonly PathWeight[]): void {
  const weight = weights.find(({ path }) => path === spec.path);
  if (weight && isSameShape(weight.variable.shape, spec.shape)) return;
  throw new Damage(
    `expected ${spec.field} of ${what} to belong to a weight [${spec.shape}], got ` +
      (weight ? `one for ${weight.name} [${weight.variable.shape}]` : `the path ${spec.path}`),
  );
}

/** Compiled steps know an optimizer's variables, so they stay; only what is in them changes. */
function restoreTensor(optimizer: tf.Optimizer, array: ReadArray<SavedSlot>): void {
  const { field, shape, dtype } = array.spec;
  const present = fieldsOf(optimizer)[field] as tf.Tensor;
  if (present instanceof tf.Variable) return assign(present, array);
  if (present.dataSync().every((value, i) => Object.is(value, array.values[i]))) return;
  fieldsOf(optimizer)[field] = tf.keep(tf.tensor(array.values, [...shape], dtype));
  present.dispose();
}

function restoreList(
  { optimizer, weights }: Pick<OptimizerOwner, "optimizer" | "weights">,
  field: string,
  arrays: readonly ReadArray<SavedSlot>[],
): void {
  const present = fieldsOf(optimizer)[field] as SlotVariable[];
  const names = arrays.map(({ spec }) =>
    weights.find(({ path }) => path === spec.path)!.variable.name + spec.suffix
  );
  if (present.map(({ originalName }) => originalName).join() === names.join()) {
    return arrays.forEach((array, i) => assign(present[i]!.variable, array));
  }
  fieldsOf(optimizer)[field] = arrays.map(({ spec, values }, i) => {
    const tensor = tf.tensor(values, [...spec.shape], spec.dtype);
    const variable = tf.variable(tensor, false);
    tensor.dispose();
    return { originalName: names[i]!, variable };
  });
  tf.dispose(present.map(({ variable }) => variable));
}
