/**
 * Builds the body of one WebAssembly function: locals, statements, loops and branches.
 * @module
 */
import { ByteWriter } from "./assembler_bytes.ts";
import {
  blockType,
  type Callee,
  checkArguments,
  type CodeSink,
  constantInt,
  type Expr,
  type Int,
  Local,
  type Operand,
} from "./assembler_expr.ts";
import { i32 } from "./assembler_scalar.ts";
import { instruction, liftF32, liftF64, liftI32, memoryCode } from "./assembler_tables.ts";
import { CONTROL, STORE, VAL_TYPE, type ValType } from "./opcodes.ts";

/** The names and types of a function's parameters, in order. */
export type Parameters = Readonly<Record<string, ValType>>;

/** The parameters of a function as locals. */
export type ParameterLocals<P extends Parameters> = { readonly [K in keyof P]: Local<P[K]> };

/** Bounds of a counted loop: `for (i = from; i < to; i += step)`, compared as signed numbers. */
export interface LoopBounds {
  /** The first value, 0 when left out. */
  readonly from?: Int;
  /** The loop ends before the counter reaches this. */
  readonly to: Int;
  /** Added after each trip, 1 when left out; positive. */
  readonly step?: number;
}

/** Something to branch to: the end of a block or the start of a loop. */
export interface Label {
  /** How many blocks are around it. */
  readonly depth: number;
}

/** A store: what is written, where, and at which constant offset in bytes. */
type Store<T extends ValType> = (address: Int, value: Operand<T>, offset?: number) => void;

/** Where in the code a function number is to be filled in. */
export interface Relocation {
  /** The position of the five-byte number. */
  readonly at: number;
  /** The function that is called. */
  readonly callee: Callee;
}

/** The body of one function: statements are written as they are called, in order. */
export class FunctionBuilder implements CodeSink {
  /** The instructions so far. */
  readonly out: ByteWriter = new ByteWriter();
  /** Calls whose function numbers are filled in when the module is finished. */
  readonly relocations: Relocation[] = [];
  readonly #types: ValType[] = [];
  readonly #parameterCount: number;
  #scopes: Local[][] = [];
  readonly #free: Record<ValType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  #depth = 0;

  /** Made by `ModuleBuilder.func` only. */
  constructor(parameters: readonly ValType[]) {
    this.#types.push(...parameters);
    this.#parameterCount = parameters.length;
  }

  /** A new variable; it may hold an old value, so set it before it is read. */
  local<T extends ValType>(type: T, name: string = ""): Local<T> {
    const index = this.#free[type].pop() ?? this.#types.push(type) - 1;
    const made = new Local(type, index, name);
    this.#scopes.at(-1)?.push(made);
    return made;
  }

  /** Names the value of an expression: it is computed here, once. */
  let<T extends ValType>(value: Expr<T>, name: string = ""): Local<T> {
    const made = this.local(value.type, name);
    this.set(made, value);
    return made;
  }

  /** Variables made inside are free for others after it. */
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

  /** Writes memory at `address + offset`; the instruction is named as in WebAssembly's text format. */
  readonly store: {
    readonly i32: Store<"i32">;
    readonly i32As8: Store<"i32">;
    readonly f32: Store<"f32">;
    readonly f64: Store<"f64">;
    readonly v128: (address: Int, value: Expr<"v128">, offset?: number) => void;
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
  };

  /** Calls a function for its effect; a result is dropped. */
  do(callee: Callee, ...args: readonly Expr[]): void {
    checkArguments(callee, args);
    for (const arg of args) arg.write(this);
    this.out.byte(CONTROL.call);
    this.call(callee);
    if (callee.result !== undefined) this.out.byte(CONTROL.drop);
  }

  /** Writes the place of a function number. Part of `CodeSink`: for a call as a statement see `do`. */
  call(callee: Callee): void {
    this.relocations.push({ at: this.out.length, callee });
    this.out.u32Padded(0);
  }

  /** A counted loop. Without constant bounds it may have no trips; `to` is computed once, before it. */
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

  /** Runs `yes` if the condition is not zero, else `no`. */
  if(condition: Expr<"i32">, yes: () => void, no?: () => void): void {
    condition.write(this);
    this.#structure(CONTROL.if, () => {
      yes();
      if (!no) return;
      this.out.byte(CONTROL.else);
      no();
    });
  }

  /** A block: branching to its label leaves it. */
  block(body: (exit: Label) => void): void {
    this.#structure(CONTROL.block, body);
  }

  /** A block: branching to its label starts it again; without a branch it runs once. */
  repeat(body: (again: Label) => void): void {
    this.#structure(CONTROL.loop, body);
  }

  /** Goes to a label. */
  branch(label: Label): void {
    this.out.byte(CONTROL.br);
    this.out.u32(this.#depth - label.depth);
  }

  /** Goes to a label if the condition is not zero. */
  branchIf(label: Label, condition: Expr<"i32">): void {
    condition.write(this);
    this.out.byte(CONTROL.brIf);
    this.out.u32(this.#depth - label.depth);
  }

  /** Leaves the function, with its result if it has one. */
  return(value?: Expr): void {
    value?.write(this);
    this.out.byte(CONTROL.return);
  }

  /** The body in binary form, without relocations applied: local declarations, then code. */
  finish(): { readonly locals: ByteWriter; readonly code: ByteWriter } {
    const runs: { type: ValType; count: number }[] = [];
    for (const type of this.#types.slice(this.#parameterCount)) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const locals = new ByteWriter();
    locals.u32(runs.length);
    for (const { type, count } of runs) {
      locals.u32(count);
      locals.byte(VAL_TYPE[type]);
    }
    this.out.byte(CONTROL.end);
    return { locals, code: this.out };
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
