import assert from "node:assert/strict";
import fc from "fast-check";
import { ModuleBuilder } from "../../../../lib/jit/wasm/mod.ts";
import { instantiate, memoryOf } from "../../wasm/instance.ts";
import {
  emitMatmul,
  matmulKind,
  matmulParts,
  matmulScratch,
  type MatmulShape,
  SGEMM_PARAMETERS,
} from "../../../../lib/jit/emit/matmul/mod.ts";

interface Case extends MatmulShape {
  readonly accumulate: boolean;
  /** Whether one left or right operand serves the whole batch. */
  readonly share: "left" | "right" | "none";
}

const NAN_GUARD = 16;

/** Small integers: sums are exact, so every order of summation gives the same floats. */
function integers(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (Math.imul(i + 1, seed * 2 + 7919) >>> 7) % 9 - 4);
}

/** What the product should be, by the definition. */
function expected(test: Case, operands: Operands): Float32Array {
  const { m, n, k, batch, transposeA, transposeB, accumulate, share } = test;
  const { a, b, before } = operands;
  return Float32Array.from({ length: batch * m * n }, (_, place) => {
    const index = Math.floor(place / (m * n));
    const [row, column] = [Math.floor(place / n) % m, place % n];
    const [fromA, fromB] = [
      share === "left" ? 0 : index * m * k,
      share === "right" ? 0 : index * k * n,
    ];
    let sum = accumulate ? before[place] ?? NaN : 0;
    for (let step = 0; step < k; step++) {
      const left = a[fromA + (transposeA ? step * m + row : row * k + step)] ?? NaN;
      sum += left * (b[fromB + (transposeB ? column * k + step : step * n + column)] ?? NaN);
    }
    return sum;
  });
}

interface Operands {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly before: Float32Array;
}

function operandsOf({ m, n, k, batch }: Case): Operands {
  return {
    a: integers(batch * m * k, 1),
    b: integers(batch * k * n, 2),
    before: integers(batch * m * n, 4),
  };
}

/** Where everything lies: each array between guards of NaN, which no sum may touch. */
function layout(test: Case, operands: Operands) {
  let top = NAN_GUARD * 4;
  const place = (floats: number) => {
    const at = top;
    top += 16 * Math.ceil(floats / 4) + NAN_GUARD * 4;
    return at;
  };
  return {
    a: place(operands.a.length),
    b: place(operands.b.length),
    out: place(operands.before.length),
    scratch: place(matmulScratch(test) / 4),
    end: () => top,
  };
}

function compute(
  test: Case,
  sgemm = false,
  operands = operandsOf(test),
): { out: Float32Array; rest: Float32Array; calls: number } {
  const at = layout(test, operands);
  const builder = new ModuleBuilder();
  const pages = Math.ceil(at.end() / 65536);
  builder.importMemory({ module: "env", name: "memory", minPages: pages });
  const blas = builder.importFunction({ module: "env", name: "sgemm", params: SGEMM_PARAMETERS });
  builder.func({ name: "run", export: true }, (f) => {
    const { m, n, k, accumulate, share } = test;
    const spec = {
      ...test,
      a: at.a,
      b: at.b,
      out: at.out,
      strideA: share === "left" ? 0 : 4 * m * k,
      strideB: share === "right" ? 0 : 4 * k * n,
      accumulate,
    };
    f.loop({ to: matmulParts(test) }, (part) => {
      emitMatmul(f, spec, { part, scratch: at.scratch, sgemm: sgemm ? blas : undefined });
    });
  });
  const memory = new WebAssembly.Memory({ initial: pages });
  const floats = new Float32Array(memory.buffer).fill(NaN);
  floats.set(operands.a, at.a / 4);
  floats.set(operands.b, at.b / 4);
  floats.set(test.accumulate ? operands.before : [], at.out / 4);
  let calls = 0;
  const env = { memory, sgemm: (...args: number[]) => (calls++, referenceSgemm(floats, args)) };
  const module = new WebAssembly.Module(builder.finish());
  (new WebAssembly.Instance(module, { env }).exports.run as () => void)();
  const out = floats.slice(at.out / 4, at.out / 4 + operands.before.length);
  const { a, b, before } = operands;
  const sizes = { a: a.length, b: b.length, out: before.length };
  for (const name of ["a", "b", "out"] as const) {
    floats.fill(NaN, at[name] / 4, at[name] / 4 + sizes[name]);
  }
  floats.fill(NaN, at.scratch / 4, (at.scratch + matmulScratch(test)) / 4);
  return { out, rest: floats, calls };
}

/** An sgemm for tests, with the parameters that the emitted code passes. */
function referenceSgemm(floats: Float32Array, args: readonly number[]): void {
  const [transA, transB, ...numbers] = args;
  const [m, n, k, a, lda, b, ldb, out, ldc, accumulate] = numbers as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      const place = out / 4 + row * ldc + column;
      let sum = accumulate ? floats[place] ?? NaN : 0;
      for (let step = 0; step < k; step++) {
        const left = floats[a / 4 + (transA ? step * lda + row : row * lda + step)] ?? NaN;
        sum += left * (floats[b / 4 + (transB ? column * ldb + step : step * ldb + column)] ?? NaN);
      }
      floats[place] = sum;
    }
  }
}

function check(test: Case, sgemm = false): void {
  const { out, rest } = compute(test, sgemm);
  assert.deepEqual(out, expected(test, operandsOf(test)), JSON.stringify(test));
  assert.ok(rest.every(Number.isNaN), `${JSON.stringify(test)} writes outside its result`);
}

const size = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 2, arbitrary: fc.integer({ min: 10, max: 70 }) },
);
const cases: fc.Arbitrary<Case> = fc.record({
  m: size,
  n: size,
  k: size,
  batch: fc.constantFrom(1, 1, 1, 2, 3),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  accumulate: fc.boolean(),
  share: fc.constantFrom("left", "right", "none"),
});
const PLAIN = {
  batch: 1,
  transposeA: false,
  transposeB: false,
  accumulate: false,
  share: "none",
} as const;

Deno.test("emitMatmul() computes every small shape, transposed or not, batched", () => {
  fc.assert(fc.property(cases, (test) => check(test)), { numRuns: 400 });
});

Deno.test("emitMatmul() cuts long sums into blocks and many rows too", () => {
  for (const accumulate of [false, true]) {
    for (const k of [272, 273, 546, 1800]) {
      check({ ...PLAIN, m: 14, n: 11, k, accumulate });
      for (const m of [1, 2, 3]) check({ ...PLAIN, m, n: 5, k, accumulate, transposeB: true });
      check({ ...PLAIN, m: 13, n: 5, k, accumulate, transposeA: true, transposeB: true });
    }
    check({ ...PLAIN, m: 2003, n: 12, k: 65, accumulate });
    check({ ...PLAIN, m: 401, n: 9, k: 899, accumulate, transposeA: true });
  }
});

Deno.test("emitMatmul() adds long sums in stretches: an error of few roundings for equal terms", () => {
  for (const m of [1, 4, 14]) {
    for (const transposeB of [false, true]) {
      const test = { ...PLAIN, m, n: 6, k: 100_000, transposeB };
      const term = Math.fround(0.1);
      const filled = (count: number) => new Float32Array(count).fill(term);
      const operands = { a: filled(m * test.k), b: filled(6 * test.k), before: filled(m * 6) };
      for (const sum of compute(test, false, operands).out) {
        assert(
          Math.abs(sum / (test.k * term * term) - 1) < 4e-5,
          `${sum} of ${JSON.stringify(test)}`,
        );
      }
    }
  }
});

Deno.test("emitMatmul() calls sgemm for large products and adds the result to it", () => {
  fc.assert(fc.property(cases, (test) => check({ ...test, m: 64, k: 129 }, true)), { numRuns: 20 });
  const large = { ...PLAIN, m: 64, n: 32, k: 128, batch: 3 };
  assert.equal(compute(large, true).calls, 3);
  assert.equal(compute({ ...large, m: 4 }, true).calls, 0);
  assert.equal(compute(large, false).calls, 0);
});

Deno.test("emitMatmul() cuts large products into rows or columns, with any way to store them", () => {
  for (
    const [m, n, k] of [[300, 70, 200], [70, 300, 200], [129, 128, 300], [64, 145, 400]] as const
  ) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const test = { ...PLAIN, m, n, k, transposeA, transposeB };
        assert.ok(matmulParts(test) > 1, `${m}x${n}x${k} has parts`);
        check(test, transposeA === transposeB);
      }
    }
  }
  for (const batch of [24, 23]) {
    const test = { ...PLAIN, m: 60, n: 60, k: 60, batch };
    assert.equal(matmulParts(test), 12);
    check(test);
  }
});

Deno.test("emitMatmul() shares one function between products of one shape", () => {
  const bytes = (shapes: readonly number[]) => {
    const builder = new ModuleBuilder();
    memoryOf(builder, 16);
    builder.func({ name: "run" }, (f) => {
      for (const m of shapes) {
        const shape = { ...PLAIN, m, n: 40, k: 50 };
        emitMatmul(f, {
          ...shape,
          a: 0,
          b: 65536,
          out: 131072,
          strideA: 0,
          strideB: 0,
        }, { part: 0, scratch: 262144 });
      }
    });
    return builder.finish().length;
  };
  const single = bytes([20]);
  assert.ok(bytes([20, 20]) - single < 40);
  assert.ok(bytes([20, 21]) - single > single / 2);
});

Deno.test("emitMatmul() propagates NaN and Infinity of operands", () => {
  for (const { m, n, k } of [{ m: 1, n: 3, k: 2 }, { m: 17, n: 10, k: 5 }, { m: 2, n: 9, k: 9 }]) {
    const shape = { ...PLAIN, m, n, k };
    const builder = new ModuleBuilder();
    const memory = memoryOf(builder, 2);
    builder.func({ name: "run", export: true }, (f) => {
      emitMatmul(f, {
        ...shape,
        a: 0,
        b: 8192,
        out: 16384,
        strideA: 0,
        strideB: 0,
      }, { part: 0, scratch: 32768 });
    });
    const exports = instantiate(builder, { memory });
    const { buffer } = memory;
    new Float32Array(buffer, 0, m * k).fill(1)[0] = Infinity;
    new Float32Array(buffer, 8192, k * n).fill(1)[1] = 0;
    (exports.run as () => void)();
    const out = new Float32Array(buffer, 16384, m * n);
    assert.deepEqual([...out.slice(0, 3)], [Infinity, NaN, Infinity]);
  }
});

Deno.test("matmulKind() and matmulScratch() say how a product is done", () => {
  const shape = { ...PLAIN, m: 4, n: 4, k: 4 };
  assert.equal(matmulKind(shape, true), "unrolled");
  assert.equal(matmulKind({ ...shape, batch: 2 }, true), "simd");
  assert.equal(matmulKind({ ...shape, m: 64, n: 784, k: 200 }, true), "blas");
  assert.equal(matmulKind({ ...shape, m: 64, n: 784, k: 200 }, false), "simd");
  assert.equal(matmulScratch({ ...shape, m: 64, n: 10, k: 100 }), 8 * 100 * 4);
  assert.equal(matmulScratch({ ...shape, m: 64, n: 100, k: 100 }, true), 0);
  assert.equal(matmulScratch({ ...shape, m: 2, n: 10, k: 100 }), 0);
});
