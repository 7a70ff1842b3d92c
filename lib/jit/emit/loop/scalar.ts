/**
 * Code for the scalar functions of programs: on one element, and on four at once.
 *
 * Lanes: a float is f32, an int i32, a bool is i32 0 or 1, and in vectors a mask of all zeros or ones.
 * @module
 */
import type { DType } from "../../program/dtype.ts";
import type { ScalarFn } from "../../program/scalar.ts";
import { call, type Expr, f32, f32x4, i32, i32x4, select, v128 } from "../../wasm/mod.ts";
import type { CodeContext } from "../parts/stage.ts";
import { scalarMath, vectorMath } from "../math/mod.ts";

/** One element, or a vector of four. */
export type Lane = Expr<"f32"> | Expr<"i32"> | Expr<"v128">;

/** A scalar function applied to operands of one type. */
export interface Application {
  readonly fn: ScalarFn;
  /** The type of the last operand, which decides between float and int. */
  readonly dtype: DType;
  readonly args: readonly Lane[];
}

type F = Expr<"f32">;
type I = Expr<"i32">;
type V = Expr<"v128">;
type Code<T> = (x: T, y: T) => Lane;

/** Picks the instructions that have the names of scalar functions. */
function named<O, K extends keyof O & ScalarFn>(instructions: O, names: readonly K[]): Pick<O, K> {
  return Object.fromEntries(names.map((name) => [name, instructions[name]])) as Pick<O, K>;
}

const ARITHMETIC = ["add", "sub", "mul"] as const;
const FLOATS = [
  ...ARITHMETIC,
  ...["neg", "abs", "sqrt", "floor", "ceil", "div", "max", "min"] as const,
  ...["eq", "ne", "lt", "le", "gt", "ge"] as const,
];

const FLOAT: Partial<Record<ScalarFn, Code<F>>> = {
  ...named(f32, FLOATS),
  round: f32.nearest,
  toBool: (x) => f32.ne(x, 0),
};

const INT: Partial<Record<ScalarFn, Code<I>>> = {
  ...named(i32, [...ARITHMETIC, "eq", "ne", "and", "or"]),
  neg: (x) => i32.sub(0, x),
  lt: i32.ltS,
  le: i32.leS,
  gt: i32.gtS,
  ge: i32.geS,
  not: i32.eqz,
  toFloat: (x) => f32.convertI32(x),
  toInt: (x) => x,
  toBool: (x) => i32.ne(x, 0),
};

const FLOAT4: Partial<Record<ScalarFn, Code<V>>> = {
  ...named(f32x4, FLOATS),
  round: f32x4.nearest,
  toBool: (x) => f32x4.ne(x, 0),
};

const INT4: Partial<Record<ScalarFn, Code<V>>> = {
  ...named(i32x4, [...ARITHMETIC, "neg", "abs", "eq", "ne"]),
  max: i32x4.maxS,
  min: i32x4.minS,
  lt: i32x4.ltS,
  le: i32x4.leS,
  gt: i32x4.gtS,
  ge: i32x4.geS,
  toFloat: (x) => f32x4.convertI32x4S(x),
  toBool: (x) => i32x4.ne(x, 0),
};

/**
 * Vector code of scalar functions of booleans. A mask is 0 or -1, so a conversion to a number keeps
 * only the 1.
 */
const BOOL4: Partial<Record<ScalarFn, Code<V>>> = {
  ...named(i32x4, ["eq", "ne"]),
  ...named(v128, ["and", "or", "not"]),
  toFloat: (x) => v128.and(x, f32x4.const(1)),
  toInt: (x) => v128.and(x, i32x4.const(1)),
  toBool: (x) => x,
};

const VECTORS = { float32: FLOAT4, int32: INT4, bool: BOOL4 } as const;

/** Writes code for a scalar function of single elements. */
export function scalarCode(context: CodeContext, { fn, dtype, args }: Application): Lane {
  const [x, y, z] = args as [Lane, Lane, Lane];
  if (fn === "copy") return x;
  if (fn === "select") return select(x as I, y as F, z as F);
  if (dtype !== "float32") return intCode(context, { fn, dtype, args });
  const plain = FLOAT[fn];
  if (plain) return plain(x as F, y as F);
  if (fn in scalarMath) return scalarMath[fn as keyof typeof scalarMath](context.f, x as F);
  if (fn === "toInt") return toInt(context, x as F);
  return call(context.imported(fn), ...args);
}

function intCode({ f }: CodeContext, { fn, args }: Application): Lane {
  const plain = INT[fn];
  if (plain) return plain(args[0] as I, args[1] as I);
  const x = f.let(args[0] as I);
  if (fn === "abs") return select(i32.ltS(x, 0), i32.sub(0, x), x);
  const y = f.let(args[1] as I);
  if (fn === "max") return select(i32.gtS(x, y), x, y);
  if (fn === "min") return select(i32.ltS(x, y), x, y);
  throw new Error(`internal: there is no code for ${fn} of integers`);
}

/**
 * Converts a float to an int. JavaScript wraps numbers that do not fit, the instruction saturates: so they go
 * to JavaScript.
 */
function toInt(context: CodeContext, x: F): I {
  const { f } = context;
  const [value, result] = [f.let(x), f.local("i32")];
  f.set(result, i32.truncSatF32(value));
  f.if(f32.ge(f32.abs(value), 2 ** 31), () => {
    f.set(result, i32.truncSatF32(call(context.imported("toInt"), value)));
  });
  return result;
}

/** Writes code for a scalar function of four elements at once. */
export function vectorCode(context: CodeContext, application: Application): V {
  const { fn, dtype, args } = application;
  const [x, y, z] = args as [V, V, V];
  if (fn === "copy") return x;
  if (fn === "select") return v128.bitselect(y, z, x);
  const plain = VECTORS[dtype][fn];
  if (plain) return plain(x, y) as V;
  if (dtype === "float32" && fn in vectorMath) {
    return vectorMath[fn as keyof typeof vectorMath](context.f, x);
  }
  return laneByLane(context, application);
}

/** Computes a function without vector code, one lane after another. */
function laneByLane(context: CodeContext, { fn, dtype, args }: Application): V {
  const { f } = context;
  const vectors = args.map((arg) => f.let(arg as V));
  let result: V | undefined;
  for (let index = 0; index < 4; index++) {
    const lanes = vectors.map((vector) => extractLane(vector, dtype, index));
    const value = scalarCode(context, { fn, dtype, args: lanes });
    result = withLane(result, value as F | I, index);
  }
  return result!;
}

/** Sets one lane of a vector. Without a vector, every lane of a new one is set. */
export function withLane(vector: V | undefined, value: F | I, index: number): V {
  if (value.type === "f32") {
    const float = value as F;
    return vector ? f32x4.replace(vector, index, float) : f32x4.splat(float);
  }
  const int = value as I;
  return vector ? i32x4.replace(vector, index, int) : i32x4.splat(int);
}

/** Takes one lane of a vector as a scalar. */
export function extractLane(vector: V, dtype: DType, index: number): Lane {
  if (dtype === "float32") return f32x4.extract(vector, index);
  const lane = i32x4.extract(vector, index);
  return dtype === "int32" ? lane : i32.and(lane, 1);
}
