/** Every built-in optimizer in a jitted step: 100 steps, learning rates that change, slots. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";
import { assertVariablesClose, compareWithEager, writeInputs } from "./compare.ts";
import { OPTIMIZERS, setRate } from "./optimizers.ts";
import { float, makeTensor, makeVariable } from "./rule.ts";
import { assertTensorsClose, type Tolerance } from "./trees.ts";
import {
  disposeOptimizer,
  meanSquares,
  slotsOf,
  trainable,
  type TrainingTwin,
  trainingTwin,
} from "./twins.ts";

/** 100 steps of rounding. */
const LONG: Tolerance = { relative: 1e-4, absolute: 2e-5 };

function makeModel(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [4], units: 5, activation: "sigmoid" }),
      tf.layers.dense({ units: 2 }),
    ],
  });
}

function batch(call: number): tf.Tensor[] {
  return [makeTensor(float([6, 4]), 10 * call), makeTensor(float([6, 2]), 10 * call + 1)];
}

/** The twin of an optimizer; its first 100 steps are smooth, so that rounding stays rounding. */
function twinOf(makeOptimizer: () => tf.Optimizer): TrainingTwin {
  return trainingTwin(makeModel, makeOptimizer, meanSquares);
}

for (const [name, makeOptimizer] of Object.entries(OPTIMIZERS)) {
  Deno.test(`jit() ${name}: 100 steps as eager, slots too, and through bind()`, () => {
    const options = { calls: 100, tolerance: LONG, bound: true };
    compareWithEager(() => twinOf(makeOptimizer), batch, options);
  });

  Deno.test(`jit() ${name}: a changed learning rate reaches the step`, () => {
    const make = () => {
      const twin = twinOf(makeOptimizer);
      const after = (call: number) => {
        if (call % 5 === 4) setRate(twin.optimizer, 0.05 / (1 + call));
      };
      return { ...twin, after };
    };
    compareWithEager(make, batch, { calls: 30, tolerance: LONG, bound: true });
  });
}

Deno.test("jit() sgd: a learning rate that changes before every step reaches it", () => {
  const make = () => {
    const twin = twinOf(OPTIMIZERS.sgd!);
    return { ...twin, after: (call: number) => setRate(twin.optimizer, 0.1 * 0.98 ** call) };
  };
  compareWithEager(make, batch, { calls: 60, tolerance: LONG });
});

Deno.test("jit() sgd: a learning rate of 0 stops, and going on goes on", () => {
  const { model, optimizer, fn, dispose } = twinOf(OPTIMIZERS.sgd!);
  const step = jit(fn);
  const weights = () => [...trainable(model)[0]!.dataSync()];
  const run = () => tf.tidy(() => step(...batch(0)) as tf.Tensor);
  for (let i = 0; i < 3; i++) run();
  const stopped = weights();
  setRate(optimizer, 0);
  for (let i = 0; i < 3; i++) run();
  assert.deepEqual(weights(), stopped);
  setRate(optimizer, 0.1);
  run();
  assert.notDeepEqual(weights(), stopped);
  step.dispose();
  dispose?.();
});

Deno.test("jit() momentum: a learningRate written past setLearningRate() does what it does in eager", () => {
  const make = () => {
    const twin = twinOf(OPTIMIZERS.momentum!);
    const after = (call: number) => {
      if (call % 5 === 4) Reflect.set(twin.optimizer, "learningRate", 0.05 / (1 + call));
    };
    return { ...twin, after };
  };
  compareWithEager(make, batch, { calls: 20, tolerance: LONG, bound: true });
});

Deno.test("jit() adam: changed betas and epsilon reach the step", () => {
  const make = () => {
    const twin = twinOf(OPTIMIZERS.adam!);
    const after = (call: number) => {
      if (call === 4) Reflect.set(twin.optimizer, "beta1", 0.5);
      if (call === 8) Reflect.set(twin.optimizer, "epsilon", 0.01);
      if (call === 12) Reflect.set(twin.optimizer, "learningRate", 0.001);
    };
    return { ...twin, after };
  };
  compareWithEager(make, batch, { calls: 18, tolerance: LONG, bound: true });
});

Deno.test("jit() a changed learning rate leaves equal constants alone", () => {
  for (const makeOptimizer of [() => tf.train.sgd(0.5), () => tf.train.adam(0.5)]) {
    const make = () => {
      const w = makeVariable(float([5]), 3);
      const optimizer = makeOptimizer();
      const fn = (x: tf.Tensor) =>
        optimizer.minimize(
          () => tf.sum(tf.square(tf.add(tf.mul(tf.mul(w, 0.5), x), -0.5))).mul(0.5) as tf.Scalar,
          true,
          [w],
        );
      const after = (call: number) => {
        if (call % 4 === 3) setRate(optimizer, 0.5 / (2 + call));
      };
      const dispose = () => {
        w.dispose();
        disposeOptimizer(optimizer);
      };
      return { fn, variables: () => [w, ...slotsOf(optimizer)], after, dispose };
    };
    compareWithEager(make, (call) => [makeTensor(float([5]), call)], {
      calls: 16,
      tolerance: LONG,
      bound: true,
    });
  }
});

/** What a function may make of an optimizer's learning rate by itself. */
const OF_RATE: Record<string, (x: tf.Tensor, rate: number) => unknown> = {
  "a factor": (x, rate) => tf.mul(x, rate),
  "the rate squared": (x, rate) => tf.mul(x, rate * rate),
  "1 less the rate": (x, rate) => tf.mul(x, 1 - rate),
  "another branch beyond .1": (x, rate) => tf.mul(x, rate > 0.1 ? 1 : -1),
  "other operations beyond .1": (x, rate) => rate > 0.1 ? tf.exp(x) : tf.neg(x),
  "an attribute": (x, rate) => tf.leakyRelu(x, rate),
  "another shape beyond .1": (x, rate) => tf.slice(x, 0, rate > 0.1 ? 4 : 2),
  "a static result": (x, rate) => ({ x: tf.neg(x), rate }),
};
for (const [name, of] of Object.entries(OF_RATE)) {
  Deno.test(`jit() a changed learning rate reaches what the function makes of it: ${name}`, () => {
    const make = () => {
      const w = makeVariable(float([5]), 3);
      const optimizer = tf.train.adam(0.2);
      const fn = (x: tf.Tensor) => {
        const cost = () => tf.sum(tf.square(tf.mul(w, x))) as tf.Scalar;
        optimizer.minimize(cost, false, [w]);
        return of(x, Reflect.get(optimizer, "learningRate"));
      };
      const rates = [0.05, 0.03, 0.3, 0.1, 0.2, 0.01];
      const after = (call: number) => {
        if (call % 3 === 2) setRate(optimizer, rates[(call - 2) / 3 % 6]!);
      };
      const dispose = () => {
        w.dispose();
        disposeOptimizer(optimizer);
      };
      return { fn, variables: () => [w, ...slotsOf(optimizer)], after, dispose };
    };
    compareWithEager(make, (call) => [makeTensor(float([5]), call)], {
      calls: 24,
      tolerance: LONG,
    });
  });
}

Deno.test("jit() two optimizers of one learning rate, of which one changes", () => {
  const make = () => {
    const [w, v] = [makeVariable(float([5]), 3), makeVariable(float([5]), 4)];
    const [first, second] = [tf.train.sgd(0.1), tf.train.sgd(0.1)];
    const cost = (x: tf.Tensor) => tf.sum(tf.square(tf.add(tf.mul(w, x), v))) as tf.Scalar;
    const fn = (x: tf.Tensor) => {
      first.minimize(() => cost(x), false, [w]);
      second.minimize(() => cost(x), false, [v]);
    };
    const after = (call: number) => {
      if (call === 4) second.setLearningRate(0.01);
      if (call === 8) first.setLearningRate(0.02);
      if (call === 12) second.setLearningRate(0.1);
    };
    const dispose = () => {
      tf.dispose([w, v]);
      disposeOptimizer(first);
      disposeOptimizer(second);
    };
    return { fn, variables: () => [w, v], after, dispose };
  };
  const options = { calls: 16, tolerance: LONG, bound: true };
  compareWithEager(make, (call) => [makeTensor(float([5]), call)], options);
});

Deno.test("jit() one optimizer in two steps, and two optimizers in one step", () => {
  const make = () => {
    const [w, v] = [makeVariable(float([5]), 3), makeVariable(float([5]), 4)];
    const [adam, momentum] = [tf.train.adam(0.05), tf.train.momentum(0.02, 0.9)];
    const cost = (x: tf.Tensor) => tf.sum(tf.square(tf.add(tf.mul(w, x), v))) as tf.Scalar;
    const both = (x: tf.Tensor) => [
      adam.minimize(() => cost(x), true, [w]),
      momentum.minimize(() => cost(x), true, [v]),
    ];
    const one = (x: tf.Tensor) => [adam.minimize(() => cost(tf.neg(x)), true, [w])];
    return { both, one, variables: () => [w, v, ...slotsOf(adam), ...slotsOf(momentum)] };
  };
  const [eager, mixed] = [make(), make()];
  const steps = [jit(mixed.both), jit(mixed.one)];
  for (let call = 0; call < 24; call++) {
    const x = makeTensor(float([5]), call);
    const second = call % 3 === 2;
    tf.dispose(tf.tidy(() => (second ? eager.one : eager.both)(x) as tf.TensorContainer));
    tf.dispose(steps[second ? 1 : 0]!(x) as tf.TensorContainer);
    x.dispose();
    assertVariablesClose({ ...mixed, fn: mixed.one }, { ...eager, fn: eager.one }, LONG, `${call}`);
  }
  for (const step of steps) step.dispose();
  tf.dispose([...eager.variables(), ...mixed.variables()]);
});

Deno.test("jit() counts: n calls are n updates, from the first on", () => {
  for (const through of ["call", "bind"] as const) {
    const w = tf.variable(tf.zeros([3]));
    const optimizer = tf.train.sgd(0.25);
    const step = jit((x: tf.Tensor) => optimizer.minimize(() => tf.sum(tf.mul(w, x)), true, [w]));
    const x = tf.ones([3]);
    const bound = through === "bind" ? step.bind(x) : undefined;
    for (let n = 1; n <= 12; n++) {
      if (bound) {
        writeInputs(bound.inputs, [x]);
        bound.run();
      } else tf.dispose(step(x)!);
      assert.deepEqual([...w.dataSync()], [-n / 4, -n / 4, -n / 4], `${through} ${n}`);
    }
    bound?.dispose();
    step.dispose();
    tf.dispose([w, x]);
  }
});

Deno.test("jit() adam: slots that eager steps made are used, and eager goes on with the jitted ones", () => {
  const [eager, mixed] = [twinOf(OPTIMIZERS.adam!), twinOf(OPTIMIZERS.adam!)];
  const step = jit(mixed.fn);
  for (let call = 0; call < 40; call++) {
    const args = batch(call);
    const jitted = call >= 3 && call % 7 !== 5;
    const want = tf.tidy(() => eager.fn(...args) as tf.Tensor);
    const got = jitted ? step(...args) as tf.Tensor : tf.tidy(() => mixed.fn(...args) as tf.Tensor);
    assertTensorsClose(got, want, LONG, `step ${call}`);
    assertVariablesClose(mixed, eager, LONG, `step ${call}`);
    tf.dispose([...args, got, want]);
  }
  assert.equal(slotsOf(mixed.optimizer).length, 2 + 2 * 4);
  step.dispose();
  eager.dispose?.();
  mixed.dispose?.();
});

Deno.test("jit() adam: getWeights and setWeights of the optimizer work between steps", async () => {
  const [eager, jitted] = [twinOf(OPTIMIZERS.adam!), twinOf(OPTIMIZERS.adam!)];
  const step = jit(jitted.fn);
  for (let call = 0; call < 12; call++) {
    const args = batch(call);
    tf.dispose(tf.tidy(() => eager.fn(...args) as tf.Tensor));
    tf.dispose(step(...args) as tf.Tensor);
    tf.dispose(args);
    if (call === 5) {
      for (const { optimizer } of [eager, jitted]) {
        const weights = await optimizer.getWeights();
        await optimizer.setWeights(weights);
      }
    }
    assertVariablesClose(jitted, eager, LONG, `step ${call}`);
  }
  step.dispose();
  eager.dispose?.();
  jitted.dispose?.();
});

Deno.test("jit() optimizer.iterations counts every step, called or bound", () => {
  const { fn, optimizer, dispose } = twinOf(OPTIMIZERS.adam!);
  const step = jit(fn);
  const args = batch(0);
  for (let call = 1; call <= 6; call++) {
    tf.dispose(step(...args) as tf.Tensor);
    assert.equal(optimizer.iterations, call);
  }
  const bound = step.bind(...args);
  for (let run = 7; run <= 12; run++) {
    bound.run();
    assert.equal(optimizer.iterations, run);
  }
  bound.dispose();
  step.dispose();
  dispose?.();
  tf.dispose(args);
});

Deno.test("jit() applyGradients of variableGrads: as eager", () => {
  compareWithEager(
    () => {
      const twin = twinOf(() => tf.train.adam(0.01));
      const fn = (x: tf.Tensor, y: tf.Tensor) => {
        const cost = () => meanSquares(twin.model.apply(x) as tf.Tensor, y) as tf.Scalar;
        const { value, grads } = tf.variableGrads(cost, trainable(twin.model));
        twin.optimizer.applyGradients(grads);
        const total = tf.addN(Object.values(grads).map((grad) => grad.square().sum()));
        return { value, length: tf.sqrt(total) };
      };
      return { fn, variables: twin.variables!, dispose: twin.dispose! };
    },
    (call) => batch(call) as [tf.Tensor, tf.Tensor],
    { calls: 20, tolerance: LONG },
  );
});

Deno.test("jit() clipped gradients: as eager", () => {
  compareWithEager(
    () => {
      const twin = twinOf(() => tf.train.sgd(0.5));
      const fn = (x: tf.Tensor, y: tf.Tensor) => {
        const cost = () => meanSquares(twin.model.apply(x) as tf.Tensor, y) as tf.Scalar;
        const { value, grads } = tf.variableGrads(cost, trainable(twin.model));
        const clipped = Object.entries(grads).map((
          [name, grad],
        ) => [name, tf.clipByValue(grad, -0.05, 0.05)]);
        twin.optimizer.applyGradients(Object.fromEntries(clipped));
        return value;
      };
      return { fn, variables: twin.variables!, dispose: twin.dispose! };
    },
    (call) => batch(call) as [tf.Tensor, tf.Tensor],
    { calls: 20, tolerance: LONG },
  );
});
