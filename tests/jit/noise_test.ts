/** Random numbers inside compiled functions: fresh, seeded, resumed, and refused where nobody knows them. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit, type JitOptions, NoiseSource } from "../../lib/jit/mod.ts";
import { assertRefused, thrownWithin } from "./footgun.ts";

await tf.setBackend("cpu");

type Draw = (x: tf.Tensor) => tf.Tensor;

const SIZE = 400;
const CALLS = 6;

/** The results of some calls on ones. */
function callsOf(fn: Draw, options: JitOptions = {}, calls = CALLS): number[][] {
  const step = jit(fn, options);
  const x = tf.ones([SIZE]);
  const results = Array.from({ length: calls }, () => {
    const result = step(x);
    const values = Array.from(result.dataSync());
    result.dispose();
    return values;
  });
  assert.equal(step.explain().programs, 1, "it was not compiled");
  assert.deepEqual(step.explain().fallbacks, {});
  step.dispose();
  x.dispose();
  return results;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((x) => (x - middle) ** 2)));
}

function assertClose(actual: number, expected: number, tolerance: number): void {
  assert(Math.abs(actual - expected) < tolerance, `expected ${expected}, got ${actual}`);
}

/** What is drawn, with the mean and the standard deviation that it has. */
const DRAWS: Record<string, { fn: Draw; mean: number; deviation: number }> = {
  randomNormal: { fn: () => tf.randomNormal([SIZE], 2, 3), mean: 2, deviation: 3 },
  "randomNormal of whole numbers": {
    fn: () => tf.randomNormal([SIZE], 5, 4, "int32"),
    mean: 5,
    deviation: Math.sqrt(16 + 1 / 12),
  },
  randomStandardNormal: { fn: () => tf.randomStandardNormal([SIZE]), mean: 0, deviation: 1 },
  truncatedNormal: { fn: () => tf.truncatedNormal([SIZE], 1, 2), mean: 1, deviation: 2 * 0.8796 },
  randomUniform: {
    fn: () => tf.randomUniform([SIZE], -1, 3),
    mean: 1,
    deviation: 4 / Math.sqrt(12),
  },
  randomUniformInt: { fn: () => tf.randomUniformInt([SIZE], 0, 6), mean: 2.5, deviation: 1.708 },
  dropout: { fn: (x) => tf.dropout(x, 0.25), mean: 1, deviation: Math.sqrt(1 / 3) },
  "a layer of dropout": {
    fn: layer(() => tf.layers.dropout({ rate: 0.2 })),
    mean: 1,
    deviation: 0.5,
  },
  "a layer of gaussianNoise": {
    fn: layer(() => tf.layers.gaussianNoise({ stddev: 0.5 })),
    mean: 1,
    deviation: 0.5,
  },
  "a layer of gaussianDropout": {
    fn: layer(() => tf.layers.gaussianDropout({ rate: 0.2 })),
    mean: 1,
    deviation: 0.5,
  },
  "a layer of alphaDropout": {
    fn: layer(() => tf.layers.alphaDropout({ rate: 0.5 })),
    mean: 2.0016, // of ones, as TensorFlow.js computes it: 1.6656 or 2.3376
    deviation: 0.336,
  },
};

function layer(make: () => tf.layers.Layer): Draw {
  const made = make();
  return (x) => (made.apply(x.reshape([1, SIZE]), { training: true }) as tf.Tensor).flatten();
}

for (const [name, draw] of Object.entries(DRAWS)) {
  Deno.test(`jit() draws fresh numbers at every call: ${name}`, () => {
    for (const rehearse of [false, true]) {
      const calls = callsOf(draw.fn, { noise: new NoiseSource(1), rehearse });
      assert.equal(new Set(calls.map(String)).size, CALLS, "the same numbers twice");
      const all = calls.flat();
      assertClose(mean(all), draw.mean, 4.5 * draw.deviation / Math.sqrt(all.length));
      assertClose(deviation(all), draw.deviation, 0.08 * draw.deviation);
    }
  });

  Deno.test(`jit() draws the same numbers in recorded and in compiled calls: ${name}`, () => {
    const [eager, rehearsed] = [false, true].map((rehearse) =>
      callsOf(draw.fn, { noise: new NoiseSource(2), rehearse })
    );
    eager!.flat().forEach((x, i) => assertClose(x, rehearsed!.flat()[i]!, 1e-6));
  });
}

Deno.test("jit() drops whole columns where a layer's noise has fewer dimensions", () => {
  const spatial = tf.layers.spatialDropout1d({ rate: 0.5 });
  const shaped = tf.layers.dropout({ rate: 0.5, noiseShape: [4, 1, 5] });
  for (const made of [spatial, shaped]) {
    const step = jit((x: tf.Tensor) => made.apply(x, { training: true }) as tf.Tensor);
    for (let call = 0; call < 5; call++) {
      const rows = step(tf.ones([4, 6, 5])).arraySync() as number[][][];
      for (const sample of rows) for (const row of sample) assert.deepEqual(row, sample[0]);
      const values = rows.map(([row]) => row!).flat();
      assert.deepEqual([...new Set(values)].sort(), [0, 2]);
    }
    step.dispose();
  }
});

Deno.test("jit() draws once what is used twice, and anew what is drawn twice", () => {
  const step = jit(() => {
    const noise = tf.randomNormal([SIZE]);
    return [noise, noise.mul(2), tf.randomNormal([SIZE]), tf.randomNormal([SIZE])];
  });
  for (let call = 0; call < 5; call++) {
    const [once, twice, other, third] = step().map((tensor) => Array.from(tensor.dataSync()));
    assert.deepEqual(twice, once!.map((x) => Math.fround(2 * x)));
    for (const [a, b] of [[once, other], [once, third], [other, third]] as const) {
      assertClose(mean(a!.map((x, i) => x * b![i]!)), 0, 0.25);
    }
  }
  step.dispose();
});

Deno.test("jit() drops in the gradient what it drops on the way", () => {
  const w = tf.variable(tf.ones([SIZE]));
  const step = jit(() => {
    let kept!: tf.Tensor;
    const { grads } = tf.variableGrads(() => {
      kept = tf.keep(tf.dropout(w, 0.5));
      return kept.sum() as tf.Scalar;
    }, [w]);
    return [kept, grads[w.name]!];
  });
  for (let call = 0; call < 5; call++) {
    const [kept, gradient] = step();
    assert.deepEqual(gradient!.dataSync(), kept!.dataSync());
    assert.equal(new Set(kept!.dataSync()).size, 2);
  }
  step.dispose();
  w.dispose();
});

Deno.test("jit() repeats numbers with a seed of their own at every call, as eager code does", () => {
  const seeded: Record<string, () => tf.Tensor> = {
    randomNormal: () => tf.randomNormal([SIZE], 0, 1, "float32", 42),
    randomUniform: () => tf.randomUniform([SIZE], 0, 1, "float32", 0),
    truncatedNormal: () => tf.truncatedNormal([SIZE], 0, 1, "float32", 3),
    randomGamma: () => tf.randomGamma([SIZE], 2, 1, "float32", 3),
    dropout: () => tf.dropout(tf.ones([SIZE]), 0.5, undefined, 7),
    multinomial: () => tf.multinomial(tf.zeros([5]) as tf.Tensor1D, SIZE, 5),
  };
  for (const [name, draw] of Object.entries(seeded)) {
    const step = jit(() => [draw(), tf.randomNormal([SIZE])]);
    const expected = draw().dataSync();
    const fresh = new Set<string>();
    for (let call = 0; call < 5; call++) {
      const [fixed, other] = step();
      assert.deepEqual(fixed!.dataSync(), expected, name);
      fresh.add(other!.dataSync().join());
    }
    assert.equal(fresh.size, 5, name);
    step.dispose();
  }
});

Deno.test("jit() takes a seed of 0 for none where TensorFlow.js does", () => {
  const calls = callsOf(() => tf.randomNormal([SIZE], 0, 1, "float32", 0));
  assert.equal(new Set(calls.map(String)).size, CALLS);
});

Deno.test("jit() goes on after a restart as if nothing had been, whenever that is", () => {
  const fn: Draw = (x) => tf.dropout(x, 0.5).add(tf.randomNormal([SIZE]));
  const run = (restart: number) => {
    let noise = new NoiseSource(3);
    const first = callsOf(fn, { noise, rehearse: true }, restart);
    noise = restored(noise);
    return [...first, ...callsOf(fn, { noise, rehearse: true }, CALLS - restart)];
  };
  const uninterrupted = callsOf(fn, { noise: new NoiseSource(3), rehearse: true });
  for (const restart of [1, 2, 5]) assert.deepEqual(run(restart), uninterrupted);
});

/** Another source that goes on where one is. */
function restored(noise: NoiseSource): NoiseSource {
  const other = new NoiseSource(99);
  other.restore(JSON.parse(JSON.stringify(noise.state())));
  return other;
}

Deno.test("jit() draws other numbers for every seed, and without one for every function", () => {
  const fn: Draw = () => tf.randomUniform([SIZE]);
  const sources = [1, 2, 2 ** 32, 2 ** 53 - 1].map((seed) => new NoiseSource(seed));
  const calls = [...sources, undefined, undefined]
    .flatMap((noise) => callsOf(fn, noise ? { noise } : {}));
  assert.equal(new Set(calls.map(String)).size, calls.length);
});

Deno.test("NoiseSource() has the bits of its seed as key", () => {
  const keyOf = (seed: number) => new NoiseSource(seed).state().key;
  assert.deepEqual(keyOf(0), [0, 0]);
  assert.deepEqual(keyOf(7), [7, 0]);
  assert.deepEqual(keyOf(2 ** 32 + 3), [3, 1]);
  assert.deepEqual(keyOf(2 ** 53 - 1), [2 ** 32 - 1, 2 ** 21 - 1]);
});

Deno.test("jit() draws other numbers after any count of calls", () => {
  const calls = [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 53 - 2].flatMap((calls) => {
    const noise = new NoiseSource(1);
    noise.restore({ key: noise.state().key, calls });
    return callsOf(() => tf.randomUniform([SIZE]), { noise, rehearse: true }, 1);
  });
  assert.equal(new Set(calls.map(String)).size, calls.length);
});

Deno.test("jit() draws different numbers in functions that share a source", () => {
  const noise = new NoiseSource(4);
  const calls = [1, 2, 3].flatMap(() => callsOf(() => tf.randomNormal([SIZE]), { noise }));
  assert.equal(new Set(calls.map(String)).size, calls.length);
  assert.equal(noise.state().calls, calls.length);
});

Deno.test("jit() counts calls that draw, and no rehearsal, check or call without a draw", () => {
  const noise = new NoiseSource(5);
  const drawing = jit((x: tf.Tensor) => tf.dropout(x, 0.5), { noise, rehearse: true });
  const plain = jit((x: tf.Tensor) => tf.neg(x), { noise, rehearse: true });
  for (let call = 0; call < 200; call++) {
    tf.tidy(() => [drawing(tf.ones([3])), plain(tf.ones([3]))]);
  }
  assert(drawing.explain().checks > 0);
  assert.equal(noise.state().calls, 200);
  tf.tidy(() => drawing(tf.ones([4]))); // another signature, recorded anew
  assert.equal(noise.state().calls, 201);
  drawing.dispose();
  plain.dispose();
});

Deno.test("jit() bound steps draw fresh numbers, those of calls with tensors", () => {
  const fn = (x: tf.Tensor) => tf.add(x, tf.randomNormal([SIZE]));
  const expected = callsOf(fn, { noise: new NoiseSource(6), rehearse: true });
  const step = jit(fn, { noise: new NoiseSource(6), rehearse: true });
  const bound = step.bind(tf.ones([SIZE]));
  assert.equal(bound.inputs.length, 1);
  for (const values of expected) {
    bound.run();
    assert.deepEqual(Array.from(bound.outputs[0]!), values);
  }
  step.dispose();
});

Deno.test("jit() keeps drawing while a learning rate changes, next to it", () => {
  const noise = new NoiseSource(8);
  const w = tf.variable(tf.zeros([SIZE]));
  const optimizer = tf.train.momentum(0.1, 0.9);
  const step = jit(
    () => optimizer.minimize(() => w.mul(tf.randomNormal([SIZE])).sum() as tf.Scalar, true, [w])!,
    { noise },
  );
  const steps = new Set<string>();
  let before = w.dataSync().slice();
  for (let call = 0; call < 12; call++) {
    (optimizer as unknown as { learningRate: number }).learningRate = 0.1 / (1 + call);
    tf.dispose(step());
    const now = w.dataSync().slice();
    steps.add(now.map((x, i) => x - before[i]!).join());
    before = now;
  }
  assert.equal(steps.size, 12);
  assert(step.explain().traces < 8, step.explain().toString());
  assert.equal(noise.state().calls, 12);
  step.dispose();
});

Deno.test("jit() leaves TensorFlow.js's own random numbers as they were, also after an error", () => {
  const { random } = Math;
  const step = jit(() => {
    tf.randomNormal([2]);
    throw new Error("too late");
  });
  assert.throws(() => step(), /too late/);
  assert.equal(Math.random, random);
  for (const draw of [tf.randomNormal, tf.truncatedNormal]) {
    assert(draw([50], 7, 1).dataSync().every((x) => x !== 0));
  }
  assert(tf.randomUniform([50], 7, 8).dataSync().every((x) => x >= 7));
});

Deno.test("jit() says so when the parameters of a draw change outside the arguments", () => {
  let size = 1;
  const step = jit((x: tf.Tensor) => tf.add(x, tf.randomNormal([SIZE], 0, size)));
  const error = thrownWithin(100, (call) => {
    if (call === 10) size = 5;
    return step(tf.ones([SIZE]));
  });
  assertRefused(error, /parameters/);
  step.dispose();
});

Deno.test("jit() makes variables with random weights inside the function", () => {
  for (const rehearse of [false, true]) {
    let model: tf.Sequential | undefined;
    const step = jit((x: tf.Tensor) => {
      model ??= tf.sequential({ layers: [tf.layers.dense({ units: 50, inputShape: [20] })] });
      return model.apply(x) as tf.Tensor;
    }, { rehearse });
    const outputs = Array.from({ length: 5 }, () => Array.from(step(tf.ones([1, 20])).dataSync()));
    for (const output of outputs) output.forEach((x, i) => assertClose(x, outputs[0]![i]!, 1e-5));
    const weights = Array.from(model!.getWeights()[0]!.dataSync());
    assert(deviation(weights) > 0.1);
    step.dispose();
  }
});

/** Random numbers that a program cannot draw. */
const REFUSED: Record<string, Draw> = {
  randomGamma: (x) => tf.add(x, tf.randomGamma([SIZE], 2)),
  multinomial: (x) => tf.add(x, tf.multinomial(tf.zeros([3]) as tf.Tensor1D, SIZE)),
  rand: (x) => tf.add(x, tf.rand([SIZE], () => Math.random())),
  "Math.random": (x) => tf.mul(x, Math.random()),
  "randomUniform of bool": (x) => tf.add(x, tf.randomUniform([SIZE], 0, 2, "bool").toFloat()),
  "randomUniform without bounds": (x) => tf.add(x, tf.randomUniform([SIZE], 0, 2 ** 40, "int32")),
};
for (const [name, fn] of Object.entries(REFUSED)) {
  Deno.test(`jit() refuses other random numbers and says to pass them as an argument: ${name}`, () => {
    for (const rehearse of [false, true]) {
      const step = jit(fn, { rehearse });
      const error = thrownWithin(4, () => step(tf.ones([SIZE])));
      assertRefused(error, /pass (it|them) as an argument/i);
      step.dispose();
    }
  });
}

Deno.test("NoiseSource refuses seeds and states that are none, and stays as it was", () => {
  for (const seed of [-1, 0.5, NaN, 2 ** 53]) {
    assert.throws(() => new NoiseSource(seed), /^RangeError: Cannot seed noise: expected seed/);
  }
  assert.throws(() => new NoiseSource("7" as unknown as number), TypeError);
  const noise = new NoiseSource(7);
  const before = noise.state();
  const senseless = [
    undefined,
    {},
    { key: [1], calls: 0 },
    { key: [1, -1], calls: 0 },
    { key: [1, 2 ** 32], calls: 0 },
    { key: [1, 2], calls: -1 },
    { key: [1, 2], calls: 0.5 },
    { key: "12", calls: 0 },
    { key: [1, 2], calls: 0, more: 1 },
    { key: [1n, 2], calls: 0 },
  ];
  for (const state of senseless) {
    assert.throws(
      () => noise.restore(state as never),
      /^(Type|Range)Error: Cannot restore noise: expected/,
    );
    assert.deepEqual(noise.state(), before);
  }
});

Deno.test("jit() refuses noise that is no NoiseSource", () => {
  assert.throws(() => jit(() => tf.zeros([1]), { noise: 7 as never }), /noise.*NoiseSource/);
});
