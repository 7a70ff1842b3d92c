/** Traps of variables: aliases, snapshots, reads around assignments. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";
import { compareWithEager } from "./compare.ts";
import { float, makeTensor, makeVariable } from "./rule.ts";
import { compareOver, over, SIZES, squareOf, vector, vectorOf } from "./variables.ts";

// Aliases.

Deno.test("jit() ema.assign(w): two variables of one buffer stay two variables", () => {
  compareOver(2, (w, ema) => (x) => {
    ema!.assign(w!);
    w!.assign(tf.add(w!, x));
    return tf.sub(w!, ema!);
  });
});

Deno.test("jit() ema.assign(w) after w's own update", () => {
  compareOver(2, (w, ema) => (x) => {
    w!.assign(tf.add(w!, x));
    ema!.assign(w!);
    return tf.sum(ema!);
  });
});

Deno.test("jit() a moving average of the weights follows them", () => {
  compareOver(2, (w, ema) => (x) => {
    w!.assign(tf.sub(w!, tf.mul(x, 0.1)));
    ema!.assign(tf.add(tf.mul(ema!, 0.9), tf.mul(w!, 0.1)));
    return tf.sum(tf.squaredDifference(w!, ema!));
  });
});

Deno.test("jit() two variables swapped through a clone", () => {
  compareOver(2, (a, b) => (x) => {
    const kept = a!.clone();
    a!.assign(b!);
    b!.assign(kept);
    return tf.add(tf.mul(a!, 2), tf.mul(b!, x));
  });
});

Deno.test("jit() three variables moved on in a ring", () => {
  compareOver(3, (a, b, c) => (x) => {
    const last = c!.clone();
    c!.assign(b!);
    b!.assign(a!);
    a!.assign(tf.add(last, x));
    return tf.add(tf.mul(a!, 3), tf.sub(b!, c!));
  });
});

Deno.test("jit() a variable assigned an argument, which the caller then disposes", () => {
  compareOver(1, (w) => (x) => {
    const old = tf.mul(w!, 2);
    w!.assign(x as tf.Tensor1D);
    return tf.add(old, w!);
  });
});

Deno.test("jit() two variables assigned one value, then one of them changed", () => {
  compareOver(2, (a, b) => (x) => {
    const value = tf.mul(x, 3);
    a!.assign(value);
    b!.assign(value);
    a!.assign(tf.add(a!, 1));
    return [a!.clone(), b!.clone(), value];
  });
});

Deno.test("jit() a variable assigned a reshaped and transposed self", () => {
  compareWithEager(
    () => {
      const w = makeVariable(float([3, 3]), 5);
      const fn = (x: tf.Tensor) => {
        w.assign(tf.add(tf.transpose(w), x));
        w.assign(tf.reverse(w, 0));
        return tf.matMul(w, w);
      };
      return { fn, variables: () => [w], dispose: () => w.dispose() };
    },
    (call) => [makeTensor(float([3, 3], -0.1, 0.1), call)],
  );
});

Deno.test("jit() a clone taken before a step keeps the old values", () => {
  const twin = over(1, (w) => (x) => {
    w!.assign(tf.add(w!, x));
    return tf.sum(w!);
  });
  const [w] = twin.variables!() as [tf.Variable];
  const step = jit(twin.fn);
  const [x] = vector(1);
  for (let call = 0; call < 5; call++) {
    const before = [...w.dataSync()];
    const clone = w.clone();
    const reshaped = w.reshape([2, 2]);
    const parts = tf.split(w, 2);
    const slice = tf.slice(w, [1], [3]);
    tf.dispose(step(x) as tf.Tensor);
    assert.deepEqual([...clone.dataSync()], before, `clone, call ${call}`);
    assert.deepEqual([...reshaped.dataSync()], before, `reshape, call ${call}`);
    assert.deepEqual(parts.flatMap((part) => [...part.dataSync()]), before, `split, call ${call}`);
    assert.deepEqual([...slice.dataSync()], before.slice(1), `slice, call ${call}`);
    assert.notDeepEqual([...w.dataSync()], before);
    tf.dispose([clone, reshaped, slice, ...parts]);
  }
  step.dispose();
  twin.dispose?.();
  x.dispose();
});

Deno.test("jit() values read with dataSync() before a step stay what they were", () => {
  const twin = over(1, (w) => (x) => {
    w!.assign(tf.add(w!, x));
    return tf.sum(w!);
  });
  const [w] = twin.variables!() as [tf.Variable];
  const step = jit(twin.fn);
  const x = tf.ones([4]);
  const seen: ArrayLike<number>[] = [];
  for (let call = 0; call < 5; call++) {
    tf.dispose(step(x) as tf.Tensor);
    seen.push(w.dataSync());
  }
  for (let call = 1; call < 5; call++) {
    assert(Math.abs(seen[call]![0]! - seen[call - 1]![0]! - 1) < 1e-5, `after call ${call}`);
  }
  step.dispose();
  twin.dispose?.();
  x.dispose();
});

Deno.test("bind() a tensor made of bound outputs keeps its values in later runs", () => {
  const step = jit((x: tf.Tensor) => tf.mul(x, 2));
  const x = tf.zeros([3]);
  const bound = step.bind(x);
  const kept: tf.Tensor[] = [];
  for (let run = 0; run < 5; run++) {
    bound.inputs[0]!.fill(run);
    bound.run();
    kept.push(tf.tensor1d(bound.outputs[0]!));
  }
  kept.forEach((tensor, run) => assert.deepEqual([...tensor.dataSync()], Array(3).fill(2 * run)));
  step.dispose();
  tf.dispose([x, ...kept]);
});

Deno.test("jit() values read with await data() before a step stay what they were", async () => {
  const w = tf.variable(tf.zeros([4]));
  const step = jit((x: tf.Tensor) => {
    w.assign(tf.add(w, x));
    return tf.sum(w);
  });
  const x = tf.ones([4]);
  for (let call = 0; call < 4; call++) {
    const before = await w.data();
    tf.dispose(step(x));
    assert.deepEqual([...before], [call, call, call, call]);
  }
  step.dispose();
  tf.dispose([w, x]);
});

Deno.test("jit() two variables made of one tensor: each has its own values, and so has the tensor", () => {
  for (const size of SIZES) {
    const start = tf.ones([size]);
    const [w, v] = [tf.variable(start), tf.variable(start)];
    const step = jit((x: tf.Tensor) => {
      w.assign(tf.add(w, tf.mul(v, x)));
      return tf.add(w, start);
    });
    for (let call = 1; call <= 5; call++) {
      const result = step(start);
      assert.deepEqual([result, w, v, start].map((t) => t.dataSync()[size - 1]), [
        call + 2,
        call + 1,
        1,
        1,
      ]);
      result.dispose();
    }
    step.dispose();
    tf.dispose([start, w, v]);
  }
});

Deno.test("jit() a captured clone of a variable is a constant: how far the weights have come", () => {
  for (const size of SIZES) {
    const make = () => {
      const w = makeVariable(float([size]), 7);
      const start = w.clone();
      const fn = (x: tf.Tensor) => {
        w.assign(tf.add(w, x));
        return tf.sub(w, start);
      };
      return { fn, variables: () => [w], dispose: () => tf.dispose([w, start]) };
    };
    compareWithEager(make, (call) => vectorOf(size, call), { calls: 8, bound: true });
  }
});

// Reads around assignments.

Deno.test("jit() a clone that is returned, of a variable assigned after it: the old value", () => {
  compareOver(1, (w) => (x) => {
    const old = w!.clone();
    w!.assign(tf.add(w!, x));
    return old;
  });
  compareOver(1, (w) => (x) => {
    const old = w!.clone();
    const view = squareOf(w!);
    w!.assign(tf.sub(tf.mul(old, 0.5), x));
    return { old, view, now: w!.clone() };
  });
});

Deno.test("jit() a clone that is kept in another variable and returned", () => {
  compareOver(2, (w, v) => (x) => {
    const old = w!.clone();
    w!.assign(tf.mul(v!, x));
    v!.assign(old);
    return [old, tf.add(w!, v!)];
  });
});

Deno.test("jit() a read before an assignment sees the old value, one after it the new", () => {
  compareOver(1, (w) => (x) => {
    const before = tf.mul(w!, 2);
    w!.assign(tf.add(w!, x));
    const between = tf.mul(w!, 2);
    w!.assign(tf.mul(w!, 0.5));
    return [before, between, tf.mul(w!, 2)];
  });
});

Deno.test("jit() the same expression before and after an assignment is two expressions", () => {
  compareOver(2, (w, v) => (x) => {
    const before = tf.matMul(squareOf(w!), squareOf(v!));
    w!.assign(tf.sub(w!, tf.mul(x, 0.1)));
    return tf.sub(tf.matMul(squareOf(w!), squareOf(v!)), before);
  });
});

Deno.test("jit() a variable assigned a product, a mean and a softmax of itself", () => {
  compareOver(2, (w, v) => (x) => {
    const square = squareOf(w!);
    w!.assign(
      tf.reshape(tf.matMul(square, tf.mul(square, 0.5), true, false), [x.size]) as tf.Tensor1D,
    );
    v!.assign(tf.sub(v!, tf.mean(tf.add(v!, x))));
    w!.assign(tf.softmax(tf.add(w!, v!)));
    return tf.sum(tf.mul(w!, v!));
  });
});

Deno.test("jit() large variables assigned products, transposes and reversals of themselves", () => {
  compareWithEager(
    () => {
      const [w, v] = [makeVariable(float([24, 24]), 5), makeVariable(float([24, 24]), 6)];
      const fn = (x: tf.Tensor) => {
        const old = tf.mul(w, 1);
        w.assign(tf.mul(tf.matMul(w, v, false, true), 0.1));
        v.assign(tf.add(tf.transpose(v), tf.mul(old, 0.1)));
        w.assign(tf.add(tf.reverse(w, 1), x));
        v.assign(tf.sub(v, tf.mean(v, 0, true)));
        return [tf.sum(old, 0), tf.sum(w, 1)];
      };
      return { fn, variables: () => [w, v], dispose: () => tf.dispose([w, v]) };
    },
    (call) => [makeTensor(float([24, 24], -0.1, 0.1), call)],
    { calls: 8, bound: true, tolerance: { relative: 1e-4, absolute: 1e-4 } },
  );
});

Deno.test("jit() a variable assigned and never read again, and one read and never assigned", () => {
  compareOver(2, (w, v) => (x) => {
    w!.assign(tf.mul(v!, x));
    return tf.sum(v!);
  });
});

Deno.test("jit() a variable assigned by a function that returns nothing", () => {
  compareOver(1, (w) => (x) => {
    w!.assign(tf.add(w!, x));
    return undefined;
  });
});

Deno.test("jit() a variable that is an argument too, read around its assignment", () => {
  const make = () =>
    over(1, (w) => (x) => {
      const before = tf.add(x, w!);
      w!.assign(tf.add(w!, 1));
      return [before, tf.add(x, w!)];
    });
  const twins = [make(), make()];
  const variables = twins.map((twin) => twin.variables!()[0]!);
  const step = jit(twins[1]!.fn);
  for (let call = 0; call < 5; call++) {
    const want = tf.tidy(() => twins[0]!.fn(variables[0]!) as tf.Tensor[]);
    const got = step(variables[1]!) as tf.Tensor[];
    got.forEach((tensor, i) => assert.deepEqual(tensor.arraySync(), want[i]!.arraySync()));
    tf.dispose([...got, ...want]);
  }
  step.dispose();
  for (const twin of twins) twin.dispose?.();
});

Deno.test("jit() variables of int32 and bool, as counters and flags", () => {
  compareWithEager(
    () => {
      const count = tf.tidy(() => tf.variable(tf.scalar(0, "int32")));
      const flag = tf.tidy(() => tf.variable(tf.scalar(false, "bool")));
      const fn = (x: tf.Tensor) => {
        count.assign(tf.add(count, tf.scalar(1, "int32")));
        flag.assign(tf.logicalNot(flag));
        return tf.mul(x, tf.cast(count, "float32"));
      };
      return { fn, variables: () => [count, flag], dispose: () => tf.dispose([count, flag]) };
    },
    vector,
    { calls: 6, bound: true },
  );
});
