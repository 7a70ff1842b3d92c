/** Penalties on the slope of D: values, steps in which they count, and gradients. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import {
  Discriminator,
  gradientPenalty,
  linear,
  mnistDiscriminator,
  type Penalty,
  r1,
} from "../../lib/nn/mod.ts";
import { weightsOf } from "./game.ts";

const slopes = () => tf.tensor2d([[3, 4, 100], [0, 0, 100]]);

function valueOf(penalty: Penalty): number {
  return tf.tidy(() => penalty.compute(slopes()).dataSync()[0]!);
}

function assertClose(actual: number, expected: number, tolerance = 1e-4): void {
  const scale = Math.max(1, Math.abs(expected));
  assert(Math.abs(actual - expected) <= tolerance * scale, `${actual} ≠ ${expected}`);
}

Deno.test("r1() is γ/2 times the mean squared slope, times the steps that it stands for", () => {
  assertClose(valueOf(r1({ gamma: 2, every: 1, inputs: 2 })), 25 / 2);
  assertClose(valueOf(r1({ gamma: 2, every: 8, inputs: 2 })), 100);
  assertClose(valueOf(r1({ gamma: 2, every: 1 })), (25 + 20_000) / 2);
});

Deno.test("gradientPenalty() is λ times the mean of (|slope| - 1)²", () => {
  assertClose(valueOf(gradientPenalty({ weight: 10, inputs: 2 })), 10 * (16 + 1) / 2);
});

Deno.test("penalties refuse wrong numbers", () => {
  const wrong: [() => Penalty, RegExp][] = [
    [
      () => r1({ gamma: -1 }),
      /expected gamma to be a finite number from 0 on or a scalar tf.Variable, got -1/,
    ],
    [() => r1({ gamma: NaN }), /expected gamma .* got NaN/],
    [() => r1({ every: 0 }), /expected every to be a whole number from 1 on, got 0/],
    [() => r1({ inputs: 1.5 }), /expected inputs to be a whole number from 1 on, got 1.5/],
    [
      () => gradientPenalty({ weight: -1 }),
      /expected weight to be a finite number from 0 on or .* got -1/,
    ],
  ];
  for (const [make, message] of wrong) assert.throws(make, { name: "RangeError", message });
});

/** Makes a leaky D of pairs, whose slope depends on the point. */
function leakyPair(penalty: Penalty, compile = true): Discriminator {
  const rng = new Random(3);
  const layers = [
    linear(2, 3, { rng }),
    tf.layers.leakyReLU({ alpha: 0.2 }),
    linear(3, 1, { rng }),
  ];
  const optimizer = tf.train.sgd(0.1);
  return new Discriminator({
    model: tf.sequential({ layers }),
    loss: "non-saturating",
    penalty,
    optimizer,
    compile,
  });
}

function setWeights({ model }: Discriminator, values: readonly number[]): void {
  let at = 0;
  const shapes = model.getWeights().map(({ shape, size }) => ({ shape, size }));
  tf.tidy(() =>
    model.setWeights(
      shapes.map(({ shape, size }) => tf.tensor(values.slice(at, at += size), shape)),
    )
  );
}

const REAL = [0.5, -1, 2, 0.3];

/** Computes BCE from logits plus R1, with the slope of the leaky network in closed form. */
function byHand(weights: readonly number[], gamma: number): number {
  const kernel = weights.slice(0, 6), bias = weights.slice(6, 9);
  const out = weights.slice(9, 12), last = weights[12]!;
  let sum = 0;
  for (const x of [REAL.slice(0, 2), REAL.slice(2)]) {
    const before = bias.map((b, j) => b + kernel[j]! * x[0]! + kernel[3 + j]! * x[1]!);
    const rate = before.map((value) => value > 0 ? 1 : 0.2);
    const logit = before.reduce((s, value, j) => s + value * rate[j]! * out[j]!, last);
    const slope = [0, 3].map((row) =>
      out.reduce((s, o, j) => s + kernel[row + j]! * rate[j]! * o, 0)
    );
    sum += Math.log1p(Math.exp(-logit)) + gamma / 2 * (slope[0]! ** 2 + slope[1]! ** 2);
  }
  return sum / 2;
}

Deno.test("a step with R1 descends the gradient of loss and penalty, as differences show it", () => {
  for (const compile of [true, false]) {
    const D = leakyPair(r1({ gamma: 3, every: 1 }), compile);
    for (let step = 0; step < 5; step++) { // recorded steps, then compiled ones
      const before = weightsOf(D);
      D.train(REAL, [1, 1]);
      weightsOf(D).forEach((after, i) => {
        const moved = (by: number) => byHand(before.map((w, j) => j === i ? w + by : w), 3);
        const slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        assertClose((before[i]! - after) / 0.1, slope, 1e-3);
      });
    }
  }
});

Deno.test("R1 is computed in every third step on real samples, and is not part of the returned loss", () => {
  const plain = leakyPair(r1({ gamma: 0, every: 1 }));
  const D = leakyPair(r1({ gamma: 3, every: 3 }));
  const same: boolean[] = [];
  for (let step = 1; step <= 6; step++) {
    const before = weightsOf(D);
    for (const targets of [[1, 1], [0, 0], [1, 0]]) {
      setWeights(plain, before);
      setWeights(D, before);
      const real = targets.map(Boolean);
      const loss = plain.train(REAL, targets, { real });
      assertClose(D.train(REAL, targets, { real }), loss, 1e-6);
      same.push(weightsOf(D).every((w, i) => Math.abs(w - weightsOf(plain)[i]!) < 1e-6));
    }
  }
  const expected = Array.from({ length: 18 }, (_, i) => i % 9 !== 6 && i % 9 !== 8);
  assert.deepEqual(same, expected);
});

Deno.test("the gradient penalty is measured between the real and the generated samples of an iteration", () => {
  const seen: number[][] = [];
  const inner = gradientPenalty({ rng: new Random(5) });
  const D = leakyPair({ ...inner, compute: (s) => inner.compute(s) }, false);
  const watch = D.model.apply.bind(D.model);
  D.model.apply = (x, options) => {
    seen.push([...(x as tf.Tensor).dataSync()]);
    return watch(x, options);
  };
  assert.throws(() => D.train([0, 0, 0, 0], [0, 0]), {
    name: "RangeError",
    message: /^Cannot train the discriminator: expected a step on real samples first, .* penalty/,
  });
  assert.deepEqual([seen.length, D.counter], [0, 0]);
  D.train([1, 10, 1, 10], [1, 1]);
  D.train([3, 30, 3, 30], [0, 0]);
  const [a, b, c, d] = seen.at(-1)!;
  assert(a! > 1 && a! < 3 && c! > 1 && c! < 3 && a !== c, "each sample at a place of its own");
  assertClose(b!, 10 * a!, 1e-5);
  assertClose(d!, 10 * c!, 1e-5);
});

Deno.test("a critic with the gradient penalty keeps a slope of about 1", () => {
  const rng = new Random(1);
  const D = new Discriminator({
    model: mnistDiscriminator({ rng, channels: 2 }),
    loss: "wasserstein",
    penalty: gradientPenalty({ rng: rng.split("penalty") }),
    optimizer: tf.train.adam(1e-3, 0.5),
  });
  const [ones, zeros] = [new Array(4).fill(1), new Array(4).fill(0)];
  const images = (ink: number) => new Float32Array(4 * 784).map(() => ink * rng.uniform());
  for (let i = 0; i < 60; i++) {
    D.train(images(1), ones);
    D.train(images(0.2), zeros);
  }
  const slope = tf.tidy(() =>
    tf.grad((x) => (D.model.apply(x) as tf.Tensor).sum())(tf.tensor2d(images(0.6), [4, 784]))
      .norm("euclidean", 1).mean().dataSync()[0]!
  );
  assert(slope > 0.5 && slope < 2, `a slope of ${slope}`);
  assert(D.answers.real.at(-1)! > D.answers.fake.at(-1)!);
});

/** Makes a copy of D, and measures how far their weights differ after a step of both. */
function apart(penalty: Penalty, steps: readonly ((D: Discriminator) => void)[]): boolean[] {
  const plain = leakyPair({ ...penalty, compute: (slopes) => slopes.sum().mul(0) });
  const D = leakyPair(penalty);
  return steps.map((step) => {
    setWeights(plain, weightsOf(D));
    step(D);
    step(plain);
    return weightsOf(D).some((w, i) => Math.abs(w - weightsOf(plain)[i]!) > 1e-6);
  });
}

const FAKE = [3, 1, -2, 0.7];

Deno.test("R1 is measured at the real rows of a mixed batch, and at no others", () => {
  for (const compile of [true, false]) {
    const seen: number[][] = [];
    const D = leakyPair(r1({ every: 1 }), false);
    const apply = D.model.apply.bind(D.model);
    D.model.apply = (x, options) => {
      seen.push([...(x as tf.Tensor).dataSync()]);
      return apply(x, options);
    };
    D.train([...REAL, ...FAKE], [1, 0.9, 0, 0.1], { real: [true, true, false, false] });
    assert.deepEqual(seen.at(-1)!.map((x) => Math.fround(x)), REAL.map(Math.fround));
    D.train([...FAKE, ...REAL], [0, 0, 0, 1], { real: [false, false, true, true] }); // a flipped label
    assert.deepEqual(seen.at(-1)!.map((x) => Math.fround(x)), REAL.map(Math.fround));

    // Measures the gradient of the penalty at the real rows alone, by a step on these rows.
    const [mixed, alone] = [0, 3].map((gamma) => leakyPair(r1({ gamma, every: 1 }), compile));
    const before = weightsOf(mixed!);
    setWeights(alone!, before);
    mixed!.train([...REAL, ...FAKE], [1, 1, 0, 0], { real: [true, true, false, false] });
    alone!.train([...REAL, ...FAKE], [1, 1, 0, 0], { real: [true, true, false, false] });
    const moved = weightsOf(alone!).map((w, i) => (weightsOf(mixed!)[i]! - w) / 0.1);
    moved.forEach((slope, i) => {
      const at = (by: number) => {
        const w = before.map((v, j) => j === i ? v + by : v);
        return byHand(w, 3) - byHand(w, 0);
      };
      assertClose(slope, (at(1e-4) - at(-1e-4)) / 2e-4, 1e-3);
    });
  }
});

Deno.test("a penalty refuses a batch whose real rows are unknown, and says what to pass", () => {
  for (const penalty of [r1({ every: 4 }), gradientPenalty({ rng: new Random(1) })]) {
    const D = leakyPair(penalty), before = weightsOf(D);
    for (const targets of [[1, 0], [0.9, 0.1]]) {
      assert.throws(() => D.train(REAL, targets), {
        name: "RangeError",
        message: /^Cannot train the discriminator: expected targets .* got both; pass \{ real: \[/,
      });
    }
    for (const real of [[true], [true, 1], "yes", null]) {
      assert.throws(() => D.train(REAL, [1, 0], { real: real as never }), {
        message: /^Cannot train the discriminator: expected real to .*, got/,
      });
    }
    assert.deepEqual(weightsOf(D), before);
    assert.equal(D.counter, 0);
  }
});

Deno.test("flipped labels: the option real says what the samples are, for penalty, history and steps", () => {
  const acted = apart(r1({ gamma: 3, every: 1 }), [
    (D) => D.train(REAL, [0, 0], { real: true }),
    (D) => D.train(FAKE, [1, 1], { real: false }),
    (D) => D.train(REAL, [1, 0], { real: [true, true] }),
    (D) => D.train(REAL, [0.7, 1]),
    (D) => D.train(FAKE, [0.3, 0]),
  ]);
  assert.deepEqual(acted, [true, false, true, true, false]);
  const { steps } = (() => {
    const D = leakyPair(r1());
    D.train(REAL, [0, 0], { real: true });
    D.train(FAKE, [1, 0], { real: false });
    return D;
  })();
  assert.deepEqual(steps, { real: 1, fake: 1 });
});

Deno.test("the gradient penalty acts on batches of any sizes, a smaller last one and mixed ones too", () => {
  for (const compile of [true, false]) {
    const seen: number[] = [];
    const inner = gradientPenalty({ rng: new Random(1) });
    const compute = (slopes: tf.Tensor) => {
      seen.push(slopes.shape[0]!);
      return inner.compute(slopes);
    };
    const D = leakyPair({ ...inner, compute }, compile);
    const rows = (count: number, of: number[]) =>
      Array.from({ length: 2 * count }, (_, i) => of[i % 4]!);
    const ones = (count: number, value = 1) => new Array<number>(count).fill(value);
    for (const [reals, fakes] of [[8, 16], [16, 8], [3, 3], [1, 5], [5, 1]] as const) {
      seen.length = 0;
      D.train(rows(reals, REAL), ones(reals));
      assert.equal(seen.length, 0);
      D.train(rows(fakes, FAKE), ones(fakes, 0));
      assert(seen.length > 0 && seen.every((count) => count === fakes));
    }
    seen.length = 0;
    D.train([...rows(3, REAL), ...rows(2, FAKE)], [...ones(3), ...ones(2, 0)], {
      real: [true, true, true, false, false],
    });
    assert(seen.length > 0 && seen.every((count) => count === 2));
  }
});
