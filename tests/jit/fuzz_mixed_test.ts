/** Random programs of all types and shapes on any number, jitted and eager side by side. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { JitOptions } from "../../lib/jit/mod.ts";
import { compareWithEager } from "./compare.ts";
import { execute, OPERATIONS, operationsOf } from "./mixed/program.ts";
import { awkwardTensor, CLASSES } from "./mixed/values.ts";
import type { Instruction } from "./random_program.ts";
import type { Input } from "./rule.ts";
import type { Tolerance } from "./trees.ts";

/** Seed and number as in `fuzz_test.ts`: three quarters of the random programs are of this kind. */
const SEED = Number(Deno.env.get("JIT_FUZZ_SEED") ?? 1010);
const ALL = Number(Deno.env.get("JIT_FUZZ_PROGRAMS") ?? 2000);
const PROGRAMS = ALL * 3 / 4;
const LARGE_PROGRAMS = Math.ceil(ALL / 500);

/** The type and shape of an argument or a variable. */
interface Kind {
  readonly dtype: Input["dtype"];
  readonly shape: readonly number[];
}

/** What is random about a case. */
interface Case {
  readonly args: readonly Kind[];
  readonly variables: readonly Kind[];
  readonly instructions: readonly Instruction[];
  readonly mode: keyof typeof MODES;
  readonly seed: number;
}

/** How a program is called: recorded eagerly, bound, rehearsed, without relaxed SIMD, and a single time. */
const MODES = {
  plain: { calls: 4 },
  bound: { calls: 3, bound: true },
  rehearsed: { calls: 2, jit: { rehearse: true } },
  strict: { calls: 2, jit: { rehearse: true, relaxedSimd: false } },
  once: { calls: 1, jit: { rehearse: true } },
} as const satisfies Record<string, { calls: number; bound?: boolean; jit?: JitOptions }>;

const size = fc.constantFrom(1, 1, 2, 3, 5, 8, 17, 40);
const sizes = (maxLength: number, largest: number) =>
  fc.array(size, { maxLength }).filter((sizes) => tf.util.sizeFromShape(sizes) <= largest);
const shape = fc.oneof(
  { weight: 10, arbitrary: sizes(3, 400) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(1, 2, 3), { minLength: 4, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(0, 1, 2), { minLength: 1, maxLength: 3 }) },
);
const kind: fc.Arbitrary<Kind> = fc.record({
  dtype: fc.constantFrom("float32", "float32", "int32", "bool"),
  shape,
});
const kinds = fc.oneof(
  fc.array(kind, { minLength: 1, maxLength: 3 }),
  fc.tuple(kind, fc.integer({ min: 1, max: 3 })).map(([one, count]) =>
    Array.from({ length: count }, () => one)
  ),
);
const instruction: fc.Arbitrary<Instruction> = fc.record({
  op: fc.nat(99_999),
  a: fc.nat(5),
  b: fc.nat(9),
  p: fc.nat(63),
});
const mode = fc.constantFrom("plain", "bound", "rehearsed", "strict", "rehearsed", "strict");
const cases: fc.Arbitrary<Case> = fc.record({
  args: kinds,
  variables: kinds,
  instructions: fc.array(instruction, { minLength: 1, maxLength: 9 }),
  mode: mode as fc.Arbitrary<Case["mode"]>,
  seed: fc.nat(9999),
});

/** About a million numbers. */
const LARGE: readonly (readonly number[])[] = [
  [1_000_003],
  [1000, 1000],
  [1, 1_048_576],
  [2, 500_000],
  [1_000_000, 1],
  [100, 100, 100],
];
const largeCases: fc.Arbitrary<Case> = fc.tuple(cases, fc.constantFrom(...LARGE)).map((
  [random, shape],
) => ({
  ...random,
  args: [{ dtype: random.args[0]!.dtype, shape }],
  variables: [{ dtype: "float32", shape: [] }],
  instructions: random.instructions.slice(0, 3),
  mode: "once",
}));

const used = new Set<string>();

function makeVariables({ variables, seed }: Case): tf.Variable[] {
  return variables.map(({ shape, dtype }, i) =>
    tf.tidy(() => tf.variable(awkwardTensor(shape, dtype, seed + i)))
  );
}

function makeArgs({ args, seed }: Case, call: number): tf.Tensor[] {
  return args.map(({ shape, dtype }, i) =>
    awkwardTensor(shape, dtype, seed + 100 * (call + 1) + i)
  );
}

/** The instructions that TensorFlow.js does not refuse, and how far the results may be from eager's. */
function viable(random: Case): { instructions: Instruction[]; errors: Tolerance[] } {
  const [args, variables] = [makeArgs(random, 0), makeVariables(random)];
  const refused = new Set<Instruction>();
  const { results, errors } = tf.tidy(() => {
    const outcome = execute(random.instructions, args, variables, (instruction, error) => {
      if (Deno.env.get("JIT_FUZZ_REFUSED")) {
        console.log(operationsOf([instruction])[0], String(error));
      }
      refused.add(instruction);
    });
    return { results: outcome.results, errors: outcome.errors as never };
  }) as { results: tf.Tensor[]; errors: Tolerance[] };
  tf.dispose([results, args, variables]);
  return { instructions: random.instructions.filter((one) => !refused.has(one)), errors };
}

function exercise(random: Case): void {
  const { instructions, errors } = viable(random);
  for (const operation of operationsOf(instructions)) used.add(operation);
  const make = () => {
    const variables = makeVariables(random);
    const refuse = (_: Instruction, error: unknown) => {
      throw error;
    };
    return {
      fn: (...args: tf.Tensor[]) => execute(instructions, args, variables, refuse).results,
      variables: () => variables,
      dispose: () => tf.dispose(variables),
    };
  };
  compareWithEager(make, (call) => makeArgs(random, call), {
    ...MODES[random.mode],
    tolerance: CLASSES.exact,
    results: errors,
  });
}

/** Says what a program does. */
function describe(random: Case): string {
  const { args, variables, instructions, mode, seed } = random;
  const kinds = (list: readonly Kind[]) =>
    list.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(" ");
  const lines = instructions.map((one, i) =>
    `${operationsOf([one])[0]} (${instructions[i]!.a}, ${one.b}, ${one.p})`
  );
  return `${mode} seed ${seed}: ${kinds(args)}, variables ${kinds(variables)}: ${lines.join("; ")}`;
}

function check(arbitrary: fc.Arbitrary<Case>, numRuns: number): void {
  console.log(`seed ${SEED}`);
  fc.assert(
    fc.property(arbitrary, (random) => {
      try {
        exercise(random);
      } catch (error) {
        throw new Error(`${describe(random)}: ${(error as Error).message}`, { cause: error });
      }
    }),
    { seed: SEED, numRuns },
  );
}

Deno.test(`jit() ${PROGRAMS} random programs of all types and shapes: as eager on any number`, () => {
  check(cases, PROGRAMS);
  if (PROGRAMS >= 1000) assert.deepEqual(OPERATIONS.filter((name) => !used.has(name)), []);
});

Deno.test(`jit() ${LARGE_PROGRAMS} random programs on about a million numbers: as eager`, () => {
  check(largeCases, LARGE_PROGRAMS);
});
