/**
 * Atomic instructions: no thread sees one half done, and all threads see them in the same order.
 * @module
 */
import { encode, Expr, type ExprOrNumber, type Int } from "./expression.ts";
import { ATOMIC, ATOMIC_PREFIX, type ValType } from "./opcodes.ts";
import { liftI32, liftI64 } from "./tables.ts";

function atomicInstruction<T extends ValType>(
  name: keyof typeof ATOMIC,
  type: T,
  operands: readonly Expr[],
): Expr<T> {
  const [opcode, align] = ATOMIC[name];
  const code = encode((out) => {
    out.byte(ATOMIC_PREFIX);
    out.u32(opcode);
    out.u32(align);
    out.u32(0);
  });
  return new Expr(type, operands, code);
}

type Long = ExprOrNumber<"i64">;

/** Atomic instructions by name. The result of a change is the old value. */
export const atomic = {
  /** Reads 32 bits. */
  load32: (at: Int): Expr<"i32"> => atomicInstruction("load32", "i32", [liftI32(at)]),
  /** Reads 64 bits. */
  load64: (at: Int): Expr<"i64"> => atomicInstruction("load64", "i64", [liftI32(at)]),
  /** Adds a number. */
  add32: (at: Int, value: Int): Expr<"i32"> =>
    atomicInstruction("add32", "i32", [liftI32(at), liftI32(value)]),
  /** Writes 32 bits. */
  exchange32: (at: Int, value: Int): Expr<"i32"> =>
    atomicInstruction("exchange32", "i32", [liftI32(at), liftI32(value)]),
  /** Writes 64 bits. */
  exchange64: (at: Int, value: Long): Expr<"i64"> =>
    atomicInstruction("exchange64", "i64", [liftI32(at), liftI64(value)]),
  /** Writes `value` if the memory holds `expected`. */
  compareExchange64: (at: Int, { expected, value }: {
    readonly expected: Long;
    readonly value: Long;
  }): Expr<"i64"> =>
    atomicInstruction("compareExchange64", "i64", [
      liftI32(at),
      liftI64(expected),
      liftI64(value),
    ]),
  /**
   * Waits while the memory holds `expected`, for at most `nanoseconds`, or without a limit if that
   * is negative. The result is 0 if the thread was woken, 1 if the memory held something else, 2 if
   * the time is over.
   */
  wait64: (at: Int, { expected, nanoseconds }: {
    readonly expected: Long;
    readonly nanoseconds: Long;
  }): Expr<"i32"> =>
    atomicInstruction("wait64", "i32", [
      liftI32(at),
      liftI64(expected),
      liftI64(nanoseconds),
    ]),
  /** Wakes all threads that wait there. The result is their number. */
  notify: (at: Int): Expr<"i32"> => atomicInstruction("notify", "i32", [liftI32(at), liftI32(-1)]),
};
