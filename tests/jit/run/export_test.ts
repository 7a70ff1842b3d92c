/** Compiled functions as objects that a page can run: the same bits, clear refusals, small weights. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit, loadProgram, NoiseSource, type ProgramData } from "../../../lib/jit/mod.ts";
import {
  argumentsOf,
  bitsOf,
  checkComputed,
  COMPUTE,
  EXPORTED,
  exportedStep,
  numbers,
  resultsOf,
  tasks,
} from "./exported_steps.ts";

for (const name of EXPORTED) {
  Deno.test(`export() of ${name} gives the step's own bits, with and without relaxed SIMD`, async () => {
    for (const relaxed of [true, false]) {
      const made = await exportedStep(name, relaxed);
      const expected = resultsOf(made);
      const data = JSON.parse(JSON.stringify(made.step.export())) as ProgramData;
      const program = await loadWith(data, relaxed);
      assert.equal(program.relaxedSimd, relaxed);
      for (let time = 0; time < 2; time++) {
        assert.deepEqual(bitsOf(program.run(...argumentsOf(made))), bitsOf(expected));
      }
      made.step.dispose();
    }
  });
}

/** Loads a program as an engine with or without relaxed SIMD does. */
async function loadWith(data: ProgramData, relaxed: boolean) {
  const { validate } = WebAssembly;
  if (!relaxed) WebAssembly.validate = () => false;
  try {
    return await loadProgram(data);
  } finally {
    WebAssembly.validate = validate;
  }
}

Deno.test("export() gives the step's own bits in Node", async () => {
  const { text, loader, expected } = await tasks();
  const code = `(${COMPUTE})(${loader}, ${text})
    .then((results) => console.log(JSON.stringify(results)));`;
  const file = await Deno.makeTempFile({ suffix: ".cjs" });
  try {
    await Deno.writeTextFile(file, code);
    const { success, stdout, stderr } = await new Deno.Command("node", { args: [file] }).output();
    assert(success, new TextDecoder().decode(stderr));
    checkComputed(JSON.parse(new TextDecoder().decode(stdout)), expected);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("script is a module without imports that exports loadProgram", async () => {
  const made = await exportedStep("a generator");
  const [expected] = resultsOf(made);
  const exported = made.step.export();
  assert.doesNotMatch(exported.script, /\bimport\b(?!s|\.|ed)/);
  const address = `data:text/javascript,${encodeURIComponent(exported.script)}`;
  const module = await import(address) as { loadProgram: typeof loadProgram };
  const program = await module.loadProgram(exported.toJSON());
  assert.deepEqual(program.inputs, [{ dtype: "float32", shape: [3, 6] }]);
  assert.deepEqual(program.outputs, [{ dtype: "float32", shape: [3, 64] }]);
  assert.deepEqual(program.run(...argumentsOf(made)), [expected]);
  made.step.dispose();
});

Deno.test("a page needs no native library, also where products are left to one here", async () => {
  await tf.setBackend("cpu");
  const w = tf.variable(tf.tensor(numbers(64 * 64, 1), [64, 64]));
  const step = jit((x: tf.Tensor) => tf.matMul(x, w), { rehearse: true });
  const x = tf.tensor(numbers(64 * 64, 2), [64, 64]);
  const here = step(x).dataSync();
  const exported = step.export();
  for (const module of [exported.data.simd, exported.data.relaxedSimd]) {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(module as BufferSource));
    assert.deepEqual(imports.map(({ name }) => name), ["memory"]);
  }
  const [there] = (await exported.load()).run(x.dataSync());
  there!.forEach((value, i) => assert(Math.abs(value - here[i]!) < 1e-5));
  step.dispose();
});

Deno.test("export() has the weights of its moment, and results are the caller's", async () => {
  await tf.setBackend("cpu");
  const w = tf.variable(tf.scalar(2));
  const step = jit((x: tf.Tensor) => tf.mul(x, w), { rehearse: true });
  step(tf.ones([2])).dispose();
  const program = await step.export().load();
  w.assign(tf.scalar(5));
  const later = await step.export().load();
  const [first] = program.run([1, 2]);
  program.run([10, 20]);
  assert.deepEqual([...first!], [2, 4]);
  assert.deepEqual([...later.run([1, 2])[0]!], [5, 10]);
  step.dispose();
});

/** Every finite number that 16 bits hold and is not negative. */
const FLOAT16 = Float32Array.from({ length: 0x7c00 }, (_, bits) => {
  const exponent = bits >> 10;
  return exponent ? (1 + bits % 1024 / 1024) * 2 ** (exponent - 15) : bits * 2 ** -24;
});

/** What weights are in an exported program. */
async function stored(weights: Float32Array, type: "float16" | "int8", columns = 1) {
  await tf.setBackend("cpu");
  const w = tf.variable(tf.tensor(weights, [weights.length / columns, columns]));
  const step = jit((x: tf.Tensor) => tf.mul(x, w), { rehearse: true });
  step(tf.scalar(1)).dispose();
  const exported = step.export({ weights: type });
  const [values] = (await exported.load()).run([1]);
  tf.dispose(w);
  step.dispose();
  return { values: values as Float32Array, exported };
}

Deno.test("float16 keeps every number that 16 bits hold, and rounds others to the nearest, ties to even", async () => {
  const signed = Float32Array.from([...FLOAT16, ...FLOAT16.map((value) => -value)]);
  assert.deepEqual((await stored(signed, "float16")).values, signed);
  const between = FLOAT16.slice(0, -1).map((value, i) => (value + FLOAT16[i + 1]!) / 2);
  const even = between.map((_, i) => FLOAT16[i + i % 2]!);
  const { values, exported } = await stored(between, "float16");
  assert.deepEqual(values, even);
  assert.equal(exported.weightError, 16); // between 65,472 and 65,504
  const near = between.map((value, i) => (value + FLOAT16[i]!) / 2);
  assert.deepEqual((await stored(near, "float16")).values, FLOAT16.slice(0, -1));
});

Deno.test("weightError is the largest error of a weight, within what is promised", async () => {
  const weights = numbers(6000, 1).map((value, i) => value * 10 ** (i % 5 - 3));
  const half = await stored(weights, "float16", 5);
  const errorOf = (values: Float32Array) =>
    weights.map((weight, i) => Math.abs(weight - values[i]!));
  const halfErrors = errorOf(half.values);
  assert.equal(Math.fround(half.exported.weightError), Math.max(...halfErrors));
  halfErrors.forEach((error, i) => assert(error <= Math.abs(weights[i]!) / 2048 + 3e-8));
  const int8 = await stored(weights, "int8", 5);
  const errors = errorOf(int8.values);
  assert.equal(Math.fround(int8.exported.weightError), Math.max(...errors));
  errors.forEach((error, i) => assert(error <= .5 * 10 ** (i % 5 - 3) / 253, `${i}: ${error}`));
  assert(Math.max(...errors) > Math.max(...halfErrors));
  assert(int8.exported.bytes < half.exported.bytes);
});

Deno.test("rounded weights change results a little, vectors not at all", async () => {
  const made = await exportedStep("a generator");
  const [exact] = resultsOf(made);
  assert.equal(made.step.export().weightError, 0);
  for (const [weights, most] of [["float16", 2e-3], ["int8", 2e-2]] as const) {
    const exported = made.step.export({ weights });
    assert(exported.weightError > 0);
    const [values] = (await exported.load()).run(...argumentsOf(made));
    const error = Math.max(...values!.map((value, i) => Math.abs(value - exact![i]!)));
    assert(error > 0 && error < most, `${weights}: ${error}`);
  }
  made.step.dispose();
  const vector = tf.variable(tf.tensor1d([1 / 3, 1e-9]));
  const step = jit((x: tf.Tensor) => tf.add(x, vector), { rehearse: true });
  step(tf.scalar(0)).dispose();
  const exported = step.export({ weights: "float16" });
  assert.equal(exported.weightError, 0);
  assert.deepEqual((await exported.load()).run([0])[0], vector.dataSync());
  step.dispose();
});

Deno.test("export() refuses functions that a page cannot run, in one sentence", async () => {
  await tf.setBackend("cpu");
  const rehearse = { rehearse: true };
  const x = tf.ones([2, 2]);
  const w = tf.variable(tf.scalar(1), true, "w");
  const never = jit((x: tf.Tensor) => tf.neg(x), { name: "the artist" });
  assert.throws(
    () => never.export(),
    /^Error: Cannot export the artist: expected a call before, got none$/,
  );
  never(x);
  assert.throws(
    () => never.export(),
    /expected a compiled program \(call it once more\), got one recorded/,
  );
  never(x);
  never.export();
  never(tf.ones([3]));
  assert.throws(
    () => never.export(),
    /expected calls .* same shapes, got 2 kinds \(args\[0\]: float32\[2, 2\], then float32\[3\]\)/,
  );
  never.dispose();
  assert.throws(() => never.export(), /disposed/);
  const updates = jit((x: tf.Tensor) => {
    w.assign(tf.sum(x).asScalar());
    return tf.neg(x);
  }, rehearse);
  updates(x);
  assert.throws(
    () => updates.export(),
    /only computes results from its arguments, got one that updates w/,
  );
  const noisy = jit((x: tf.Tensor) => tf.add(x, tf.randomNormal([2])), {
    ...rehearse,
    noise: new NoiseSource(1),
  });
  noisy(x);
  assert.throws(() => noisy.export(), /got one that draws random numbers$/);
  const kernel = jit((x: tf.Tensor) => tf.linalg.bandPart(tf.topk(x, 1).values, 0, 0), rehearse);
  kernel(x);
  assert.throws(() => kernel.export(), /got one with the operation \w+, which is not compiled$/);
  const words = jit((x: tf.Tensor) => tf.tensor1d(["a"]).as1D() as tf.Tensor ?? x);
  words(x);
  assert.throws(() => words.export(), /expected tensors of numbers, got tensors of type string/);
  const v = tf.variable(tf.scalar(1), true, "v");
  const gone = jit((x: tf.Tensor) => tf.mul(x, v), rehearse);
  gone(x);
  v.dispose();
  assert.throws(
    () => gone.export(),
    /expected nothing to have changed since the last call, got v.isDisposed changed/,
  );
});

Deno.test("export() refuses what changed since the last call, unknown options, and too large weights", async () => {
  await tf.setBackend("cpu");
  const captured = tf.tensor1d([1, 2]);
  const w = tf.variable(tf.tensor2d([[65520, 1]]));
  const step = jit((x: tf.Tensor) => tf.mul(tf.add(x, captured), w), { rehearse: true });
  step(tf.ones([2])).dispose();
  assert.throws(() => step.export({ weights: "int4" as "int8" }), RangeError);
  assert.throws(() => step.export({ weight: "int8" } as object), /did you mean weights\?$/);
  assert.throws(
    () => step.export({ weights: "float16" }),
    /^RangeError: Cannot export a compiled function: expected weights up to 65504 for float16, got 65520$/,
  );
  step.export();
  captured.dataSync();
  (tf.backend() as unknown as { data: { get(id: object): { values: Float32Array } } })
    .data.get(captured.dataId).values[0] = 9;
  assert.throws(() => step.export(), /expected nothing to have changed since the last call, got /);
  step.dispose();
});

Deno.test("loadProgram() refuses damaged data, other versions and other things, in one sentence", async () => {
  const { step, args } = await exportedStep("a classifier");
  tf.dispose(step(...args));
  const data = step.export().toJSON();
  step.dispose();
  const weights = String(data.weights);
  const refused = async (changed: unknown, message: RegExp) =>
    await assert.rejects(loadProgram(changed as ProgramData), message);
  const flipped = weights.slice(0, 100) + (weights[100] === "A" ? "B" : "A") + weights.slice(101);
  const damaged = /^RangeError: Cannot load a program: expected data as they were exported, got /;
  await refused({ ...data, weights: flipped }, damaged);
  await refused({ ...data, weights: weights.slice(0, 400) }, damaged);
  await refused({ ...data, weights: "%" }, damaged);
  await refused({ ...data, simd: undefined }, damaged);
  await refused({ ...data, relaxedSimd: data.simd }, damaged);
  await refused({ ...data, pages: data.pages + 1 }, damaged);
  await refused({ ...data, inputs: [] }, damaged);
  await refused({ ...data, more: 1 }, damaged);
  await refused({ ...data, version: 2 }, /expected version 1, got 2$/);
  const other = /^TypeError: Cannot load a program: expected the data of an exported program, got /;
  for (const wrong of [null, undefined, 7, "{}", {}, []]) await refused(wrong, other);
});

Deno.test("run() refuses arrays that do not fit the arguments", async () => {
  const { step, args } = await exportedStep("straight-line code");
  tf.dispose(step(...args));
  const program = await step.export().load();
  step.dispose();
  assert.throws(
    () => program.run([1, 2, 3]),
    /^TypeError: Cannot run a program: expected 2 arrays, got 1$/,
  );
  assert.throws(
    () => program.run([1, 2, 3], [1]),
    /^RangeError: Cannot run a program: expected 3 numbers for argument 2, float32\[3\], got 1$/,
  );
  assert.deepEqual([...program.run([1, 2, 3], [4, 5, 6])[0]!], [5, 11, 19]);
});

Deno.test("a program refuses an index out of range, as the step does", async () => {
  const { step, args } = await exportedStep("captured tensors and whole numbers");
  tf.dispose(step(...args));
  const program = await step.export().load();
  step.dispose();
  assert.throws(
    () => program.run(numbers(6, 5), [0, 4, 8]),
    /^RangeError: Cannot gather: expected indices from 0 to 9, got 10$/,
  );
});
