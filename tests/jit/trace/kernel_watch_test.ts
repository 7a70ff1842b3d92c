/** Kernels are recorded whoever replaced them, and run as before outside of recordings. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../../lib/jit/mod.ts";
import { cpuKernel } from "../../../lib/jit/trace/backend.ts";

await tf.setBackend("cpu");

const squareOfThree = () => tf.tidy(() => tf.scalar(3).square().dataSync()[0]);

function compiledSquare() {
  const step = jit((x: tf.Tensor) => x.square());
  const results = [2, 3, 4].map((x) =>
    tf.tidy(() => (step(tf.scalar(x)) as tf.Tensor).dataSync()[0])
  );
  const { kernels, programs } = step.explain();
  step.dispose();
  return { results, kernels, programs };
}

const EXPECTED = { results: [4, 9, 16], kernels: 1, programs: 1 };
/** The function of the backend, before anything was recorded. */
const original = cpuKernel("Square").kernelFunc;

Deno.test("jit() records a kernel that was wrapped by others before its first recording, and after they have gone", () => {
  let calls = 0;
  cpuKernel("Square").kernelFunc = (call) => (calls++, original(call));
  assert.deepEqual(compiledSquare(), EXPECTED);
  assert.equal(squareOfThree(), 9);
  assert.equal(calls, 3, "two recorded calls and one of eager code");
  cpuKernel("Square").kernelFunc = original;
  assert.deepEqual(compiledSquare(), EXPECTED);
  assert.equal(calls, 3);
});

Deno.test("jit() records a kernel that was registered anew", () => {
  assert.deepEqual(compiledSquare(), EXPECTED);
  tf.unregisterKernel("Square", "cpu");
  tf.registerKernel({
    kernelName: "Square",
    backendName: "cpu",
    kernelFunc: original as unknown as tf.KernelConfig["kernelFunc"],
  });
  assert.deepEqual(compiledSquare(), EXPECTED);
  assert.equal(squareOfThree(), 9);
});
