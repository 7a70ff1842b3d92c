/** Traps of calling: arguments, results, static leaves, shapes. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";
import { compareWithEager } from "./compare.ts";
import { float, makeTensor } from "./rule.ts";
import { assertTreesClose, FLOAT32, type Tree } from "./trees.ts";

const values = (tensor: tf.Tensor) => [...tensor.dataSync()];

// Results.

Deno.test("jit() results belong to the caller: a second call does not change the first's", () => {
  const step = jit((x: tf.Tensor) => ({ y: tf.mul(x, 2), s: tf.sum(x) }));
  const results = [1, 2, 3, 4].map((value) => {
    const x = tf.fill([3], value);
    const result = step(x);
    x.dispose();
    return result;
  });
  results.forEach(({ y, s }, i) => {
    assert.deepEqual(values(y), [2 * i + 2, 2 * i + 2, 2 * i + 2]);
    assert.deepEqual(values(s), [3 * i + 3]);
  });
  step.dispose();
  results.forEach(({ y }, i) => assert.equal(y.dataSync()[0], 2 * i + 2));
  for (const { y, s } of results) tf.dispose([y, s]);
});

Deno.test("jit() results are fresh tensors: as many as leaves, each to be disposed alone", () => {
  const step = jit((x: tf.Tensor) => {
    const y = tf.neg(x);
    return [y, y, x, tf.reshape(y, [3, 1]), tf.scalar(1)];
  });
  const x = tf.tensor1d([1, 2, 3]);
  for (let call = 0; call < 4; call++) {
    const before = tf.memory().numTensors;
    const results = step(x);
    if (call > 1) assert.equal(tf.memory().numTensors, before + 5);
    results[0]!.dispose();
    assert.deepEqual(values(results[1]!), [-1, -2, -3]);
    results[2]!.dispose();
    assert.deepEqual(values(x), [1, 2, 3]);
    assert.deepEqual(values(results[3]!), [-1, -2, -3]);
    tf.dispose(results);
    if (call > 1) assert.equal(tf.memory().numTensors, before);
  }
  step.dispose();
  x.dispose();
});

Deno.test("jit() returning an argument gives a tensor of its own", () => {
  const step = jit((x: tf.Tensor) => x);
  for (let call = 0; call < 4; call++) {
    const x = tf.fill([3], call);
    const result = step(x);
    assert.notEqual(result, x);
    x.dispose();
    assert.deepEqual(values(result), [call, call, call]);
    result.dispose();
  }
  step.dispose();
});

Deno.test("jit() returning a variable gives its values of that moment", () => {
  const w = tf.variable(tf.zeros([3]));
  const step = jit((x: tf.Tensor) => {
    w.assign(tf.add(w, x));
    return w as tf.Tensor;
  });
  const x = tf.ones([3]);
  const results = [1, 2, 3, 4].map(() => step(x));
  results.forEach((result, i) => assert.deepEqual(values(result), [i + 1, i + 1, i + 1]));
  tf.dispose(results);
  assert.deepEqual(values(w), [4, 4, 4]);
  step.dispose();
  tf.dispose([x, w]);
});

Deno.test("jit() returning what does not depend on the arguments", () => {
  compareWithEager(() => ({ fn: () => [tf.scalar(3), tf.zeros([2])] }), () => []);
});

Deno.test("jit() a result can be the next call's argument", () => {
  compareWithEager(
    () => {
      const inner = (x: tf.Tensor) => tf.add(tf.mul(x, 0.5), 1);
      return { fn: (x: tf.Tensor) => inner(inner(x)) };
    },
    (call) => [makeTensor(float([3]), call)],
  );
  const step = jit((x: tf.Tensor) => tf.add(tf.mul(x, 0.5), 1));
  let x: tf.Tensor = tf.zeros([3]);
  for (let call = 0; call < 10; call++) {
    const next = step(x);
    x.dispose();
    x = next;
  }
  assert(Math.abs(x.dataSync()[0]! - 2 * (1 - 2 ** -10)) < 1e-6);
  x.dispose();
  step.dispose();
});

// Arguments.

Deno.test("jit() takes and gives nested trees with static leaves between", () => {
  interface Nested {
    readonly pair: readonly [tf.Tensor, { readonly w: tf.Tensor }];
    readonly scale: number;
    readonly name: string;
    readonly nothing: null;
  }
  const fn = ({ pair: [a, { w }], scale, name, nothing }: Nested): Tree => ({
    sum: [tf.add(a, w), { scaled: tf.mul(a, scale) }],
    name: `${name}!`,
    scale,
    nothing,
    missing: undefined,
    flag: true,
  });
  compareWithEager(() => ({ fn }), (call): [Nested] => [{
    pair: [makeTensor(float([2, 3]), call), { w: makeTensor(float([3]), call + 50) }],
    scale: 2,
    name: "net",
    nothing: null,
  }]);
});

Deno.test("jit() takes arguments it does not use, and two hundred of them", () => {
  compareWithEager(
    () => ({ fn: (x: tf.Tensor, ..._others: tf.Tensor[]) => tf.neg(x) }),
    (call) => [makeTensor(float([3]), call), tf.zeros([2]), tf.ones([2, 2])],
    { bound: true },
  );
  compareWithEager(
    () => ({ fn: (...xs: tf.Tensor[]) => xs.map((x) => tf.mul(x, 2)) }),
    (call) => Array.from({ length: 200 }, (_, i) => makeTensor(float([2]), 300 * call + i)),
    { bound: true },
  );
});

Deno.test("jit() takes no arguments at all, called and bound", () => {
  const make = () => {
    const w = tf.tidy(() => tf.variable(tf.ones([3])));
    const fn = () => {
      w.assign(tf.mul(w, 1.5));
      return tf.sum(w);
    };
    return { fn, variables: () => [w], dispose: () => w.dispose() };
  };
  compareWithEager(make, () => [], { calls: 8, bound: true });
});

Deno.test("jit() takes a chain of 500 operations, on few values and on many", () => {
  const fn = (x: tf.Tensor) => {
    let y = x;
    for (let i = 0; i < 250; i++) y = tf.mul(tf.sin(tf.add(y, i % 7)), 0.9);
    return y;
  };
  for (const size of [3, 1000]) {
    compareWithEager(() => ({ fn }), (call) => [makeTensor(float([size]), call)], {
      tolerance: { relative: 1e-4, absolute: 1e-4 },
    });
  }
});

const STATICS: readonly (readonly [Tree, Tree])[] = [
  [1, 2],
  [1, true],
  [1, "1"],
  [0, -0],
  [null, undefined],
  ["null", null],
  ["a,b", "a, b"],
  [["a", "b"], ["a,b"]],
  [[1, [2]], [[1], 2]],
  [{ a: 1 }, { b: 1 }],
  [{ a: 1, b: 2 }, { b: 1, a: 2 }],
  [[], {}],
  [NaN, 0],
  [1e21, 1e20],
  [0.1, 0.1 + 2 ** -56],
  [{ a: undefined }, {}],
];
Deno.test("jit() traces again when a static leaf is another: no two are mixed up", () => {
  const describe = (tree: Tree): string =>
    tree !== null && typeof tree === "object"
      ? `${Array.isArray(tree)}${Object.entries(tree).map(([k, v]) => `${k}:${describe(v)}`)}`
      : `${typeof tree} ${Object.is(tree, -0) ? "-0" : String(tree)}`;
  for (const [one, other] of STATICS) {
    const step = jit((x: tf.Tensor, tree: Tree) => ({ x: tf.neg(x), saw: describe(tree) }));
    const x = tf.ones([2]);
    for (let call = 0; call < 6; call++) {
      const tree = call % 2 === 0 ? one : other;
      const result = step(x, tree);
      assert.equal(result.saw, describe(tree));
      result.x.dispose();
    }
    step.dispose();
    x.dispose();
  }
});

Deno.test("jit() tells a number argument from a scalar tensor, and one dtype from another", () => {
  const step = jit((x: tf.Tensor, y: tf.Tensor | number) => tf.mul(x, y));
  const x = tf.tensor1d([1, 2, 3]);
  const scalars = [tf.scalar(2), tf.scalar(3, "int32"), tf.scalar(true, "bool")];
  for (let call = 0; call < 3; call++) {
    for (const y of [...scalars, 5, 7]) {
      const [got, want] = [step(x, y), tf.mul(x, y)];
      assertTreesClose(got, want, FLOAT32, `times ${y}`);
      tf.dispose([got, want]);
    }
  }
  step.dispose();
  tf.dispose([x, ...scalars]);
});

Deno.test("jit() takes fewer and more arguments as other signatures", () => {
  const step = jit((...xs: tf.Tensor[]) => tf.addN(xs));
  const xs = [1, 2, 3].map((value) => tf.fill([2], value));
  for (const count of [1, 2, 3, 1, 2, 3, 2]) {
    const result = step(...xs.slice(0, count));
    assert.equal(result.dataSync()[0], count * (count + 1) / 2);
    result.dispose();
  }
  step.dispose();
  tf.dispose(xs);
});

const UNFIT: readonly (readonly [string, () => unknown])[] = [
  ["function", () => () => 1],
  ["symbol", () => Symbol("s")],
  ["bigint", () => 1n],
  ["Float32Array", () => new Float32Array(3)],
  ["Map", () => new Map()],
  ["Date", () => new Date(0)],
  ["Promise", () => Promise.resolve(1)],
  ["TensorBuffer", () => tf.buffer([2])],
];
for (const [name, unfit] of UNFIT) {
  Deno.test(`jit() refuses a ${name} as an argument with a TypeError`, () => {
    const step = jit((x: tf.Tensor, _other: unknown) => tf.neg(x));
    const x = tf.ones([2]);
    for (let call = 0; call < 3; call++) {
      assert.throws(() => step(x, unfit()), { name: "TypeError", message: /^Cannot / });
      assert.throws(() => step(x, { deep: [unfit()] }), { name: "TypeError" });
    }
    step.dispose();
    x.dispose();
  });
}

Deno.test("jit() refuses a disposed tensor as an argument", () => {
  const step = jit((x: tf.Tensor) => tf.neg(x));
  const x = tf.ones([2]);
  for (let call = 0; call < 3; call++) tf.dispose(step(x));
  x.dispose();
  assert.throws(() => step(x), /disposed/);
  step.dispose();
});

Deno.test("jit() one tensor passed twice is two arguments the next time", () => {
  const step = jit((a: tf.Tensor, b: tf.Tensor) => tf.sub(tf.mul(a, 10), b));
  const [x, y] = [tf.fill([2], 1), tf.fill([2], 5)];
  const clone = x.clone();
  const calls: [tf.Tensor, tf.Tensor, number][] = [
    [x, x, 9],
    [x, y, 5],
    [y, x, 49],
    [x, clone, 9],
    [y, y, 45],
    [x, y, 5],
  ];
  for (let round = 0; round < 2; round++) {
    for (const [a, b, want] of calls) {
      const result = step(a, b);
      assert.deepEqual(values(result), [want, want]);
      result.dispose();
    }
  }
  step.dispose();
  tf.dispose([x, y, clone]);
});

Deno.test("jit() an argument that shares a buffer with a captured tensor is not that tensor", () => {
  const x = tf.fill([2], 3);
  const captured = x.clone();
  const step = jit((a: tf.Tensor) => tf.add(tf.mul(a, 10), captured));
  for (const value of [3, 4, 5]) {
    const a = value === 3 ? x.clone() : tf.fill([2], value);
    const result = step(a);
    assert.deepEqual(values(result), [10 * value + 3, 10 * value + 3]);
    tf.dispose([a, result]);
  }
  step.dispose();
  tf.dispose([x, captured]);
});

Deno.test("jit() an argument that shares a buffer with a variable is not that variable", () => {
  const w = tf.variable(tf.fill([2], 1));
  const step = jit((a: tf.Tensor) => {
    w.assign(tf.add(w, 1));
    return tf.sub(tf.mul(a, 10), w);
  });
  for (const want of [10 - 2, 20 - 3, 30 - 4, 40 - 5]) {
    const a = w.clone();
    const result = step(a);
    assert.deepEqual(values(result), [want, want]);
    tf.dispose([a, result]);
  }
  step.dispose();
  w.dispose();
});

Deno.test("jit() partial batches trace again, and both programs stay right", () => {
  const args = (
    call: number,
  ): [tf.Tensor] => [makeTensor(float([call % 4 === 3 ? 2 : 5, 3]), call)];
  compareWithEager(
    () => {
      const w = tf.tidy(() => tf.variable(tf.ones([3])));
      const fn = (x: tf.Tensor) => {
        w.assign(tf.add(w, tf.mean(x, 0)));
        return tf.softmax(tf.mul(x, w));
      };
      return { fn, variables: () => [w], dispose: () => w.dispose() };
    },
    args,
    { calls: 16 },
  );
});

Deno.test("jit() a hundred shapes stay right, the first among them", () => {
  const args = (call: number): [tf.Tensor] => [makeTensor(float([1 + call % 100, 2]), call)];
  const fn = (x: tf.Tensor) => tf.sum(tf.exp(x), 0);
  compareWithEager(() => ({ fn }), args, { calls: 205 });
});
