/** Saves and restores an optimizer: its numbers, its step count, and its arrays for each weight. */
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

/** Optimizer as it is in `checkpoint.json`. */
export interface SavedOptimizer {
  /** Class name, such as SGD or Adam. */
  readonly name: string;
  /** Number of steps. */
  readonly iterations: number;
  /** Numbers such as the learning rate. They may change during training, so they are part of the state. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Boolean settings, such as `useNesterov`. */
  readonly flags: Readonly<Record<string, boolean>>;
  /** Descriptions of the arrays in `optimizer.bin`, in order. */
  readonly slots: readonly SavedSlot[];
}

/** Array of an optimizer. It is the value of a field, or belongs to a weight in a list of such arrays. */
interface SavedSlot extends ArraySpec {
  /** Name of the optimizer's field. */
  readonly field: string;
  /** Path of the weight that the array belongs to. */
  readonly path?: string;
  /** Ending of the array's name after the weight's name, such as `/m`. */
  readonly suffix?: string;
}

/** Entry in a list of an optimizer's arrays. */
interface SlotVariable {
  readonly originalName: string;
  readonly variable: tf.Variable;
}

/** Network whose optimizer is saved or restored. */
interface OptimizerOwner {
  /** Name of the network, for messages. */
  readonly owner: string;
  /** Optimizer of the network. */
  readonly optimizer: tf.Optimizer;
  /** Weights of the network's model. */
  readonly weights: readonly PathWeight[];
}

/** Field of the step count. It is saved as `iterations`, not with the other numbers. */
const COUNTER = "iterations_";

/**
 * Fields of an optimizer. TensorFlow.js declares them private, and `getWeights` does not return all
 * of them.
 */
type Fields = Record<string, unknown>;

function fieldsOf(optimizer: tf.Optimizer): Fields {
  return optimizer as unknown as Fields;
}

/** Lists the fields of an optimizer whose values have a given type. */
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

/**
 * Makes the entry of an optimizer in `checkpoint.json`, and the bytes of its arrays, in their
 * present state.
 */
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

/**
 * Finds the weight that an optimizer's array belongs to.
 *
 * @throws {TypeError} if it is not a weight of this network.
 */
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
    `Cannot save a checkpoint: expected ${owner}'s optimizer to train only ${owner}, got ` +
      `one with numbers for ${originalName}; give each network its own optimizer`,
  );
}

const WHOLE: Kind = wholeNumber({ from: 0 });

/**
 * Checks that a saved optimizer fits, and returns the function that restores it.
 *
 * @throws {Damage} if the saved optimizer is damaged.
 * @throws {RangeError} if it does not fit; the message says why.
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
      `${what} continues with the saved ${field} ${value}, not with ${fieldsOf(optimizer)[field]}`
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

/**
 * Checks that the class and the boolean settings of an optimizer equal the saved ones.
 *
 * @throws {RangeError} if the class or a setting differs.
 */
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

/** Finds the saved arrays for the fields that are tensors, such as Adam's powers of beta. */
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

/** Assigns the saved arrays that belong to weights to the lists of the optimizer. */
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
      `expected only arrays that ${what} has, got ${ofWeights.length - known.length} more`,
    );
  }
  for (const { spec } of known) checkSlot(what, spec, weights);
  const paths = lists.map(({ arrays }) => arrays.map(({ spec }) => spec.path!));
  const [first = []] = paths.filter((list) => list.length > 0);
  const isWhole = paths.every((list) => list.length === 0 || list.join() === first.join()) &&
    new Set(first).size === first.length;
  if (!isWhole || (iterations > 0 && lists.length > 0 && first.length === 0)) {
    throw new Damage(
      `expected ${what} to have one array of each kind for each weight, got other arrays`,
    );
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

/** Restores a tensor in place if it is a variable, because compiled steps refer to the variable. */
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
