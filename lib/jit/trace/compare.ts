/**
 * Compares two recordings of one function: what may be compiled is the same in both.
 * @module
 */
import type { KernelRecord, Leaf, Recording, TensorRef } from "./record.ts";
import { specDifference } from "./tree.ts";

/** How two recordings differ. */
export type Difference =
  /** Other kernels ran, as when an optimizer's first step makes its slots. */
  | { readonly kind: "structure"; readonly what: string }
  /** The same kernels ran on values that came from nowhere and changed: noise, or a counter. */
  | { readonly kind: "values"; readonly operation: string }
  /** The same, but what changed is a number or a name that describes a kernel. */
  | { readonly kind: "attributes"; readonly operation: string };

/** The first difference between two recordings, or undefined when there is none. */
export function difference(before: Recording, now: Recording): Difference | undefined {
  const what = now.madeVariables
    ? "it makes variables"
    : kernelsDifference(before, now) ?? leavesDifference(before, now) ??
      resultsDifference(before, now);
  if (what) return { kind: "structure", what };
  const kernel = attrsDifference(before, now);
  if (kernel !== undefined) return { kind: "attributes", operation: kernel };
  const operation = valuesDifference(before, now);
  return operation === undefined ? undefined : { kind: "values", operation };
}

function kernelsDifference(before: Recording, now: Recording): string | undefined {
  const count = Math.max(before.kernels.length, now.kernels.length);
  for (let i = 0; i < count; i++) {
    const [a, b] = [before.kernels[i], now.kernels[i]];
    if (!a || !b || !sameKernel(a, b)) {
      return `kernel ${i} was ${a?.name ?? "none"}, is ${b?.name ?? "none"}`;
    }
  }
  return undefined;
}

function sameKernel(a: KernelRecord, b: KernelRecord): boolean {
  return a.name === b.name && a.inputs.length === b.inputs.length &&
    a.inputs.every(([key, ref], i) => key === b.inputs[i]![0] && sameRef(ref, b.inputs[i]![1])) &&
    sameRefs(a.outputs, b.outputs);
}

function leavesDifference(before: Recording, now: Recording): string | undefined {
  if (before.leaves.length !== now.leaves.length) return "it reads other values";
  const other = now.leaves.find((leaf, i) => !sameLeaf(before.leaves[i]!, leaf));
  return other && `it reads another ${other.kind}`;
}

function sameLeaf(a: Leaf, b: Leaf): boolean {
  if (a.kind !== b.kind || a.data !== b.data) return false;
  return a.kind !== "variable" || (b.kind === "variable" && a.variable === b.variable);
}

function resultsDifference(before: Recording, now: Recording): string | undefined {
  const changed = specDifference(before.resultSpec, now.resultSpec, "the result");
  if (changed) return changed;
  if (!sameRefs(before.results, now.results)) return "it returns other values";
  const sameAssigns = before.assigns.length === now.assigns.length &&
    before.assigns.every(({ variable, value }, i) => {
      const other = now.assigns[i]!;
      return variable === other.variable && sameRef(value, other.value);
    });
  return sameAssigns ? undefined : "it assigns other variables";
}

function sameRefs(a: readonly TensorRef[], b: readonly TensorRef[]): boolean {
  return a.length === b.length && a.every((ref, i) => sameRef(ref, b[i]!));
}

function sameRef(a: TensorRef, b: TensorRef): boolean {
  return a.data === b.data && a.dtype === b.dtype && a.shape.join() === b.shape.join();
}

function attrsDifference(before: Recording, now: Recording): string | undefined {
  return now.kernels.find((kernel, i) => !sameData(before.kernels[i]!.attrs, kernel.attrs))?.name;
}

/** Whether two attributes are equal: numbers, strings, and arrays and objects of them. */
function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [keysA, keysB] = [Object.keys(a), Object.keys(b)];
  const [recordA, recordB] = [a, b] as Readonly<Record<string, unknown>>[];
  return keysA.length === keysB.length &&
    keysA.every((key) => sameData(recordA![key], recordB![key]));
}

function valuesDifference(before: Recording, now: Recording): string | undefined {
  for (let i = 0; i < now.leaves.length; i++) {
    const [a, b] = [before.leaves[i]!, now.leaves[i]!];
    if (a.kind !== "constant" || b.kind !== "constant") continue;
    const same = a.values.length === b.values.length &&
      b.values.every((value, j) => Object.is(value, a.values[j]));
    if (!same) return (b.origin ?? a.origin)?.operation() ?? "a tensor from outside";
  }
  return undefined;
}
