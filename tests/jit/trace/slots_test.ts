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

/** Names of saved slots: those of these variables, those of another process, or these in another order. */
const SAVED_NAMES: Readonly<Record<string, (own: readonly string[], i: number) => string>> = {
  "their own names": (own, i) => own[i]!,
  "foreign names": (_, i) => `saved_${i}`,
  "other variables' names": (own, i) => own[(i + 1) % own.length]!,
};

function stepOf({ variables, optimizer, cost }: ReturnType<typeof makeTraining>) {
  return (x: tf.Tensor) => optimizer.minimize(() => cost(x), true, Object.values(variables))!;
}

for (const [name, makeOptimizer] of Object.entries(OPTIMIZERS)) {
  if (/sgd|adamax/.test(name)) continue; // the one has no slots, the other refuses to set them
  for (const [kind, nameOf] of Object.entries(SAVED_NAMES)) {
    Deno.test(`jit() ${name}: setWeights gives slots by position, with ${kind}`, async () => {
      const [eager, compiled, donor] = Array.from({ length: 3 }, () => makeTraining(makeOptimizer));
      const [plain, donorStep, step] = [stepOf(eager!), stepOf(donor!), jit(stepOf(compiled!))];
      for (let call = 0; call < 12; call++) {
        const x = tf.tensor1d([0.5 + call % 3, 1]);
        donorStep(x).dispose();
        if (call % 5 === 0) { // before any step, among the recordings, and after the program is made
          for (const { variables, optimizer } of [eager!, compiled!]) {
            const own = Object.values(variables).map((variable) => variable.name);
            const [count, ...slots] = await donor!.optimizer.getWeights();
            const renamed = slots.map((slot, i) => ({
              ...slot,
              name: `${nameOf(own, i % 3)}/slot`,
            }));
            await optimizer.setWeights([count!, ...renamed]);
          }
        }
        plain(x).dispose();
        step(x).dispose();
        const [want, got] = [eager!.values(), compiled!.values()];
        const isNear = (v: number, i: number) =>
          Math.abs(v - want[i]!) < 1e-5 * Math.max(1, Math.abs(v));
        assert(got.every(isNear), `call ${call}: ${got} ≠ ${want}`);
        x.dispose();
      }
      step.dispose();
    });
  }
}
