import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteWriter } from "../../../lib/jit/wasm/bytes.ts";
import {
  call,
  type Expr,
  f32,
  f32x4,
  f64,
  f64x2,
  type FunctionBuilder,
  i16x8,
  i32,
  i32x4,
  i64,
  i8x16,
  ModuleBuilder,
  select,
  v128,
  type ValType,
} from "../../../lib/jit/wasm/mod.ts";
import { instantiate, memoryOf } from "./instance.ts";

/** The value of an expression, computed by a function of its own. */
function evaluate<T extends "i32" | "f32" | "f64" | "i64">(
  type: T,
  make: (f: FunctionBuilder) => Expr<T>,
): unknown {
  const builder = new ModuleBuilder();
  builder.func<Record<never, never>, ValType>(
    { name: "run", result: type, export: true },
    (f) => f.return(make(f)),
  );
  return instantiate(builder).run?.();
}

Deno.test("ByteWriter writes every integer as the shortest LEB128 that reads back", () => {
  const read = (bytes: Uint8Array, signed: boolean): bigint => {
    let value = 0n;
    let shift = 0n;
    for (const byte of bytes) {
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
    }
    const negative = signed && (bytes.at(-1) ?? 0) & 0x40;
    return negative ? value - (1n << shift) : value;
  };
  fc.assert(
    fc.property(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (a, b) => {
      const [signed, unsigned, long] = [new ByteWriter(), new ByteWriter(), new ByteWriter()];
      signed.s32(a);
      unsigned.u32(a >>> 0);
      long.s64(b);
      assert.equal(read(signed.view(), true), BigInt(a));
      assert.equal(read(unsigned.view(), false), BigInt(a >>> 0));
      assert.equal(read(long.view(), true), b);
      assert.ok(signed.length <= 5 && unsigned.length <= 5 && long.length <= 10);
    }),
  );
});

Deno.test("ModuleBuilder.func() computes with parameters and a result", () => {
  const builder = new ModuleBuilder();
  builder.func(
    { name: "hypot2", params: { x: "f32", y: "f32" }, result: "f32", export: true },
    (f, { x, y }) => f.return(f32.add(f32.mul(x, x), f32.mul(y, y))),
  );
  assert.equal(instantiate(builder).hypot2?.(3, 4), 25);
});

Deno.test("ModuleBuilder.func() calls functions of the module, also when an import comes between", () => {
  const builder = new ModuleBuilder();
  const double = builder.func({ name: "double", params: { x: "i32" }, result: "i32" }, (f, p) => {
    f.return(i32.mul(p.x, 2));
  });
  const quadruple = builder.func(
    { name: "quadruple", params: { x: "i32" }, result: "i32" },
    (f, { x }) => f.return(call(double, call(double, x))),
  );
  const seen: number[] = [];
  const note = builder.importFunction({ module: "env", name: "note", params: ["i32"] });
  builder.func({ name: "run", params: { x: "i32" }, result: "i32", export: true }, (f, { x }) => {
    f.do(double, x);
    f.do(note, call(double, x));
    f.return(call(quadruple, x));
  });
  const { run } = instantiate(builder, { note: (x: number) => seen.push(x) });
  assert.equal(run?.(5), 20);
  assert.deepEqual(seen, [10]);
});

Deno.test("ModuleBuilder.finish() names the functions, so that the stack of a trap shows them", () => {
  const builder = new ModuleBuilder();
  const note = builder.importFunction({ module: "env", name: "note" });
  const inner = builder.func(
    { name: "divide 7 by ü", params: { by: "i32" }, result: "i32" },
    (f, { by }) => f.return(i32.divU(7, by)),
  );
  builder.func({ name: "run", export: true }, (f) => {
    f.do(note);
    f.do(inner, i32.const(0));
  });
  const { run } = instantiate(builder, { note: () => {} });
  const stack = (error: unknown) => /divide 7 by ü[^]*\brun\b/.test((error as Error).stack ?? "");
  assert.throws(() => run?.(), stack);
});

Deno.test("FunctionBuilder.loop() sums an array and runs no trip for an empty one", () => {
  const builder = new ModuleBuilder();
  const memory = memoryOf(builder, 1);
  builder.func(
    { name: "sum", params: { at: "i32", count: "i32" }, result: "f32", export: true },
    (f, { at, count }) => {
      const sum = f.let(f32.const(0));
      f.loop({ from: at, to: i32.add(at, i32.shl(count, 2)), step: 4 }, (i) => {
        f.set(sum, f32.add(sum, f32.load(i)));
      });
      f.return(sum);
    },
  );
  const { sum } = instantiate(builder, { memory });
  new Float32Array(memory.buffer, 64).set([1, 2, 3, 4]);
  assert.equal(sum?.(64, 4), 10);
  assert.equal(sum?.(64, 1), 1);
  assert.equal(sum?.(64, 0), 0);
});

Deno.test("FunctionBuilder.loop() leaves a loop of constant zero trips out", () => {
  const bytes = (to: number) => {
    const builder = new ModuleBuilder();
    builder.func({ name: "f" }, (f) => f.loop({ to }, (i) => f.set(i, i)));
    return builder.finish().length;
  };
  assert.ok(bytes(0) < bytes(1));
});

Deno.test("FunctionBuilder.if(), block() and repeat() steer as written", () => {
  const builder = new ModuleBuilder();
  builder.func(
    { name: "collatz", params: { n: "i32" }, result: "i32", export: true },
    (f, { n }) => {
      const steps = f.let(i32.const(0));
      f.block((exit) => {
        f.repeat((again) => {
          f.branchIf(exit, i32.leS(n, 1));
          f.set(steps, i32.add(steps, 1));
          f.if(
            i32.and(n, 1),
            () => f.set(n, i32.add(i32.mul(n, 3), 1)),
            () => f.set(n, i32.shrU(n, 1)),
          );
          f.branch(again);
        });
      });
      f.return(steps);
    },
  );
  assert.equal(instantiate(builder).collatz?.(27), 111);
});

Deno.test("FunctionBuilder.scope() uses the numbers of its locals again", () => {
  const builder = new ModuleBuilder();
  const indices: number[] = [];
  builder.func({ name: "f" }, (f) => {
    const outer = f.let(f32.const(1));
    for (let time = 0; time < 3; time++) f.scope(() => indices.push(f.let(f32.const(2)).index));
    indices.push(outer.index, f.let(i32.const(2)).index);
  });
  assert.deepEqual(indices, [1, 1, 1, 0, 2]);
  assert.ok(WebAssembly.validate(builder.finish()));
});

Deno.test("FunctionBuilder.store puts bytes where it is told", () => {
  const builder = new ModuleBuilder();
  const memory = memoryOf(builder, 1);
  new Uint8Array(memory.buffer).set([1, 2, 3], 8);
  builder.func({ name: "run", export: true }, (f) => {
    f.store.i32As8(11, i32.add(i32.load8U(10), 1));
    f.store.i32(16, -1);
    f.store.f32(20, f32.demote(f64.promote(f32.const(1.5))));
    f.store.f64(24, f64.convertI32(7), 8);
    f.store.v128(0, f32x4.const(1, 2, 3, 4), 48);
  });
  instantiate(builder, { memory }).run?.();
  const { buffer } = memory;
  assert.deepEqual([...new Uint8Array(buffer, 8, 5)], [1, 2, 3, 4, 0]);
  assert.deepEqual([...new Int32Array(buffer, 16, 1)], [-1]);
  assert.deepEqual([...new Float32Array(buffer, 20, 1)], [1.5]);
  assert.deepEqual([...new Float64Array(buffer, 32, 1)], [7]);
  assert.deepEqual([...new Float32Array(buffer, 48, 4)], [1, 2, 3, 4]);
});

Deno.test("i32 instructions agree with JavaScript on random operands", () => {
  const builder = new ModuleBuilder();
  const rules = {
    add: (a: number, b: number) => (a + b) | 0,
    sub: (a: number, b: number) => (a - b) | 0,
    mul: Math.imul,
    and: (a: number, b: number) => a & b,
    or: (a: number, b: number) => a | b,
    xor: (a: number, b: number) => a ^ b,
    shl: (a: number, b: number) => a << b,
    shrS: (a: number, b: number) => a >> b,
    shrU: (a: number, b: number) => (a >>> b) | 0,
    ltS: (a: number, b: number) => Number(a < b),
    geU: (a: number, b: number) => Number(a >>> 0 >= b >>> 0),
  };
  const names = Object.keys(rules) as (keyof typeof rules)[];
  for (const name of names) {
    builder.func(
      { name, params: { a: "i32", b: "i32" }, result: "i32", export: true },
      (f, { a, b }) => f.return(i32[name](a, b)),
    );
  }
  const exports = instantiate(builder);
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.constantFrom(...names), (a, b, name) => {
      assert.equal(exports[name]?.(a, b), rules[name](a, b));
      assert.equal(evaluateConstant(name, a, b), rules[name](a, b), `${name} of constants`);
    }),
    { numRuns: 60 },
  );

  function evaluateConstant(name: keyof typeof rules, a: number, b: number): unknown {
    return evaluate("i32", () => i32[name](a, b));
  }
});

Deno.test("vector instructions compute lane by lane", () => {
  const lanes = (vector: Expr<"v128">) =>
    [0, 1, 2, 3].map((lane) => evaluate("f32", () => f32x4.extract(vector, lane)));
  const a = f32x4.const(1, -2, 3.5, -0.25);
  assert.deepEqual(lanes(f32x4.relaxedMadd(a, 2, 1)), [3, -3, 8, 0.5]);
  assert.deepEqual(lanes(f32x4.relaxedNmadd(a, 2, 1)), [-1, 5, -6, 1.5]);
  assert.deepEqual(lanes(f32x4.floor(a)), [1, -2, 3, -1]);
  assert.deepEqual(lanes(v128.bitselect(a, f32x4.const(9), f32x4.lt(a, 0))), [9, -2, 9, -0.25]);
  assert.deepEqual(lanes(i32x4.shuffle(a, f32x4.const(9), [3, 4, 0, 2])), [-0.25, 9, 1, 3.5]);
  assert.deepEqual(lanes(f32x4.convertI32x4S(i32x4.truncSatF32x4S(a))), [1, -2, 3, 0]);
  assert.deepEqual(lanes(f32x4.replace(f32x4.splat(7), 2, 8)), [7, 7, 8, 7]);
  assert.deepEqual(
    lanes(f32x4.demoteF64x2Zero(f64x2.add(f64x2.promoteLowF32x4(a), 1))),
    [2, -1, 0, 0],
  );
  const bytes = i32x4.const(0x04030201, 0, 0, 0);
  const widened = i32x4.extendLowI16x8S(i16x8.extendLowI8x16U(bytes));
  assert.deepEqual(lanes(f32x4.convertI32x4S(widened)), [1, 2, 3, 4]);
  assert.equal(evaluate("i32", () => i32x4.bitmask(f32x4.lt(a, 0))), 0b1010);
  assert.equal(evaluate("i32", () => v128.anyTrue(i8x16.splat(0))), 0);
});

Deno.test("scalar conversions and select() keep WebAssembly's meaning", () => {
  assert.equal(evaluate("i32", () => i32.truncSatF32(-2.75)), -2);
  assert.equal(evaluate("i32", () => i32.truncSatF32(NaN)), 0);
  assert.equal(evaluate("i32", () => i32.reinterpret(1)), 0x3f800000);
  assert.equal(evaluate("f32", () => f32.reinterpret(0x40000000)), 2);
  assert.equal(evaluate("i64", () => i64.add(i64.extendU(-1), 1n)), 2n ** 32n);
  assert.equal(evaluate("i32", () => i32.wrap(i64.const(-5n))), -5);
  assert.equal(evaluate("f64", () => f64.sqrt(2)), Math.SQRT2);
  assert.equal(evaluate("f32", () => select(i32.const(1), f32.const(2), f32.const(3))), 2);
});

Deno.test("load32Lane() and the splatting loads read what is in memory", () => {
  const builder = new ModuleBuilder();
  const memory = memoryOf(builder, 1);
  new Float32Array(memory.buffer, 16).set([1, 2, 3, 4]);
  builder.func({ name: "run", params: { lane: "i32" }, export: true }, (f, { lane }) => {
    f.store.v128(32, v128.load32Splat(i32.add(16, i32.shl(lane, 2))));
    f.store.v128(48, v128.load32Lane(f32x4.const(9), 2, { address: 16, offset: 4 }));
    f.store.v128(64, v128.load32Zero(16, 8));
  });
  instantiate(builder, { memory }).run?.(3);
  assert.deepEqual(
    [...new Float32Array(memory.buffer, 32, 12)],
    [4, 4, 4, 4, 9, 9, 2, 9, 3, 0, 0, 0],
  );
});

Deno.test("FunctionBuilder.loop() sets constant vectors once, before the outermost loop", () => {
  const builder = new ModuleBuilder();
  const note = builder.importFunction({ module: "env", name: "note", params: ["f32"] });
  const vectors = (uses: number) => Array.from({ length: uses }, () => f32x4.const(0.1, 1, 2, 3));
  const sum = (uses: number) =>
    vectors(uses).reduce<Expr<"v128">>((a, b) => f32x4.add(a, b), f32x4.const(0));
  builder.func({ name: "run", export: true }, (f) => {
    for (const uses of [3, 5]) {
      f.loop({ to: 2 }, () => {
        f.scope(() => f.let(f32x4.const(7)));
        f.loop({ to: 2 }, () => f.do(note, f32x4.extract(sum(uses), 1)));
        f.do(note, f32x4.extract(f32x4.mul(f32x4.const(7), 3), 0));
      });
    }
  });
  const seen: number[] = [];
  const bytes = builder.finish();
  instantiate(builder, { note: (x: number) => seen.push(x) }).run?.();
  assert.deepEqual(seen, [3, 3, 21, 3, 3, 21, 5, 5, 21, 5, 5, 21]);
  const pattern = [...new Uint8Array(Float32Array.of(0.1, 1, 2, 3).buffer)].join();
  assert.equal(
    [...bytes].join().split(pattern).length - 1,
    2,
    "one of them for each outermost loop",
  );
});

Deno.test("FunctionBuilder refuses what would not validate, in words", () => {
  const builder = new ModuleBuilder();
  const none = builder.func({ name: "none", params: { x: "f32" } }, () => {});
  builder.func({ name: "f" }, (f) => {
    const count = f.local("i32", "count");
    const wrong = f32.const(1) as Expr as Expr<"i32">;
    assert.throws(() => f.set(count, wrong), /Cannot set count: expected i32, got f32/);
    assert.throws(
      () => f.do(none, i32.const(1)),
      /Cannot call none: expected \(f32\), got \(i32\)/,
    );
    assert.throws(() => f32.load(0, -4), /expected an offset of 0 or more, got -4/);
    assert.throws(() => f32x4.const(1, 2), /expected 1 or 4 lanes, got 2/);
    assert.throws(() => v128.and(1, 2), /expected a vector/);
  });
});

Deno.test("ModuleBuilder.finish() is correct for 5,000 statements", () => {
  const builder = new ModuleBuilder();
  builder.func({ name: "run", result: "i32", export: true }, (f) => {
    let sum = f.let(i32.const(0));
    for (let i = 0; i < 5_000; i++) sum = f.scope(() => f.let(i32.add(sum, i & 7)));
    f.return(sum);
  });
  assert.equal(instantiate(builder).run?.(), 17_500);
});
