/**
 * The type of rules, which turn one kernel of the backend into equations, and helpers to read a kernel's
 * inputs.
 * @module
 */
import type { DType } from "../program/dtype.ts";
import type { Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";

/** The numbers and names that describe a kernel besides its inputs, as the backend gets them. */
export type Attrs = Readonly<Record<string, unknown>>;

/** A recorded kernel, whose inputs are values of the program. */
export interface Call {
  /** The kernel's name in the backend's registry. */
  readonly name: string;
  /** Its inputs by name; a list of tensors has the names 0, 1, 2, … */
  readonly inputs: Readonly<Record<string, Var>>;
  /** The numbers and names that describe it besides its inputs. */
  readonly attrs: Attrs;
  /** The shape and type of each result. */
  readonly outs: readonly { readonly shape: readonly number[]; readonly dtype: DType }[];
}

/**
 * A function that adds the equations of a kernel to a program and returns its results.
 *
 * It returns undefined if it cannot handle this case. Then the ordinary kernel runs.
 */
export type Rule = (b: Builder, call: Call) => Var | readonly Var[] | undefined;

/** Rules by the name of the kernel. */
export type RuleTable = Readonly<Record<string, Rule>>;

/** Returns the input of a name, which the kernel always has. */
export function input(call: Call, name: string): Var {
  const found = call.inputs[name];
  if (!found) throw new Error(`internal: ${call.name} was recorded without its input ${name}`);
  return found;
}

/** Lists the inputs of a kernel that takes a list. */
export function inputList(call: Call): Var[] {
  return Object.keys(call.inputs).map((name) => input(call, name));
}

/** Returns a number among the attributes. */
export function numberAttr({ name, attrs }: Call, key: string): number {
  const value = attrs[key];
  if (typeof value === "number") return value;
  throw new Error(`internal: ${name} has no number ${key}, got ${String(value)}`);
}

/** Returns a list of numbers among the attributes; one number is a list of one. */
export function listAttr({ name, attrs }: Call, key: string): number[] {
  const value = attrs[key];
  if (typeof value === "number") return [value];
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return Array.from(value as unknown as ArrayLike<number>);
  }
  throw new Error(`internal: ${name} has no numbers ${key}, got ${String(value)}`);
}

/** Returns a list of axes, counted from the front; all axes if none are given. */
export function axesAttr(call: Call, key: string, rank: number): number[] {
  if (call.attrs[key] === undefined || call.attrs[key] === null) {
    return Array.from({ length: rank }, (_, axis) => axis);
  }
  return listAttr(call, key).map((axis) => axis < 0 ? axis + rank : axis).sort((a, b) => a - b);
}

/** Returns an axis among the attributes, counted from the front; a list of one axis counts as the axis. */
export function axisAttr(call: Call, rank: number): number {
  const axis = listAttr(call, "axis")[0] ?? 0;
  return axis < 0 ? axis + rank : axis;
}

/** Tells whether every value is of type float32. */
export function allFloat(...values: readonly Var[]): boolean {
  return values.every(({ dtype }) => dtype === "float32");
}
