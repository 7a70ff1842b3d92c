/** The edges of what a compiled function may be, take and do. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit, type JitOptions } from "../../lib/jit/mod.ts";

await tf.setBackend("cpu");

/** Calls a few times, and throws unless each call gives these numbers. */
function assertCalls(call: () => tf.Tensor, want: ArrayLike<number>): void {
  for (let i = 0; i < 4; i++) {
    const result = call();
    assert.deepEqual([...result.dataSync()], Array.from(want), `call ${i}`);
    result.dispose();
  }
}

// Only moving data.

for (const size of [1, 127, 128, 129, 6001, 50_176]) {
  Deno.test(`jit() runs programs of ${size} numbers that only move them`, () => {
    const x = tf.randomUniform([size, 2], -1, 1, "float32", 1);
    const values = x.dataSync();
    const moves: [(a: tf.Tensor) => tf.Tensor, ArrayLike<number>][] = [
      [(a) => a.reshape([2, size]), values],
      [(a) => a.slice([0, 1], [size, 1]), values.filter((_, i) => i % 2 === 1)],
      [(a) => a.slice([0, 0], [1, 1]).tile([size, 1]), new Float32Array(size).fill(values[0]!)],
      [(a) => a.clone(), values],
    ];
    for (const [move, want] of moves) {
      const step = jit(move);
      assertCalls(() => step(x), want);
      step.dispose();
    }
    const [to, from] = [tf.zeros([size, 2]), x].map((value) => tf.variable(value));
    const swap = jit(() => {
      const kept = to!.clone();
      to!.assign(from!.clone());
      from!.assign(kept);
    });
    for (let call = 0; call < 5; call++) swap();
    assert.deepEqual(to!.dataSync(), values);
    assert(from!.dataSync().every((value) => value === 0));
    swap.dispose();
    tf.dispose([x, to!, from!]);
  });
}

// Kinds of functions.

Deno.test("jit() refuses functions that do not return tensors at once, when they are compiled", () => {
  const functions = [
    async () => await Promise.resolve(),
    function* () {
      yield tf.scalar(1);
    },
    async function* () {
      yield await Promise.resolve(1);
    },
  ];
  for (const fn of functions) {
    assert.throws(() => jit(fn as never), {
      name: "TypeError",
      message: /^Cannot compile a function: expected .* got an async function or a generator$/,
    });
  }
});

Deno.test("jit() refuses a promise as a result, wherever it stands, and nobody hears of it again", async () => {
  const late: unknown[] = [];
  const listen = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    late.push(event.reason);
  };
  addEventListener("unhandledrejection", listen);
  const w = tf.tidy(() => tf.variable(tf.scalar(1)));
  const results: (() => unknown)[] = [
    () => Promise.reject(new Error("late")),
    () => [tf.scalar(1), { inside: Promise.reject(new Error("late")) }],
  ];
  for (const result of results) {
    for (const rehearse of [false, true]) {
      const step = jit(() => {
        w.assign(tf.scalar(5));
        return result();
      }, { rehearse });
      assert.throws(() => step(), { name: "TypeError", message: /^Cannot compile.*a Promise/ });
      assert.equal(w.dataSync()[0], 1);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  removeEventListener("unhandledrejection", listen);
  assert.deepEqual(late, []);
  w.dispose();
});

Deno.test("jit() of a method: each object has its own program", () => {
  class Scale {
    constructor(readonly factor: tf.Tensor) {}
    by = jit(
      function (this: Scale, x: tf.Tensor) {
        return x.mul(this.factor);
      } as (x: tf.Tensor) => tf.Tensor,
    );
  }
  const shared = jit(
    function (this: Scale, x: tf.Tensor) {
      return x.mul(this.factor);
    } as (x: tf.Tensor) => tf.Tensor,
  );
  const scales = [2, 3].map((factor) => new Scale(tf.scalar(factor)));
  const x = tf.scalar(5);
  for (let call = 0; call < 4; call++) {
    for (const scale of scales) {
      const want = [5 * scale.factor.dataSync()[0]!];
      assert.deepEqual([...scale.by(x).dataSync()], want);
      assert.deepEqual([...shared.call(scale as never, x).dataSync()], want);
    }
  }
});

// Lists of inputs.

Deno.test("jit() runs kernels that take lists of tensors under a name", () => {
  const splits = [tf.tensor1d([0, 2, 3], "int32"), tf.tensor1d([0, 1, 2, 4], "int32")];
  const values = tf.tensor1d([1, 2, 3, 4]);
  const rows = tf.tensor1d([1, 0], "int32");
  const gather = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor) =>
    tf.raggedGather([a, b], c, d, 1).outputDenseValues;
  const step = jit(gather);
  const args = [splits[0]!, splits[1]!, values, rows] as const;
  assertCalls(() => step(...args), gather(...args).dataSync());
  const pad = (shape: tf.Tensor, c: tf.Tensor, zero: tf.Tensor, d: tf.Tensor) =>
    tf.raggedTensorToTensor(shape, c, zero, [d], ["ROW_SPLITS"]);
  const padded = jit(pad);
  const ragged = [
    tf.tensor1d([3, 2], "int32"),
    values,
    tf.scalar(-1),
    tf.tensor1d([0, 1, 2, 4], "int32"),
  ] as const;
  assertCalls(() => padded(...ragged), pad(...ragged).dataSync());
});

// Truth values that are counted.

const COUNTS: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: (a, b) => tf.add(a, b),
  "add as numbers": (a, b) => tf.cast(tf.add(a, b), "float32"),
  "add, compared": (a, b) => tf.equal(tf.add(a, b), a),
  "add, moved": (a, b) => tf.reverse(tf.add(a, b)),
  "add, chosen": (a, b) => tf.where(a, tf.add(a, b), b),
  "add, summed": (a, b) => tf.sum(tf.add(a, b)),
  "sub as numbers": (a, b) => tf.cast(tf.sub(a, b), "int32"),
  "sub, any": (a, b) => tf.any(tf.sub(a, b)),
  addN: (a, b) => tf.mul(tf.cast(tf.addN([a, b, a]), "float32"), 2),
  scatterND: (a) =>
    tf.cast(tf.scatterND(tf.tensor2d([[0], [0]], [2, 1], "int32"), a.slice(0, 2), [3]), "int32"),
};
for (const [name, fn] of Object.entries(COUNTS)) {
  Deno.test(`jit() of truth values: ${name} gives what eager code gives, 2 and 255 too`, () => {
    for (const times of [1, 33]) {
      const [a, b] = [[1, 0, 1, 0], [1, 1, 0, 0]].map((values) =>
        tf.tile(tf.tensor1d(values, "bool"), [times])
      ) as [tf.Tensor, tf.Tensor];
      for (const rehearse of [false, true]) {
        const step = jit(fn, { rehearse });
        assertCalls(() => step(a, b), fn(a, b).dataSync());
        step.dispose();
      }
    }
  });
}

// Calls that TensorFlow.js accepts although they make no sense.

Deno.test("jit() of pad() with too few paddings gives what eager code gives; with too many it is refused", () => {
  const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const pad = (paddings: number[][]) => (a: tf.Tensor) => tf.pad(a, paddings as [number, number][]);
  for (const paddings of [[[1, 1]], [[1, 0]]]) {
    const step = jit(pad(paddings));
    assertCalls(() => step(x), pad(paddings)(x).dataSync());
    step.dispose();
  }
  const step = jit(pad([[0, 1], [1, 0], [0, 0]]));
  for (let call = 0; call < 4; call++) {
    assert.throws(() => step(x), /^Error: Cannot run PadV2: expected/);
  }
  step.dispose();
});

// Gradients of clones.

for (const fn of [tf.logSigmoid, tf.softplus, tf.sigmoid, tf.logSoftmax, tf.softmax] as const) {
  Deno.test(`jit() takes the gradient of ${fn.name} of a clone and of a reshaped tensor`, () => {
    const x = tf.tensor1d([1, 2, -3, 5]);
    for (const view of [(a: tf.Tensor) => a.clone(), (a: tf.Tensor) => a.reshape([2, 2])]) {
      const slope = tf.grad((a: tf.Tensor) => (fn(view(a)) as tf.Tensor).square().sum());
      const [want, step] = [slope(x).dataSync(), jit(slope)];
      for (let call = 0; call < 4; call++) {
        step(x).dataSync().forEach((v, i) => assert(Math.abs(v - want[i]!) < 1e-5, `call ${call}`));
      }
      step.dispose();
    }
    x.dispose();
  });
}

// Options and arguments.

const BAD_OPTIONS: [unknown, string, RegExp][] = [
  [{ cachSize: 2 }, "TypeError", /got "cachSize"; did you mean cacheSize\?$/],
  [{ cacheSize: 0 }, "RangeError", /cacheSize to be a whole number from 1 on, got 0$/],
  [{ cacheSize: 1.5 }, "RangeError", /got 1.5$/],
  [{ cacheSize: "2" }, "TypeError", /got the string "2"$/],
  [{ rehearse: 1 }, "TypeError", /rehearse to be true or false, got 1$/],
  [{ name: 5 }, "TypeError", /name to be a string, got 5$/],
  [null, "TypeError", /an object of options, got null$/],
  [7, "TypeError", /an object of options, got 7$/],
];
for (const [options, name, says] of BAD_OPTIONS) {
  Deno.test(`jit() refuses the options ${JSON.stringify(options)}`, () => {
    assert.throws(() => jit((x: tf.Tensor) => x.neg(), options as JitOptions), {
      name,
      message: says,
    });
    assert.throws(() => jit((x: tf.Tensor) => x.neg(), options as JitOptions), {
      message: /^Cannot compile a function: expected /,
    });
  });
}

/** Values that are no function, and those that no function of tensors takes. */
const WILD: unknown[] = [
  undefined,
  null,
  0,
  "",
  "x",
  true,
  {},
  [],
  Symbol("s"),
  5n,
  new Date(),
  /x/,
];

Deno.test("jit() refuses what is not a function", () => {
  for (const wild of [...WILD, class A {}]) {
    assert.throws(() => jit(wild as never), {
      name: "TypeError",
      message: /^Cannot compile a function: expected fn to be a function, got /,
    });
  }
});

Deno.test("jit() and bind() refuse arguments and results that no program can hold", () => {
  const held = [() => 1, Symbol("s"), 5n, new Date(), /x/, new Float32Array(2), new Map()];
  for (const wild of held) {
    const step = jit((_: unknown) => wild);
    const refused = {
      name: "TypeError",
      message: /^Cannot compile a function with this argument: /,
    };
    assert.throws(() => step(wild), refused);
    assert.throws(() => step.bind([wild]), refused);
    assert.throws(() => step(tf.scalar(1)), {
      name: "TypeError",
      message: /^Cannot compile a function with this result: expected tensors.*, got a/,
    });
    step.dispose();
  }
});
