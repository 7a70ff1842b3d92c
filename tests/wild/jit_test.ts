/** lib/jit with wild arguments. */
import * as tf from "@tensorflow/tfjs";
import * as jit from "../../lib/jit/mod.ts";
import { testWildCalls } from "./wild_calls.ts";

// What jit() returns hands its arguments on to the reader's own function, whose errors they are.
testWildCalls("jit", jit, {
  jit: {
    good: () => [
      (x: tf.Tensor) => tf.neg(x),
      { name: "step", cacheSize: 2, rehearse: false, relaxedSimd: false },
    ],
    use: (call: (x: tf.Tensor) => tf.Tensor) => tf.tidy(() => call(tf.tensor1d([1, 2]))),
  },
});
