/**
 * Stages of the work of an equation. A stage has parts, which any threads may do in any order.
 *
 * The number of parts and the work in each depend only on shapes, so results are the same to the last bit
 * for any number of threads.
 * @module
 */
import type { KernelEquation } from "../../program/equation.ts";
import { alignedBytes } from "../../program/gaps.ts";
import type { ScalarFn } from "../../program/scalar.ts";
import {
  type Callee,
  type Expr,
  type FunctionBuilder,
  i32,
  type Int,
  type Local,
  select,
} from "../../wasm/mod.ts";

/** The function that is being built, and scalar functions that are computed in JavaScript. */
export interface CodeContext {
  /** The function that is being built. */
  readonly f: FunctionBuilder;
  /** Returns the import that computes a scalar function of floats in JavaScript. */
  imported(fn: ScalarFn): Callee<"f32">;
}

/** The function that is being built, and the imports that equations may call. */
export interface StepContext extends CodeContext {
  /** The import that computes a product with a native library, if there is one. */
  readonly sgemm: Callee | undefined;
  /** Returns the import that throws a RangeError; it takes an index and the length that the index must be below. */
  refuseIndex(): Callee;
  /** Returns the import that runs an ordinary kernel. */
  kernel(equation: KernelEquation): { readonly callee: Callee; readonly index: number };
}

/** A part of a stage, and the thread that does it. */
export interface Part {
  /** The number of the part, from 0 on. */
  readonly part: Int;
  /** The number of the thread, from 0 on. Each thread has working memory of its own. */
  readonly thread: Int;
}

/** A step of the work, which begins when all stages before it are done. Its parts may be done in any order. */
export interface Stage {
  readonly name: string;
  readonly parts: number;
  /** True if only the thread that runs the program can do it, because it calls JavaScript. */
  readonly isOwn?: boolean;
  /** Writes the code of one part. */
  emit(context: StepContext, at: Part): void;
}

/** The working memory of an equation in bytes. */
export interface Scratch {
  /** Memory that its parts share. */
  readonly shared: number;
  /** Memory that each thread has for itself. */
  readonly own: number;
}

/** Counts the bytes of working memory for a number of threads. */
export function scratchBytes({ shared, own }: Scratch, threads: number): number {
  return roomOf(shared) + threads * roomOf(own);
}

/**
 * Returns the address of the memory that a thread has for itself. Working memory begins at `start`: the shared
 * memory comes first, then that of each thread.
 */
export function ownAddress({ shared, own }: Scratch, start: number, thread: Int): Int {
  return i32.add(i32.mul(thread, roomOf(own)), start + roomOf(shared));
}

function roomOf(bytes: number): number {
  return bytes === 0 ? 0 : alignedBytes(bytes);
}

/** The working memory of an equation that needs none. */
export const NO_SCRATCH: Scratch = { shared: 0, own: 0 };

/** The largest number of parts of a stage, and so of threads. A turn has one bit for each part. */
export const MOST_PARTS = 16;

/**
 * Cuts `size` things into at most `parts` runs. Returns the number of runs, and their size, which is a multiple
 * of `step`. The last run may be shorter.
 */
export function cut(
  size: number,
  { parts, step = 1 }: { readonly parts: number; readonly step?: number },
): { readonly parts: number; readonly size: number } {
  const wanted = Math.max(1, Math.min(parts, MOST_PARTS));
  const length = step * Math.max(1, Math.ceil(size / wanted / step));
  return { parts: Math.max(1, Math.ceil(size / length)), size: length };
}

/** Computes the indices of one run of a length that `cut` has cut: `from` to `to - 1`. The last run may be shorter. */
export function runOfPart(
  f: FunctionBuilder,
  { part, size, length }: { readonly part: Int; readonly size: number; readonly length: number },
): { readonly from: Local<"i32">; readonly to: Local<"i32"> } {
  const from = f.let(i32.mul(part, size));
  return { from, to: f.let(atMost(f.let(i32.add(from, size)), length)) };
}

/** Computes the smaller of a value and a limit. */
export function atMost(value: Local<"i32">, limit: number): Expr<"i32"> {
  return select(i32.ltS(value, limit), value, i32.const(limit));
}

/** A batch that is cut into parts. All have `size` things, except the last, which may have fewer. */
export interface BatchCut {
  readonly parts: number;
  readonly size: number;
  readonly last: number;
}

/**
 * Cuts a batch into at most `parts` parts. They are equal if that gives more than half as many as are wanted. So a
 * batch of 64 has equal parts, and one of 17 has not.
 */
export function cutBatch(batch: number, parts: number): BatchCut {
  const wanted = Math.max(1, Math.min(batch, Math.floor(parts), MOST_PARTS));
  for (let count = wanted; 2 * count > wanted; count--) {
    if (batch % count === 0) return { parts: count, size: batch / count, last: batch / count };
  }
  const size = Math.ceil(batch / wanted), found = Math.ceil(batch / size);
  return { parts: found, size, last: batch - (found - 1) * size };
}

/** Writes code for a part's number of things: the last part has code of its own if it has fewer. */
export function bySize(
  f: FunctionBuilder,
  { part, parts, size, last }: BatchCut & { readonly part: Int },
  write: (size: number) => void,
): void {
  if (last === size) write(size);
  else f.if(i32.eq(part, parts - 1), () => write(last), () => write(size));
}
