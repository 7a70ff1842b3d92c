/**
 * Turns a recording into a program: each kernel becomes equations by its rule, or stays a kernel.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { sameShape, sizeOf } from "../program/access.ts";
import { asType, type DType, isNumeric } from "../program/dtype.ts";
import type { Var } from "../program/equation.ts";
import type { TracedProgram } from "../program/program.ts";
import { Builder, isEmpty, read } from "../program/builder.ts";
import { cast } from "./elementwise.ts";
import { RULES } from "./mod.ts";
import type { Call } from "./rule.ts";
import type { KernelRecord, Leaf, Recording, TensorRef } from "../trace/recording.ts";

/** A program with its variables and fallbacks. */
export interface Lowered {
  readonly program: TracedProgram;
  /** The variables, in the order in which the program has them. */
  readonly variables: readonly tf.Variable[];
  /** The number of occurrences of each kernel without a rule. */
  readonly fallbacks: Readonly<Record<string, number>>;
  /** The number of the input that is the state of the random generator; undefined if nothing is drawn. */
  readonly noiseInput: number | undefined;
}

/** Turns a recording into a program, before any pass. */
export function lower(recording: Recording): Lowered {
  return new Lowering(recording).run();
}

class Lowering {
  readonly #b = new Builder();
  /** Values by data, type and shape. */
  readonly #views = new Map<string, Var>();
  /** The first value of each data. */
  readonly #first = new Map<number, Var>();
  readonly #leaves: ReadonlyMap<number, Leaf>;
  readonly #variables = new Map<tf.Variable, Var>();
  readonly #fallbacks: Record<string, number> = {};

  constructor(readonly recording: Recording) {
    this.#leaves = new Map(recording.leaves.map((leaf) => [leaf.data, leaf]));
  }

  run(): Lowered {
    const { recording } = this;
    const inputs = recording.inputs.map((ref) =>
      this.#define(ref, this.#newVar(ref, "an argument"))
    );
    for (const leaf of recording.leaves) {
      if (leaf.kind === "variable") this.#variable(leaf.variable, leaf.data);
    }
    for (const kernel of recording.kernels) this.#kernel(kernel);
    const assigned = recording.assigns.map(({ variable, value }) => ({
      out: this.#variables.get(variable) ?? this.#variable(variable),
      value: this.#lookup(value, "an assignment"),
    }));
    const outputs = recording.results.map((ref) => read(this.#lookup(ref, "a result")));
    const variables = [...this.#variables.values()];
    const assigns = assigned.map(({ out, value }) => ({
      variable: variables.indexOf(out),
      value: read(value),
    }));
    const { constants, equations, noise } = this.#b;
    if (noise) inputs.push(noise);
    return {
      program: { inputs, variables, constants, equations, outputs, assigns },
      variables: [...this.#variables.keys()],
      fallbacks: this.#fallbacks,
      noiseInput: noise && inputs.length - 1,
    };
  }

  #variable(variable: tf.Variable, data?: number): Var {
    const { shape, dtype } = variable;
    const out = this.#newVar({ shape, dtype }, `the variable ${variable.name}`);
    this.#variables.set(variable, out);
    return data === undefined ? out : this.#define({ data, shape, dtype }, out);
  }

  #kernel({ name, inputs, attrs, outputs }: KernelRecord): void {
    const named = inputs.map(([key, ref]) => [key, this.#lookup(ref, name)] as const);
    const outs = outputs.map((ref) => ({ shape: ref.shape, dtype: numeric(ref.dtype, name) }));
    const call = { name, inputs: Object.fromEntries(named), attrs, outs };
    const made = this.#byRule(call) ?? this.#byKernel(call, named);
    outputs.forEach((ref, i) => this.#define(ref, this.#fitting(made[i]!, ref, name)));
  }

  #byRule(call: Call): readonly Var[] | undefined {
    const rule = RULES[call.name];
    if (
      !rule || [...Object.values(call.inputs), ...call.outs].some(({ shape }) => isEmpty(shape))
    ) {
      return undefined;
    }
    const before = this.#b.equations.length;
    const made = rule(this.#b, call);
    if (made === undefined) this.#b.equations.length = before;
    return made && (Array.isArray(made) ? made as readonly Var[] : [made as Var]);
  }

  #byKernel(call: Call, inputs: readonly (readonly [string, Var])[]): readonly Var[] {
    this.#fallbacks[call.name] = (this.#fallbacks[call.name] ?? 0) + 1;
    const outs = call.outs.map(({ dtype, shape }) => this.#b.newVar(dtype, shape));
    return this.#b.kernel(call.name, inputs, { attrs: call.attrs, outs });
  }

  /** Gives a rule's result the shape that the backend gave it. */
  #fitting(made: Var, ref: TensorRef, name: string): Var {
    if (made.dtype !== ref.dtype || sizeOf(made.shape) !== sizeOf(ref.shape)) {
      throw new Error(`internal: the rule of ${name} gives ${made.dtype}[${made.shape}]`);
    }
    return sameShape(made.shape, ref.shape) ? made : this.#b.reshape(made, ref.shape);
  }

  #define(ref: TensorRef, value: Var): Var {
    if (!this.#first.has(ref.data)) this.#first.set(ref.data, value);
    this.#views.set(viewKey(ref), value);
    return value;
  }

  #lookup(ref: TensorRef, reader: string): Var {
    const known = this.#views.get(viewKey(ref));
    if (known) return known;
    const first = this.#first.get(ref.data) ?? this.#constant(ref, reader);
    const typed = first.dtype === ref.dtype
      ? first
      : cast(this.#b, first, numeric(ref.dtype, reader));
    return this.#define(
      ref,
      sameShape(typed.shape, ref.shape) ? typed : this.#b.reshape(typed, ref.shape),
    );
  }

  #constant(ref: TensorRef, reader: string): Var {
    const leaf = this.#leaves.get(ref.data);
    if (leaf?.kind !== "constant") throw new Error(`internal: ${reader} reads data ${ref.data}`);
    const dtype = numeric(ref.dtype, reader);
    const values = asType(leaf.values, dtype).slice();
    if (values.length === 1 && ref.shape.length === 0) return this.#b.scalar(values[0]!, dtype);
    return this.#define(ref, this.#b.constant(values, dtype, ref.shape));
  }

  #newVar({ shape, dtype }: { shape: readonly number[]; dtype: string }, what: string): Var {
    return this.#b.newVar(numeric(dtype, what), shape);
  }
}

function numeric(dtype: string, what: string): DType {
  if (isNumeric(dtype)) return dtype;
  throw new TypeError(
    `Cannot compile ${what}: expected float32, int32 or bool, got ${dtype}; compute this part outside`,
  );
}

function viewKey({ data, dtype, shape }: TensorRef): string {
  return `${data} ${dtype} ${shape.join()}`;
}
