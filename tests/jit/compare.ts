/** Compares a jitted function with its eager twin, call by call. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit, type JitOptions } from "../../lib/jit/mod.ts";
import {
  assertTensorsClose,
  assertTreesClose,
  assertValuesClose,
  FLOAT32,
  tensorsOf,
  type Tolerance,
  valuesOf,
} from "./trees.ts";

/** A function with the variables it works on; a twin is made afresh for each side. */
export interface Twin<A extends readonly unknown[]> {
  /** The function, eager. */
  readonly fn: (...args: A) => unknown;
  /** Every variable to compare, asked for after every call: slots may appear late. */
  readonly variables?: () => readonly tf.Variable[];
  /** What happens to the twin after the call of that number. */
  readonly after?: (call: number) => void;
  /** Frees what the twin owns. */
  readonly dispose?: () => void;
}

/** How {@linkcode compareWithEager} compares. */
export interface CompareOptions {
  /** How often both are called; by default 4, so that recording and running are both seen. */
  readonly calls?: number;
  /** How far values may be apart. */
  readonly tolerance?: Tolerance;
  /** How far each item of a list of results may be from eager's, if they differ in that. */
  readonly results?: readonly Tolerance[];
  /** Compares every that many calls only (and the last), for long runs. */
  readonly every?: number;
  /** Whether a third twin goes through `bind`. */
  readonly bound?: boolean;
  /** Options of the compiled function. */
  readonly jit?: JitOptions;
}

/** How far each item of a list of results may be from eager's. */
type ToleranceOf = (result: number) => Tolerance;

/** Copies the tensor leaves of a call's arguments into a bound step's memory. */
export function writeInputs(inputs: readonly ArrayLike<number>[], args: readonly unknown[]): void {
  const tensors = tensorsOf(args);
  assert.equal(inputs.length, tensors.length, "one input for each tensor leaf");
  tensors.forEach((tensor, i) => {
    const input = inputs[i] as Float32Array;
    const values = valuesOf(tensor);
    assert.equal(input.constructor, values.constructor, `type of input ${i}`);
    assert.equal(input.length, values.length, `length of input ${i}`);
    input.set(values);
  });
}

/** The arrays of bound inputs and outputs; eager kernels keep to them less strictly. */
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** A side of the comparison: calls its function and hands out its variables. */
interface Side<A extends readonly unknown[]> {
  readonly twin: Twin<A>;
  call(args: A, want: unknown, where: string): void;
  dispose(): void;
}

function eagerTensors<A extends readonly unknown[]>(twin: Twin<A>, args: A): unknown {
  return tf.tidy(() => twin.fn(...args) as tf.TensorContainer);
}

function assertResultsClose(
  got: unknown,
  want: unknown,
  toleranceOf: ToleranceOf,
  where: string,
): void {
  if (!Array.isArray(want)) return assertTreesClose(got, want, toleranceOf(0), where);
  assert(Array.isArray(got), `${where}: expected a list, got ${typeof got}`);
  assert.equal(got.length, want.length, `${where}: length`);
  want.forEach((each, i) => assertTreesClose(got[i], each, toleranceOf(i), `${where}.${i}`));
}

function jittedSide<A extends readonly unknown[]>(
  twin: Twin<A>,
  toleranceOf: ToleranceOf,
  options: JitOptions,
): Side<A> {
  const step = jit(twin.fn, options);
  return {
    twin,
    call(args, want, where) {
      const got = step(...args);
      assertResultsClose(got, want, toleranceOf, `${where}: result`);
      tf.dispose(tensorsOf(got));
    },
    dispose: () => step.dispose(),
  };
}

function boundSide<A extends readonly unknown[]>(
  twin: Twin<A>,
  toleranceOf: ToleranceOf,
  { first, options }: { readonly first: A; readonly options: JitOptions },
): Side<A> {
  const step = jit(twin.fn, options);
  const bound = step.bind(...first);
  return {
    twin,
    call(args, want, where) {
      writeInputs(bound.inputs, args);
      bound.run();
      const wanted = tensorsOf(want);
      assert.equal(bound.outputs.length, wanted.length, `${where}: number of bound outputs`);
      wanted.forEach((tensor, i) => {
        const [output, values] = [bound.outputs[i]!, valuesOf(tensor)];
        const type = ARRAYS[tensor.dtype as keyof typeof ARRAYS];
        assert.equal(output.constructor, type, `${where}: type of output ${i}`);
        assertValuesClose(output, values, toleranceOf(i), `${where}: output ${i}`);
      });
    },
    dispose() {
      bound.dispose();
      step.dispose();
    },
  };
}

/** Throws unless two twins hold the same variables. */
export function assertVariablesClose<A extends readonly unknown[]>(
  got: Twin<A>,
  want: Twin<A>,
  tolerance: Tolerance,
  where: string,
): void {
  const [some, others] = [got.variables?.() ?? [], want.variables?.() ?? []];
  assert.equal(some.length, others.length, `${where}: number of variables`);
  others.forEach((variable, i) =>
    assertTensorsClose(some[i]!, variable, tolerance, `${where}: variable ${i}`)
  );
}

/**
 * Throws unless a jitted function does what its eager twin does: same results, same variables, and
 * after everything is disposed as many tensors as before.
 *
 * `make` must give equal twins; `args` gives the arguments of each call, which are disposed here.
 */
export function compareWithEager<A extends readonly unknown[] | []>(
  make: () => Twin<A>,
  args: (call: number) => A,
  options: CompareOptions = {},
): void {
  const { calls = 4, tolerance = FLOAT32, every = 1, bound = false, results = [] } = options;
  const toleranceOf = (i: number) => results[i] ?? tolerance;
  const before = tf.memory().numTensors;
  const eager = make();
  const jitted = make();
  const third = bound ? make() : undefined;
  const twins = [eager, jitted, ...(third ? [third] : [])];
  const sides = [jittedSide<A>(jitted, toleranceOf, options.jit ?? {})];
  for (let call = 0; call < calls; call++) {
    const values = args(call);
    if (third && call === 0) {
      sides.push(boundSide<A>(third, toleranceOf, { first: values, options: options.jit ?? {} }));
    }
    const want = eagerTensors(eager, values);
    for (const [i, side] of sides.entries()) {
      const where = `call ${call}${i === 1 ? " (bound)" : ""}`;
      side.call(values, want, where);
      if (call % every === 0 || call === calls - 1) {
        assertVariablesClose(side.twin, eager, tolerance, where);
      }
    }
    tf.dispose([...tensorsOf(want), ...tensorsOf(values)]);
    for (const twin of twins) twin.after?.(call);
  }
  for (const side of sides) side.dispose();
  for (const twin of twins) twin.dispose?.();
  assert.equal(tf.memory().numTensors, before, "tensors left after everything is disposed");
}
