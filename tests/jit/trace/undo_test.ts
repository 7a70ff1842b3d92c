/** What a rehearsal or a refused call changed is put back: values, step counts, and who shares which data. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { cpuBackend, dataOf } from "../../../lib/jit/trace/backend.ts";
import { record, rehearse } from "../../../lib/jit/trace/record.ts";
import { flatten } from "../../../lib/jit/trace/tree.ts";

const none = flatten([], "argument");

/** The values of variables, and how many tensors share the data of each. */
function stateOf(...variables: tf.Variable[]) {
  const data = variables.map(({ dataId }) => dataOf(cpuBackend(), dataId));
  return data.map(({ values, refCount }) => ({ values: [...values], refCount }));
}

await tf.setBackend("cpu");

Deno.test("rehearse() puts back variables, step counts, and the number of tensors, again and again", () => {
  const [a, b] = [[1, 2], [3, 4]].map((values) => tf.tidy(() => tf.variable(tf.tensor1d(values))));
  const optimizer = tf.train.sgd(0.1);
  const fn = () => {
    a!.assign(b!.mul(2));
    return optimizer.minimize(() => a!.sum().mul(b!.sum()) as tf.Scalar, true, [a!])!;
  };
  const [before, memory] = [stateOf(a!, b!), tf.memory()];
  for (let time = 0; time < 5; time++) {
    rehearse(fn, none);
    assert.deepEqual(stateOf(a!, b!), before);
    assert.equal(optimizer.iterations, 0);
    assert.equal(tf.memory().numTensors, memory.numTensors);
    assert.equal(tf.memory().numDataBuffers, memory.numDataBuffers);
  }
  optimizer.dispose();
  tf.dispose([a!, b!]);
});

Deno.test("rehearse() leaves a variable that is made with the value that it was made with", () => {
  let slot: tf.Variable | undefined;
  const w = tf.tidy(() => tf.variable(tf.ones([3])));
  const { values } = dataOf(cpuBackend(), w.dataId);
  rehearse(() => {
    slot ??= tf.tidy(() => tf.variable(w.mul(7)));
    slot.assign(slot.add(1));
    return slot;
  }, none);
  values.fill(100); // as a program that updates w in place
  assert.deepEqual(stateOf(slot!), [{ values: [7, 7, 7], refCount: 1 }]);
  tf.dispose([w, slot!]);
});

Deno.test("rehearse() puts back what a function changed before it threw", () => {
  const w = tf.tidy(() => tf.variable(tf.scalar(1)));
  const before = stateOf(w);
  const fail = () => {
    w.assign(tf.scalar(2));
    throw new RangeError("the function's own");
  };
  assert.throws(() => rehearse(fail, none), { name: "RangeError" });
  assert.deepEqual(stateOf(w), before);
  w.dispose();
});

Deno.test("rehearse() of a function that disposes a variable leaves it disposed", () => {
  const w = tf.tidy(() => tf.variable(tf.scalar(1)));
  const { numTensors } = tf.memory();
  rehearse(() => {
    const twice = w.mul(2);
    w.dispose();
    return twice;
  }, none);
  assert(w.isDisposed);
  assert.equal(tf.memory().numTensors, numTensors - 1);
});

Deno.test("record() keeps what a function changed before it threw, and undoes what it was refused for", () => {
  const w = tf.tidy(() => tf.variable(tf.scalar(1)));
  const step = (rest: () => void) => () => {
    w.assign(w.mul(2));
    rest();
    return w;
  };
  const ownError = () => {
    throw new Error("the function's own");
  };
  assert.throws(() => record(step(ownError), none), /the function's own/);
  assert.deepEqual(stateOf(w), [{ values: [2], refCount: 1 }]);
  assert.throws(() => record(step(() => w.dataSync()), none), /Cannot read a tensor/);
  assert.deepEqual(stateOf(w), [{ values: [2], refCount: 1 }]);
  const caught = () => {
    try {
      w.dataSync();
    } catch {
      // What was refused stays refused.
    }
  };
  assert.throws(() => record(step(caught), none), /Cannot read a tensor/);
  assert.deepEqual(stateOf(w), [{ values: [2], refCount: 1 }]);
  w.dispose();
});

Deno.test("rehearse() notes variables that were assigned or made, and none that was disposed", () => {
  const [kept, gone] = [tf.tidy(() => tf.variable(tf.scalar(1))), tf.variable(tf.scalar(2))];
  const made: tf.Variable[] = [];
  const fn = () => {
    for (const variable of [kept, gone]) variable.assign(tf.scalar(3));
    made.push(tf.variable(tf.scalar(4)));
    gone.dispose();
    return kept.mul(2);
  };
  const recording = rehearse(fn, none);
  assert.deepEqual(recording.assigns.map(({ variable }) => variable), [kept]);
  assert.equal(recording.madeVariables, true);
  const temporary = rehearse(() =>
    tf.tidy(() => {
      const variable = tf.variable(tf.scalar(5));
      const twice = variable.mul(2);
      variable.dispose();
      return twice;
    }), none);
  assert.deepEqual(temporary.assigns, []);
  assert.equal(temporary.madeVariables, false);
  tf.dispose([kept, ...made]);
});

Deno.test("rehearse() reads the list of all variables once, however many there are", () => {
  const w = tf.variable(tf.scalar(1));
  const { state } = tf.engine() as unknown as { state: { registeredVariables: object } };
  const list = state.registeredVariables;
  let lists = 0;
  state.registeredVariables = new Proxy(list, {
    ownKeys: (target) => {
      lists++;
      return Reflect.ownKeys(target);
    },
  });
  try {
    rehearse(() => w.assign(w.mul(2)), none);
  } finally {
    state.registeredVariables = list;
    w.dispose();
  }
  assert.equal(lists, 1);
});
