/** Whatever an optimizer holds in JavaScript is seen when it changes between calls. */
import * as tf from "@tensorflow/tfjs";
import { jit } from "../../../lib/jit/mod.ts";
import assert from "node:assert/strict";

await tf.setBackend("cpu");

/** An optimizer with numbers in a list, in an object and in lists of objects, all of which count. */
class ManyNumbers extends tf.SGDOptimizer {
  readonly factors = [2];
  readonly settings: { scale: number; more?: number } = { scale: 0.5 };
  readonly parts = [{ weight: 1 }];
  readonly nothing = null;

  override applyGradients(gradients: Parameters<tf.SGDOptimizer["applyGradients"]>[0]): void {
    const factor = this.factors.reduce((product, one) => product * one, 1) *
      this.settings.scale * (this.settings.more ?? 1) *
      this.parts.reduce((sum, { weight }) => sum + weight, 0);
    const scaled = (gradients as { name: string; tensor: tf.Tensor }[]).map(({ name, tensor }) => ({
      name,
      tensor: tf.mul(tensor, factor),
    }));
    super.applyGradients(scaled);
  }
}

const CHANGES: Readonly<Record<string, (optimizer: ManyNumbers) => void>> = {
  "a number in a list": ({ factors }) => factors[0] = 3,
  "a longer list": ({ factors }) => factors.push(4),
  "a shorter list": ({ factors }) => factors.pop(),
  "a number in an object": ({ settings }) => settings.scale = 2,
  "a number in an object in a list": ({ parts }) => parts[0]!.weight = 5,
  "a longer list of objects": ({ parts }) => parts.push({ weight: 1 }),
};

for (const [name, change] of Object.entries(CHANGES)) {
  Deno.test(`jit() sees ${name} of an optimizer change at the next call`, () => {
    const make = () => {
      const w = tf.tidy(() => tf.variable(tf.ones([3])));
      const optimizer = new ManyNumbers(0.1);
      const fn = (x: tf.Tensor) => {
        optimizer.minimize(() => tf.sum(tf.mul(w, x)) as tf.Scalar, false, [w]);
      };
      return { w, optimizer, fn };
    };
    const [eager, compiled] = [make(), make()];
    const step = jit(compiled.fn);
    const x = tf.tensor1d([1, 2, 3]);
    for (let call = 0; call < 8; call++) {
      eager.fn(x);
      step(x);
      const [want, got] = [eager.w.dataSync(), compiled.w.dataSync()];
      want.forEach((value, i) => assert(Math.abs(value - got[i]!) < 1e-5, `call ${call}`));
      if (call === 4) { for (const { optimizer } of [eager, compiled]) change(optimizer); }
    }
    step.dispose();
    tf.dispose([x, eager.w, compiled.w]);
    for (const { optimizer } of [eager, compiled]) optimizer.dispose();
  });
}
