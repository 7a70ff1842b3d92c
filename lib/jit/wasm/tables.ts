/**
 * Functions that make typed instructions, from the tables of opcodes.
 * @module
 */
import {
  constant,
  constantI64,
  encode,
  Expr,
  type ExprOrNumber,
  type Int,
  simdCode,
  VectorConstant,
} from "./expression.ts";
import type { ValType } from "./opcodes.ts";

/** One function of type `F` for each name in the table `O`. */
export type Each<O, F> = { readonly [K in keyof O]: F };
/** Instructions with one operand. */
export type Unary<O, T extends ValType> = Each<O, (a: ExprOrNumber<T>) => Expr<T>>;
/** Instructions with two operands and a result of their type. */
export type Binary<O, T extends ValType> = Each<
  O,
  (a: ExprOrNumber<T>, b: ExprOrNumber<T>) => Expr<T>
>;
/** Instructions with two operands and a truth value as result. */
export type Compare<O, T extends ValType, R extends ValType> = Each<
  O,
  (a: ExprOrNumber<T>, b: ExprOrNumber<T>) => Expr<R>
>;
/** Loads from `address + offset`. */
export type Loads<O, T extends ValType> = Each<O, (address: Int, offset?: number) => Expr<T>>;
/** A function that makes a number a constant expression. */
export type Lift<T extends ValType> = (operand: ExprOrNumber<T>) => Expr<T>;

/** Instructions by name. */
export type Opcodes = Readonly<Record<string, number>>;

/** Applies `make` to each entry of a table. */
export function each<O extends object, F>(
  table: O,
  make: (value: O[keyof O]) => F,
): Each<O, F> {
  const entries = Object.entries(table).map(([name, value]) => [name, make(value)]);
  return Object.fromEntries(entries) as Each<O, F>;
}

/** Makes a function for each instruction in a table of instructions with one operand. */
export function unary<O extends Opcodes, T extends ValType>(
  table: O,
  lift: Lift<T>,
  type: T,
): Unary<O, T> {
  return each(table, (opcode) => {
    const code = instruction(type, opcode as number);
    return (a: ExprOrNumber<T>) => new Expr(type, [lift(a)], code);
  });
}

/** Makes a function for each instruction in a table of instructions with two operands. */
export function binary<O extends Opcodes, T extends ValType, R extends ValType>(
  table: O,
  lift: Lift<T>,
  types: readonly [operand: T, result: R],
): Compare<O, T, R> {
  const [operand, result] = types;
  return each(table, (opcode) => {
    const code = instruction(operand, opcode as number);
    return (a: ExprOrNumber<T>, b: ExprOrNumber<T>) => new Expr(result, [lift(a), lift(b)], code);
  });
}

/** Makes a function for each instruction in a table of loads. */
export function loads<
  O extends Readonly<Record<string, readonly [number, number]>>,
  T extends ValType,
>(table: O, type: T): Loads<O, T> {
  return each(table, (entry) => {
    const [opcode, align] = entry as readonly [number, number];
    const code = instruction(type, opcode);
    return (address: Int, offset = 0) =>
      new Expr(type, [liftI32(address)], memoryCode(code, align, offset));
  });
}

/** Encodes an instruction followed by its alignment and offset. */
export function memoryCode(code: Uint8Array, align: number, offset: number): Uint8Array {
  if (offset < 0) {
    throw new RangeError(`Cannot address memory: expected an offset of 0 or more, got ${offset}`);
  }
  return encode((out) => {
    out.bytes(code);
    out.u32(align);
    out.u32(offset);
  });
}

/** Encodes an instruction without immediates. */
export function instruction(type: ValType, opcode: number): Uint8Array {
  return type === "v128" ? simdCode(opcode) : Uint8Array.of(opcode);
}

/** Converts an i32 operand to an expression. */
export const liftI32: Lift<"i32"> = (a): Expr<"i32"> =>
  typeof a === "number" ? constant("i32", a) : a;
/** Converts an i64 operand to an expression. */
export const liftI64: Lift<"i64"> = (a): Expr<"i64"> => typeof a === "bigint" ? constantI64(a) : a;
/** Converts an f32 operand to an expression. */
export const liftF32: Lift<"f32"> = (a): Expr<"f32"> =>
  typeof a === "number" ? constant("f32", a) : a;
/** Converts an f64 operand to an expression. */
export const liftF64: Lift<"f64"> = (a): Expr<"f64"> =>
  typeof a === "number" ? constant("f64", a) : a;
/** Returns a vector operand unchanged. A number is refused, because it has no lanes. */
export const liftV128: Lift<"v128"> = (a): Expr<"v128"> => {
  if (typeof a !== "number") return a;
  throw new TypeError(`Cannot use ${a} as v128: expected a vector, got a number without lanes`);
};
/** Converts a number to a vector with this number in all four integer lanes. */
export const liftI32x4: Lift<"v128"> = (a): Expr<"v128"> =>
  typeof a === "number" ? vectorConstant(Int32Array.of(a, a, a, a)) : a;
/** Converts a number to a vector with this number in all four float lanes. */
export const liftF32x4: Lift<"v128"> = (a): Expr<"v128"> =>
  typeof a === "number" ? vectorConstant(Float32Array.of(a, a, a, a)) : a;
/** Converts a number to a vector with this number in both double lanes. */
export const liftF64x2: Lift<"v128"> = (a): Expr<"v128"> =>
  typeof a === "number" ? vectorConstant(Float64Array.of(a, a)) : a;

/** Makes a constant vector from the sixteen bytes of a typed array. */
export function vectorConstant(
  values: Uint8Array | Int32Array | Float32Array | Float64Array,
): Expr<"v128"> {
  if (values.byteLength !== 16) {
    throw new RangeError(`Cannot make a vector: expected 16 bytes, got ${values.byteLength}`);
  }
  return new VectorConstant(new Uint8Array(values.buffer, values.byteOffset, 16));
}
