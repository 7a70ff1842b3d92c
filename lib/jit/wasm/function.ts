/**
 * Builds the body of one WebAssembly function: locals, statements, loops and branches.
 * @module
 */
import { ByteWriter } from "./bytes.ts";
import {
  blockType,
  type Callee,
  checkArguments,
  type CodeSink,
  constantInt,
  encode,
  type Expr,
  type ExprOrNumber,
  type Int,
  Local,
  type VectorConstant,
} from "./expression.ts";
import { i32 } from "./scalar.ts";
import { instruction, liftF32, liftF64, liftI32, memoryCode } from "./tables.ts";
import { CONTROL, SIMD, STORE, VAL_TYPE, type ValType } from "./opcodes.ts";

/** The names and types of a function's parameters, in order. */
export type Parameters = Readonly<Record<string, ValType>>;

/** The parameters of a function as locals. */
export type ParameterLocals<P extends Parameters> = { readonly [K in keyof P]: Local<P[K]> };

/** The name, parameters and result of a function. */
export interface FunctionSpec<P extends Parameters, R extends ValType | void> {
  /** Its name in messages and, if it is exported, outside. */
  readonly name: string;
  /** Names and types of its parameters in order. */
  readonly params?: P;
  /** The type of its result; left out for none. */
  readonly result?: R extends ValType ? R : undefined;
  /** True if the module exports it under its name. */
  readonly export?: boolean;
}

/** A function that writes the statements of a WebAssembly function. */
export type FunctionBody<P extends Parameters> = (
  f: FunctionBuilder,
  parameters: ParameterLocals<P>,
) => void;

/** The module in which code finds the functions that it shares with other code. */
export interface SharedFunctions {
  /** True if instructions of relaxed SIMD may be written. */
  readonly relaxed: boolean;
  /** Returns the function of this name, which `body` writes at the first request. */
  shared<P extends Parameters = Record<never, never>, R extends ValType | void = void>(
    spec: FunctionSpec<P, R>,
    body: FunctionBody<P>,
  ): Callee<R>;
}

/** Bounds of a counted loop: `for (i = from; i < to; i += step)`, compared as signed numbers. */
export interface LoopBounds {
  /** The first value, 0 when left out. */
  readonly from?: Int;
  /** The loop ends before the counter reaches this. */
  readonly to: Int;
  /** Added after each trip, 1 when left out; positive. */
  readonly step?: number;
}

/** A target of branches: the end of a block or the start of a loop. */
export interface Label {
  /** The number of blocks around it. */
  readonly depth: number;
}

/** A function that writes a store instruction; the offset is in bytes. */
export type StoreInstruction<T extends ValType> = (
  address: Int,
  value: ExprOrNumber<T>,
  offset?: number,
) => void;

/** One lane of a vector, by its number. */
export interface VectorLane {
  /** The vector. */
  readonly vector: Expr<"v128">;
  /** 0..3 for 32 bits, 0..1 for 64 bits. */
  readonly index: number;
}

/** A place in the code where a function number has to be filled in. */
export interface Relocation {
  /** The position of the five-byte number. */
  at: number;
  /** The function that is called. */
  readonly callee: Callee;
}

/** The constants of the outermost loop that is being written, and where it begins. */
interface Hoist {
  readonly at: number;
  readonly locals: Map<string, readonly [Local<"v128">, VectorConstant]>;
}

/** The body of one function: each method call writes a statement. */
export class FunctionBuilder implements CodeSink {
  /** The instructions so far. */
  readonly out: ByteWriter = new ByteWriter();
  /** Calls whose function numbers are filled in when the module is finished. */
  readonly relocations: Relocation[] = [];
  readonly #types: ValType[] = [];
  readonly #parameterCount: number;
  #scopes: Local[][] = [];
  readonly #free: Record<ValType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  readonly #freeConstants: Local<"v128">[] = [];
  #hoist: Hoist | undefined;
  #depth = 0;

  /** Starts an empty body; called by `ModuleBuilder.func` only. */
  constructor(parameters: readonly ValType[], readonly module: SharedFunctions) {
    this.#types.push(...parameters);
    this.#parameterCount = parameters.length;
  }

  /** True if instructions of relaxed SIMD may be written. Part of `CodeSink`. */
  get relaxed(): boolean {
    return this.module.relaxed;
  }

  /** Makes a new variable. It may hold an old value, so set it before it is read. */
  local<T extends ValType>(type: T, name: string = ""): Local<T> {
    const index = this.#free[type].pop() ?? this.#types.push(type) - 1;
    const made = new Local(type, index, name);
    this.#scopes.at(-1)?.push(made);
    return made;
  }

  /** Stores the value of an expression in a variable, so that it is computed here and once. */
  let<T extends ValType>(value: Expr<T>, name: string = ""): Local<T> {
    const made = this.local(value.type, name);
    this.set(made, value);
    return made;
  }

  /** Frees the variables that `body` makes, after it. */
  scope<R>(body: () => R): R {
    this.#scopes.push([]);
    const result = body();
    for (const { type, index } of this.#scopes.pop() ?? []) this.#free[type].push(index);
    return result;
  }

  /** Assigns a variable. */
  set<T extends ValType>(target: Local<T>, value: Expr<T>): void {
    if (target.type !== value.type) {
      throw new TypeError(
        `Cannot set ${target.name || "a local"}: expected ${target.type}, got ${value.type}`,
      );
    }
    value.write(this);
    this.out.byte(CONTROL.localSet);
    this.out.u32(target.index);
  }

  /** Store instructions, which write memory at `address + offset`. */
  readonly store: {
    readonly i32: StoreInstruction<"i32">;
    readonly i32As8: StoreInstruction<"i32">;
    readonly f32: StoreInstruction<"f32">;
    readonly f64: StoreInstruction<"f64">;
    readonly v128: (address: Int, value: Expr<"v128">, offset?: number) => void;
    readonly lane32: (address: Int, lane: VectorLane, offset?: number) => void;
    readonly lane64: (address: Int, lane: VectorLane, offset?: number) => void;
  } = {
    i32: (address, value, offset) =>
      this.#store(STORE.i32.store, [address, liftI32(value)], offset),
    i32As8: (address, value, offset) =>
      this.#store(STORE.i32.store8, [address, liftI32(value)], offset),
    f32: (address, value, offset) =>
      this.#store(STORE.f32.store, [address, liftF32(value)], offset),
    f64: (address, value, offset) =>
      this.#store(STORE.f64.store, [address, liftF64(value)], offset),
    v128: (address, value, offset) => this.#store(STORE.v128.store, [address, value], offset),
    lane32: (address, lane, offset) => this.#storeLane(SIMD.store32Lane, [address, lane], offset),
    lane64: (address, lane, offset) => this.#storeLane(SIMD.store64Lane, [address, lane], offset),
  };

  /** Calls a function for its effect; a result is dropped. */
  do(callee: Callee, ...args: readonly Expr[]): void {
    checkArguments(callee, args);
    for (const arg of args) arg.write(this);
    this.out.byte(CONTROL.call);
    this.call(callee);
    if (callee.result !== undefined) this.out.byte(CONTROL.drop);
  }

  /** Computes an expression for its effect and drops the result. */
  drop(expression: Expr): void {
    expression.write(this);
    this.out.byte(CONTROL.drop);
  }

  /** Writes the place of a function number. Part of `CodeSink`; `do` writes a call as a statement. */
  call(callee: Callee): void {
    this.relocations.push({ at: this.out.length, callee });
    this.out.u32Padded(0);
  }

  /**
   * Writes a constant vector. Inside a loop it is set once before the outermost loop and read here:
   * V8 makes a constant again at every use, and an exp of 18 constants took 2.0 ns an element with
   * constants in its loop, 0.8 with variables.
   */
  vectorConstant(constant: VectorConstant): void {
    if (!this.#hoist || isPlainConstant(constant)) {
      this.out.bytes(constant.code);
      return;
    }
    const known = this.#hoist.locals.get(constant.key)?.[0];
    const local = known ?? this.#freeConstants.pop() ??
      new Local("v128", this.#types.push("v128") - 1, "constant");
    if (!known) this.#hoist.locals.set(constant.key, [local, constant]);
    local.write(this);
  }

  /**
   * Writes a counted loop. Without constant bounds its body may not run at all; `to` is computed once, before
   * it.
   */
  loop({ from = 0, to, step = 1 }: LoopBounds, body: (i: Local<"i32">) => void): void {
    const [first, last] = [constantInt(from), constantInt(to)];
    const known = first !== undefined && last !== undefined;
    if (known && first >= last) return;
    this.scope(() => {
      const i = this.let(liftI32(from), "i");
      const end = last ?? (to instanceof Local ? to : this.let(liftI32(to), "end"));
      const trips = () =>
        this.repeat((again) => {
          body(i);
          this.set(i, i32.add(i, step));
          this.branchIf(again, i32.ltS(i, end));
        });
      if (known) trips();
      else this.if(i32.ltS(i, end), trips);
    });
  }

  /** Writes a branch: `yes` if the condition is not zero, else `no`. */
  if(condition: Expr<"i32">, yes: () => void, no?: () => void): void {
    condition.write(this);
    this.#structure(CONTROL.if, () => {
      yes();
      if (!no) return;
      this.out.byte(CONTROL.else);
      no();
    });
  }

  /** Writes a block; a branch to its label leaves it. */
  block(body: (exit: Label) => void): void {
    this.#structure(CONTROL.block, body);
  }

  /** Writes a block; a branch to its label starts it again. Without a branch it runs once. */
  repeat(body: (again: Label) => void): void {
    if (this.#hoist) {
      this.#structure(CONTROL.loop, body);
      return;
    }
    const hoist: Hoist = { at: this.out.length, locals: new Map() };
    this.#hoist = hoist;
    this.#structure(CONTROL.loop, body);
    this.#hoist = undefined;
    this.#setConstants(hoist);
  }

  /** Writes a branch to a label. */
  branch(label: Label): void {
    this.out.byte(CONTROL.br);
    this.out.u32(this.#depth - label.depth);
  }

  /** Writes a branch to a label if the condition is not zero. */
  branchIf(label: Label, condition: Expr<"i32">): void {
    condition.write(this);
    this.out.byte(CONTROL.brIf);
    this.out.u32(this.#depth - label.depth);
  }

  /** Writes a return, with the function's result if it has one. */
  return(value?: Expr): void {
    value?.write(this);
    this.out.byte(CONTROL.return);
  }

  /** Encodes the declarations of the local variables. */
  declarations(): ByteWriter {
    const runs: { type: ValType; count: number }[] = [];
    for (const type of this.#types.slice(this.#parameterCount)) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const out = new ByteWriter();
    out.u32(runs.length);
    for (const { type, count } of runs) {
      out.u32(count);
      out.byte(VAL_TYPE[type]);
    }
    return out;
  }

  #storeLane(
    opcode: number,
    [address, { vector, index }]: readonly [Int, VectorLane],
    offset = 0,
  ): void {
    const align = opcode === SIMD.store64Lane ? 3 : 2;
    liftI32(address).write(this);
    vector.write(this);
    this.out.bytes(memoryCode(instruction("v128", opcode), align, offset));
    this.out.byte(index);
  }

  /** Sets the variables of a loop's constants in front of the loop. */
  #setConstants({ at, locals }: Hoist): void {
    const code = encode((out) => {
      for (const [{ index }, constant] of locals.values()) {
        out.bytes(constant.code);
        out.byte(CONTROL.localSet);
        out.u32(index);
      }
    });
    this.out.insert(at, code);
    for (const relocation of this.relocations) {
      if (relocation.at >= at) relocation.at += code.length;
    }
    // Only later loops may use these variables again: inside this loop they keep their values.
    for (const [local] of locals.values()) this.#freeConstants.push(local);
  }

  #structure(opcode: number, body: (label: Label) => void): void {
    this.out.byte(opcode);
    this.out.byte(blockType(undefined));
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.out.byte(CONTROL.end);
  }

  #store(
    [opcode, align]: readonly [number, number],
    [address, value]: readonly [Int, Expr],
    offset = 0,
  ): void {
    liftI32(address).write(this);
    value.write(this);
    this.out.bytes(memoryCode(instruction(value.type, opcode), align, offset));
  }
}

/**
 * Tells whether a constant is all zeros or all ones: that is one short instruction, so a variable would gain
 * nothing.
 */
function isPlainConstant({ key }: VectorConstant): boolean {
  return key === PLAIN_ZERO || key === PLAIN_ONES;
}

const PLAIN_ZERO = new Uint8Array(16).join();
const PLAIN_ONES = new Uint8Array(16).fill(0xff).join();
