/** Random programs of all types and shapes, on any number at all: NaN, infinities, nothing, six dimensions. */
import * as tf from "@tensorflow/tfjs";
import type { Instruction } from "../random_program.ts";
import type { Tolerance } from "../trees.ts";
import type { Build } from "./build.ts";
import { ARITHMETIC, CHOICES, ROUNDED } from "./elementwise.ts";
import { MOVES } from "./moves.ts";
import { SUMS } from "./sums.ts";
import { bool, CLASSES, fitted, float, int, isExact, type Value } from "./values.ts";

/** Puts values into variables of their type and shape; they have no error, so that none grows from call to call. */
const ASSIGNMENTS: Readonly<Record<string, Build>> = {
  variable: ({ p, variables }) => ({
    tensor: variables[p % variables.length]!.clone(),
    error: CLASSES.exact,
  }),
  assign: ({ x, p, variables }) => {
    const variable = variables[p % variables.length]!;
    const old = variable.clone();
    const typed = { float32: float, int32: int, bool }[variable.dtype as "float32"](x);
    const isSame = String(x.shape) === String(variable.shape);
    const value = isSame ? typed : tf.where(
      tf.equal(variable, variable),
      fitted(variable, typed).add(0).cast(variable.dtype),
      variable,
    );
    variable.assign(isSame && p % 3 > 0 ? value : tf.reverse(value));
    return { tensor: p % 2 === 0 ? old : variable.clone(), error: CLASSES.exact };
  },
};

const TABLE: readonly (readonly [string, Build])[] = [
  ARITHMETIC,
  CHOICES,
  MOVES,
  SUMS,
  ROUNDED,
  ASSIGNMENTS,
  ASSIGNMENTS,
].flatMap(Object.entries);

/** What a program gives: its last values, and how far each may be from eager's. */
export interface Outcome {
  readonly results: tf.Tensor[];
  readonly errors: Tolerance[];
}

/** Names the operations of instructions. */
export function operationsOf(instructions: readonly Instruction[]): string[] {
  return instructions.map(({ op }) => TABLE[op % TABLE.length]![0]);
}

/** All operations that a program may have. */
export const OPERATIONS: readonly string[] = TABLE.map(([name]) => name);

/** Runs instructions; `skip` decides what becomes of one that TensorFlow.js refuses. */
export function execute(
  instructions: readonly Instruction[],
  args: readonly tf.Tensor[],
  variables: readonly tf.Variable[],
  skip: (instruction: Instruction, error: unknown) => void,
): Outcome {
  const values: Value[] = [...args, ...variables].map((tensor) => ({
    tensor: tensor.clone(),
    error: CLASSES.exact,
  }));
  const pick = (list: readonly Value[], back: number) =>
    list[list.length - 1 - back % list.length]!;
  for (const instruction of instructions) {
    const { op, a, b, p } = instruction;
    const exact = values.filter(isExact);
    const [x, y] = [pick(exact, a).tensor, pick(exact, b).tensor];
    try {
      const context = { a: pick(values, a), b: pick(values, b), x, y, p, variables };
      values.push(TABLE[op % TABLE.length]![1](context));
    } catch (error) {
      skip(instruction, error);
    }
  }
  const last = values.slice(-3);
  return {
    results: last.map(({ tensor }) => tensor.clone()),
    errors: last.map(({ error }) => error),
  };
}
