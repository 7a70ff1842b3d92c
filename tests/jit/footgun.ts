/** Says what a jitted function does where it may refuse: the eager answer or an error, nothing else. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";
import { assertVariablesClose, type Twin } from "./compare.ts";
import { assertTreesClose, FLOAT32, tensorsOf } from "./trees.ts";

/**
 * Calls a jitted function and its eager twin side by side until the jitted one throws.
 *
 * @returns what it threw, or nothing if all its answers were eager's.
 * @throws if an answer, or a variable after a call, is not eager's.
 */
export function refusal<A extends readonly unknown[] | []>(
  make: () => Twin<A>,
  args: (call: number) => A,
  calls = 6,
): Error | undefined {
  const [eager, jitted] = [make(), make()];
  const step = jit(jitted.fn);
  try {
    for (let call = 0; call < calls; call++) {
      const values = args(call);
      let got: unknown;
      try {
        got = step(...values);
      } catch (error) {
        assert(error instanceof Error);
        return error;
      }
      const want = tf.tidy(() => eager.fn(...values) as tf.TensorContainer);
      assertTreesClose(got, want, FLOAT32, `silently wrong: call ${call}`);
      assertVariablesClose(jitted, eager, FLOAT32, `silently wrong: call ${call}`);
      tf.dispose([...tensorsOf(want), ...tensorsOf(got)]);
      eager.after?.(call);
      jitted.after?.(call);
    }
    return undefined;
  } finally {
    step.dispose();
    eager.dispose?.();
    jitted.dispose?.();
  }
}

/** What a function throws within a few calls, if it does. */
export function thrownWithin(calls: number, run: (call: number) => unknown): Error | undefined {
  for (let call = 0; call < calls; call++) {
    try {
      tf.dispose(tensorsOf(run(call)));
    } catch (error) {
      assert(error instanceof Error);
      return error;
    }
  }
  return undefined;
}

/** Throws unless a jitted function refuses, with a message of ours that says all of `patterns`. */
export function assertRefused(error: Error | undefined, ...patterns: RegExp[]): void {
  assert(error, "expected an error, got the eager answer at every call");
  assert.match(error.message, /^Cannot /);
  for (const pattern of patterns) assert.match(error.message, pattern);
}
