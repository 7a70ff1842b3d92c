/**
 * Second gradients that TensorFlow.js lacks or computes wrongly agree with finite differences, also
 * compiled.
 */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";
import { readySecondGradients } from "../../lib/nn/second_gradients.ts";

await tf.setBackend("cpu");
readySecondGradients();

type Operation = (x: tf.Tensor) => tf.Tensor;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  "elu": (x) => tf.elu(x),
  "exp": (x) => tf.exp(x),
  "sigmoid": (x) => tf.sigmoid(x),
  "tanh": (x) => tf.tanh(x),
  "softplus": (x) => tf.softplus(x),
  "selu": (x) => tf.selu(x),
  "leakyRelu": (x) => tf.leakyRelu(x, 0.2),
  "softmax": (x) => tf.softmax(x),
  "logSoftmax": (x) => tf.logSoftmax(x),
  "softmaxCrossEntropy": (x) =>
    tf.losses.softmaxCrossEntropy(tf.softmax(x.reverse(-1)), x, undefined, undefined, 0),
  "max": (x) => tf.max(x, -1),
  "relu6": (x) => tf.relu6(x),
  "sigmoid of tanh of elu": (x) => tf.sigmoid(tf.tanh(tf.elu(x))),
  "maxPool 2": (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"),
  "maxPool 3, overlapping, same": (x) => tf.maxPool(x as tf.Tensor4D, 3, 2, "same"),
  "maxPool [1, 3], strides [2, 1]": (x) => tf.maxPool(x as tf.Tensor4D, [1, 3], [2, 1], "same"),
  "maxPool with a border of 1": (x) => tf.maxPool(x as tf.Tensor4D, 3, 1, 1),
};

/** Computes the squared gradient of a function, as a penalty does. */
function penaltyOf(operation: Operation): (x: tf.Tensor) => tf.Tensor {
  const answer = (x: tf.Tensor) => operation(x.mul(1.5)).square().sum() as tf.Scalar;
  return (x) => tf.grad(answer)(x).square().sum();
}

for (const [name, operation] of Object.entries(OPERATIONS)) {
  Deno.test(`readySecondGradients() ${name}: as finite differences, and jit() as eager`, () => {
    tf.tidy(() => {
      const x = tf.randomUniform([2, 5, 6, 3], -1, 1, "float32", 3);
      const direction = tf.randomUniform(x.shape, -1, 1, "float32", 4);
      const penalty = penaltyOf(operation);
      const gradient = tf.grad(penalty);
      const h = 1e-3;
      const [above, below] = [h, -h].map((s) => penalty(x.add(direction.mul(s))).dataSync()[0]!);
      const exact = gradient(x).mul(direction).sum().dataSync()[0]!;
      const found = (above! - below!) / (2 * h);
      assert(Math.abs(found - exact) < .01 * Math.abs(exact), `${exact}, found ${found}`);
      const step = jit((images: tf.Tensor) => tf.grad(penaltyOf(operation))(images));
      for (let call = 0; call < 4; call++) {
        const far = step(x).sub(gradient(x)).abs().max().dataSync()[0]!;
        assert(far < 1e-2, `call ${call}: ${far} from eager`);
      }
      assert.deepEqual(step.explain().fallbacks, {});
      step.dispose();
    });
  });
}

Deno.test("readySecondGradients() maxPool of equal pixels: only the first one counts", () => {
  const x = tf.ones([1, 2, 2, 1]) as tf.Tensor4D;
  const pool = OPERATIONS["maxPool 2"]!;
  const gradient = tf.grad(penaltyOf(pool))(x);
  const [first, ...others] = gradient.dataSync();
  assert(first! > 0);
  assert.deepEqual(others, [0, 0, 0]);
});

Deno.test("readySecondGradients() leaves tf.customGrad() as it is, outside of tf.tidy() too", () => {
  const reversed = tf.customGrad((x) => ({
    value: (x as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => [dy.neg()],
  }));
  const gradient = tf.grad((x: tf.Tensor) => reversed(x).sum())(tf.tensor1d([1, 2]));
  assert.deepEqual([...gradient.dataSync()], [-1, -1]);
});
