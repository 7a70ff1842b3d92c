/** An optimizer's slots belong to variables, whatever list of them each step moves. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../../lib/jit/mod.ts";
import { OPTIMIZERS } from "../optimizers.ts";

await tf.setBackend("cpu");

/** Which variables move at each call: some alone, all, in another order, none for long. */
const LISTS = [
  "ab",
  "ab",
  "ab",
  "ab",
  "b",
  "b",
  "b",
  "b",
  "ba",
  "ba",
  "ba",
  "abc",
  "abc",
  "abc",
  "c",
];
const CALLS = [...LISTS, "a", "a", "a", "b", "b", "cb", "cb", "cb", "ab", "ab", "ab", "abc"];

function makeTraining(makeOptimizer: () => tf.Optimizer) {
  const entries = ["a", "b", "c"].map((name, i) =>
    [name, tf.tidy(() => tf.variable(tf.tensor1d([1 + i, -2 - i])))] as const
  );
  const optimizer = makeOptimizer();
  const variables = Object.fromEntries(entries);
  const cost = (x: tf.Tensor) =>
    tf.addN(entries.map(([, w], i) => w.mul(x).square().sum().mul(i + 1))) as tf.Scalar;
  const values = () => entries.flatMap(([, w]) => [...w.dataSync()]);
  return { variables, optimizer, cost, values };
}

/** Eagerly, with every variable in its place and no gradient for those that do not move. */
function stepInPlaces({ variables, optimizer, cost }: ReturnType<typeof makeTraining>) {
  return (x: tf.Tensor, list: string) =>
    tf.tidy(() => {
      const moving = [...list].map((name) => variables[name]!);
      const { grads } = tf.variableGrads(() => cost(x), moving);
      optimizer.applyGradients(
        Object.values(variables).map(({ name }) => ({ name, tensor: grads[name]! })),
      );
    });
}

for (const [name, makeOptimizer] of Object.entries(OPTIMIZERS)) {
  for (const rehearse of [false, true]) {
    Deno.test(`jit() ${name}, rehearsed ${rehearse}: lists of variables that change keep each one's slots`, () => {
      const [eager, compiled] = [makeTraining(makeOptimizer), makeTraining(makeOptimizer)];
      const plain = stepInPlaces(eager);
      const step = jit((x: tf.Tensor, list: string) => {
        const moving = [...list].map((letter) => compiled.variables[letter]!);
        return compiled.optimizer.minimize(() => compiled.cost(x), true, moving)!;
      }, { rehearse });
      CALLS.forEach((list, call) => {
        const x = tf.tensor1d([0.5 + call % 3, 1]);
        plain(x, list);
        step(x, list).dispose();
        const [got, want] = [compiled.values(), eager.values()];
        got.forEach((v, i) =>
          assert(
            Object.is(v, want[i]) || Math.abs(v - want[i]!) < 1e-4 * Math.max(1, Math.abs(v)),
            `call ${call}: ${got} ≠ ${want}`,
          )
        );
        x.dispose();
      });
      step.dispose();
    });
  }
}
