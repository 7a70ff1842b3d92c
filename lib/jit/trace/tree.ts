/**
 * Trees of tensors: arguments and results as a list of leaves and a structure.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { sameShape } from "../program/access.ts";

/** The structure of a tree, with a hole for each tensor. */
export type Spec =
  | { readonly kind: "tensor"; readonly shape: readonly number[]; readonly dtype: string }
  | { readonly kind: "variable"; readonly variable: tf.Variable }
  | { readonly kind: "static"; readonly value: unknown }
  | { readonly kind: "list"; readonly items: readonly Spec[] }
  | { readonly kind: "record"; readonly keys: readonly string[]; readonly items: readonly Spec[] };

/** A tree as structure and leaves. Variables are part of the structure. */
export interface Flat {
  readonly spec: Spec;
  readonly leaves: readonly tf.Tensor[];
  /** The object whose method was called, if it was a method. */
  readonly self?: unknown;
}

/** Splits a tree into its structure and its leaves; `what` names it in errors. */
export function flatten(tree: unknown, what: string): Flat {
  const leaves: tf.Tensor[] = [];
  return { spec: specOf(tree, { leaves, what }), leaves };
}

interface Context {
  readonly leaves: tf.Tensor[];
  readonly what: string;
}

function specOf(tree: unknown, context: Context): Spec {
  if (tree instanceof tf.Variable) return { kind: "variable", variable: tree };
  if (tree instanceof tf.Tensor) {
    assertAlive(tree, context.what);
    context.leaves.push(tree);
    return { kind: "tensor", shape: tree.shape, dtype: tree.dtype };
  }
  if (Array.isArray(tree)) {
    return {
      kind: "list",
      items: tree.map((item) => specOf(item, context)),
    };
  }
  if (isPlainObject(tree)) {
    const keys = Object.keys(tree);
    return { kind: "record", keys, items: keys.map((key) => specOf(tree[key], context)) };
  }
  if (!isStatic(tree)) {
    // If nobody handled its rejection, the process would end.
    if (tree instanceof Promise) tree.catch(() => {});
    throw new TypeError(
      `Cannot compile a function with this ${context.what}: expected tensors, arrays and plain ` +
        `objects of them, numbers, booleans, strings, null or undefined, got ${describe(tree)}`,
    );
  }
  return { kind: "static", value: tree };
}

/** Makes a tree from a structure and other tensors as leaves. */
export function unflatten(spec: Spec, leaves: Iterator<tf.Tensor>): unknown {
  switch (spec.kind) {
    case "tensor": {
      const next = leaves.next();
      if (next.done) throw new Error("internal: a tree has more leaves than tensors");
      return next.value;
    }
    case "variable":
      return spec.variable;
    case "static":
      return spec.value;
    case "list":
      return spec.items.map((item) => unflatten(item, leaves));
    case "record":
      return Object.fromEntries(
        spec.keys.map((key, i) => [key, unflatten(spec.items[i]!, leaves)]),
      );
    default:
      return spec satisfies never;
  }
}

/** A difference between two structures. */
export interface SpecDifference {
  readonly path: string;
  readonly was: string;
  readonly is: string;
}

/** Finds the first difference between two structures; undefined if they are equal. */
export function specDifference(a: Spec, b: Spec, path: string): SpecDifference | undefined {
  if (a.kind === "tensor" && b.kind === "tensor") {
    if (a.dtype === b.dtype && sameShape(a.shape, b.shape)) return undefined;
    const [was, is] = [a, b].map(({ shape, dtype }) => `${dtype}[${shape.join(", ")}]`);
    return { path, was: was!, is: is! };
  }
  if (a.kind === "static" && b.kind === "static") {
    if (Object.is(a.value, b.value)) return undefined;
    return { path, was: String(a.value), is: String(b.value) };
  }
  if (a.kind === "variable" && b.kind === "variable") {
    if (a.variable === b.variable) return undefined;
    return { path, was: `the variable ${a.variable.name}`, is: b.variable.name };
  }
  if (a.kind === "list" && b.kind === "list") return itemsDifference(a.items, b.items, path);
  if (a.kind === "record" && b.kind === "record") {
    if (a.keys.join() !== b.keys.join()) {
      return { path, was: `{${a.keys.join(", ")}}`, is: `{${b.keys.join(", ")}}` };
    }
    return itemsDifference(a.items, b.items, path, a.keys);
  }
  return { path, was: `a ${a.kind}`, is: `a ${b.kind}` };
}

function itemsDifference(
  a: readonly Spec[],
  b: readonly Spec[],
  path: string,
  keys?: readonly string[],
): SpecDifference | undefined {
  if (a.length !== b.length) return { path, was: `${a.length} items`, is: `${b.length} items` };
  for (let i = 0; i < a.length; i++) {
    const difference = specDifference(a[i]!, b[i]!, `${path}[${keys?.[i] ?? i}]`);
    if (difference) return difference;
  }
  return undefined;
}

function assertAlive(tensor: tf.Tensor, what: string): void {
  if (!tensor.isDisposed) return;
  throw new Error(`Cannot use this ${what}: expected a tensor, got one that is disposed`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isStatic(value: unknown): boolean {
  return value === null || ["number", "boolean", "string", "undefined"].includes(typeof value);
}

function describe(value: unknown): string {
  if (value instanceof Promise) return "a Promise (the function must not be async)";
  if (ArrayBuffer.isView(value)) return "a typed array (wrap it in tf.tensor)";
  return typeof value === "object"
    ? `a ${value?.constructor?.name ?? "object"}`
    : `a ${typeof value}`;
}
