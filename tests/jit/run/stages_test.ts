/** What stages() shows of a compiled function. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit, type Jitted } from "../../../lib/jit/mod.ts";

/** Calls and frees the results, so often that the function is compiled. */
function compileBy<A extends readonly unknown[]>(step: Jitted<A, tf.Tensor>, ...args: A): void {
  for (let i = 0; i < 2; i++) step(...args).dispose();
}

Deno.test("stages() of a layer: its kernels, an equation for each, one loop after fusion, and the module", () => {
  const [x, w] = [tf.ones([32, 4]), tf.ones([4, 16])];
  const step = jit((x: tf.Tensor, w: tf.Tensor) => tf.relu(tf.neg(tf.exp(tf.matMul(x, w)))));
  compileBy(step, x, w);
  const { kernels, traced, fused, module } = step.stages();
  assert.deepEqual(kernels.filter((name) => !["Reshape", "Identity"].includes(name)), [
    "BatchMatMul",
    "Exp",
    "Neg",
    "Relu",
  ]);
  assert.match(traced, /matmul[^]*exp[^]*neg/);
  assert.match(traced, /^ {2}%.* = exp %/m); // an equation of its own, then part of a loop
  assert.doesNotMatch(traced, /for \[/);
  assert.match(fused, /for \[512\] \{\n.* = exp .*\n.* = neg .*\n.* = max /);
  assert.equal(fused, step.program);
  assert.equal(module.length, step.explain().moduleBytes);
  const exports = WebAssembly.Module.exports(new WebAssembly.Module(module));
  assert.deepEqual(exports.map(({ name, kind }) => [name, kind]), [["run", "function"]]);
  step.dispose();
  tf.dispose([x, w]);
});

Deno.test("stages() gives a module of its own: who writes into it changes nothing", () => {
  const x = tf.ones([3]);
  const step = jit((x: tf.Tensor) => tf.neg(x));
  compileBy(step, x);
  step.stages().module.fill(0);
  assert(WebAssembly.validate(step.stages().module));
  step.dispose();
  x.dispose();
});

Deno.test("stages() of a function that has no program yet, or none at all, is an error", () => {
  const [x, text] = [tf.ones([3]), tf.tensor1d(["a"])];
  const step = jit((x: tf.Tensor) => tf.clone(x));
  assert.throws(() => step.stages(), /^Error: Cannot show a program: expected a call before, got/);
  step(x).dispose();
  assert.throws(() => step.stages(), /^Error: Cannot show the stages of .*only recorded$/);
  compileBy(step, text);
  assert.throws(() => step.stages(), /^Error: Cannot show the stages of .*type string$/);
  step.dispose();
  assert.throws(() => step.stages(), /^Error: Cannot call .*disposed$/);
  tf.dispose([x, text]);
});
