/** A compiled step, bound before the memory of all steps grows. */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { jit } from "../../../lib/jit/mod.ts";

const FLOATS = 12 * 2 ** 20;

/** Lets the memory grow, then runs a step with arrays that were read before. */
export function growMemory() {
  const w = tf.tidy(() => tf.variable(tf.zeros([4])));
  const step = jit((x: tf.Tensor) => {
    w.assign(tf.add(w, x));
    return tf.sum(w);
  });
  const x = tf.ones([4]);
  for (let call = 0; call < 3; call++) step(x).dispose();
  const bound = step.bind(x);
  bound.run();
  const [old] = bound.inputs;
  const { buffer } = old!;
  const before = buffer.byteLength;
  const large = jit((a: tf.Tensor) => tf.exp(tf.neg(a)));
  const a = tf.zeros([FLOATS]);
  const bounds = [];
  let top = 0;
  while (top < before) {
    const one = large.bind(a);
    for (let run = 0; run < 3; run++) one.run();
    assert.equal(one.outputs[0]![FLOATS - 1], 1);
    top = one.outputs[0]!.byteOffset;
    bounds.push(one);
  }
  assert.deepEqual([...w.dataSync()], [4, 4, 4, 4]);
  for (let i = 0; i < 4; i++) old![i] = 2; // goes nowhere if the memory has moved
  let message = "";
  try {
    bound.run();
  } catch (error) {
    message = String(error);
    bound.inputs[0]!.fill(2);
    bound.run();
  }
  const values = [...w.dataSync()];
  assert.equal(bound.outputs[0]![0], 24);
  for (const one of [...bounds, bound, large, step]) one.dispose();
  tf.dispose([w, x, a]);
  return { isDetached: buffer.byteLength === 0, message, values };
}
