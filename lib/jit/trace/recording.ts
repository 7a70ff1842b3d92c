/**
 * What one call of a function did: its kernels, and where their data came from.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Values } from "../program/dtype.ts";
import type { Guards } from "./guards.ts";
import type { OptimizerSteps } from "./optimizer_steps.ts";
import type { Origin } from "./origin.ts";
import type { Spec } from "./tree.ts";

/** Data as one tensor sees it. */
export interface TensorRef {
  /** Which data, numbered in order of appearance. */
  readonly data: number;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** One kernel that ran. */
export interface KernelRecord {
  readonly name: string;
  readonly inputs: readonly (readonly [name: string, value: TensorRef])[];
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly outputs: readonly TensorRef[];
}

/** Data that no recorded kernel made. */
export type Leaf =
  | { readonly kind: "input"; readonly data: number; readonly index: number }
  | { readonly kind: "variable"; readonly data: number; readonly variable: tf.Variable }
  | {
    readonly kind: "constant";
    readonly data: number;
    readonly values: Values;
    /** Where it was made inside the function; undefined if it was there before. */
    readonly origin: Origin | undefined;
  };

/** A variable that the function gave a new value. */
export interface AssignRecord {
  readonly variable: tf.Variable;
  readonly value: TensorRef;
}

/** What one call of a function did. */
export interface Recording {
  readonly kernels: readonly KernelRecord[];
  readonly leaves: readonly Leaf[];
  readonly args: Spec;
  readonly inputs: readonly TensorRef[];
  /** The arguments that the function disposed. */
  readonly disposed: readonly number[];
  readonly results: readonly TensorRef[];
  readonly resultSpec: Spec;
  readonly assigns: readonly AssignRecord[];
  /** Whether the call made variables, as an optimizer's first step does. */
  readonly madeVariables: boolean;
  /** A type that no program has room for: then the function itself runs at every call. */
  readonly plain: string | undefined;
  /** What must be as it was for the recording to be true. */
  readonly guards: Guards;
  /** The steps that optimizers took. */
  readonly steps: OptimizerSteps;
}
