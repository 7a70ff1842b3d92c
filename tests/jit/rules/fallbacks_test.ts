/** Training steps of text and image models: every kernel is compiled. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../../lib/jit/mod.ts";
import { float, type Input, int, makeTensor } from "../rule.ts";
import { trainingTwin } from "../twins.ts";

await tf.setBackend("cpu");

const L = tf.layers;

interface Model {
  readonly input: Input;
  readonly layers: () => tf.layers.Layer[];
}

const MODELS: Readonly<Record<string, Model>> = {
  "embedding": {
    input: int([4, 6], 0, 20),
    layers: () => [
      L.embedding({ inputDim: 20, outputDim: 5, inputLength: 6 }),
      L.flatten(),
      L.dense({ units: 1 }),
    ],
  },
  "upsampling": {
    input: float([2, 3, 5, 2]),
    layers: () => [
      L.conv2d({ filters: 3, kernelSize: 3, padding: "same" }),
      L.upSampling2d({ size: [2, 3], interpolation: "bilinear" }),
      L.conv2d({ filters: 2, kernelSize: 3, padding: "same" }),
      L.upSampling2d({ size: [2, 2] }),
      L.conv2d({ filters: 1, kernelSize: 3, padding: "same" }),
    ],
  },
  "depthwise and separable convolutions": {
    input: float([2, 9, 8, 3]),
    layers: () => [
      L.separableConv2d({ filters: 5, kernelSize: 3, padding: "same", activation: "relu" }),
      L.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: "same", depthMultiplier: 2 }),
      L.depthwiseConv2d({ kernelSize: [2, 3], dilationRate: 1, activation: "relu6" }),
      L.flatten(),
      L.dense({ units: 1 }),
    ],
  },
};

for (const [name, { input, layers }] of Object.entries(MODELS)) {
  Deno.test(`jit() trains ${name} without an ordinary kernel`, () => {
    const make = () => {
      const start = tf.input({ shape: [...input.shape.slice(1)], dtype: input.dtype });
      const end = layers().reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, start);
      return tf.model({ inputs: start, outputs: end });
    };
    const twin = trainingTwin(make, () => tf.train.adam(.01));
    const step = jit(twin.fn);
    for (let call = 0; call < 4; call++) tf.dispose(step(makeTensor(input, call)) as tf.Tensor);
    assert.deepEqual(step.explain().fallbacks, {});
    step.dispose();
    twin.dispose?.();
  });
}

type Resize = (
  x: tf.Tensor4D,
  size: [number, number],
  align: boolean,
  centre: boolean,
) => tf.Tensor;

/** Results and gradients of resizing in its three ways, joined. */
function resized(resize: Resize): (x: tf.Tensor) => tf.Tensor {
  const ways = [[false, false], [true, false], [false, true]] as const;
  return (x) =>
    tf.concat(
      ways.flatMap(([align, centre]) => {
        const fn = (images: tf.Tensor) => resize(images as tf.Tensor4D, [7, 4], align, centre);
        return [fn(x).flatten(), tf.grad((images: tf.Tensor) => fn(images).square())(x).flatten()];
      }),
    );
}

const OPERATIONS: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  "products of batches": (x) => tf.matMul(x, x, false, true),
  argMax: (x) => tf.argMax(x, 1),
  argMin: (x) => tf.argMin(x, -1),
  resizeBilinear: resized(tf.image.resizeBilinear),
  resizeNearestNeighbor: resized(tf.image.resizeNearestNeighbor),
};

for (const [name, fn] of Object.entries(OPERATIONS)) {
  Deno.test(`jit() computes ${name} without an ordinary kernel`, () => {
    const step = jit(fn);
    for (let call = 0; call < 4; call++) step(makeTensor(float([2, 5, 6, 3]), call)).dispose();
    assert.deepEqual(step.explain().fallbacks, {});
    step.dispose();
  });
}

Deno.test("jit() runs an ordinary kernel as often as the function does: it may not be pure", () => {
  let runs = 0;
  const kernelName = "CountedForThisTest";
  tf.registerKernel({
    kernelName,
    backendName: "cpu",
    kernelFunc: ({ inputs, backend }) => {
      const { shape, size } = inputs.x as tf.Tensor;
      const cpu = backend as {
        makeTensorInfo(shape: number[], dtype: string, v: Float32Array): tf.TensorInfo;
      };
      return cpu.makeTensorInfo(shape, "float32", new Float32Array(size).fill(++runs));
    },
  });
  const counted = (x: tf.Tensor): tf.Tensor => tf.engine().runKernel(kernelName, { x });
  const step = jit((x: tf.Tensor) => tf.sub(counted(x), counted(x)));
  const x = tf.ones([3]);
  for (let call = 0; call < 5; call++) {
    assert.deepEqual([...step(x).dataSync()], [-1, -1, -1]);
    assert.equal(runs, 2 * (call + 1));
  }
  step.dispose();
  tf.unregisterKernel(kernelName, "cpu");
});
