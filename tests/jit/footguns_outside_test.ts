/** Traps of variables that others write between calls, and of lives that begin and end. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";
import { compareWithEager, type Twin } from "./compare.ts";
import { assertRefused, refusal, thrownWithin } from "./footgun.ts";
import { float, makeVariable, SUMS } from "./rule.ts";
import { disposeModel, disposeOptimizer, modelVariables, seedWeights, trainable } from "./twins.ts";
import { over, SIZES, type Step, type Vector, vector, vectorOf } from "./variables.ts";

// Writes from outside.

/** A step that moves its variable; what happens to it between calls is the test. */
function disturbed(disturb: (w: tf.Variable, call: number) => void): void {
  const make = (size: number) => () => {
    const twin = over(1, (w) => (x) => {
      w!.assign(tf.add(tf.mul(w!, 0.9), x));
      return tf.sum(w!);
    }, size);
    const [w] = twin.variables!() as [tf.Variable];
    return { ...twin, after: (call: number) => tf.tidy(() => disturb(w, call)) };
  };
  for (const size of SIZES) {
    compareWithEager(make(size), (call) => vectorOf(size, call), {
      calls: 12,
      bound: true,
      tolerance: SUMS,
    });
  }
}

Deno.test("jit() sees assign() from outside between calls", () => {
  disturbed((w, call) => {
    if (call % 3 === 1) w.assign(tf.fill([w.size], call));
  });
});

Deno.test("jit() sees an assign() of the variable's own clone, which changes nothing", () => {
  disturbed((w) => w.assign(w.clone() as tf.Tensor1D));
});

Deno.test("jit() sees an eager computation on the variable between calls", () => {
  disturbed((w, call) => {
    if (call % 2 === 0) w.assign(tf.mul(w, -1));
  });
});

Deno.test("jit() does not share a buffer with a variable that was assigned from outside", () => {
  const [w, other] = [tf.variable(tf.zeros([4])), tf.variable(tf.zeros([4]))];
  const step = jit((x: tf.Tensor) => {
    w.assign(tf.add(w, x));
    return tf.sum(w);
  });
  const x = tf.ones([4]);
  for (let call = 1; call < 6; call++) {
    tf.dispose(step(x));
    other.assign(w);
    tf.dispose(step(x));
    assert.equal(other.dataSync()[0], 2 * call - 1);
    w.assign(tf.tidy(() => tf.fill([4], 2 * call)));
    assert.equal(other.dataSync()[0], 2 * call - 1);
    other.assign(tf.tidy(() => tf.fill([4], -7)));
    assert.equal(w.dataSync()[0], 2 * call);
  }
  step.dispose();
  tf.dispose([w, other, x]);
});

/** A dense network with a jitted training step. */
function network(): { model: tf.LayersModel; optimizer: tf.Optimizer; fn: Step } {
  const layers = [tf.layers.dense({ inputShape: [4], units: 3, activation: "tanh" })];
  const model = seedWeights(tf.sequential({ layers }), 3);
  const optimizer = tf.train.momentum(0.1, 0.9);
  const cost = (x: tf.Tensor) => (model.apply(x.reshape([1, 4])) as tf.Tensor).square().mean();
  const fn = (x: tf.Tensor) =>
    optimizer.minimize(() => cost(x) as tf.Scalar, true, trainable(model));
  return { model, optimizer, fn };
}

function networkTwin(
  after: (net: ReturnType<typeof network>, call: number) => void,
): Twin<Vector> {
  const net = network();
  return {
    fn: net.fn,
    variables: () => modelVariables(net.model),
    after: (call) => tf.tidy(() => after(net, call)),
    dispose: () => {
      disposeModel(net.model);
      disposeOptimizer(net.optimizer);
    },
  };
}

Deno.test("jit() sees setWeights() between calls", () => {
  const make = () =>
    networkTwin(({ model }, call) => {
      if (call % 3 === 2) model.setWeights(model.getWeights().map((w) => tf.mul(w, 0.5)));
    });
  compareWithEager(make, vector, { calls: 12, bound: true });
});

Deno.test("jit() sees setWeights() of weights taken from the model earlier", () => {
  const make = () => {
    const kept: tf.Tensor[] = [];
    let values: number[][] = [];
    const twin = networkTwin(({ model }, call) => {
      if (call === 2) kept.push(...model.getWeights().map((w) => tf.keep(w.clone())));
      if (call === 6) model.setWeights(kept);
      if (call === 2) values = kept.map((weight) => [...weight.dataSync()]);
      if (call > 2) assert.deepEqual(kept.map((weight) => [...weight.dataSync()]), values);
    });
    const dispose = () => {
      tf.dispose(kept);
      twin.dispose?.();
    };
    return { ...twin, dispose };
  };
  compareWithEager(make, vector, { calls: 12, bound: true });
});

Deno.test("jit() sees an eager training step between calls", () => {
  const make = () =>
    networkTwin((net, call) => {
      if (call % 2 === 1) net.fn(tf.ones([4]));
    });
  compareWithEager(make, vector, { calls: 12, bound: true });
});

Deno.test("jit() sees another jitted step on the same variables between calls", () => {
  const make = (compile: boolean) => {
    const [a, b] = [makeVariable(float([4]), 1), makeVariable(float([4]), 2)];
    const first = (x: tf.Tensor) => {
      a.assign(tf.add(tf.mul(a, 0.5), tf.mul(b, x)));
      return tf.sum(a);
    };
    const second = (x: tf.Tensor) => {
      b.assign(tf.sub(tf.mul(b, 0.5), tf.mul(a, x)));
      return tf.sum(b);
    };
    const steps = compile ? [jit(first), jit(second)] : [first, second];
    return { steps, variables: [a, b] };
  };
  const [want, got] = [make(false), make(true)];
  for (let call = 0; call < 20; call++) {
    const [x] = vector(call);
    const which = call % 5 < 2 ? 0 : 1;
    const wanted = tf.tidy(() => want.steps[which]!(x));
    const gotten = got.steps[which]!(x);
    assert(Math.abs(wanted.dataSync()[0]! - gotten.dataSync()[0]!) < 1e-5, `call ${call}`);
    tf.dispose([wanted, gotten, x]);
  }
  for (const step of got.steps) (step as { dispose?(): void }).dispose?.();
  tf.dispose([...want.variables, ...got.variables]);
});

// Lives.

Deno.test("jit() throws when a variable it needs was disposed between calls", () => {
  const w = tf.variable(tf.ones([4]));
  const step = jit((x: tf.Tensor) => {
    w.assign(tf.add(w, x));
    return tf.sum(w);
  });
  const x = tf.ones([4]);
  for (let call = 0; call < 3; call++) tf.dispose(step(x));
  w.dispose();
  assert.throws(() => step(x), /disposed/);
  step.dispose();
  x.dispose();
});

Deno.test("jit() sees a variable that replaces a disposed one", () => {
  let w = tf.variable(tf.ones([4]));
  const step = jit((x: tf.Tensor) => {
    w.assign(tf.add(w, x));
    return tf.sum(w);
  });
  const x = tf.ones([4]);
  for (let call = 0; call < 3; call++) tf.dispose(step(x));
  w.dispose();
  w = tf.tidy(() => tf.variable(tf.fill([4], 100)));
  const result = step(x);
  assert.equal(result.dataSync()[0], 404);
  assert.equal(w.dataSync()[0], 101);
  step.dispose();
  tf.dispose([x, w, result]);
});

Deno.test("jit() a variable that the function makes at its first call lives on", () => {
  const make = () => {
    let slot: tf.Variable | undefined;
    const fn = (x: tf.Tensor) => {
      slot ??= tf.tidy(() => tf.zerosLike(x).variable());
      slot.assign(tf.add(tf.mul(slot, 0.9), x));
      return tf.mul(slot, 2);
    };
    return { fn, variables: () => slot ? [slot] : [], dispose: () => slot?.dispose() };
  };
  compareWithEager(make, vector, { calls: 8, bound: true });
});

Deno.test("jit() refuses a variable made at every call", () => {
  const variables: tf.Variable[] = [];
  const fn = (x: tf.Tensor) => {
    const w = tf.variable(tf.mul(x, 2));
    variables.push(w);
    w.assign(tf.add(w, 1));
    return tf.neg(w);
  };
  assertRefused(refusal(() => ({ fn }), vector), /variables that it makes: none, then some/);
  tf.dispose(variables);
});

Deno.test("jit() minimize() without a list: a variable made later is noticed within 64 calls", () => {
  const variables = [makeVariable(float([4]), 1)];
  const optimizer = tf.train.sgd(0.1);
  const step = jit((x: tf.Tensor) =>
    optimizer.minimize(() => tf.addN(variables.map((w) => tf.sum(tf.mul(w, x)))) as tf.Scalar)
  );
  const [x] = vector(1);
  for (let call = 0; call < 4; call++) step(x);
  variables.push(makeVariable(float([4]), 2));
  const error = thrownWithin(64, () => step(x));
  assertRefused(error, /^Cannot run a compiled function: expected/, /Multiply/);
  const before = variables.map((w) => w.dataSync()[0]!);
  step(x); // recorded anew
  variables.forEach((w, i) =>
    assert(Math.abs(w.dataSync()[0]! - before[i]! + 0.1 * x.dataSync()[0]!) < 1e-5)
  );
  step.dispose();
  optimizer.dispose();
  tf.dispose([...variables, x]);
});

Deno.test("jit() sees a variable's trainable flag change between calls", () => {
  const make = () => {
    const [w, v] = [makeVariable(float([4]), 1), makeVariable(float([4]), 2)];
    const optimizer = tf.train.sgd(0.1);
    const cost = (x: tf.Tensor) => tf.sum(tf.mul(tf.mul(w, v), x)) as tf.Scalar;
    const fn = (x: tf.Tensor) => {
      const list = [w, v].filter((variable) => variable.trainable);
      return optimizer.minimize(() => cost(x), true, list);
    };
    const after = (call: number) => {
      if (call === 3) Reflect.set(v, "trainable", false);
    };
    const dispose = () => {
      tf.dispose([w, v]);
      optimizer.dispose();
    };
    return { fn, variables: () => [w, v], after, dispose };
  };
  assert.equal(refusal(make, vector, 8), undefined);
});

Deno.test("jit() sees a layer frozen and thawed between calls", () => {
  const make = () => {
    const layers = [3, 2].map((units) => tf.layers.dense({ units, activation: "tanh" }));
    const model = tf.sequential();
    model.add(tf.layers.inputLayer({ inputShape: [4] }));
    for (const layer of layers) model.add(layer);
    seedWeights(model, 3);
    const optimizer = tf.train.sgd(0.1);
    const cost = (x: tf.Tensor) => (model.apply(x.reshape([1, 4])) as tf.Tensor).square().mean();
    return {
      fn: (x: tf.Tensor) => optimizer.minimize(() => cost(x) as tf.Scalar, true, trainable(model)),
      variables: () => modelVariables(model),
      after: (call: number) => {
        if (call % 4 === 3) layers[0]!.trainable = !layers[0]!.trainable;
      },
      dispose: () => {
        disposeModel(model);
        disposeOptimizer(optimizer);
      },
    };
  };
  assert.equal(refusal(make, vector, 14), undefined);
});

Deno.test("bind() throws when a variable it needs was disposed between runs", () => {
  const w = tf.tidy(() => tf.variable(tf.ones([4])));
  const step = jit((x: tf.Tensor) => {
    w.assign(tf.add(w, x));
    return tf.sum(w);
  });
  const x = tf.ones([4]);
  const bound = step.bind(x);
  for (let run = 0; run < 4; run++) bound.run();
  w.dispose();
  assert.throws(() => bound.run(), /disposed/);
  step.dispose();
  x.dispose();
});

Deno.test("jit() an optimizer disposed between calls: what eager does, or an error", () => {
  const make = () => {
    const w = makeVariable(float([4]), 1);
    const optimizer = tf.train.momentum(0.1, 0.9);
    const cost = (x: tf.Tensor) => tf.sum(tf.square(tf.mul(w, x))) as tf.Scalar;
    return {
      fn: (x: tf.Tensor) => optimizer.minimize(() => cost(x), true, [w]),
      variables: () => [w],
      after: (call: number) => {
        if (call === 4) optimizer.dispose();
      },
      dispose: () => w.dispose(),
    };
  };
  // Eager throws too: its scalars are gone.
  assertRefused(refusal(make, vector, 8), /Multiply.*disposed/);
});

Deno.test("jit() leaves variables to eager code after dispose()", () => {
  const w = tf.variable(tf.zeros([4]));
  const step = jit((x: tf.Tensor) => {
    w.assign(tf.add(w, x));
    return tf.sum(w);
  });
  const x = tf.ones([4]);
  for (let call = 0; call < 5; call++) tf.dispose(step(x));
  step.dispose();
  assert.deepEqual([...w.dataSync()], [5, 5, 5, 5]);
  w.assign(tf.tidy(() => tf.add(w, 1)));
  assert.deepEqual([...w.dataSync()], [6, 6, 6, 6]);
  tf.dispose([w, x]);
});

Deno.test("jit() leaves variables alone when memory grows for another shape", () => {
  const w = tf.variable(tf.zeros([4]));
  const step = jit((x: tf.Tensor) => {
    w.assign(tf.add(w, tf.sum(x, 0)));
    return tf.mul(x, w);
  });
  let total = 0;
  for (const batch of [2, 3, 5000, 2, 200_000, 3, 2]) {
    const x = tf.ones([batch, 4]);
    const result = step(x);
    total += batch;
    assert.deepEqual([...w.dataSync()], [total, total, total, total]);
    assert.equal(result.dataSync()[4 * batch - 1], total);
    tf.dispose([x, result]);
  }
  step.dispose();
  w.dispose();
});

Deno.test("jit() disposing one of two steps leaves the other and their variable", () => {
  const w = tf.variable(tf.zeros([4]));
  const move = (by: number) =>
    jit((x: tf.Tensor) => {
      w.assign(tf.add(w, tf.mul(x, by)));
      return tf.sum(w);
    });
  const [one, ten] = [move(1), move(10)];
  const x = tf.ones([4]);
  for (let call = 0; call < 3; call++) tf.dispose([one(x), ten(x)]);
  one.dispose();
  for (let call = 0; call < 2; call++) tf.dispose(ten(x));
  assert.deepEqual([...w.dataSync()], [53, 53, 53, 53]);
  ten.dispose();
  assert.deepEqual([...w.dataSync()], [53, 53, 53, 53]);
  tf.dispose([w, x]);
});
