/** What a rule of the test tables says: an operation, and the inputs it is tried with. */
import * as tf from "@tensorflow/tfjs";
import type { Tolerance } from "./trees.ts";

/** An argument of an operation: random values of a shape, or given ones. */
export interface Input {
  /** Its sizes; none for a scalar. */
  readonly shape: readonly number[];
  /** Its type. */
  readonly dtype: "float32" | "int32" | "bool";
  /** The smallest value. */
  readonly low: number;
  /** What values stay below. */
  readonly high: number;
  /** The values themselves, instead of random ones. */
  readonly values?: readonly number[];
}

/** An operation on tensors. */
export type Operation = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** An operation and the inputs that it is tried with, forward and backward. */
export interface Rule {
  /** What the test is called. */
  readonly name: string;
  /** The operation. */
  readonly fn: Operation;
  /** Lists of inputs; each is a case of its own. */
  readonly cases: readonly (readonly Input[])[];
  /** Whether gradients are compared: `false` where TensorFlow.js defines none. */
  readonly gradient: boolean;
  /** Whether gradients of gradients are compared too. */
  readonly second: boolean;
  /** How far values may be apart, if not a few roundings. */
  readonly tolerance?: Tolerance;
}

/** The options of {@linkcode rule}. */
export type RuleOptions = Partial<Pick<Rule, "gradient" | "second" | "tolerance">>;

/** Sums of many products, added up in any order. */
export const SUMS: Tolerance = { relative: 2e-5, absolute: 2e-5 };

/** A float32 input uniform in [low, high). */
export function float(shape: readonly number[], low = -1, high = 1): Input {
  return { shape, dtype: "float32", low, high };
}

/** An int32 input uniform in [low, high). */
export function int(shape: readonly number[], low = -4, high = 5): Input {
  return { shape, dtype: "int32", low, high };
}

/** An input of truth values. */
export function bool(shape: readonly number[]): Input {
  return { shape, dtype: "bool", low: 0, high: 2 };
}

/** An input of given values, a list of them unless a shape says otherwise. */
export function given(
  values: readonly number[],
  { shape = [values.length], dtype = "float32" }: Partial<Pick<Input, "shape" | "dtype">> = {},
): Input {
  return { shape, dtype, low: 0, high: 0, values };
}

/** A rule of the tables. */
export function rule(
  name: string,
  fn: Operation,
  cases: readonly (readonly Input[])[],
  { gradient = true, second = false, tolerance }: RuleOptions = {},
): Rule {
  return { name, fn, cases, gradient, second, ...(tolerance && { tolerance }) };
}

/** The rules of a table written as name and operation, all on the same cases. */
export function rules(
  table: Readonly<Record<string, Operation>>,
  cases: readonly (readonly Input[])[],
  options: RuleOptions = {},
): Rule[] {
  return Object.entries(table).map(([name, fn]) => rule(name, fn, cases, options));
}

/** The tensor of an input, the same for the same seed. */
export function makeTensor({ shape, dtype, low, high, values }: Input, seed: number): tf.Tensor {
  if (values) return tf.tensor([...values], [...shape], dtype);
  return tf.tidy(() => {
    const uniform = tf.randomUniform([...shape], low, high, "float32", seed + 1);
    return dtype === "float32" ? uniform : uniform.floor().cast(dtype);
  });
}

/** A variable that starts with the tensor of an input. */
export function makeVariable(input: Input, seed: number): tf.Variable {
  return tf.tidy(() => tf.variable(makeTensor(input, seed)));
}

/** Shapes of an input for messages, such as `float32[2,3], int32[]`. */
export function describe(inputs: readonly Input[]): string {
  return inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(", ");
}
