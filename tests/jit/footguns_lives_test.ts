/** Traps of captured tensors, scopes, errors midway, and the end of a jitted function. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";
import { compareWithEager } from "./compare.ts";
import { refusal } from "./footgun.ts";
import { float, makeTensor } from "./rule.ts";

const values = (tensor: tf.Tensor) => [...tensor.dataSync()];

// Captured tensors.

Deno.test("jit() a captured tensor that is disposed later: an error, as in eager", () => {
  const captured = tf.fill([2], 3);
  const step = jit((x: tf.Tensor) => tf.add(x, captured));
  const x = tf.ones([2]);
  for (let call = 0; call < 3; call++) tf.dispose(step(x));
  captured.dispose();
  assert.throws(() => step(x), /disposed/);
  step.dispose();
  x.dispose();
});

Deno.test("jit() a captured tensor that is replaced after it is disposed: the new one counts", () => {
  let captured = tf.fill([2], 3);
  const step = jit((x: tf.Tensor) => tf.add(x, captured));
  const x = tf.ones([2]);
  for (let call = 0; call < 3; call++) tf.dispose(step(x));
  captured.dispose();
  captured = tf.fill([2], 30);
  const result = step(x);
  assert.deepEqual(values(result), [31, 31]);
  step.dispose();
  tf.dispose([x, captured, result]);
});

Deno.test("jit() a captured tensor whose values are overwritten in place is read anew", () => {
  const make = () => {
    const captured = tf.fill([2], 3);
    return {
      fn: (x: tf.Tensor) => tf.add(x, captured),
      after: (call: number) => {
        captured.dataSync()[0] = call;
      },
      dispose: () => captured.dispose(),
    };
  };
  assert.equal(refusal(make, (call): [tf.Tensor] => [makeTensor(float([2]), call)]), undefined);
});

Deno.test("jit() an argument whose values are overwritten in place is read anew", () => {
  const step = jit((x: tf.Tensor) => tf.mul(x, 2));
  const x = tf.zeros([2]);
  for (let call = 0; call < 4; call++) {
    x.dataSync()[0] = call;
    const result = step(x);
    assert.deepEqual(values(result), [2 * call, 0]);
    result.dispose();
  }
  step.dispose();
  x.dispose();
});

// Scopes.

Deno.test("jit() tf.tidy, tf.dispose and tf.keep in the function", () => {
  const fn = (x: tf.Tensor) => {
    const y = tf.tidy(() => tf.mul(tf.exp(x), tf.sigmoid(x)));
    const z = tf.neg(y);
    const result = tf.add(y, z.square());
    tf.dispose([y, z]);
    return result;
  };
  compareWithEager(() => ({ fn }), (call) => [makeTensor(float([3]), call)]);
});

Deno.test("jit() traced inside tf.tidy works after it, and results go with the scope", () => {
  const w = tf.variable(tf.zeros([3]));
  const constant = tf.ones([3]);
  const step = jit((x: tf.Tensor) => {
    w.assign(tf.add(w, tf.mul(x, constant)));
    return tf.add(w, tf.tensor1d([1, 2, 3]));
  });
  const x = tf.ones([3]);
  const before = tf.memory().numTensors;
  for (let call = 1; call <= 6; call++) {
    const seen = tf.tidy(() => {
      const first = step(x);
      return tf.add(first, 0);
    });
    assert.deepEqual(values(seen), [call + 1, call + 2, call + 3]);
    seen.dispose();
  }
  step.dispose();
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(values(w), [6, 6, 6]);
  tf.dispose([x, w, constant]);
});

Deno.test("jit() a function that disposes its argument does as in eager", () => {
  const step = jit((x: tf.Tensor) => {
    const y = tf.neg(x);
    x.dispose();
    return y;
  });
  for (let call = 0; call < 4; call++) {
    const x = tf.ones([2]);
    const result = step(x);
    assert(x.isDisposed, `call ${call}: the argument is still there`);
    assert.deepEqual(values(result), [-1, -1]);
    result.dispose();
  }
  step.dispose();
});

Deno.test("jit() inside jit(): the inner one does its work", () => {
  const make = (compile: boolean) => {
    const w = tf.tidy(() => tf.variable(tf.ones([2])));
    const plain = (x: tf.Tensor) => {
      w.assign(tf.add(w, x));
      return tf.mul(w, 2);
    };
    const inner = compile ? jit(plain) : plain;
    const fn = (x: tf.Tensor) => tf.add(inner(x), inner(tf.neg(x)));
    return { fn, variables: () => [w], dispose: () => w.dispose() };
  };
  for (const traceInnerFirst of [false, true]) {
    let made = 0;
    const twins = () => {
      const compiled = made++ === 1;
      const twin = make(compiled);
      if (compiled && traceInnerFirst) tf.dispose(twin.fn(tf.zeros([2])));
      return twin;
    };
    const error = refusal(twins, (call): [tf.Tensor] => [makeTensor(float([2]), call)]);
    assert.equal(error, undefined);
  }
});

Deno.test("jit() under an eager gradient: the right gradient", () => {
  const square = (x: tf.Tensor) => tf.square(x);
  const step = jit(square);
  const x = tf.tensor1d([1, 2, 3]);
  for (let call = 0; call < 4; call++) {
    const got = tf.grad((inner) => tf.add(tf.mul(inner, 3), step(inner)))(x);
    assert.deepEqual(values(got), [5, 7, 9]);
    got.dispose();
  }
  step.dispose();
  x.dispose();
});

Deno.test("jit() under eager gradients of variables: the right ones", () => {
  const w = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3])));
  const step = jit((x: tf.Tensor) => tf.sum(tf.mul(tf.square(w), x)));
  const x = tf.ones([3]);
  for (let call = 0; call < 4; call++) {
    const cost = () => tf.add(step(x), tf.sum(w)) as tf.Scalar;
    const { grads, value } = tf.variableGrads(cost, [w]);
    assert.deepEqual(values(grads[w.name]!), [3, 5, 7]);
    tf.dispose([grads, value]);
  }
  step.dispose();
  tf.dispose([w, x]);
});

// Errors midway.

Deno.test("jit() a function that throws midway: its own error, nothing left behind, next call right", () => {
  let fail = true;
  const fn = (x: tf.Tensor) => {
    const y = tf.mul(x, 2);
    if (fail) throw new RangeError("the function's own");
    return tf.neg(y);
  };
  const step = jit(fn);
  const x = tf.ones([2]);
  const before = tf.memory().numTensors;
  for (let call = 0; call < 3; call++) {
    assert.throws(() => step(x), { name: "RangeError", message: /the function's own/ });
    assert.equal(tf.memory().numTensors, before);
  }
  fail = false;
  for (let call = 0; call < 4; call++) {
    const result = step(x);
    assert.deepEqual(values(result), [-2, -2]);
    result.dispose();
  }
  step.dispose();
  x.dispose();
  const eager = tf.neg(tf.ones([2]));
  assert.deepEqual(values(eager), [-1, -1]);
});

Deno.test("jit() a function that throws after an assignment: what was assigned stays, as in eager", () => {
  const make = () => {
    let calls = 0;
    const w = tf.tidy(() => tf.variable(tf.zeros([2])));
    const fn = (x: tf.Tensor) => {
      w.assign(tf.add(w, x));
      if (++calls === 1) throw new Error("the function's own");
      return tf.sum(w);
    };
    return { fn, w };
  };
  const [eager, jitted] = [make(), make()];
  const step = jit(jitted.fn);
  const x = tf.ones([2]);
  for (let call = 0; call < 5; call++) {
    const runs = [() => tf.tidy(() => eager.fn(x)), () => step(x)];
    for (const run of runs) {
      if (call === 0) assert.throws(run, /the function's own/);
      else tf.dispose(run());
    }
    assert.deepEqual(values(jitted.w), values(eager.w), `call ${call}`);
  }
  step.dispose();
  tf.dispose([x, eager.w, jitted.w]);
});

Deno.test("jit() an operation that refuses its shapes: TensorFlow.js's error, and life goes on", () => {
  const step = jit((a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b));
  const [a, b, c] = [tf.ones([2, 3]), tf.ones([4, 2]), tf.ones([3, 2])];
  for (let call = 0; call < 3; call++) {
    assert.throws(() => step(a, b), /matMul|inner/i);
    const result = step(a, c);
    assert.deepEqual(values(result), [3, 3, 3, 3]);
    result.dispose();
  }
  step.dispose();
  tf.dispose([a, b, c]);
});

// Death.

Deno.test("dispose() ends it: calling, binding and running throw, a second dispose() does not", () => {
  const step = jit((x: tf.Tensor) => tf.neg(x));
  const x = tf.ones([2]);
  tf.dispose(step(x));
  const bound = step.bind(x);
  bound.run();
  step.dispose();
  assert.throws(() => step(x), /^Error: Cannot .*dispose/);
  assert.throws(() => step.bind(x), /^Error: Cannot .*dispose/);
  assert.throws(() => bound.run(), /^Error: Cannot .*dispose/);
  step.dispose();
  x.dispose();
});

Deno.test("bind() disposed throws when it runs; its step lives on", () => {
  const step = jit((x: tf.Tensor) => tf.neg(x));
  const x = tf.ones([2]);
  const bound = step.bind(x);
  bound.run();
  bound.dispose();
  assert.throws(() => bound.run(), /^Error: Cannot .*dispose/);
  const result = step(x);
  assert.deepEqual(values(result), [-1, -1]);
  step.dispose();
  tf.dispose([x, result]);
});

Deno.test("dispose() before the first call frees nothing and harms nothing", () => {
  const [step, other] = [jit((x: tf.Tensor) => tf.neg(x)), jit((x: tf.Tensor) => tf.exp(x))];
  const x = tf.zeros([2]);
  for (let call = 0; call < 3; call++) tf.dispose(other(x));
  const { numTensors } = tf.memory();
  step.dispose();
  step.dispose();
  assert.equal(tf.memory().numTensors, numTensors);
  assert.throws(
    () => step(x),
    /^Error: Cannot call a compiled function: expected .* got one that is disposed$/,
  );
  const result = other(x);
  assert.deepEqual(values(result), [1, 1]);
  other.dispose();
  tf.dispose([x, result]);
});
