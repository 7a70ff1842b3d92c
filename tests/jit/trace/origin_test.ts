/** The operation that an error names: the one that the function calls, not one that this operation calls in turn. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../../lib/jit/mod.ts";

await tf.setBackend("cpu");

const CASES: Readonly<Record<string, (x: tf.Tensor, changing: number) => tf.Tensor>> = {
  dropout: (x, rate) => tf.dropout(x, rate),
  mul: (x, factor) => x.mul(factor),
  huberLoss: (x, delta) => tf.losses.huberLoss(x, x.add(1), undefined, delta),
  tensor: (x, number) => x.add(tf.tensor1d([number])),
};

for (const [operation, fn] of Object.entries(CASES)) {
  for (const rehearse of [false, true]) {
    Deno.test(`jit() names ${operation} as what makes another number in each call, rehearsed ${rehearse}`, () => {
      const x = tf.ones([8]);
      let calls = 0;
      const step = jit((x: tf.Tensor) => fn(x, .5 + ++calls / 100), { rehearse });
      const callOften = () => {
        for (let call = 0; call < 4; call++) step(x).dispose();
      };
      assert.throws(callOften, new RegExp(`different ones in each call from ${operation};`));
      step.dispose();
      x.dispose();
    });
  }
}
