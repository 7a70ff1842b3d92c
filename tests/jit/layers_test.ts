/** Layers of TensorFlow.js in jitted steps: answering and training, as eager. */
import * as tf from "@tensorflow/tfjs";
import { compareWithEager } from "./compare.ts";
import { float, type Input, int, makeTensor, makeVariable, SUMS } from "./rule.ts";
import { forwardTwin, trainingTwin } from "./twins.ts";

type Layers = () => tf.layers.Layer[];

/** A layer behind (or in front of) others, as one model from one input. */
function sequence(inputShape: readonly number[], layers: Layers): () => tf.LayersModel {
  return () => {
    const input = tf.input({ shape: [...inputShape] });
    let value: tf.SymbolicTensor = input;
    for (const layer of layers()) value = layer.apply(value) as tf.SymbolicTensor;
    return tf.model({ inputs: input, outputs: value });
  };
}

function compareModel(make: () => tf.LayersModel, inputs: readonly Input[]): void {
  const args = (call: number) => inputs.map((input, i) => makeTensor(input, 100 * call + i));
  const options = { tolerance: SUMS, calls: 5 };
  compareWithEager(() => forwardTwin(make), args, options);
  compareWithEager(() => trainingTwin(make), args, options);
}

function testLayers(name: string, inputShape: readonly number[], layers: Layers): void {
  Deno.test(`jit() layers ${name}: answers and trains as eager`, () => {
    compareModel(sequence(inputShape, layers), [float([3, ...inputShape])]);
  });
}

const L = tf.layers;
const dense = (units: number) => L.dense({ units });

// deno-fmt-ignore
const ACTIVATIONS = [
  "linear", "sigmoid", "relu", "relu6", "tanh", "elu", "selu", "softplus", "softsign", "softmax",
  "hardSigmoid", "swish", "mish", "gelu", "gelu_new",
] as const;
for (const activation of ACTIVATIONS) {
  testLayers(
    `dense ${activation}`,
    [5],
    () => [L.dense({ units: 4, activation: activation as "relu" }), dense(2)],
  );
}
testLayers("dense without bias", [5], () => [L.dense({ units: 4, useBias: false })]);
testLayers("dense of sequences", [4, 5], () => [L.dense({ units: 3 }), L.flatten(), dense(2)]);
testLayers("activation", [5], () => [dense(4), L.activation({ activation: "tanh" }), dense(1)]);
testLayers("leakyReLU", [5], () => [dense(6), L.leakyReLU({ alpha: 0.02 }), dense(1)]);
testLayers("reLU up to 6", [5], () => [dense(6), L.reLU({ maxValue: 6 }), dense(1)]);
testLayers("prelu", [5], () => [dense(6), L.prelu(), dense(1)]);
testLayers("elu", [5], () => [dense(6), L.elu(), dense(1)]);
testLayers("softmax", [5], () => [dense(6), L.softmax(), dense(1)]);
testLayers("batchNormalization", [5], () => [dense(6), L.batchNormalization(), dense(1)]);
testLayers("batchNormalization of images", [4, 4, 3], () => [
  L.batchNormalization({ momentum: 0.8 }),
  L.flatten(),
  dense(1),
]);
testLayers("layerNormalization", [5], () => [dense(6), L.layerNormalization(), dense(1)]);
testLayers("frozen dense", [5], () => [L.dense({ units: 4, trainable: false }), dense(1)]);
testLayers("conv1d, pooling", [8, 2], () => [
  L.conv1d({ filters: 3, kernelSize: 3, activation: "relu" }),
  L.maxPooling1d({ poolSize: 2 }),
  L.averagePooling1d({ poolSize: 2, strides: 1 }),
  L.flatten(),
  dense(1),
]);
testLayers("conv2d", [6, 6, 2], () => [
  L.conv2d({ filters: 3, kernelSize: 3, activation: "relu" }),
  L.flatten(),
  dense(1),
]);
testLayers("conv2d strides 2, leakyReLU", [8, 8, 1], () => [
  L.conv2d({ filters: 4, kernelSize: 4, strides: 2, padding: "same" }),
  L.leakyReLU({ alpha: 0.2 }),
  L.conv2d({ filters: 6, kernelSize: 4, strides: 2, padding: "same" }),
  L.leakyReLU({ alpha: 0.2 }),
  L.flatten(),
  dense(1),
]);
testLayers("reshape, conv2dTranspose", [5], () => [
  dense(2 * 2 * 4),
  L.reshape({ targetShape: [2, 2, 4] }),
  L.conv2dTranspose({ filters: 3, kernelSize: 4, strides: 2, padding: "same" }),
  L.leakyReLU({ alpha: 0.2 }),
  L.conv2dTranspose({ filters: 1, kernelSize: 4, strides: 2, padding: "same" }),
  L.activation({ activation: "sigmoid" }),
]);
testLayers("upSampling2d, conv2d", [3, 3, 2], () => [
  L.upSampling2d({ size: [2, 2] }),
  L.conv2d({ filters: 2, kernelSize: 3, padding: "same" }),
]);
testLayers("upSampling2d bilinear", [3, 3, 2], () => [
  L.upSampling2d({ size: [2, 2], interpolation: "bilinear" }),
  L.conv2d({ filters: 2, kernelSize: 3 }),
]);
testLayers("depthwise and separable convolution", [5, 5, 2], () => [
  L.depthwiseConv2d({ kernelSize: 3, padding: "same", depthMultiplier: 2 }),
  L.separableConv2d({ filters: 3, kernelSize: 3 }),
]);
testLayers("pooling", [6, 6, 2], () => [
  L.conv2d({ filters: 3, kernelSize: 3, padding: "same" }),
  L.maxPooling2d({ poolSize: 2 }),
  L.averagePooling2d({ poolSize: 2, strides: 1 }),
  L.globalAveragePooling2d({}),
  dense(1),
]);
testLayers("global max pooling", [4, 4, 3], () => [
  L.conv2d({ filters: 3, kernelSize: 3 }),
  L.globalMaxPooling2d({}),
  dense(1),
]);
testLayers("zeroPadding2d, cropping2D", [4, 4, 2], () => [
  L.zeroPadding2d({ padding: 1 }),
  L.conv2d({ filters: 2, kernelSize: 3 }),
  L.cropping2D({ cropping: [[1, 0], [0, 1]] }),
]);
testLayers("flatten, permute, repeatVector", [3, 4], () => [
  L.permute({ dims: [2, 1] }),
  L.flatten(),
  dense(3),
  L.repeatVector({ n: 2 }),
]);
testLayers("simpleRNN", [4, 3], () => [L.simpleRNN({ units: 3 }), dense(1)]);
testLayers("gru", [4, 3], () => [L.gru({ units: 3, returnSequences: true }), dense(1)]);
testLayers("lstm", [4, 3], () => [L.lstm({ units: 3 }), dense(1)]);
testLayers("timeDistributed", [4, 3], () => [L.timeDistributed({ layer: dense(2) })]);

Deno.test("jit() layers dropout, gaussianNoise, alphaDropout, thresholdedReLU: answers as eager", () => {
  const make = sequence([5], () => [
    dense(4),
    L.dropout({ rate: 0.5 }),
    L.gaussianNoise({ stddev: 1 }),
    L.alphaDropout({ rate: 0.5 }),
    L.thresholdedReLU({ theta: 0.1 }),
    dense(2),
  ]);
  compareWithEager(() => forwardTwin(make), (call) => [makeTensor(float([3, 5]), call)]);
});

Deno.test("jit() dropout with the noise as an argument trains as eager", () => {
  const make = () => {
    const w = makeVariable(float([5, 4]), 1);
    const optimizer = tf.train.sgd(0.1);
    const fn = (x: tf.Tensor, noise: tf.Tensor) =>
      optimizer.minimize(
        () => {
          const hidden = tf.sigmoid(tf.matMul(x, w));
          const kept = tf.cast(tf.greaterEqual(noise, 0.3), "float32");
          return tf.mul(hidden, kept).div(0.7).square().mean();
        },
        true,
        [w],
      );
    const dispose = () => {
      tf.dispose(w);
      optimizer.dispose();
    };
    return { fn, variables: () => [w], dispose };
  };
  const args = (call: number): [tf.Tensor, tf.Tensor] => [
    makeTensor(float([3, 5]), call),
    makeTensor(float([3, 4], 0, 1), 50 + call),
  ];
  compareWithEager(make, args, { calls: 6 });
});

Deno.test("jit() layers embedding: answers and trains as eager", () => {
  const make = () => {
    const input = tf.input({ shape: [4], dtype: "int32" });
    const rows = L.embedding({ inputDim: 7, outputDim: 3 }).apply(input);
    const flat = L.flatten().apply(rows) as tf.SymbolicTensor;
    return tf.model({ inputs: input, outputs: dense(2).apply(flat) as tf.SymbolicTensor });
  };
  compareModel(make, [int([3, 4], 0, 7)]);
});

type Merge = (inputs: tf.SymbolicTensor[]) => tf.SymbolicTensor;

const MERGES: Record<string, Merge> = {
  concatenate: (inputs) => L.concatenate().apply(inputs) as tf.SymbolicTensor,
  add: (inputs) => L.add().apply(inputs) as tf.SymbolicTensor,
  multiply: (inputs) => L.multiply().apply(inputs) as tf.SymbolicTensor,
  average: (inputs) => L.average().apply(inputs) as tf.SymbolicTensor,
  dot: (inputs) => L.dot({ axes: -1 }).apply(inputs) as tf.SymbolicTensor,
};
for (const [name, merge] of Object.entries(MERGES)) {
  Deno.test(`jit() layers ${name}: two inputs answer and train as eager`, () => {
    const make = () => {
      const inputs = [tf.input({ shape: [4] }), tf.input({ shape: [3] })];
      const branches = inputs.map((input) => dense(5).apply(input) as tf.SymbolicTensor);
      return tf.model({ inputs, outputs: dense(1).apply(merge(branches)) as tf.SymbolicTensor });
    };
    compareModel(make, [float([3, 4]), float([3, 3])]);
  });
}

Deno.test("jit() layers one dense layer used twice trains as eager", () => {
  const make = () => {
    const input = tf.input({ shape: [4] });
    const shared = dense(4);
    const twice = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
    return tf.model({ inputs: input, outputs: twice });
  };
  compareModel(make, [float([3, 4])]);
});
