/** Every instruction of the tables means what JavaScript computes, on numbers at the ends of their types. */
import assert from "node:assert/strict";
import {
  type Expr,
  f32,
  f32x4,
  f64,
  f64x2,
  i16x8,
  i32,
  i32x4,
  i64,
  i64x2,
  ModuleBuilder,
  v128,
} from "../../../lib/jit/wasm/mod.ts";
import {
  BINARY,
  COMPARE,
  UNARY,
  type ValType,
  VECTOR_CONVERT,
} from "../../../lib/jit/wasm/opcodes.ts";
import { instantiate, memoryOf } from "./instance.ts";

type Scalar = number | bigint;
type Meaning<T> = (a: T, b: T) => unknown;
type Meanings<T> = Readonly<Record<string, Meaning<T>>>;

const INTS = [0, 1, -1, 5, -7, 31, 33, 12345678, 2 ** 31 - 1, -(2 ** 31)];
const LONGS = [0n, 1n, -1n, 5n, -7n, 33n, 64n, 2n ** 40n, 2n ** 63n - 1n, -(2n ** 63n)];
const FLOATS = [0, -0, 1, -1, 0.5, -1.5, 2.5, 1e-3, -1e10, Infinity, -Infinity, NaN];

const unsigned = (x: number) => x >>> 0;
const long = (x: bigint) => BigInt.asIntN(64, x);
const truth = <T>(test: (a: T, b: T) => boolean): Meaning<T> => (a, b) => Number(test(a, b));

const I32: Meanings<number> = {
  add: (a, b) => (a + b) | 0,
  sub: (a, b) => (a - b) | 0,
  mul: Math.imul,
  divU: (a, b) => (unsigned(a) / unsigned(b)) | 0,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shrS: (a, b) => a >> b,
  shrU: (a, b) => (a >>> b) | 0,
  eq: truth((a, b) => a === b),
  ne: truth((a, b) => a !== b),
  ltS: truth((a, b) => a < b),
  ltU: truth((a, b) => unsigned(a) < unsigned(b)),
  gtS: truth((a, b) => a > b),
  leS: truth((a, b) => a <= b),
  geS: truth((a, b) => a >= b),
  geU: truth((a, b) => unsigned(a) >= unsigned(b)),
  clz: (a) => Math.clz32(a),
  ctz: (a) => a === 0 ? 32 : 31 - Math.clz32(a & -a),
  popcnt: (a) => unsigned(a).toString(2).replaceAll("0", "").length,
};

const I64: Meanings<bigint> = {
  add: (a, b) => long(a + b),
  sub: (a, b) => long(a - b),
  mul: (a, b) => long(a * b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => long(a << (b & 63n)),
  shrS: (a, b) => a >> (b & 63n),
  shrU: (a, b) => long(BigInt.asUintN(64, a) >> (b & 63n)),
  eq: truth((a, b) => a === b),
  ne: truth((a, b) => a !== b),
  ltS: truth((a, b) => a < b),
  gtS: truth((a, b) => a > b),
  leS: truth((a, b) => a <= b),
  geS: truth((a, b) => a >= b),
};

function nearest(x: number): number {
  const rest = x - Math.floor(x);
  const even = 2 * Math.round(x / 2);
  const rounded = rest === 0.5 ? even : Math.round(x);
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

const isNegative = (x: number) => x < 0 || Object.is(x, -0);

const FLOAT: Meanings<number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  copysign: (a, b) => isNegative(b) ? -Math.abs(a) : Math.abs(a),
  eq: truth((a, b) => a === b),
  ne: truth((a, b) => a !== b),
  lt: truth((a, b) => a < b),
  gt: truth((a, b) => a > b),
  le: truth((a, b) => a <= b),
  ge: truth((a, b) => a >= b),
  abs: Math.abs,
  neg: (a) => -a,
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
  nearest,
  sqrt: Math.sqrt,
};

/** An instruction by name, whatever it takes. */
type Instructions = Readonly<Record<string, (a: Expr, b: Expr) => Expr>>;

/** The names of a type's instructions with their number of operands, and the type of their results. */
function namesOf(type: "i32" | "i64" | "f32" | "f64"): [name: string, result: ValType][] {
  return [
    ...Object.keys(BINARY[type]).map((name): [string, ValType] => [name, type]),
    ...Object.keys(type === "i64" ? {} : UNARY[type]).map((
      name,
    ): [string, ValType] => [name, type]),
    ...Object.keys(COMPARE[type]).map((name): [string, ValType] => [name, "i32"]),
  ];
}

/** Throws unless instructions give what they mean, rounded by `round`, on all pairs of numbers. */
function compareScalars<T extends Scalar>(
  type: "i32" | "i64" | "f32" | "f64",
  { instructions, meanings, numbers, round }: {
    readonly instructions: unknown;
    readonly meanings: Meanings<T>;
    readonly numbers: readonly T[];
    readonly round: (x: unknown) => unknown;
  },
): void {
  const builder = new ModuleBuilder();
  const names = namesOf(type);
  for (const [name, result] of names) {
    builder.func({ name, params: { a: type, b: type }, result, export: true }, (f, { a, b }) => {
      f.return((instructions as Instructions)[name]!(a, b));
    });
  }
  assert.deepEqual(names.map(([name]) => name).sort(), Object.keys(meanings).sort());
  const exports = instantiate(builder);
  for (const [name] of names) {
    for (const a of numbers) {
      for (const b of numbers) {
        if (name === "divU" && b == 0) continue; // it traps
        const want = round(meanings[name]!(a, b));
        assert.deepEqual(exports[name]!(a, b), want, `${type}.${name}(${a}, ${b})`);
      }
    }
  }
}

const same = (x: unknown) => x;

Deno.test("i32 instructions, all of them, are JavaScript's", () => {
  compareScalars("i32", {
    instructions: i32,
    meanings: I32,
    numbers: INTS,
    round: (x) => Number(x) | 0,
  });
});

Deno.test("i64 instructions, all of them, are those of bigint", () => {
  compareScalars("i64", { instructions: i64, meanings: I64, numbers: LONGS, round: same });
});

Deno.test("f32 and f64 instructions, all of them, are those of Math", () => {
  const numbers = FLOATS.map(Math.fround);
  const round = (x: unknown) => Math.fround(x as number);
  compareScalars("f32", { instructions: f32, meanings: FLOAT, numbers, round });
  compareScalars("f64", { instructions: f64, meanings: FLOAT, numbers: FLOATS, round: same });
});

/** Lanes of a vector. */
type Lanes = Int32Array | Uint32Array | Float32Array | Float64Array | BigUint64Array;
type LanesType = new (buffer: ArrayBuffer, offset: number, length: number) => Lanes;

/** Sixteen bytes that an instruction makes of two vectors. */
function applyVector(
  instruction: (a: Expr<"v128">, b: Expr<"v128">) => Expr<"v128">,
): (a: Lanes, b: Lanes) => ArrayBuffer {
  const builder = new ModuleBuilder();
  const memory = memoryOf(builder, 1);
  builder.func({ name: "run", export: true }, (f) => {
    f.store.v128(32, instruction(v128.load(0), v128.load(16)));
  });
  const { run } = instantiate(builder, { memory });
  const bytes = new Uint8Array(memory.buffer);
  return (a, b) => {
    bytes.set(new Uint8Array(a.buffer), 0);
    bytes.set(new Uint8Array(b.buffer), 16);
    run!();
    return memory.buffer.slice(32, 48) as ArrayBuffer;
  };
}

/** A type of lanes, and what its instructions mean for each lane. */
interface LaneType {
  readonly instructions: unknown;
  readonly type: LanesType & { from(values: readonly number[]): Lanes };
  readonly numbers: readonly number[];
  readonly meanings: Meanings<number>;
}

/** All ones in the lanes where it is true. */
const mask = (test: Meaning<number>): Meaning<number> => (a, b) => test(a, b) ? -1 : 0;
const masks = (meanings: Meanings<number>): Meanings<number> =>
  Object.fromEntries(
    Object.entries(meanings).map((
      [name, fn],
    ) => [name, /^(eq|ne|[lg][te][SU]?)$/.test(name) ? mask(fn) : fn]),
  );

const INT_LANES: Meanings<number> = masks({
  ...I32,
  minS: Math.min,
  maxS: Math.max,
  minU: (a, b) => unsigned(a) < unsigned(b) ? a : b,
  maxU: (a, b) => unsigned(a) > unsigned(b) ? a : b,
  abs: (a) => Math.abs(a) | 0,
  neg: (a) => -a | 0,
});
const FLOAT_LANES: Meanings<number> = masks({
  ...FLOAT,
  pmin: (a, b) => b < a ? b : a,
  pmax: (a, b) => a < b ? b : a,
});

const LANE_TYPES: Readonly<Record<"i32x4" | "f32x4" | "f64x2", LaneType>> = {
  i32x4: { instructions: i32x4, type: Int32Array, numbers: INTS, meanings: INT_LANES },
  f32x4: { instructions: f32x4, type: Float32Array, numbers: FLOATS, meanings: FLOAT_LANES },
  f64x2: { instructions: f64x2, type: Float64Array, numbers: FLOATS, meanings: FLOAT_LANES },
};

/** Vectors of the numbers, each followed by the next ones. */
function vectorsOf({ type, numbers }: LaneType): Lanes[] {
  const lanes = type === Float64Array as unknown ? 2 : 4;
  return numbers.map((_, i) =>
    type.from(Array.from({ length: lanes }, (_, lane) => numbers[(i + lane) % numbers.length]!))
  );
}

for (const [name, laneType] of Object.entries(LANE_TYPES)) {
  Deno.test(`${name} instructions, all of them, are JavaScript's in each lane`, () => {
    const { instructions, type, meanings } = laneType;
    const family = name as keyof typeof LANE_TYPES;
    const compares = Object.keys(COMPARE[family]);
    const vectors = vectorsOf(laneType);
    for (const fn of [...Object.keys(BINARY[family]), ...Object.keys(UNARY[family]), ...compares]) {
      const apply = applyVector((a, b) =>
        (instructions as Instructions)[fn]!(a, b) as Expr<"v128">
      );
      for (const a of vectors) {
        for (const b of vectors) {
          const want = type.from(
            Array.from(a as Float64Array, (x, lane) => meanings[fn]!(x, Number(b[lane])) as number),
          );
          const made = apply(a, b);
          if (compares.includes(fn)) {
            const ones = [...new Int32Array(made)].filter((_, i) => i % (4 / want.length) === 0);
            assert.deepEqual(ones, [...want as Int32Array], `${name}.${fn}`);
          } else {assert.deepEqual(
              [...new type(made, 0, want.length)],
              [...want],
              `${name}.${fn} ${a} ${b}`,
            );}
        }
      }
    }
  });
}

Deno.test("v128 and i64x2 instructions, all of them, work on bits and on whole products", () => {
  const bits: Readonly<Record<keyof typeof BINARY.v128, (a: number, b: number) => number>> = {
    and: (a, b) => a & b,
    andnot: (a, b) => a & ~b,
    or: (a, b) => a | b,
    xor: (a, b) => a ^ b,
  };
  const [a, b] = [Int32Array.of(1, -1, 0x55555555, 7), Int32Array.of(3, 5, -7, 0x0f0f0f0f)];
  for (const [name, fn] of Object.entries(bits)) {
    const made = applyVector(v128[name as keyof typeof bits])(a, b);
    assert.deepEqual(new Int32Array(made), a.map((x, lane) => fn(x, b[lane]!)), name);
  }
  assert.deepEqual(new Int32Array(applyVector((x) => v128.not(x))(a, b)), a.map((x) => ~x));
  const products = (lanes: readonly number[]) =>
    BigUint64Array.from(lanes, (lane) => BigInt(a[lane]! >>> 0) * BigInt(b[lane]! >>> 0));
  assert.deepEqual(Object.keys(i64x2).sort(), ["extmulHighI32x4U", "extmulLowI32x4U"]);
  const [low, high] = [i64x2.extmulLowI32x4U, i64x2.extmulHighI32x4U].map((fn) =>
    new BigUint64Array(applyVector(fn)(a, b))
  );
  assert.deepEqual([low, high], [products([0, 1]), products([2, 3])]);
});

const EIGHT = Int8Array.of(1, -2, 127, -128, 0, 5, -6, 100, -100, 9, -9, 33, -33, 64, -65, -1);
const SIXTEEN = Int16Array.of(1, -2, 32767, -32768, 300, -300, 0, -1);
const saturate = (x: number, low: number, high: number) =>
  Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, low), high));

/** What conversions of vectors give, from which lanes. */
const CONVERSIONS: Readonly<Record<string, readonly [from: ArrayBufferView, to: ArrayBufferView]>> =
  {
    "i32x4.truncSatF32x4S": lanesTo(
      Float32Array.of(-2.75, NaN, 3e9, -3e9),
      Int32Array,
      (x) => saturate(x, -(2 ** 31), 2 ** 31 - 1),
    ),
    "i32x4.truncSatF64x2SZero": [Float64Array.of(-2.75, 3e9), Int32Array.of(-2, 2 ** 31 - 1, 0, 0)],
    "i32x4.extendLowI16x8S": [SIXTEEN, Int32Array.from(SIXTEEN.slice(0, 4))],
    "i32x4.extendLowI16x8U": [SIXTEEN, Uint32Array.from(Uint16Array.from(SIXTEEN.slice(0, 4)))],
    "i16x8.extendLowI8x16U": [EIGHT, Uint16Array.from(Uint8Array.from(EIGHT.slice(0, 8)))],
    "f32x4.convertI32x4S": lanesTo(Int32Array.of(1, -1, 2 ** 31 - 1, -7), Float32Array, (x) => x),
    "f32x4.convertI32x4U": lanesTo(
      Uint32Array.of(1, 2 ** 32 - 1, 2 ** 31, 7),
      Float32Array,
      (x) => x,
    ),
    "f32x4.demoteF64x2Zero": [Float64Array.of(0.1, -1e300), Float32Array.of(0.1, -Infinity, 0, 0)],
    "f64x2.convertLowI32x4S": [
      Int32Array.of(-1, 2 ** 31 - 1, 5, 5),
      Float64Array.of(-1, 2 ** 31 - 1),
    ],
    "f64x2.convertLowI32x4U": [
      Uint32Array.of(2 ** 32 - 1, 7, 5, 5),
      Float64Array.of(2 ** 32 - 1, 7),
    ],
    "f64x2.promoteLowF32x4": [
      Float32Array.of(0.1, -2, 5, 5),
      Float64Array.from(Float32Array.of(0.1, -2)),
    ],
  };

function lanesTo(
  from: Float32Array | Int32Array | Uint32Array,
  to: { from(values: number[]): ArrayBufferView },
  fn: (x: number) => number,
): [ArrayBufferView, ArrayBufferView] {
  return [from, to.from(Array.from(from, fn))];
}

Deno.test("conversions of vectors, all of them, give the lanes that they name", () => {
  const families = { i32x4, i16x8, f32x4, f64x2 } as const;
  const names = Object.entries(VECTOR_CONVERT).flatMap(([family, table]) =>
    Object.keys(table).map((name) => `${family}.${name}`)
  );
  assert.deepEqual(Object.keys(CONVERSIONS).sort(), names.sort());
  for (const [full, [from, to]] of Object.entries(CONVERSIONS)) {
    const [family, name] = full.split(".") as [keyof typeof families, string];
    const instruction = (families[family] as unknown as Instructions)[name]!;
    const apply = applyVector((a) => instruction(a, a) as Expr<"v128">);
    const made = apply(from as Lanes, from as Lanes);
    assert.deepEqual(new Uint8Array(made), new Uint8Array(to.buffer), full);
  }
});

Deno.test("shifts, splats and constants of lanes", () => {
  const a = Int32Array.of(1, -1, 12345678, -(2 ** 31));
  for (const bits of [0, 1, 13, 31]) {
    const shifted = (fn: "shl" | "shrS" | "shrU") =>
      new Int32Array(applyVector((x) => i32x4[fn](x, bits))(a, a));
    assert.deepEqual(shifted("shl"), a.map((x) => x << bits));
    assert.deepEqual(shifted("shrS"), a.map((x) => x >> bits));
    assert.deepEqual(shifted("shrU"), a.map((x) => x >>> bits));
  }
  const filled = (vector: Expr<"v128">) => applyVector(() => vector)(a, a);
  assert.deepEqual(new Int32Array(applyVector((x) => i32x4.add(x, 5))(a, a)), a.map((x) => x + 5));
  assert.deepEqual(new Float32Array(filled(f32x4.const(1.5))), new Float32Array(4).fill(1.5));
  assert.deepEqual(
    new Float64Array(filled(f64x2.add(f64x2.const(1, 2), 0.5))),
    Float64Array.of(1.5, 2.5),
  );
  assert.deepEqual(new Int32Array(filled(i32x4.splat(i32.const(-3)))), new Int32Array(4).fill(-3));
  assert.deepEqual(
    new Float64Array(filled(f64x2.splat(f64.const(0.1)))),
    Float64Array.of(0.1, 0.1),
  );
});
