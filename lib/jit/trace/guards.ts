/**
 * The guards of a program: state outside its tensors that must not have changed.
 *
 * A compiled step is good as long as the optimizers that it contains have the fields that they had,
 * its variables are as trainable as they were, and captured tensors have the values that they had.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { cpuBackend, dataOf, type TensorData } from "./backend.ts";
import type { Values } from "../program/dtype.ts";
import type { Rate } from "./optimizer_steps.ts";

/** One field of one object, and the value that it must still have. */
interface Field {
  readonly owner: Readonly<Record<string, unknown>>;
  readonly key: string;
  readonly value: unknown;
  readonly path: string;
}

/** A tensor from outside the function that is a constant of the program as long as it is the same. */
export interface Captured {
  readonly data: TensorData;
  /** Its elements when the function was recorded. */
  readonly values: Values;
}

/** An optimizer whose learning rate changed, and what it was. */
export interface RateField {
  readonly owner: { readonly learningRate: number };
  readonly before: number;
}

/** The fields that hold a learning rate: the number, and SGD's tensor of its negative. */
const RATE_FIELDS: readonly string[] = ["learningRate", "c"];

/** The field in which an optimizer counts its own steps; a change of it is no reason to trace again. */
const COUNTER = "iterations_";

/** Everything outside its arguments that a call used. */
interface Used {
  readonly optimizers: readonly object[];
  readonly variables: readonly tf.Variable[];
  readonly captured: readonly Captured[];
}

/** Makes guards from the present state of everything that a call used. */
export function guardsOf({ optimizers, variables, captured }: Used): Guards {
  const fields = optimizers.flatMap((optimizer) =>
    fieldsOf(
      optimizer as Readonly<Record<string, unknown>>,
      optimizer.constructor.name.replace(/Optimizer$/, ""),
    )
  );
  const states = variables.map((variable) => ({ variable, trainable: variable.trainable }));
  return new Guards(fields, { states, captured });
}

/** The fields, variables and tensors that must stay as they were. */
export class Guards {
  readonly #fields: readonly Field[];
  readonly #states: readonly VariableState[];
  readonly #captured: readonly Captured[];

  constructor(
    fields: readonly Field[],
    { states, captured }: {
      readonly states: readonly VariableState[];
      readonly captured: readonly Captured[];
    },
  ) {
    this.#fields = fields;
    this.#states = states;
    this.#captured = captured;
  }

  /** Tells whether everything is still as it was. */
  holds(): boolean {
    const fields = this.#fields;
    for (let i = 0; i < fields.length; i++) {
      const { owner, key, value } = fields[i]!;
      if (owner[key] !== value && !Object.is(owner[key], value)) return false;
    }
    const states = this.#states;
    for (let i = 0; i < states.length; i++) if (!isAsBefore(states[i]!)) return false;
    const captured = this.#captured;
    for (let i = 0; i < captured.length; i++) if (!isUnchanged(captured[i]!)) return false;
    return true;
  }

  /** Describes the first change; undefined if there is none. */
  difference(): string | undefined {
    const all = this.#changedFields();
    const changed = all.find(({ value }) => typeof value === "number") ?? all[0];
    if (!changed) {
      const variable = this.#states.find((state) => !isAsBefore(state))?.variable;
      if (variable) {
        return `${variable.name}.${variable.isDisposed ? "isDisposed" : "trainable"} changed`;
      }
      return this.#captured.every(isUnchanged) ? undefined : "a tensor from outside changed";
    }
    if (changed.key === "c") return `${changed.path.replace(/c$/, "learningRate")} was set again`;
    const [before, now] = [changed.value, changed.owner[changed.key]];
    return typeof before === "number"
      ? `${changed.path} was ${before}, is ${String(now)}`
      : `${changed.path} changed`;
  }

  /** Finds the learning rates that changed; undefined if anything else did too. */
  changedRates(): RateField[] | undefined {
    const changed = this.#changedFields();
    const isRate = ({ key, path }: Field) => RATE_FIELDS.includes(key) && isField(path);
    if (!this.#states.every(isAsBefore) || !changed.every(isRate)) return undefined;
    return changed.filter(({ key }) => key === "learningRate").map(({ owner, value }) => ({
      owner: owner as unknown as RateField["owner"],
      before: value as number,
    }));
  }

  /** Finds the rate of which a captured tensor is the negative, as SGD keeps it. */
  rateOfTensor(values: Values): Rate | undefined {
    const backend = cpuBackend();
    const data = this.#captured.find((captured) => captured.values === values)?.data;
    const field = data &&
      this.#fields.find(({ key, value }) =>
        key === "c" && value instanceof tf.Tensor && !value.isDisposed &&
        backend.data.get(value.dataId) === data
      );
    if (!field) return undefined;
    const owner = field.owner as { readonly c: tf.Tensor };
    return { owner, read: () => dataOf(backend, owner.c.dataId).values[0]! };
  }

  /** Returns guards for which these learning rates, and the tensors of them, may change. */
  withoutRates(rates: readonly { readonly owner: object; readonly values: Values }[]): Guards {
    const owners = new Set(rates.map(({ owner }) => owner));
    const values = new Set(rates.map((rate) => rate.values));
    return new Guards(
      this.#fields.filter(({ owner, key }) => !(owners.has(owner) && RATE_FIELDS.includes(key))),
      {
        states: this.#states,
        captured: this.#captured.filter((captured) => !values.has(captured.values)),
      },
    );
  }

  #changedFields(): readonly Field[] {
    return this.#fields.filter(({ owner, key, value }) => !Object.is(owner[key], value));
  }
}

/** A variable and its `trainable` flag when the function was traced. */
interface VariableState {
  readonly variable: tf.Variable;
  readonly trainable: boolean;
}

function isAsBefore({ variable, trainable }: VariableState): boolean {
  return variable.trainable === trainable && !variable.isDisposed;
}

/** Tells whether a tensor from outside exists and has the elements that it had. */
function isUnchanged({ data, values }: Captured): boolean {
  if (data.refCount <= 0) return false;
  const now = data.values;
  for (let i = 0; i < values.length; i++) {
    if (now[i] !== values[i] && !Object.is(now[i], values[i])) return false;
  }
  return true;
}

/** Tells whether a path is that of an optimizer's own field. */
function isField(path: string): boolean {
  return path.split(".").length === 2;
}

function fieldsOf(owner: Readonly<Record<string, unknown>>, path: string): Field[] {
  return Object.keys(owner).filter((key) => key !== COUNTER).flatMap((key) => {
    const value = owner[key];
    const field = { owner, key, value, path: `${path}.${key}` };
    const inner = value as Readonly<Record<string, unknown>>;
    return isContainer(value)
      ? [field, ...lengthOf(value, path, key), ...fieldsOf(inner, field.path)]
      : [field];
  });
}

/** Lists the length of an array as a field, so that an added slot is seen as a change. */
function lengthOf(value: object, path: string, key: string): Field[] {
  if (!Array.isArray(value)) return [];
  const owner = value as unknown as Readonly<Record<string, unknown>>;
  return [{ owner, key: "length", value: value.length, path: `${path}.${key}.length` }];
}

function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null || value instanceof tf.Tensor) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
