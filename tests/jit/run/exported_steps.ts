/** Compiled functions that can be exported, small enough that no native library makes their products. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit, type Jitted } from "../../../lib/jit/mod.ts";

/** Numbers in [-.5, .5) that are the same everywhere. */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    return (state >> 16) / 65536;
  });
}

/** Gives every weight of a model a value that is not the initial one. */
function fill(model: tf.LayersModel): tf.LayersModel {
  const values = model.getWeights().map(({ shape }, i) => {
    return tf.tensor(numbers(tf.util.sizeFromShape(shape), 10 + i).map(Math.abs), shape);
  });
  model.setWeights(values);
  tf.dispose(values);
  return model;
}

/** A generator with everything that the lesson's ones have, for images of 8 x 8. */
function generator(): tf.LayersModel {
  const options = { kernelSize: 4, strides: 2, padding: "same" } as const;
  return fill(tf.sequential({
    layers: [
      tf.layers.dense({ units: 32, activation: "relu", inputShape: [6] }),
      tf.layers.reshape({ targetShape: [2, 2, 8] }),
      tf.layers.batchNormalization({}),
      tf.layers.conv2dTranspose({ ...options, filters: 4 }),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.conv2dTranspose({ ...options, filters: 1, activation: "sigmoid" }),
      tf.layers.flatten(),
    ],
  }));
}

/** A classifier of such images. */
function classifier(): tf.LayersModel {
  const options = { kernelSize: 3, padding: "same", activation: "relu" } as const;
  return fill(tf.sequential({
    layers: [
      tf.layers.reshape({ targetShape: [8, 8, 1], inputShape: [64] }),
      tf.layers.conv2d({ ...options, filters: 4 }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 5, activation: "softmax" }),
    ],
  }));
}

/** A function, its arguments, and what it is an example of. */
export interface ExportedStep {
  readonly step: Jitted<tf.Tensor[], tf.Tensor | tf.Tensor[]>;
  readonly args: readonly tf.Tensor[];
}

type Fn = (...args: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** Functions by what is special about them. */
const FUNCTIONS: Readonly<Record<string, () => readonly [Fn, ...args: tf.Tensor[]]>> = {
  "a generator": () => {
    const model = generator();
    return [(x) => model.apply(x!) as tf.Tensor, tf.tensor(numbers(18, 1), [3, 6])];
  },
  "a classifier": () => {
    const model = classifier();
    return [(x) => model.apply(x!) as tf.Tensor, tf.tensor(numbers(128, 2), [2, 64])];
  },
  "a gradient": () => {
    const model = classifier();
    const first = (x: tf.Tensor) => (model.apply(x) as tf.Tensor).slice([0, 0], [1, 1]).asScalar();
    return [(x) => tf.grad(first)(x!), tf.tensor(numbers(64, 3), [1, 64])];
  },
  "straight-line code": () => [
    (x, y) => tf.add(tf.mul(x!, y!), 1),
    tf.tensor1d([1, 2, 3]),
    tf.tensor1d([4, 5, 6]),
  ],
  "captured tensors and whole numbers": () => {
    const table = tf.tensor(numbers(40, 4), [10, 4]);
    const order = tf.tensor1d([3, 1, 2], "int32");
    return [
      (x, i) => [tf.gather(table, i!.toInt().add(order)), tf.sum(x!).toInt(), x!.greater(0)],
      tf.tensor(numbers(6, 5), [2, 3]),
      tf.tensor1d([0, 4, 7], "int32"),
    ];
  },
  "functions that only JavaScript has": () => [
    (x, y) => [tf.pow(x!, y!), tf.mod(x!, y!), tf.atan2(x!, y!), tf.cast(x!, "int32")],
    tf.tensor(numbers(70, 6).map((value) => value + 0.75), [70]),
    tf.tensor(numbers(70, 7).map((value) => value + 0.75), [70]),
  ],
};

/** The names of the functions. */
export const EXPORTED: readonly string[] = Object.keys(FUNCTIONS);

/** Compiles one of them. */
export async function exportedStep(name: string, relaxedSimd?: boolean): Promise<ExportedStep> {
  await tf.setBackend("cpu");
  const [fn, ...args] = FUNCTIONS[name]!();
  const options = { rehearse: true, ...relaxedSimd !== undefined && { relaxedSimd } };
  return { step: jit(fn, options) as ExportedStep["step"], args };
}

/** The results of a call, as arrays. */
export function resultsOf({ step, args }: ExportedStep): tf.TypedArray[] {
  const results = [step(...args)].flat();
  const values = results.map((tensor) => tensor.dataSync().slice());
  tf.dispose(results);
  return values;
}

/** The arguments, as arrays. */
export function argumentsOf({ args }: ExportedStep): tf.TypedArray[] {
  return args.map((tensor) => tensor.dataSync());
}

/** What an engine has to compute: programs as data with arguments, and the bits that are right. */
export async function tasks(): Promise<{ text: string; loader: string; expected: unknown }> {
  const all = [];
  const expected = [];
  let loader = "";
  for (const name of EXPORTED) {
    const relaxed = await exportedStep(name);
    const strict = await exportedStep(name, false);
    expected.push({ strict: bitsOf(resultsOf(strict)), relaxed: bitsOf(resultsOf(relaxed)) });
    const exported = relaxed.step.export();
    loader = exported.loader;
    all.push({ data: exported, args: argumentsOf(relaxed).map((values) => [...values]) });
    relaxed.step.dispose();
    strict.step.dispose();
  }
  return { text: JSON.stringify(all), loader, expected };
}

/** Arrays as whole numbers, which JSON keeps. */
export function bitsOf(arrays: readonly (tf.TypedArray | Uint8Array)[]): number[][] {
  return arrays.map((values) =>
    values instanceof Float32Array ? [...new Int32Array(values.slice().buffer)] : [...values]
  );
}

/** JavaScript that computes the tasks: `relaxed`, and for each the bits of its results. */
export const COMPUTE = `async (loadProgram, tasks) => {
  const all = [];
  for (const { data, args } of tasks) {
    const program = await loadProgram(data);
    const results = program.run(...args).map((values) =>
      values instanceof Float32Array ? [...new Int32Array(values.buffer)] : [...values]);
    all.push({ relaxed: program.relaxedSimd, results });
  }
  return all;
}`;

/** Checks what `COMPUTE` gave against the bits of both tiers. */
export function checkComputed(computed: unknown, expected: unknown): void {
  const both = expected as readonly { strict: number[][]; relaxed: number[][] }[];
  const given = computed as readonly { relaxed: boolean; results: number[][] }[];
  assert.equal(given.length, both.length);
  given.forEach(({ relaxed, results }, i) => {
    assert.deepEqual(results, relaxed ? both[i]!.relaxed : both[i]!.strict, EXPORTED[i]);
  });
}
