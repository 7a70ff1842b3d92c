/** A variable that is made of its own old value: nothing is overwritten that is still to be read. */
import * as tf from "@tensorflow/tfjs";
import { compareWithEager } from "./compare.ts";

/** New values of a square variable, made of the old ones at other places. */
const MADE: Readonly<Record<string, (w: tf.Tensor2D, x: tf.Tensor) => tf.Tensor>> = {
  "its transpose": (w, x) => w.transpose().add(x),
  "its rows in reverse": (w, x) => w.reverse(0).mul(x),
  "its columns in reverse": (w, x) => w.reverse(1).sub(x),
  "its rows, one further": (w, x) => w.slice([1, 0]).concat(w.slice([0, 0], [1, -1]), 0).add(x),
  "its columns, one further": (w, x) => w.slice([0, 1]).concat(w.slice([0, 0], [-1, 1]), 1).add(x),
  "its first row, repeated": (w, x) => w.slice([0, 0], [1, -1]).tile([w.shape[0], 1]).add(x),
  "its first column, repeated": (w, x) => w.slice([0, 0], [-1, 1]).add(x),
  "its product with itself": (w, x) => w.matMul(w).mul(0.01).add(x),
  "its transpose and itself": (w, x) => w.transpose().add(w).mul(x),
};

for (const [name, make] of Object.entries(MADE)) {
  Deno.test(`jit() gives a variable ${name} as plain TensorFlow.js does, of every size`, () => {
    for (const size of [2, 7, 32, 33, 65]) {
      compareWithEager(
        () => {
          const w = tf.tidy(() =>
            tf.variable(tf.randomUniform([size, size], -1, 1, "float32", size))
          );
          const fn = (x: tf.Tensor) => {
            w.assign(make(w as tf.Tensor2D, x) as tf.Tensor2D);
            return w.sum();
          };
          return { fn, variables: () => [w], dispose: () => w.dispose() };
        },
        (call) => [tf.randomUniform([size, size], 0.5, 1.5, "float32", call + 1)],
      );
    }
  });
}
