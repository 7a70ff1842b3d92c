/** Random programs, jitted and eager side by side, with everything that may happen between calls. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import fc from "fast-check";
import { jit } from "../../lib/jit/mod.ts";
import { type Instruction, plainProgram, trainingProgram } from "./random_program.ts";
import { float, makeTensor, makeVariable } from "./rule.ts";
import { assertTensorsClose, type Tolerance } from "./trees.ts";

/** Fixed, so that a failure is there the next time too; the environment gives others. A quarter is of this kind. */
const SEED = Number(Deno.env.get("JIT_FUZZ_SEED") ?? 1010);
const PROGRAMS = Number(Deno.env.get("JIT_FUZZ_PROGRAMS") ?? 2000) / 4;

/** Values are at most about 4, steps few and contracting: rounding stays rounding. */
const TOLERANCE: Tolerance = { relative: 1e-4, absolute: 3e-5 };

type Body = (...args: tf.Tensor[]) => tf.Tensor[];

/** What is random about a case. */
interface Case {
  /** Shapes of the arguments. */
  readonly args: readonly (readonly number[])[];
  /** Shapes of the variables. */
  readonly variables: readonly (readonly number[])[];
  readonly first: readonly Instruction[];
  readonly second: readonly Instruction[];
  readonly training: boolean;
  readonly seed: number;
}

const size = fc.constantFrom(1, 1, 2, 3, 5, 8, 17, 40);
const shape = fc.array(size, { maxLength: 3 }).filter((sizes) =>
  tf.util.sizeFromShape(sizes) <= 400
);
const shapes = fc.array(shape, { minLength: 1, maxLength: 3 });
const alike = fc.tuple(shape, fc.integer({ min: 1, max: 3 })).map(([sizes, count]) =>
  Array.from({ length: count }, () => sizes)
);
const instruction: fc.Arbitrary<Instruction> = fc.record({
  op: fc.nat(999),
  a: fc.nat(5),
  b: fc.nat(9),
  p: fc.nat(63),
});
const instructions = (maxLength: number) => fc.array(instruction, { minLength: 1, maxLength });
const cases: fc.Arbitrary<Case> = fc.record({
  args: shapes,
  variables: fc.oneof(shapes, alike),
  first: instructions(9),
  second: instructions(4),
  training: fc.boolean(),
  seed: fc.nat(9999),
});

/** One side: two functions over one set of variables. */
interface Side {
  readonly variables: tf.Variable[];
  readonly optimizer: tf.Optimizer;
  readonly bodies: readonly [Body, Body];
}

function makeSide({ variables: sizes, first, second, training, seed }: Case): Side {
  const variables = sizes.map((sizes, i) => makeVariable(float(sizes), seed + i));
  const optimizer = tf.train.momentum(0.1, 0.5);
  const main = training
    ? trainingProgram(first, variables, optimizer)
    : plainProgram(first, variables);
  return { variables, optimizer, bodies: [main, plainProgram(second, variables)] };
}

/** Both sides, and the jitted functions of the second. */
class Comparison {
  readonly #case: Case;
  readonly #eager: Side;
  readonly #jitted: Side;
  readonly #steps;
  #call = 0;

  constructor(random: Case) {
    this.#case = random;
    this.#eager = makeSide(random);
    this.#jitted = makeSide(random);
    this.#steps = this.#jitted.bodies.map((body) => jit(body));
  }

  /** The arguments of the next call. */
  #args(): tf.Tensor[] {
    this.#call++;
    return this.#case.args.map((sizes, i) => makeTensor(float(sizes), 50 * this.#call + i));
  }

  /** Calls one of the two functions on both sides and compares results and variables. */
  call(which: 0 | 1): void {
    const args = this.#args();
    const want = tf.tidy(() => this.#eager.bodies[which](...args));
    const got = this.#steps[which]!(...args);
    assert.equal(got.length, want.length);
    want.forEach((tensor, i) =>
      assertTensorsClose(got[i]!, tensor, TOLERANCE, `call ${this.#call}, result ${i}`)
    );
    this.#compareVariables();
    tf.dispose([want, got, args]);
  }

  /** Runs the first function eagerly on both sides. */
  eagerStep(): void {
    const args = this.#args();
    for (const { bodies } of [this.#eager, this.#jitted]) {
      tf.dispose(tf.tidy(() => bodies[0](...args)));
    }
    this.#compareVariables();
    tf.dispose(args);
  }

  /** Writes new values into every variable, as setWeights does. */
  setWeights(): void {
    for (const { variables } of [this.#eager, this.#jitted]) {
      tf.tidy(() => {
        variables.forEach((variable, i) =>
          variable.assign(makeTensor(float(variable.shape), 7000 + this.#call + i))
        );
      });
    }
  }

  #compareVariables(): void {
    this.#eager.variables.forEach((variable, i) =>
      assertTensorsClose(
        this.#jitted.variables[i]!,
        variable,
        TOLERANCE,
        `call ${this.#call}, variable ${i}`,
      )
    );
  }

  dispose(): void {
    for (const step of this.#steps) step.dispose();
    for (const { variables, optimizer } of [this.#eager, this.#jitted]) {
      optimizer.dispose();
      tf.dispose(Object.values(optimizer).filter((field: unknown) => field instanceof tf.Tensor));
      tf.dispose(variables);
    }
  }
}

/** Everything that may happen around a program. */
function exercise(random: Case): void {
  const before = tf.memory().numTensors;
  const comparison = new Comparison(random);
  for (let call = 0; call < 3; call++) comparison.call(0);
  comparison.setWeights();
  comparison.call(0);
  comparison.call(1);
  comparison.call(0);
  comparison.eagerStep();
  comparison.call(0);
  comparison.call(1);
  comparison.setWeights();
  comparison.call(1);
  comparison.call(0);
  comparison.dispose();
  assert.equal(tf.memory().numTensors, before, "tensors left");
}

Deno.test(`jit() ${PROGRAMS} random programs as eager, also after setWeights, an eager step, and a second step on the same variables`, () => {
  console.log(`seed ${SEED}`);
  fc.assert(fc.property(cases, exercise), { seed: SEED, numRuns: PROGRAMS });
});
