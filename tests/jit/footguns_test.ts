/** Traps of tracing: constants, state in JavaScript and numbers at the ends of float32. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";
import { compareWithEager } from "./compare.ts";
import { assertRefused, refusal } from "./footgun.ts";
import { float, given, type Input, makeTensor, makeVariable, type Operation } from "./rule.ts";
import { assertValuesClose, tensorsOf, valuesOf } from "./trees.ts";

const vector = (call: number): [tf.Tensor] => [makeTensor(float([3]), call)];

function refusalOf(fn: Operation): Error | undefined {
  return refusal(() => ({ fn }), vector);
}

// Frozen constants.

Deno.test("jit() keeps true constants: tensors and numbers made in the function", () => {
  const fn = (x: tf.Tensor) => [
    tf.add(x, tf.tensor1d([1, 2, 3])),
    tf.mul(x, tf.scalar(3)),
    tf.mul(x, 3).sub(1),
    tf.pad(x, [[1, 1]], 7),
    tf.zeros([3]),
    tf.scalar(5),
  ];
  compareWithEager(() => ({ fn }), vector);
});

Deno.test("jit() takes noise with a seed for what it is: a constant", () => {
  const fn: Operation = (x) => tf.add(x, tf.randomNormal([3], 0, 1, "float32", 42));
  compareWithEager(() => ({ fn }), vector);
});

Deno.test("jit() refuses noise that would reach a variable, again and again, and leaves it alone", () => {
  const w = tf.variable(tf.zeros([3]));
  const step = jit(() => {
    w.assign(tf.add(w, tf.randomGamma([3], 2)));
    return tf.sum(w);
  });
  step().dispose(); // eager, with noise of its own
  const [once, tensors] = [[...w.dataSync()], tf.memory().numTensors];
  for (let call = 0; call < 6; call++) {
    assert.throws(() => step(), /pass (it|them) as an argument/i);
    assert.deepEqual([...w.dataSync()], once);
  }
  assert.equal(tf.memory().numTensors, tensors);
  step.dispose();
  w.dispose();
});

// State in JavaScript.

Deno.test("jit() refuses a number from JavaScript that is another at every call", () => {
  const make = () => {
    let count = 0;
    return { fn: (x: tf.Tensor) => tf.mul(x, ++count) };
  };
  assertRefused(refusal(make, vector), /argument/i);
});

Deno.test("jit() stays eager as long as a captured tensor is another at every call", () => {
  const make = () => {
    let [batch] = vector(50);
    const after = (call: number) => {
      batch.dispose();
      [batch] = vector(51 + call);
    };
    return { fn: (x: tf.Tensor) => tf.add(x, batch), after, dispose: () => batch.dispose() };
  };
  assert.equal(refusal(make, vector, 8), undefined);
});

Deno.test("jit() refuses an attribute from JavaScript that is another at every call", () => {
  const make = () => {
    let count = 0;
    return { fn: (x: tf.Tensor) => tf.leakyRelu(x, 0.25 * ++count) };
  };
  assertRefused(refusal(make, vector), /LeakyRelu/, /argument/, /alpha 0.25, then alpha 0.5/);
});

Deno.test("jit() refuses a static result that is another at every call", () => {
  const make = () => {
    let count = 0;
    return { fn: (x: tf.Tensor) => ({ count: ++count, y: tf.neg(x) }) };
  };
  assertRefused(refusal(make, vector), /the result\[count\]: 4, then 5/);
});

Deno.test("jit() refuses a choice of kernels that is another at every call", () => {
  const make = () => {
    let count = 0;
    return { fn: (x: tf.Tensor) => count++ % 2 === 0 ? tf.neg(x) : tf.exp(x) };
  };
  assertRefused(refusal(make, vector), /operation 1: Exp.*, then Neg/);
});

const READS: Record<string, (x: tf.Tensor) => unknown> = {
  dataSync: (x) => x.dataSync(),
  arraySync: (x) => x.arraySync(),
  bufferSync: (x) => x.bufferSync(),
  bytesSync: (x) => (x as unknown as { bytesSync(): unknown }).bytesSync?.() ?? x.dataSync(),
};
for (const [name, read] of Object.entries(READS)) {
  Deno.test(`jit() refuses control flow in JavaScript: ${name} in the function throws while tracing`, () => {
    const step = jit((x: tf.Tensor) => {
      read(tf.neg(x));
      return tf.neg(x);
    });
    const x = tf.tensor1d([1, 2, 3]);
    assert.throws(() => step(x), /dataSync|arraySync|bufferSync|data\(\)/);
    assert.throws(() => step(x), /dataSync|arraySync|bufferSync|data\(\)/);
    assert.deepEqual([...x.dataSync()], [1, 2, 3]); // outside it still works
    step.dispose();
    x.dispose();
  });
}

Deno.test("jit() refuses control flow in JavaScript: reading an argument throws too", () => {
  const step = jit((x: tf.Tensor) => x.dataSync()[0]! > 0 ? tf.neg(x) : x.clone());
  const x = tf.tensor1d([1, 2, 3]);
  assert.throws(() => step(x), /dataSync/);
  step.dispose();
  x.dispose();
});

for (const read of ["data", "array"] as const) {
  Deno.test(`jit() refuses control flow in JavaScript: ${read}() throws and rejects while tracing`, async () => {
    const rejections: Promise<unknown>[] = [];
    const step = jit((x: tf.Tensor) => {
      rejections.push(tf.neg(x)[read]());
      return tf.neg(x);
    });
    const x = tf.tensor1d([1, 2, 3]);
    assert.throws(() => step(x), /^Error: Cannot read a tensor.*got dataSync, data/);
    assert.equal(rejections.length, 1);
    for (const rejection of rejections) await assert.rejects(rejection, /data|array/);
    assert.deepEqual(await x.array(), [1, 2, 3]);
    step.dispose();
    x.dispose();
  });
}

Deno.test("jit() refuses an async function", () => {
  const step = jit((x: tf.Tensor) => Promise.resolve(tf.neg(x)));
  const x = tf.tensor1d([1]);
  assert.throws(() => step(x), TypeError);
  step.dispose();
  x.dispose();
});

Deno.test("jit() refuses another shape of a kernel whose result has as many values as its input says", () => {
  const inputs = [[1, 1, 2, 2], [1, 2, 3, 4], [5, 5, 5, 5], [1, 1, 2, 2]];
  const args = (call: number): [tf.Tensor] => [tf.tensor1d(inputs[call % 4]!)];
  const error = refusal(() => ({ fn: (x: tf.Tensor) => tf.unique(x).values }), args);
  assertRefused(error, /Unique/, /shape \[2\].*got \[4\]/);
});

Deno.test("jit() runs a function with text or complex numbers as it is", () => {
  assert.equal(refusalOf((x) => tf.complex(x, x)), undefined);
  const text = refusal(
    () => ({ fn: (x: tf.Tensor) => ({ x: tf.neg(x), t: tf.tensor1d(["a", "b"]) }) }),
    vector,
  );
  assert.equal(text, undefined);
});

// Numerics.

/** Compares on few values (straight-line code) and on many (loops), relative error alone. */
function compareStrictly(fn: Operation, values: readonly number[], relative = 3e-6): void {
  for (const count of values.length < 100 ? [1, 5, 400] : [1]) {
    const repeated = Array.from(
      { length: values.length * count },
      (_, i) => values[i % values.length]!,
    );
    const step = jit(fn);
    const x = tf.tensor1d(repeated);
    for (let call = 0; call < 3; call++) {
      const [got, want] = [step(x), tf.tidy(() => fn(x))];
      tensorsOf(want).forEach((tensor, i) =>
        assertValuesClose(
          valuesOf(tensorsOf(got)[i]!),
          valuesOf(tensor),
          { relative, absolute: 1e-44 },
          `${count} times, result ${i}`,
        )
      );
      tf.dispose([got, want]);
    }
    step.dispose();
    x.dispose();
  }
}

const NAN_AND_ENDS = [NaN, -1, 0, 1, 7, Infinity, -Infinity, NaN];

Deno.test("jit() lets NaN through clamps, minima, maxima and activations", () => {
  compareStrictly((x) => [
    tf.relu(x),
    tf.relu6(x),
    tf.clipByValue(x, -1, 1),
    tf.maximum(x, 0),
    tf.maximum(0, x),
    tf.minimum(x, 0),
    tf.minimum(0, x),
    tf.leakyRelu(x, 0.2),
    tf.elu(x),
    tf.abs(x),
    tf.sigmoid(tf.clipByValue(tf.mul(x, 2), -1, 1)),
    tf.step(x),
    tf.sign(x),
  ], NAN_AND_ENDS);
});

Deno.test("jit() lets NaN through reductions, wherever it stands", () => {
  for (const at of [0, 1, 6, 399]) {
    const values = Array.from({ length: 400 }, (_, i) => i === at ? NaN : i / 400);
    compareStrictly((x) => [tf.sum(x), tf.max(x), tf.min(x), tf.mean(x)], values);
  }
});

/** From far below what exp can hold to far above. */
// deno-fmt-ignore
const LOGITS = [
  -1e4, -200, -104, -103, -89, -88, -87, -50, -17, -16.6, -10, -1, -0.1, -1e-3, -1e-6, -1e-8, 0,
  1e-8, 1e-6, 1e-3, 0.1, 1, 10, 16.6, 17, 50, 87, 88, 89, 200, 1e4,
];

const NOT_REWRITTEN: Record<string, Operation> = {
  logSigmoid: tf.logSigmoid,
  softplus: tf.softplus,
  "softplus of -x": (x) => tf.softplus(tf.neg(x)),
  sigmoid: tf.sigmoid,
  expm1: tf.expm1,
  "log1p of exp": (x) => tf.log1p(tf.exp(x)),
  "log of 1 + exp": (x) => tf.log(tf.add(1, tf.exp(x))),
  "log1p small": (x) => tf.log1p(tf.clipByValue(x, -0.5, 1e4)),
  "sum less the same": (x) => tf.sub(tf.add(x, 1e4), 1e4),
  "x - x and x / x": (x) => [tf.sub(x, x), tf.div(x, x), tf.mul(x, 0)],
};
for (const [name, fn] of Object.entries(NOT_REWRITTEN)) {
  Deno.test(`jit() does not rewrite ${name}: small and large values stay exact`, () => {
    compareStrictly(fn, LOGITS);
  });
}

Deno.test("jit() does not rewrite the logarithm of a sigmoid: it ends where the sigmoid ends", () => {
  // From 8 to 20 the logarithm shows the last bit of 1 - sigmoid, which is rounding.
  const logits = LOGITS.filter((x) => x < 8 || x > 20);
  compareStrictly((x) => tf.log(tf.sigmoid(tf.minimum(x, 1))), logits, 1e-5);
  compareStrictly((x) => tf.log(tf.sub(1, tf.sigmoid(x))), logits.filter((x) => x > -4), 1e-5);
});

Deno.test("jit() does not rewrite a softmax less its maximum", () => {
  compareStrictly(
    (x) => {
      const rows = tf.reshape(x, [-1, 1]);
      const pair = tf.concat([rows, tf.mul(rows, 2)], 1);
      return [tf.softmax(pair), tf.logSoftmax(pair)];
    },
    LOGITS,
    1e-5,
  );
});

Deno.test("jit() keeps the order of sums that cancel", () => {
  const values = [1e8, 1, -1e8, 1, 3e7, -3e7, 0.5, 1e-3];
  compareStrictly((x) => [tf.sum(x), tf.cumsum(x)], values);
});

Deno.test("jit() keeps long sums as close as eager, which adds in double precision", () => {
  const uniform = Array.from({ length: 100_000 }, (_, i) => ((i * 7919) % 10007) / 10007);
  compareStrictly((x) => [tf.sum(x), tf.mean(x), tf.sum(tf.square(x))], uniform, 1e-5);
  compareStrictly(
    (x) => {
      const rows = tf.reshape(x, [-1, 250]);
      return [tf.sum(rows, 0), tf.sum(rows, 1), tf.mean(rows, 0), tf.matMul(rows, rows, true)];
    },
    uniform,
    1e-5,
  );
});

Deno.test("jit() keeps denormals over a long run of decay", () => {
  const make = () => {
    const w = tf.tidy(() => tf.variable(tf.tensor1d([1, -1e-20, 1e-37, 2e-39, -1e-44])));
    const fn = (decay: tf.Tensor) => {
      w.assign(tf.mul(w, decay));
      return tf.sum(tf.mul(w, 1e30));
    };
    return { fn, variables: () => [w], dispose: () => w.dispose() };
  };
  compareWithEager(make, () => [tf.scalar(0.95)], {
    calls: 2500,
    every: 100,
    tolerance: { relative: 1e-3, absolute: 1e-43 },
  });
});

Deno.test("jit() keeps Adam's epsilon outside the root: tiny gradients move as in eager", () => {
  const make = () => {
    const w = makeVariable(given([1, 1, 1, 1]), 0);
    const optimizer = tf.train.adam(0.01);
    const fn = (x: tf.Tensor) => optimizer.minimize(() => tf.sum(tf.mul(w, x)), true, [w]);
    const dispose = () => {
      w.dispose();
      optimizer.dispose();
    };
    return { fn, variables: () => [w], dispose };
  };
  compareWithEager(make, () => [tf.tensor1d([1e-12, 1e-8, 1e-4, 0])], { calls: 50 });
});

Deno.test("jit() keeps -0 apart from 0 where it can be told", () => {
  compareStrictly((x) => tf.div(1, tf.mul(x, -1)), [0, -0, 1]);
  const reciprocal = (input: Input) =>
    compareWithEager(() => ({ fn: (x: tf.Tensor) => tf.reciprocal(x) }), () => [
      makeTensor(input, 0),
    ]);
  reciprocal(given([0, -0]));
  compareStrictly((x) => tf.div(tf.reshape(x, [-1, 2]), tf.tensor1d([0, -0])), [1, -1]);
  compareStrictly((x) => [
    tf.div(1, tf.relu(x)),
    tf.div(1, tf.add(x, 0)),
    tf.div(1, tf.maximum(x, 0)),
    tf.div(1, tf.minimum(x, 0)),
    tf.div(1, tf.ceil(tf.mul(x, 0.1))),
    tf.div(1, tf.sqrt(x)),
  ], [0, -0, -1, 1]);
});
