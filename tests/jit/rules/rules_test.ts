/** Every kernel of TensorFlow.js that the public functions reach: forward and gradient, as eager. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { lower } from "../../../lib/jit/rules/lower.ts";
import { RULES as KERNEL_RULES } from "../../../lib/jit/rules/mod.ts";
import { difference } from "../../../lib/jit/trace/compare.ts";
import { record, rehearse } from "../../../lib/jit/trace/record.ts";
import type { Recording } from "../../../lib/jit/trace/recording.ts";
import { flatten } from "../../../lib/jit/trace/tree.ts";
import { type CompareOptions, compareWithEager } from "../compare.ts";
import { describe, type Input, makeTensor, type Operation, type Rule } from "../rule.ts";
import { ELEMENTWISE_RULES } from "./elementwise.ts";
import { BINARY_RULES } from "./binary.ts";
import { IMAGE_RULES } from "./image.ts";
import { LINEAR_RULES } from "./linear.ts";
import { MOVEMENT_RULES } from "./movement.ts";
import { REDUCTION_RULES } from "./reduction.ts";
import { SPATIAL_RULES } from "./spatial.ts";
import { FLOAT32 } from "../trees.ts";

const RULES: readonly Rule[] = [
  ...ELEMENTWISE_RULES,
  ...BINARY_RULES,
  ...REDUCTION_RULES,
  ...LINEAR_RULES,
  ...MOVEMENT_RULES,
  ...SPATIAL_RULES,
  ...IMAGE_RULES,
];

/** Kernels that no static program can hold, each with the reason. */
const OUT_OF_REACH: Readonly<Record<string, string>> = {
  Draw: "draws on a canvas",
  RaggedGather: "the sizes of its results depend on values",
  RaggedRange: "the sizes of its results depend on values",
  RaggedTensorToTensor: "the sizes of its results depend on values",
  SparseFillEmptyRows: "the sizes of its results depend on values",
  StaticRegexReplace: "works on text",
  StringNGrams: "works on text",
  StringSplit: "works on text",
  StringToHashBucketFast: "works on text",
};

/**
 * What is left to the ordinary kernel although there is a rule for other cases of it: of whole numbers, where the
 * backend rounds in ways of its own, and products of batches that are repeated.
 */
const DECLINED: readonly string[] = [
  "BatchMatMul of float32",
  ...[
    "Abs",
    "AddN",
    "BatchMatMul",
    "ClipByValue",
    "LeakyRelu",
    "Mod",
    "Neg",
    "Pow",
    "Relu",
    "Relu6",
    "Round",
    "Sign",
    "Square",
    "SquaredDifference",
    "Step",
  ].map((name) => `${name} of int32`),
];

/** One tensor of a result, so that it has a gradient. */
function joined(result: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(result) ? tf.concat(result.map((part) => part.flatten())) : result;
}

/** The operation as a function of its float32 inputs alone, the others fixed. */
function ofFloats(fn: Operation, inputs: readonly Input[], args: readonly tf.Tensor[]) {
  return (...floats: tf.Tensor[]): tf.Tensor => {
    const rest = [...floats];
    return joined(
      fn(...inputs.map(({ dtype }, i) => dtype === "float32" ? rest.shift()! : args[i]!)),
    );
  };
}

function floatsOf(inputs: readonly Input[], args: readonly tf.Tensor[]): tf.Tensor[] {
  return args.filter((_, i) => inputs[i]!.dtype === "float32");
}

/** The gradients of an operation for its float32 inputs; `dy` weighs the result. */
function gradientOf(fn: Operation, inputs: readonly Input[]) {
  return (dy: tf.Tensor, ...args: tf.Tensor[]): tf.Tensor[] =>
    tf.grads(ofFloats(fn, inputs, args))(floatsOf(inputs, args), dy);
}

/** The gradients of the squared length of the gradients. */
function secondGradientOf(fn: Operation, inputs: readonly Input[]) {
  return (dy: tf.Tensor, ...args: tf.Tensor[]): tf.Tensor[] => {
    const length = (...floats: tf.Tensor[]) => {
      const first = tf.grads(ofFloats(fn, inputs, args))(floats, dy);
      return tf.addN(first.map((gradient) => gradient.square().sum()));
    };
    return tf.grads(length)(floatsOf(inputs, args));
  };
}

function tensorsOfCase(inputs: readonly Input[], call: number): tf.Tensor[] {
  return inputs.map((input, i) => makeTensor(input, 100 * call + i));
}

/** The weights of a result, one for each of its values. */
function weights(fn: Operation, inputs: readonly Input[], call: number): tf.Tensor {
  return tf.tidy(() => {
    const { shape } = joined(fn(...tensorsOfCase(inputs, call)));
    return tf.randomUniform(shape, 0.5, 1.5, "float32", call + 7);
  });
}

/** The first case of a rule is recorded in real calls and bound too; the others run compiled at once. */
const FIRST: CompareOptions = { calls: 4, bound: true };
const OTHERS: CompareOptions = { calls: 2, jit: { rehearse: true } };

function compareRule({ fn, cases, gradient, second, tolerance = FLOAT32 }: Rule): void {
  for (const [number, inputs] of cases.entries()) {
    const attempt = (what: string, twin: Operation, args: (call: number) => tf.Tensor[]) => {
      try {
        const options = number === 0 ? FIRST : OTHERS;
        compareWithEager(() => ({ fn: twin }), args, { ...options, tolerance });
      } catch (error) {
        throw new Error(`${what} of ${describe(inputs)}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    };
    const plain = (call: number) => tensorsOfCase(inputs, call);
    const weighted = (call: number) => [weights(fn, inputs, call), ...plain(call)];
    attempt("result", fn, plain);
    if (gradient) attempt("gradient", gradientOf(fn, inputs), weighted);
    if (second) attempt("second gradient", secondGradientOf(fn, inputs), weighted);
  }
}

for (const rule of RULES) {
  const parts = [
    "result",
    ...(rule.gradient ? ["gradient"] : []),
    ...(rule.second ? ["second gradient"] : []),
  ];
  Deno.test(`jit() ${rule.name}: ${parts.join(", ")} as eager`, () => compareRule(rule));
}

/** The names of the kernels that a function runs. */
async function kernelsOf(run: () => tf.TensorContainer): Promise<string[]> {
  const { kernels } = await tf.profile(() => {
    tf.dispose(tf.tidy(run));
    return tf.scalar(0);
  });
  return kernels.map(({ name }) => name);
}

async function kernelsOfRule({ fn, cases, gradient }: Rule): Promise<string[]> {
  const names: string[] = [];
  for (const inputs of cases) {
    names.push(...await kernelsOf(() => fn(...tensorsOfCase(inputs, 0))));
    if (!gradient) continue;
    const run = () => gradientOf(fn, inputs)(weights(fn, inputs, 0), ...tensorsOfCase(inputs, 0));
    names.push(...await kernelsOf(run));
  }
  return names;
}

Deno.test("jit() is compared with eager on every kernel of the cpu backend", async () => {
  const covered = new Set<string>();
  for (const rule of RULES) { // one after the other: a profile has one list for all
    for (const name of await kernelsOfRule(rule)) covered.add(name);
  }
  const missing = tf.getKernelsForBackend("cpu")
    .map(({ kernelName }) => kernelName)
    .filter((name) => !covered.has(name))
    .sort();
  assert.deepEqual(missing, Object.keys(OUT_OF_REACH));
});

/** Cases of kernels that have a rule and run as ordinary kernels nevertheless. */
const declined = new Set<string>();

function noteDeclined(recording: Recording): void {
  if (recording.plain !== undefined) return;
  for (const equation of lower(recording).program.equations) {
    if (equation.op !== "kernel" || !(equation.name in KERNEL_RULES)) continue;
    const types = equation.inputs.map(({ source }) => source.dtype);
    const isEmpty = equation.inputs.some(({ shape }) => shape.includes(0));
    if (!isEmpty) declined.add(`${equation.name} of ${[...new Set(types)].join(" and ")}`);
  }
}

/** Throws unless a rehearsal, which computes next to nothing, records what a real call does. */
function compareRecordings(fn: Operation, args: tf.Tensor[]): void {
  const flat = flatten(args, "argument");
  const { recording, result, undo } = record(fn, flat);
  undo.forget();
  assert.equal(difference(recording, rehearse(fn, flat)), undefined);
  noteDeclined(recording);
  tf.dispose([...args, ...[result].flat()]);
}

for (const { name, fn, cases, gradient } of RULES) {
  Deno.test(`rehearse() ${name}: the kernels, shapes and types of a real call`, () => {
    for (const inputs of cases) {
      compareRecordings(fn, tensorsOfCase(inputs, 0));
      if (!gradient) continue;
      compareRecordings(gradientOf(fn, inputs), [
        weights(fn, inputs, 0),
        ...tensorsOfCase(inputs, 0),
      ]);
    }
  });
}

Deno.test("lower() declines no other cases of kernels that have a rule", () => {
  const others = [...declined].filter((one) => !DECLINED.includes(one));
  assert.deepEqual(others, []);
});
