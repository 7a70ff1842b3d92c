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

Deno.test("jit() records a kernel that was wrapped by others between two recordings, and after they have gone", () => {
  assert.deepEqual(compiledSquare(), EXPECTED);
  const kernel = cpuKernel("Square"), watched = kernel.kernelFunc;
  let calls = 0;
  kernel.kernelFunc = (call) => (calls++, watched(call));
  assert.deepEqual(compiledSquare(), EXPECTED);
  assert.equal(squareOfThree(), 9);
  assert.equal(calls, 3, "two recorded calls and one of eager code");
  kernel.kernelFunc = watched;
  assert.deepEqual(compiledSquare(), EXPECTED);
  assert.equal(calls, 3);
});

Deno.test("jit() records a kernel that was registered anew", () => {
  const { kernelFunc } = cpuKernel("Square");
  tf.unregisterKernel("Square", "cpu");
  tf.registerKernel({
    kernelName: "Square",
    backendName: "cpu",
    kernelFunc: kernelFunc as unknown as tf.KernelConfig["kernelFunc"],
  });
  assert.deepEqual(compiledSquare(), EXPECTED);
  assert.equal(squareOfThree(), 9);
});
