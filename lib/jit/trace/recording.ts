/**
 * Recordings: the kernels that one call ran, and the origins of their data.
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
  /** The number of the data, in order of appearance. */
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
    /** The operation that made it inside the function; undefined if it existed before. */
    readonly origin: Origin | undefined;
  };

/** A record of one call of a function. */
export interface Recording {
  readonly kernels: readonly KernelRecord[];
  readonly leaves: readonly Leaf[];
  readonly args: Spec;
  readonly inputs: readonly TensorRef[];
  /** The arguments that the function disposed. */
  readonly disposed: readonly number[];
  readonly results: readonly TensorRef[];
  readonly resultSpec: Spec;
  /** The variables that the function gave new values. */
  readonly assigns: readonly { readonly variable: tf.Variable; readonly value: TensorRef }[];
  /** True if the call made variables, as an optimizer's first step does. */
  readonly madeVariables: boolean;
  /** The reason why no program is possible, such as a type: then the function itself runs at every call. */
  readonly plain: string | undefined;
  /** Everything that must be as it was for the recording to hold. */
  readonly guards: Guards;
  /** The steps that optimizers took. */
  readonly steps: OptimizerSteps;
}
