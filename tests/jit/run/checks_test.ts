/** Nothing goes stale silently: what was fixed when a function was recorded is checked again. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit, type JitOptions } from "../../../lib/jit/mod.ts";

await tf.setBackend("cpu");

/** A function of one tensor, and how what it takes from outside changes. */
interface Changing {
  readonly fn: (x: tf.Tensor) => unknown;
  readonly change: () => void;
  /** What the error says. */
  readonly says: RegExp;
  /** The result for x = [1, 2, 3] after the change. */
  readonly after?: readonly number[];
}

const CHANGES: Record<string, () => Changing> = {
  "a number": () => {
    let factor = 2;
    return {
      fn: (x) => x.mul(factor),
      change: () => factor = 10,
      says: /expected 2 in mul, .* got 10;/,
      after: [10, 20, 30],
    };
  },
  "a number in a gradient alone": () => {
    let weight = 1;
    const reversed = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => [dy.mul(-weight)],
    }));
    return {
      fn: (x) => tf.grad((y: tf.Tensor) => reversed(y).sum())(x),
      change: () => weight = 3,
      says: /expected -1 in mul, .* got -3;/,
      after: [-3, -3, -3],
    };
  },
  "a tensor that is replaced": () => {
    let offset = tf.tensor1d([1, 1, 1]);
    return {
      fn: (x) => x.add(offset),
      change: () => offset = tf.tensor1d([1, 5, 1]),
      says: /expected 1 in a tensor from outside, .* got 5;/,
      after: [2, 7, 4],
    };
  },
  "an attribute": () => {
    let slope = 0.5;
    return {
      fn: (x) => tf.leakyRelu(x.neg(), slope),
      change: () => slope = 0.25,
      says: /expected alpha 0.5 in LeakyRelu, .* got alpha 0.25;/,
      after: [-0.25, -0.5, -0.75],
    };
  },
  "an axis": () => {
    let axis = 0;
    return {
      fn: (x) => tf.reverse(tf.stack([x, x.neg()]), axis).slice(0, 1).flatten(),
      change: () => axis = 1,
      says: /expected dims 0 in Reverse, .* got dims 1;/,
      after: [3, 2, 1],
    };
  },
  "a choice": () => {
    let squares = true;
    return {
      fn: (x) => squares ? x.square() : x.neg(),
      change: () => squares = false,
      says: /expected Square\(.* in operation 1, .* got Neg\(/,
      after: [-1, -2, -3],
    };
  },
  "an operation more": () => {
    let twice = false;
    return {
      fn: (x) => twice ? x.neg().neg() : x.neg(),
      change: () => twice = true,
      says: /expected none in operation 2, .* got Neg\(/,
      after: [1, 2, 3],
    };
  },
  "a variable": () => {
    let w = tf.variable(tf.tensor1d([1, 1, 1]));
    return {
      fn: (x) => x.add(w),
      change: () => w = tf.variable(tf.tensor1d([2, 2, 2])),
      says: /expected the variable .* in what it reads, .* got the variable /,
      after: [3, 4, 5],
    };
  },
  "a number in the result": () => {
    let epoch = 1;
    return {
      fn: (x) => ({ y: x.neg(), epoch }),
      change: () => epoch = 2,
      says: /expected 1 in the result\[epoch\], .* got 2;/,
    };
  },
  "a variable that it assigns": () => {
    const [a, b] = [tf.variable(tf.zeros([3])), tf.variable(tf.zeros([3]))];
    let to = a;
    return {
      fn: (x) => {
        to.assign(x as tf.Tensor1D);
        return x.neg();
      },
      change: () => to = b,
      says:
        /expected the variable .* in (what it reads|the assignments)|expected .* in the assignments/,
    };
  },
};

for (const [name, make] of Object.entries(CHANGES)) {
  for (const options of [{}, { rehearse: true }] as JitOptions[]) {
    Deno.test(`jit(${JSON.stringify(options)}) finds ${name} that changed within 64 calls, and says both`, () => {
      const { fn, change, says, after } = make();
      const step = jit(fn, options);
      const x = tf.tensor1d([1, 2, 3]);
      for (let call = 0; call < 100; call++) tf.dispose(step(x) as tf.TensorContainer);
      change();
      let calls = 0;
      const { numTensors } = tf.memory();
      assert.throws(() => {
        for (; calls < 64; calls++) tf.dispose(step(x) as tf.TensorContainer);
      }, { name: "Error", message: says });
      assert.equal(tf.memory().numTensors, numTensors);
      if (after) assert.deepEqual([...(step(x) as tf.Tensor).dataSync()], after); // recorded anew
      step.dispose();
    });
  }
}

Deno.test("bind() finds a number that changed within 64 runs; the next run is right", () => {
  let factor = 2;
  const w = tf.tidy(() => tf.variable(tf.scalar(0)));
  const step = jit((x: tf.Tensor) => {
    w.assign(w.add(x.mul(factor)) as tf.Scalar);
    return w;
  }, { name: "the sum" });
  const bound = step.bind(tf.scalar(1));
  const run = (times: number) => {
    for (let i = 0; i < times; i++) bound.run();
  };
  run(70);
  factor = 3;
  const message =
    /^Cannot run the sum: expected 2 in mul, as when it was recorded, got 3; keep what changes /;
  assert.throws(() => run(64), { message });
  const before = w.dataSync()[0]!;
  assert.equal(bound.inputs[0]![0], 1); // the arguments are still there
  run(3);
  assert.equal(w.dataSync()[0], before + 9);
  step.dispose();
  w.dispose();
});

Deno.test("jit() checks change nothing: a training with 20 of them is the same bits, rates and slots too", () => {
  const train = (calls: number[]) => {
    const w = tf.tidy(() => tf.variable(tf.tensor1d([1, -2, 3])));
    const optimizer = tf.train.adam(0.1);
    const make = () =>
      jit(
        (x: tf.Tensor) =>
          optimizer.minimize(() => w.mul(x).square().sum() as tf.Scalar, true, [w])!,
        {
          rehearse: true,
        },
      );
    let checks = 0;
    for (const count of calls) { // a new one is not checked before its 64th call
      const step = make();
      for (let call = 0; call < count; call++) {
        Reflect.set(optimizer, "learningRate", 0.1 / (1 + call % 3));
        step(tf.tensor1d([1, 2, 3])).dispose();
      }
      checks += step.explain().checks;
      step.dispose();
    }
    const numbers = [...w.dataSync(), optimizer.iterations];
    w.dispose();
    return { numbers, checks };
  };
  const [checked, unchecked] = [train([480]), train(Array(8).fill(60))];
  assert.deepEqual([checked.checks, unchecked.checks], [7, 0]);
  assert.deepEqual(checked.numbers, unchecked.numbers);
});

Deno.test("jit() checks leave a learning rate alone that changes all the time", () => {
  const w = tf.variable(tf.scalar(1));
  const optimizer = tf.train.sgd(0.1);
  const step = jit(() => optimizer.minimize(() => w.square() as tf.Scalar, true, [w])!);
  for (let call = 0; call < 300; call++) {
    (optimizer as tf.SGDOptimizer).setLearningRate(0.1 / (1 + call));
    step().dispose();
  }
  assert(step.explain().checks >= 4);
  step.dispose();
  w.dispose();
});
