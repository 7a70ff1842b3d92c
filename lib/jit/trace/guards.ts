/**
 * The guards of a program: what it depends on outside its tensors, and must find unchanged.
 *
 * A compiled step is good as long as the optimizers that it contains have the fields that they had,
 * its variables are as trainable as they were, and captured tensors have the values that they had.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { cpuBackend, dataOf, type TensorData } from "./backend.ts";
import type { Values } from "../program/dtype.ts";
import { RateWatch } from "./rate_watch.ts";

interface StepCounter {
  incrementIterations(): void;
}

/** One field of one object, and what it must still be. */
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

/** A number of an optimizer that may change between calls, and how it is read. */
export interface Rate {
  readonly owner: object;
  readonly read: () => number;
}

/** A learning rate as an input of a program. */
export interface RateInput extends Rate {
  /** Which input. */
  readonly input: number;
  /** The constant that it was, for finding its guard. */
  readonly values: Values;
}

/** The fields that hold a learning rate: the number, and SGD's tensor of its negative. */
const RATE_FIELDS: readonly string[] = ["learningRate", "c"];

/** Counted by the optimizer itself at each step, so it is no reason to trace again. */
const COUNTER = "iterations_";

/** What one call depended on: optimizers that took a step, variables and captured tensors. */
export class Guards {
  /** Each optimizer once for each step it took. */
  readonly #steps: StepCounter[] = [];
  /** Who read learning rates. */
  readonly rates = new RateWatch();
  #fields: readonly Field[] = [];
  #captured: readonly Captured[] = [];
  #variables: readonly VariableState[] = [];
  #rates: readonly RateInput[] = [];

  /** Which optimizers took a step. */
  get optimizers(): readonly object[] {
    return [...new Set(this.#steps)];
  }

  /**
   * Notes every optimizer's step, telling `onStep` before, and who reads the rates of `known` ones, until
   * the result is called.
   */
  watch(known: readonly object[], onStep: (optimizer: object) => void): () => void {
    const unwatch = known.map((optimizer) => this.rates.watch(optimizer));
    const prototype = tf.Optimizer.prototype as unknown as StepCounter;
    const original = prototype.incrementIterations;
    const steps = this.#steps;
    prototype.incrementIterations = function (this: StepCounter) {
      onStep(this);
      steps.push(this);
      original.call(this);
    };
    return () => {
      prototype.incrementIterations = original;
      unwatch.forEach((restore) => restore());
    };
  }

  /** Remembers what the optimizers, and the variables that were read, are like now. */
  snapshot(variables: readonly tf.Variable[], captured: readonly Captured[]): this {
    this.#captured = captured;
    const optimizers = new Set(this.#steps);
    const fields = [...optimizers].flatMap((optimizer) => {
      const name = optimizer.constructor.name.replace(/Optimizer$/, "");
      return fieldsOf(optimizer as unknown as Readonly<Record<string, unknown>>, name);
    });
    this.#fields = fields;
    this.#variables = variables.map((variable) => ({ variable, trainable: variable.trainable }));
    return this;
  }

  /** Whether every optimizer is still as it was. */
  holds(): boolean {
    const fields = this.#fields;
    for (let i = 0; i < fields.length; i++) {
      const { owner, key, value } = fields[i]!;
      if (owner[key] !== value && !Object.is(owner[key], value)) return false;
    }
    const variables = this.#variables;
    for (let i = 0; i < variables.length; i++) if (!isAsBefore(variables[i]!)) return false;
    const captured = this.#captured;
    for (let i = 0; i < captured.length; i++) if (!isUnchanged(captured[i]!)) return false;
    return true;
  }

  /** What is not as it was, in words. */
  difference(): string | undefined {
    const all = this.#fields.filter(({ owner, key, value }) => !Object.is(owner[key], value));
    const changed = all.find(({ value }) => typeof value === "number") ?? all[0];
    if (!changed) {
      const variable = this.#variables.find((state) => !isAsBefore(state))?.variable;
      if (variable) {
        return `${variable.name}.${variable.isDisposed ? "isDisposed" : "trainable"} changed`;
      }
      return this.#captured.every(isUnchanged) ? undefined : "a tensor from outside changed";
    }
    if (changed.key === "c") return `${changed.path.replace(/c$/, "learningRate")} was set anew`;
    const [before, now] = [changed.value, changed.owner[changed.key]];
    return typeof before === "number"
      ? `${changed.path} was ${before}, is ${String(now)}`
      : `${changed.path} changed`;
  }

  /** The learning rates that changed, or undefined if anything else did too. */
  changedRates(): RateField[] | undefined {
    const changed = this.#fields.filter(({ owner, key, value }) => !Object.is(owner[key], value));
    if (!this.#variables.every(isAsBefore)) return undefined;
    if (!changed.every(({ key, path }) => RATE_FIELDS.includes(key) && isField(path))) {
      return undefined;
    }
    return changed.filter(({ key }) => key === "learningRate").map(({ owner, value }) => ({
      owner: owner as unknown as RateField["owner"],
      before: value as number,
    }));
  }

  /** The tensor in which SGD keeps its negative learning rate, if a captured one is it. */
  rateOfTensor(values: Values): Rate | undefined {
    const backend = cpuBackend();
    const data = this.#captured.find((captured) => captured.values === values)?.data;
    const field = data &&
      this.#fields.find(({ key, value }) =>
        key === "c" && value instanceof tf.Tensor && !value.isDisposed &&
        backend.data.get(value.dataId) === data
      );
    if (!field || !this.rates.isInternal(field.owner)) return undefined;
    const owner = field.owner as { readonly c: tf.Tensor };
    return { owner, read: () => dataOf(backend, owner.c.dataId).values[0]! };
  }

  /** The same guards where some learning rates, and the tensors of them, may change. */
  withRates(rates: readonly RateInput[]): Guards {
    const owners = new Set<object>(rates.map(({ owner }) => owner));
    const guards = new Guards();
    guards.#steps.push(...this.#steps);
    guards.#rates = rates;
    guards.#variables = this.#variables;
    guards.#captured = this.#captured.filter(({ values }) =>
      !rates.some((rate) => rate.values === values)
    );
    guards.#fields = this.#fields.filter(({ owner, key }) =>
      !(owners.has(owner) && RATE_FIELDS.includes(key))
    );
    return guards;
  }

  /** True if the program reads a learning rate that may change. */
  get hasRates(): boolean {
    return this.#rates.length > 0;
  }

  /** Writes the present learning rates where the program reads them. */
  writeRates(inputs: readonly Values[]): void {
    const rates = this.#rates;
    for (let i = 0; i < rates.length; i++) {
      const { read, input } = rates[i]!;
      inputs[input]![0] = read();
    }
  }

  /** Counts a step of every optimizer, as its own `applyGradients` would. */
  countSteps(): void {
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) steps[i]!.incrementIterations();
  }
}

/** Whether a variable exists and has a gradient is decided when the function is traced. */
interface VariableState {
  readonly variable: tf.Variable;
  readonly trainable: boolean;
}

function isAsBefore({ variable, trainable }: VariableState): boolean {
  return variable.trainable === trainable && !variable.isDisposed;
}

/** Whether a tensor from outside exists and has the elements that it had. */
function isUnchanged({ data, values }: Captured): boolean {
  if (data.refCount <= 0) return false;
  const now = data.values;
  for (let i = 0; i < values.length; i++) {
    if (now[i] !== values[i] && !Object.is(now[i], values[i])) return false;
  }
  return true;
}

/** Whether a path is that of an optimizer's own field. */
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

/** An array's length is no key of its own, but a slot added to it is a change. */
function lengthOf(value: object, path: string, key: string): Field[] {
  if (!Array.isArray(value)) return [];
  const owner = value as unknown as Readonly<Record<string, unknown>>;
  return [{ owner, key: "length", value: value.length, path: `${path}.${key}.length` }];
}

function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null || value instanceof tf.Tensor) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
