/** The memory plan: nothing that is still needed is overwritten. */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { type Place, planMemory } from "../../../lib/jit/passes/plan.ts";
import { bytesOf, resultsOf } from "../../../lib/jit/program/equation.ts";
import { type FusedProgram, resultOperands } from "../../../lib/jit/program/program.ts";
import { average, dense, softmax, stagesOf, views } from "./programs.ts";

await tf.setBackend("cpu");

/** For each value, the steps during which its elements must stay: from where it is made to its last reader. */
function lifetimes(
  program: FusedProgram,
): Map<number, { from: number; to: number; bytes: number }> {
  const end = program.equations.length;
  const lives = new Map<number, { from: number; to: number; bytes: number }>();
  const results = new Set(resultOperands(program).map(({ source }) => source.id));
  for (const value of program.inputs) {
    lives.set(value.id, { from: -1, to: end, bytes: bytesOf(value) });
  }
  for (const { out } of program.constants) {
    lives.set(out.id, { from: -1, to: end, bytes: bytesOf(out) });
  }
  program.equations.forEach((equation, step) => {
    for (const { source } of equation.inputs) {
      const life = lives.get(source.id);
      if (life) life.to = Math.max(life.to, step);
    }
    for (const value of resultsOf(equation)) {
      const to = results.has(value.id) ? end : step;
      lives.set(value.id, { from: step, to, bytes: bytesOf(value) });
    }
  });
  return lives;
}

/** Throws if two values that live at the same time share bytes of the block. */
function assertNoOverlap(program: FusedProgram): void {
  const plan = planMemory(program, () => 0);
  const lives = [...lifetimes(program)].flatMap(([id, life]) => {
    const place: Place | undefined = plan.places.get(id);
    return place?.in === "block" ? [{ id, ...life, at: place.offset }] : [];
  });
  for (const a of lives) {
    assert(a.at + a.bytes <= plan.bytes, `%${a.id} leaves the block`);
    for (const b of lives) {
      const together = a.id < b.id && a.from <= b.to && b.from <= a.to;
      const apart = a.at + a.bytes <= b.at || b.at + b.bytes <= a.at;
      assert(!together || apart, `%${a.id} and %${b.id} lie on each other`);
    }
  }
}

Deno.test("planMemory() keeps values apart that are needed at the same time", () => {
  for (const { fused } of [dense(), views(), softmax(), average()]) assertNoOverlap(fused);
});

Deno.test("planMemory() uses the room of dead values again", () => {
  const chain = (x: tf.Tensor) => {
    let value = x;
    for (let i = 0; i < 8; i++) value = tf.matMul(value as tf.Tensor2D, value as tf.Tensor2D);
    return value;
  };
  const { fused } = stagesOf(chain, [tf.zeros([16, 16])]);
  assertNoOverlap(fused);
  assert(planMemory(fused, () => 0).bytes <= 5 * 16 * 16 * 4);
});

Deno.test("planMemory() updates a variable in place where its old value is done with", () => {
  const { fused } = average();
  const plan = planMemory(fused, () => 0);
  const { source } = fused.assigns[0]!.value;
  assert.deepEqual(plan.places.get(source.id), { in: "variable", index: 0 });
  assert.deepEqual(plan.copies, []);
});

Deno.test("planMemory() keeps the old value of a variable for a later reader", () => {
  const w = tf.variable(tf.zeros([3, 3]));
  const fn = () => {
    const old = tf.matMul(w as unknown as tf.Tensor2D, w as unknown as tf.Tensor2D);
    const next = tf.add(w, 1);
    const product = tf.matMul(next as tf.Tensor2D, w as unknown as tf.Tensor2D);
    w.assign(next);
    return tf.add(old, product);
  };
  const { fused } = stagesOf(fn, []);
  const plan = planMemory(fused, () => 0);
  const { source } = fused.assigns[0]!.value;
  assert.equal(plan.places.get(source.id)?.in, "block");
  assert.equal(plan.copies.length, 1);
});
