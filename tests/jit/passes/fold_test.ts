/** What is computed at compile time is what the program would have computed. */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { simplify } from "../../../lib/jit/passes/mod.ts";
import { Builder, read } from "../../../lib/jit/program/builder.ts";
import { type DType, type Values, valuesOf } from "../../../lib/jit/program/dtype.ts";
import type { Var } from "../../../lib/jit/program/equation.ts";
import { type ScalarFn, SCALARS } from "../../../lib/jit/program/scalar.ts";
import { compileProgram } from "../../../lib/jit/run/compile.ts";
import { Executable } from "../../../lib/jit/run/executable.ts";

await tf.setBackend("cpu");

const ANY = [-2.5, -1, -0.5, -0, 0, 0.5, 1, 2, 3.5, Infinity, NaN];
const FINITE = [-2.5, -1, -0, 0, 0.5, 1, 2, 3.5];
const WHOLE = [-3, -1, 0, 1, 2, 7];
const TRUTH = [0, 1];

/** The types that a function is tried with, and the numbers; a condition is a truth value. */
const ARGUMENTS: Readonly<Partial<Record<ScalarFn, readonly (readonly [DType, number[]])[]>>> = {
  add: [["float32", ANY], ["int32", WHOLE]],
  sub: [["float32", ANY], ["int32", WHOLE]],
  mul: [["float32", ANY], ["int32", WHOLE]],
  max: [["float32", ANY], ["int32", WHOLE]],
  min: [["float32", ANY], ["int32", WHOLE]],
  eq: [["float32", ANY], ["int32", WHOLE], ["bool", TRUTH]],
  ne: [["float32", ANY], ["int32", WHOLE], ["bool", TRUTH]],
  lt: [["float32", ANY], ["int32", WHOLE]],
  le: [["float32", ANY], ["int32", WHOLE]],
  gt: [["float32", ANY], ["int32", WHOLE]],
  ge: [["float32", ANY], ["int32", WHOLE]],
  and: [["bool", TRUTH]],
  or: [["bool", TRUTH]],
  not: [["bool", TRUTH]],
  mod: [["float32", [-2.5, -1, 0.5, 1, 2, 3.5]]],
  pow: [["float32", [-2, -1, 0, 0.5, 1, 2, 3]]],
  copy: [["float32", ANY], ["int32", WHOLE], ["bool", TRUTH]],
  toFloat: [["int32", WHOLE], ["bool", TRUTH]],
  toInt: [["float32", FINITE], ["bool", TRUTH]],
  toBool: [["float32", FINITE], ["int32", WHOLE]],
};

/** All lists of `count` of the numbers. */
function lists(numbers: readonly number[], count: number): number[][] {
  if (count === 0) return [[]];
  return numbers.flatMap((first) => lists(numbers, count - 1).map((rest) => [first, ...rest]));
}

/** The result of a function of scalars, which are given to the program or known when it is compiled. */
function resultOf(
  fn: ScalarFn,
  args: readonly (readonly [dtype: DType, value: number])[],
  known: boolean,
): { value: number; equations: number } {
  const b = new Builder();
  const vars = args.map(([dtype, value]) =>
    known ? b.constant(valuesOf(dtype, [value]), dtype, []) : b.newVar(dtype, [])
  );
  const out: Var = b.map(fn, ...vars);
  const program = {
    inputs: known ? [] : vars,
    variables: [],
    constants: b.constants,
    equations: b.equations,
    outputs: [read(out)],
    assigns: [],
  };
  const executable = new Executable({ ...compileProgram(program), variables: [], fallbacks: {} });
  if (!known) executable.inputs.forEach((input: Values, i) => input[0] = args[i]![1]);
  executable.run();
  const value = executable.outputs[0]![0]!;
  executable.dispose();
  return { value, equations: simplify(program).equations.length };
}

/** The sign of 0 counts. */
function isClose(a: number, b: number): boolean {
  return Object.is(a, b) || a !== b && Math.abs(a - b) <= 4e-7 * Math.max(1, Math.abs(b));
}

for (const fn of Object.keys(SCALARS) as ScalarFn[]) {
  Deno.test(`simplify() folds ${fn} of constants to what the program computes`, () => {
    const { arity } = SCALARS[fn];
    for (const [dtype, numbers] of ARGUMENTS[fn] ?? [["float32", ANY]]) {
      const conditions = fn === "select" ? TRUTH.map((c) => [["bool", c] as const]) : [[]];
      const values = lists(numbers, arity - conditions[0]!.length);
      const calls = conditions.flatMap((condition) =>
        values.map((list) => [...condition, ...list.map((value) => [dtype, value] as const)])
      );
      for (const args of calls) {
        const [folded, run] = [resultOf(fn, args, true), resultOf(fn, args, false)];
        const message = `${fn}(${args.join("; ")}) is ${folded.value}, was ${run.value}`;
        assert(folded.equations <= 1, "a constant is a view at most");
        assert(isClose(folded.value, run.value), message);
      }
    }
  });
}

Deno.test("simplify() keeps 0 and -0 apart", () => {
  const b = new Builder();
  const x = b.newVar("float32", []);
  const zeros = [b.scalar(0), b.map("neg", b.scalar(0))];
  const program = {
    inputs: [x],
    variables: [],
    constants: b.constants,
    equations: b.equations,
    outputs: zeros.map((zero) => read(b.map("atan2", zero, x))),
    assigns: [],
  };
  const executable = new Executable({ ...compileProgram(program), variables: [], fallbacks: {} });
  executable.inputs[0]![0] = -1;
  executable.run();
  assert.deepEqual(
    executable.outputs.map(([angle]) => angle),
    [Math.PI, -Math.PI].map(Math.fround),
  );
  executable.dispose();
});
