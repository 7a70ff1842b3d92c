/**
 * Typed expressions over WebAssembly values, which are later written as bytes.
 *
 * An expression is a tree. Used in two places it is computed twice; `FunctionBuilder.let` names a value.
 * @module
 */
import { ByteWriter } from "./bytes.ts";
import { CONTROL, SIMD, SIMD_PREFIX, VAL_TYPE, type ValType } from "./opcodes.ts";

/** The type of an i32 constant or address operand: an expression or a number. */
export type Int = Expr<"i32"> | number;

/** An operand of the given type: an expression, or a number that becomes a constant. */
export type ExprOrNumber<T extends ValType> = Expr<T> | (T extends "i64" ? bigint : number);

/** A function that can be called, by its number in the module that is being built. */
export interface Callee<R extends ValType | void = ValType | void> {
  /** Its name, for messages and debugging. */
  readonly name: string;
  /** The types of its parameters in order. */
  readonly parameters: readonly ValType[];
  /** The type of its result, or undefined for none. */
  readonly result: R extends ValType ? R : undefined;
}

/** The target of expressions: bytes, and calls whose function numbers are filled in later. */
export interface CodeSink {
  /** The bytes of the code. */
  readonly out: ByteWriter;
  /** True if the engine has the instructions of relaxed SIMD. */
  readonly relaxed: boolean;
  /** Notes that the function number of `callee` belongs here, and writes a placeholder. */
  call(callee: Callee): void;
  /** Writes a constant vector, or the variable that holds it if this is inside a loop. */
  vectorConstant(constant: VectorConstant): void;
}

/** A computation that leaves one value of type `T` on the stack. */
export class Expr<T extends ValType = ValType> {
  /** Operands are written first, then `code`, then the number of `callee` if there is one. */
  constructor(
    readonly type: T,
    readonly operands: readonly Expr[],
    readonly code: ArrayLike<number>,
    readonly callee?: Callee,
  ) {}

  /** Writes the instructions of this expression in stack order. */
  write(sink: CodeSink): void {
    for (const operand of this.operands) operand.write(sink);
    sink.out.bytes(this.code);
    if (this.callee) sink.call(this.callee);
  }
}

/** A variable of the function that is being built; as an expression it reads the variable. */
export class Local<T extends ValType = ValType> extends Expr<T> {
  /** Takes the number that a `FunctionBuilder` has given the variable. */
  constructor(type: T, readonly index: number, readonly name: string) {
    super(type, [], readCode(index));
  }
}

const readCodes: Uint8Array[] = [];

/** Encodes the instruction that reads a variable, which is the same in every function. */
function readCode(index: number): Uint8Array {
  return readCodes[index] ??= encode((out) => {
    out.byte(CONTROL.localGet);
    out.u32(index);
  });
}

/** A constant vector, kept apart so that it can be moved out of loops. */
export class VectorConstant extends Expr<"v128"> {
  /** Takes the sixteen bytes of the constant. */
  constructor(readonly bytes: Uint8Array) {
    super("v128", [], [...VECTOR_CONSTANT, ...bytes]);
  }

  /** Its sixteen bytes as text: equal for equal constants. */
  get key(): string {
    return this.bytes.join();
  }

  /** Writes the constant, or the variable that holds it. */
  override write(sink: CodeSink): void {
    sink.vectorConstant(this);
  }
}

const VECTOR_CONSTANT = [SIMD_PREFIX, SIMD.const] as const;

/** An instruction of relaxed SIMD, and its replacement for engines that have none. */
export class RelaxedExpr extends Expr<"v128"> {
  /** Takes the instruction, and a function that makes the replacement when it is needed. */
  constructor(
    operands: readonly Expr[],
    code: ArrayLike<number>,
    readonly strict: () => Expr<"v128">,
  ) {
    super("v128", operands, code);
  }

  /** Writes the instruction, or its replacement. */
  override write(sink: CodeSink): void {
    if (sink.relaxed) super.write(sink);
    else this.strict().write(sink);
  }
}

const idleWriters: ByteWriter[] = [];

/** Returns the bytes that a callback writes. Buffers are used again: a module has thousands of instructions. */
export function encode(write: (out: ByteWriter) => void): Uint8Array {
  const out = idleWriters.pop() ?? new ByteWriter();
  write(out);
  const bytes = out.take();
  idleWriters.push(out);
  return bytes;
}

const plainSimdCodes: Uint8Array[] = [];

/** Encodes a SIMD instruction followed by immediate bytes. */
export function simdCode(opcode: number, ...immediates: readonly number[]): Uint8Array {
  const plain = plainSimdCodes[opcode] ??= encode((out) => {
    out.byte(SIMD_PREFIX);
    out.u32(opcode);
  });
  return immediates.length > 0 ? Uint8Array.of(...plain, ...immediates) : plain;
}

/** Returns the number of a constant i32; undefined for other operands. */
export function constantInt(operand: Int): number | undefined {
  if (typeof operand === "number") return operand;
  return operand instanceof Constant && operand.type === "i32" ? operand.value : undefined;
}

/** A scalar constant, kept apart so that constant operands can be folded. */
export class Constant<T extends ValType> extends Expr<T> {
  /** The number as it was given. */
  readonly value: number;

  /** Takes the number and the instruction that makes it. */
  constructor(type: T, value: number, code: Uint8Array) {
    super(type, [], code);
    this.value = value;
  }
}

const CONSTANT_OPCODE = { i32: 0x41, i64: 0x42, f32: 0x43, f64: 0x44 } as const;

/** Makes a scalar constant of the given type. */
export function constant<T extends "i32" | "f32" | "f64">(type: T, value: number): Constant<T> {
  const code = encode((out) => {
    out.byte(CONSTANT_OPCODE[type]);
    if (type === "i32") out.s32(value);
    else if (type === "f32") out.f32(value);
    else out.f64(value);
  });
  return new Constant(type, value, code);
}

/** Makes a constant of 64 bits. */
export function constantI64(value: bigint): Expr<"i64"> {
  return new Expr(
    "i64",
    [],
    encode((out) => {
      out.byte(CONSTANT_OPCODE.i64);
      out.s64(value);
    }),
  );
}

/** Calls a function whose result is used as a value. */
export function call<R extends ValType>(callee: Callee<R>, ...args: readonly Expr[]): Expr<R> {
  const { result } = callee;
  if (result === undefined) {
    throw new TypeError(`Cannot use ${callee.name} as a value: expected a result, got none`);
  }
  checkArguments(callee, args);
  return new Expr(result as R, args, [CONTROL.call], callee);
}

/** Throws unless the arguments fit the parameters of `callee`. */
export function checkArguments(callee: Callee, args: readonly Expr[]): void {
  const found = args.map((arg) => arg.type).join(", ");
  const expected = callee.parameters.join(", ");
  if (found !== expected) {
    throw new TypeError(`Cannot call ${callee.name}: expected (${expected}), got (${found})`);
  }
}

/** Computes `condition ? yes : no` without a branch: both sides are computed. */
export function select<T extends ValType>(
  condition: Expr<"i32">,
  yes: Expr<T>,
  no: Expr<T>,
): Expr<T> {
  if (yes.type !== no.type) {
    throw new TypeError(`Cannot select: expected two operands of ${yes.type}, got ${no.type}`);
  }
  return new Expr(yes.type, [yes, no, condition], [CONTROL.select]);
}

/** Returns the byte of a value type, or of «no value». */
export function blockType(type: ValType | undefined): number {
  return type === undefined ? CONTROL.emptyBlock : VAL_TYPE[type];
}
