/**
 * Compares two recordings of one function: it may be compiled if they are equal.
 * @module
 */
import type { Values } from "../program/dtype.ts";
import type { KernelRecord, Leaf, Recording, TensorRef } from "./recording.ts";
import { specDifference } from "./tree.ts";

/** A difference between two recordings. */
export interface Difference {
  /**
   * `structure`: other kernels ran, for example when an optimizer's first step makes its slots. `attributes`:
   * a number or a name that describes a kernel changed. `values`: the same kernels ran on other constants,
   * for example a counter.
   */
  readonly kind: "structure" | "attributes" | "values";
  /** The operation in which they differ, or another description of the place. */
  readonly operation: string;
  readonly was: string;
  readonly is: string;
}

/** Finds the first difference between two recordings; undefined when there is none. */
export function difference(before: Recording, now: Recording): Difference | undefined {
  if (now.madeVariables) return structure("variables that it makes", "none", "some");
  return kernelsDifference(before, now) ?? leavesDifference(before, now) ??
    resultsDifference(before, now) ?? attrsDifference(before, now) ??
    valuesDifference(before, now);
}

function structure(operation: string, was: string, is: string): Difference {
  return { kind: "structure", operation, was, is };
}

function kernelsDifference(before: Recording, now: Recording): Difference | undefined {
  const count = Math.max(before.kernels.length, now.kernels.length);
  for (let i = 0; i < count; i++) {
    const [a, b] = [before.kernels[i], now.kernels[i]];
    if (!a || !b || !sameKernel(a, b)) {
      return structure(`operation ${i + 1}`, describeKernel(a), describeKernel(b));
    }
  }
  return undefined;
}

function sameKernel(a: KernelRecord, b: KernelRecord): boolean {
  return a.name === b.name && a.inputs.length === b.inputs.length &&
    a.inputs.every(([key, ref], i) => key === b.inputs[i]![0] && sameRef(ref, b.inputs[i]![1])) &&
    sameRefs(a.outputs, b.outputs);
}

/** Describes a kernel with its inputs and outputs, each as the number of its data, its type and its shape. */
function describeKernel(kernel: KernelRecord | undefined): string {
  const describe = (refs: readonly TensorRef[]) =>
    refs.map(({ data, dtype, shape }) => `${data}:${dtype}[${shape}]`).join(", ");
  return kernel
    ? `${kernel.name}(${describe(kernel.inputs.map(([, ref]) => ref))}) to ` +
      describe(kernel.outputs)
    : "none";
}

function leavesDifference(before: Recording, now: Recording): Difference | undefined {
  const index = Array.from(
    { length: Math.max(before.leaves.length, now.leaves.length) },
    (_, i) => i,
  ).find((i) => !sameLeaf(before.leaves[i], now.leaves[i]));
  return index === undefined ? undefined : structure(
    "what it reads",
    describeLeaf(before.leaves[index]),
    describeLeaf(now.leaves[index]),
  );
}

function sameLeaf(a: Leaf | undefined, b: Leaf | undefined): boolean {
  if (a?.data !== b?.data) return false;
  // A learning rate is a constant where it was recorded, and an input of the program.
  if (a?.kind === "input" && b?.kind === "constant") return true;
  if (a?.kind !== b?.kind) return false;
  return a?.kind !== "variable" || (b?.kind === "variable" && a.variable === b.variable);
}

function describeLeaf(leaf: Leaf | undefined): string {
  if (!leaf) return "nothing more";
  return leaf.kind === "variable"
    ? `the variable ${leaf.variable.name}`
    : `a tensor (${leaf.kind})`;
}

function resultsDifference(before: Recording, now: Recording): Difference | undefined {
  const changed = specDifference(before.resultSpec, now.resultSpec, "the result");
  if (changed) return structure(changed.path, changed.was, changed.is);
  if (!sameRefs(before.results, now.results)) {
    return structure("the result", "some values", "other ones");
  }
  const [was, is] = [before, now].map(({ assigns }) =>
    assigns.map(({ variable, value }) => `${variable.name} = ${value.data}`).join(", ")
  );
  return was === is ? undefined : structure("the assignments to variables", was!, is!);
}

function sameRefs(a: readonly TensorRef[], b: readonly TensorRef[]): boolean {
  return a.length === b.length && a.every((ref, i) => sameRef(ref, b[i]!));
}

function sameRef(a: TensorRef, b: TensorRef): boolean {
  if (a.data !== b.data || a.dtype !== b.dtype || a.shape.length !== b.shape.length) return false;
  return a.shape.every((n, d) => n === b.shape[d]);
}

function attrsDifference(before: Recording, now: Recording): Difference | undefined {
  for (let i = 0; i < now.kernels.length; i++) {
    const { name, attrs } = now.kernels[i]!;
    const old = before.kernels[i]!.attrs;
    if (sameData(old, attrs)) continue;
    const key = Object.keys({ ...old, ...attrs }).find((k) => !sameData(old[k], attrs[k]))!;
    const [was, is] = [old, attrs].map((all) => `${key} ${describe(all[key])}`);
    return { kind: "attributes", operation: name, was: was!, is: is! };
  }
  return undefined;
}

/** Tells whether two attributes are equal: numbers, strings, and arrays and objects of them. */
function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [keysA, keysB] = [Object.keys(a), Object.keys(b)];
  const [recordA, recordB] = [a, b] as Readonly<Record<string, unknown>>[];
  return keysA.length === keysB.length &&
    keysA.every((key) => sameData(recordA![key], recordB![key]));
}

function describe(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function valuesDifference(before: Recording, now: Recording): Difference | undefined {
  for (let i = 0; i < now.leaves.length; i++) {
    const [a, b] = [before.leaves[i]!, now.leaves[i]!];
    if (a.kind !== "constant" || b.kind !== "constant") continue;
    const at = firstDifference(a.values, b.values);
    if (at < 0) continue;
    const operation = a.origin?.operation || b.origin?.operation || "a tensor from outside";
    const [was, is] = [a, b].map(({ values }) => String(values[at]));
    return { kind: "values", operation, was: was!, is: is! };
  }
  return undefined;
}

/** Finds the index of the first element that differs, or -1. */
function firstDifference(a: Values, b: Values): number {
  const count = Math.max(a.length, b.length);
  for (let i = 0; i < count; i++) if (!Object.is(a[i], b[i])) return i;
  return -1;
}
