/** Loops in parts: each kind of reduction and store, with the parts in any order. */
import assert from "node:assert/strict";
import { loopScratch, loopStages } from "../../../../lib/jit/emit/loop/loop.ts";
import { splitOf } from "../../../../lib/jit/emit/loop/split.ts";
import {
  type Access,
  denseAccess,
  denseStrides,
  sizeOf,
} from "../../../../lib/jit/program/access.ts";
import { type DType, type Values, valuesOf } from "../../../../lib/jit/program/dtype.ts";
import type { LoopEquation, Operand, ReduceFn, Var } from "../../../../lib/jit/program/equation.ts";
import { assertSame, type Order, ORDERS, runStages } from "../parts/run_stages.ts";

/** A loop over `x` and `y`, and what to make of their sum. */
interface Case {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
  readonly read: keyof typeof READS;
  /** The combined dimensions of all reductions; undefined for stores. */
  readonly axes?: readonly number[] | undefined;
  readonly fns?: readonly ReduceFn[];
  /** Steps of the body that change nothing: the work of an element. */
  readonly idle?: number;
  readonly values?: (i: number, which: number) => number;
}

/** The ways to read the second operand; the size of its array is as large as needed. */
const READS = {
  "as it is": (shape: readonly number[]): Access => denseAccess(shape),
  reversed: (shape: readonly number[]): Access => ({
    shape,
    offset: sizeOf(shape) - 1,
    strides: denseStrides(shape).map((stride) => -stride),
  }),
  "every third": (shape: readonly number[]): Access => ({
    shape,
    offset: 2,
    strides: denseStrides(shape).map((stride) => 3 * stride),
  }),
  "one row": (shape: readonly number[]): Access => ({
    shape,
    offset: 0,
    strides: shape.map((_, d) => d === shape.length - 1 ? 1 : 0),
  }),
  "one column": (shape: readonly number[]): Access => ({
    shape,
    offset: 0,
    strides: denseStrides(shape).map((stride, d) => d === shape.length - 1 ? 0 : stride),
  }),
  transposed: (shape: readonly number[]): Access => ({
    shape,
    offset: 0,
    strides: denseStrides(shape.toReversed()).toReversed(),
  }),
} as const;

function lengthOf({ shape, offset, strides }: Access): number {
  return 1 + shape.reduce((end, n, d) => end + Math.max(0, (n - 1) * strides[d]!), offset);
}

/** Whole numbers from -4 to 4: their sums are exact. */
function small(i: number, which: number): number {
  return (Math.imul(i + 1, 0x9e3779b1 + 2 * which) >>> 13) % 9 - 4;
}

interface Made {
  readonly loop: LoopEquation;
  readonly inputs: ReadonlyMap<Var, Values>;
  readonly results: readonly Var[];
}

/** Makes the loop: the sum of both operands is stored as it is and as a comparison, or is reduced. */
function makeLoop(test: Case): Made {
  const { shape, dtype, axes, fns = ["sum", "max", "min"], idle = 0, values = small } = test;
  let ids = 0;
  const newVar = (dtype: DType, shape: readonly number[]): Var => ({ id: ids++, dtype, shape });
  const accesses = [denseAccess(shape), READS[test.read](shape)];
  const operands: Operand[] = accesses.map((access) => ({
    source: newVar(dtype, [lengthOf(access)]),
    ...access,
  }));
  const inputs = new Map(operands.map(({ source }, which): [Var, Values] => {
    const numbers = Array.from({ length: source.shape[0]! }, (_, i) => values(i, which));
    return [source, valuesOf(dtype, numbers)];
  }));
  const body = [
    { fn: "add", args: [0, 1], dtype } as const,
    ...Array.from({ length: idle }, (_, i) => ({ fn: "copy", args: [2 + i], dtype } as const)),
    { fn: "lt", args: [0, 1], dtype } as const,
  ];
  const [sum, less] = [body.length, body.length + 1];
  const reduced = shape.map((_, d) => axes?.includes(d) ?? false);
  const kept = shape.filter((_, d) => !reduced[d]);
  const loop: LoopEquation = {
    op: "loop",
    shape,
    inputs: operands,
    body,
    stores: axes ? [] : [
      { value: sum, out: newVar(dtype, shape) },
      { value: less, out: newVar("bool", shape) },
    ],
    reductions: axes
      ? fns.map((fn) => ({ fn, value: sum, reduced, out: newVar(dtype, kept) }))
      : [],
  };
  return { loop, inputs, results: [...loop.stores, ...loop.reductions].map(({ out }) => out) };
}

const COMBINE: Readonly<Record<ReduceFn, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
};

/** The results by the definition: index after index in double precision. */
function expected({ loop, inputs }: Made): Values[] {
  const { shape, reductions } = loop;
  const dtype = loop.inputs[0]!.source.dtype;
  const make = dtype === "float32" ? Float32Array : Int32Array;
  const [x, y] = loop.inputs.map(({ source, offset, strides }) => ({
    values: inputs.get(source)!,
    offset,
    strides,
  }));
  const stores = [new make(sizeOf(shape)), new Uint8Array(sizeOf(shape))];
  const totals = reductions.map(({ out }) => new Array<number | undefined>(sizeOf(out.shape)));
  const combine = reductions.map(({ fn }) =>
    dtype === "int32" && fn === "prod" ? Math.imul : COMBINE[fn]
  );
  const kept = shape.map((n, d) => reductions[0]?.reduced[d] ? 1 : n);
  const strides = denseStrides(kept).map((stride, d) => reductions[0]?.reduced[d] ? 0 : stride);
  const index = shape.map(() => 0);
  const at = (strides: readonly number[]) =>
    strides.reduce((sum, stride, d) => sum + stride * index[d]!, 0);
  for (let i = 0; i < sizeOf(shape); i++) {
    const [a, b] = [x!, y!].map(({ values, offset, strides }) => values[offset + at(strides)]!);
    const value = make === Float32Array ? Math.fround(a! + b!) : (a! + b!) | 0;
    stores[0]![i] = value;
    stores[1]![i] = Number(a! < b!);
    const place = at(strides);
    totals.forEach((total, k) => {
      const before = total[place];
      total[place] = before === undefined ? value : combine[k]!(before, value);
    });
    for (let d = shape.length - 1; d >= 0 && ++index[d]! === shape[d]; d--) index[d] = 0;
  }
  return reductions.length > 0 ? totals.map((total) => make.from(total as number[])) : stores;
}

function run({ loop, inputs, results }: Made, order: Order): Values[] {
  return runStages({
    scratch: { shared: loopScratch(loop), own: 0 },
    inputs,
    results,
    stages: (places) => loopStages(loop, places),
  }, order);
}

/** Runs a loop with its parts in each order, and compares with the definition. */
function check(test: Case): void {
  const made = makeLoop(test);
  const what = `[${test.shape}] ${test.dtype} ${test.read} over ${test.axes}`;
  assert(splitOf(made.loop), `${what} is too small to be cut`);
  const wanted = expected(made);
  for (const order of Object.keys(ORDERS) as Order[]) {
    assertSame(run(made, order), wanted, `${what}, parts ${order}`);
  }
}

const TYPES = ["float32", "int32"] as const;
const WAYS = Object.keys(READS) as (keyof typeof READS)[];

/** Shapes and the dimensions that are combined; which dimension is cut stands beside them. */
const SHAPES: readonly (readonly [readonly number[], readonly number[] | undefined])[] = [
  [[30_037], undefined], // the only one; one element is left over
  [[1, 1, 30_038], undefined], // the innermost, behind dimensions of 1
  [[3, 10_003], undefined], // the outermost
  [[30_037], [0]], // partial results
  [[1, 30_039], [1]],
  [[37, 803], [1]], // the kept one, which is the outermost
  [[300, 101], [0]], // the combined one; columns with a rest
  [[50, 603], [0]], // columns, in double precision in memory
  [[1, 50, 603], [0, 1]],
  [[5, 10, 601], [0, 1]],
  [[9, 330, 10], [0, 2]], // the kept one in the middle
  [[9, 33, 103], [0, 2]], // the first of two combined ones
  [[7, 41, 103], [1]], // the outermost of two kept ones
  [[2, 2, 2, 3751], [0, 1, 2, 3]],
];

Deno.test("a loop in parts computes what its definition says, whatever it stores or combines", () => {
  SHAPES.forEach(([shape, axes], i) => {
    TYPES.forEach((dtype, j) => {
      check({ shape, axes, dtype, read: WAYS[(i + 3 * j) % WAYS.length]! });
    });
  });
});

Deno.test("a loop in parts reads operands that are reversed, strided, repeated or transposed", () => {
  for (const read of WAYS) {
    check({ shape: [5, 6001], dtype: "float32", read });
    check({ shape: [50, 603], axes: [0], dtype: "float32", read });
    check({ shape: [30_001], axes: [0], dtype: "int32", read });
  }
});

Deno.test("a loop in parts multiplies: ones, and a few other numbers in each part", () => {
  const ones = (i: number, which: number) => which === 1 ? 0 : i % 997 === 5 ? 2 : i % 3 ? 1 : -1;
  const odd = (i: number, which: number) => which === 1 ? 0 : 2 * (i % 1000) - 999;
  for (const [shape, axes] of SHAPES) {
    if (!axes) continue;
    const read = "as it is";
    check({ shape, axes, dtype: "float32", read, fns: ["prod", "sum", "prod"], values: ones });
    check({ shape, axes, dtype: "int32", read, fns: ["prod", "max"], values: odd });
  }
});

Deno.test("a loop in parts reduces one value alone: each function and type", () => {
  for (const fn of ["sum", "prod", "max", "min"] as const) {
    for (const dtype of TYPES) {
      const values = (i: number, which: number) => which === 1 ? 0 : i % 4999 === 7 ? 2 : 1;
      check({ shape: [41_003], axes: [0], dtype, read: "as it is", fns: [fn], values });
      check({ shape: [40, 1003], axes: [0], dtype, read: "as it is", fns: [fn], values });
    }
  }
});

Deno.test("a loop in parts cuts short rows: parts that have only whole vectors, or only single elements", () => {
  for (let length = 33; length <= 66; length++) {
    const shape = [100, length];
    const read = WAYS[length % WAYS.length]!;
    const made = makeLoop({ shape, axes: [0], dtype: "float32", read, idle: 60 });
    assert.equal(splitOf(made.loop)?.dimension, 1, `${length} columns are cut`);
    check({ shape, axes: [0], dtype: "float32", read, idle: 60 });
    check({ shape, axes: [0], dtype: "int32", read, idle: 60 });
  }
  for (let length = 33; length <= 66; length += 3) {
    check({ shape: [length], dtype: "float32", read: "reversed", idle: 2500 });
    check({ shape: [1, 4 * length], axes: [1], dtype: "float32", read: "reversed", idle: 800 });
  }
});

Deno.test("a loop in parts passes NaN and infinities on from any part", () => {
  for (const at of [0, 9_000, 17_003, 30_036]) {
    for (const odd of [NaN, Infinity, -Infinity]) {
      const values = (i: number, which: number) => which === 1 ? 0 : i === at ? odd : small(i, 0);
      check({ shape: [30_037], axes: [0], dtype: "float32", read: "as it is", values });
    }
  }
});

/** The sums by the definition: those of each part in the order of indices, added in the order of parts. */
function sumOfParts({ loop, inputs }: Made): Float32Array {
  const { shape, reductions: [reduction] } = loop;
  const { dimension, size, parts } = splitOf(loop)!;
  const isPartial = reduction!.reduced[dimension]!;
  const [x, y] = loop.inputs.map(({ source }) => inputs.get(source)!);
  const kept = shape.map((n, d) => reduction!.reduced[d] ? 1 : n);
  const strides = denseStrides(kept).map((stride, d) => reduction!.reduced[d] ? 0 : stride);
  const dense = denseStrides(shape);
  const sums = Array.from({ length: parts }, () => new Float64Array(sizeOf(kept)));
  for (let i = 0; i < sizeOf(shape); i++) {
    const index = shape.map((n, d) => Math.floor(i / dense[d]!) % n);
    const place = index.reduce((sum, k, d) => sum + k * strides[d]!, 0);
    const part = isPartial ? Math.floor(index[dimension]! / size) : 0;
    sums[part]![place]! += Math.fround(x![i]! + y![i]!);
  }
  return Float32Array.from(sums[0]!, (_, i) => sums.reduce((total, sum) => total + sum[i]!, 0));
}

Deno.test("a loop in parts sums any floats in double precision, part after part, to the last bit", () => {
  for (const [shape, axes] of SHAPES) {
    if (!axes) continue;
    const test = { shape, axes, dtype: "float32", read: "as it is", fns: ["sum"] } as const;
    const { dimension, size } = splitOf(makeLoop(test).loop)!;
    // A large number in the first part and its opposite in the second: added in another order they swallow all.
    const opposite = 3 + size * denseStrides(shape)[dimension]!;
    const values = (i: number, which: number) =>
      i === 3 && which === 0 ? 1e22 : i === opposite && which === 0 ? -1e22 : Math.sin(i + which);
    const made = makeLoop({ ...test, values });
    const wanted = sumOfParts(made);
    for (const order of Object.keys(ORDERS) as Order[]) {
      assertSame(run(made, order), [wanted], `[${shape}] over ${axes}, parts ${order}`);
    }
  }
});
