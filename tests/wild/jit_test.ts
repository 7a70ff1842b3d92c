/** lib/jit with wild arguments. */
import * as tf from "@tensorflow/tfjs";
import * as jit from "../../lib/jit/mod.ts";
import { testWildCalls } from "./wild_calls.ts";

const compiled = jit.jit((x: tf.Tensor) => tf.neg(x));
const x = tf.tensor1d([1, 2]);
for (let i = 0; i < 3; i++) compiled(x).dispose();

testWildCalls("jit", jit, {
  Explanation: { good: () => [compiled.explain()], methods: { toString: { good: () => [] } } },
  Program: {
    good: () => [compiled.program],
    methods: { with: { good: () => [{}] }, toString: { good: () => [] } },
  },
  jit: {
    good: () => [(x: tf.Tensor) => tf.neg(x), { cacheSize: 2, rehearse: false }],
    use: (call: (x: tf.Tensor) => tf.Tensor) => call(x),
  },
});
