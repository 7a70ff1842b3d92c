/** The moving average of weights: its numbers, its warm-up, its own network. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { Generator, linear, MovingAverage, type MovingAverageState } from "../../lib/nn/mod.ts";

function oneWeight(): tf.Sequential {
  return tf.sequential({ layers: [linear(1, 1, { rng: new Random(1) })] });
}

/** Sets kernel and bias to numbers. */
function set(model: tf.Sequential, kernel: number, bias: number): void {
  tf.tidy(() => model.setWeights([tf.tensor2d([[kernel]]), tf.tensor1d([bias])]));
}

function weights(model: tf.LayersModel): number[] {
  return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, i) => assert(Math.abs(value - expected[i]!) < 1e-6, `${actual}`));
  assert.equal(actual.length, expected.length);
}

Deno.test("MovingAverage keeps min(decay, n / (n + 9)) of the average at update n", () => {
  const source = oneWeight();
  set(source, 1, 0);
  const average = new MovingAverage(source, { decay: 0.5 });
  let expected = 1;
  for (const n of [1, 2, 3, 10, 20]) {
    set(source, n + 2, -n);
    const decay = average.nextDecay;
    assert.equal(decay, Math.min(0.5, (average.updates + 1) / (average.updates + 10)));
    expected = decay * expected + (1 - decay) * (n + 2);
    average.update();
    assertClose([weights(average.model)[0]!], [expected]);
  }
});

Deno.test("MovingAverage copies during the warm-up and averages after it", () => {
  const source = oneWeight();
  const average = new MovingAverage(source, { decay: 0.9, warmUp: 2 });
  for (const value of [5, 7]) {
    set(source, value, value);
    average.update();
    assert.deepEqual(weights(average.model), [value, value]);
  }
  set(source, 17, 17);
  average.update();
  assertClose(weights(average.model), [16, 16]); // n = 1: a tenth of 7 stays
});

Deno.test("MovingAverage leaves its source alone and leaks no tensor", () => {
  const G = new Generator({ rng: new Random(1) });
  const before = weights(G.model);
  const average = new MovingAverage(G.model);
  average.update();
  const tensors = tf.memory().numTensors;
  for (let i = 0; i < 20; i++) average.update();
  assert.equal(tf.memory().numTensors, tensors);
  assert.deepEqual(weights(G.model), before);
  assertClose(weights(average.model), before);
  assert.deepEqual(
    [...new Generator({ model: average.model }).forward([0.5])].map(Math.fround),
    [...G.forward([0.5])],
  );
});

Deno.test("MovingAverage refuses wrong decays, warm-ups and states", () => {
  const source = oneWeight();
  for (const decay of [-0.1, 1, NaN]) {
    assert.throws(() => new MovingAverage(source, { decay }), {
      name: "RangeError",
      message:
        `Cannot average weights: expected decay to be a finite number from 0 and below 1, got ${decay}`,
    });
  }
  assert.throws(() => new MovingAverage(source, { warmUp: 1.5 }), {
    message: /expected warmUp to be a whole number from 0 on, got 1.5/,
  });
  const average = new MovingAverage(source);
  for (const state of [null, {}, { updates: -1 }, { updates: "3" }, { updates: 3, decay: 0 }]) {
    assert.throws(() => average.restore(state as MovingAverageState), {
      name: /^(Type|Range)Error$/,
      message: /^Cannot restore a moving average: expected .*(updates|options)/,
    });
  }
  average.restore({ updates: 4 });
  assert.deepEqual(average.state(), { updates: 4 });
});
