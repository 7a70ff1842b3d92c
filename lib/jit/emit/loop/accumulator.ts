/**
 * Reductions inside loop nests.
 *
 * Elements are combined in row-major order, sums and products of floats in double precision, as the
 * backend does. Where the innermost dimension is kept, partial results lie in memory, four columns
 * at a time; where it is combined, they are in a variable.
 * @module
 */
import { denseStrides, sizeOf } from "../../program/access.ts";
import type { Reduction } from "../../program/equation.ts";
import type { ScalarFn } from "../../program/scalar.ts";
import {
  type Expr,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  type Int,
  type Local,
  type LoopBounds,
  v128,
} from "../../wasm/mod.ts";
import type { CodeContext } from "../parts/stage.ts";
import { isPartial, type Split } from "./split.ts";
import { constantLane, constantVector, loadLane, storeLane } from "./memory.ts";
import { extractLane, type Lane, scalarCode, vectorCode } from "./scalar.ts";
import { pointerOf, type Pointers, type Stream } from "./stream.ts";

const STEP = { sum: "add", prod: "mul", max: "max", min: "min" } as const;
const START = {
  float32: { sum: 0, prod: 1, max: -Infinity, min: Infinity },
  int32: { sum: 0, prod: 1, max: -(2 ** 31), min: 2 ** 31 - 1 },
} as const;

/** The loop nest around a reduction. */
export interface Nest {
  readonly shape: readonly number[];
  /** The first dimension from which on all are combined; the rank if the last one is kept. */
  readonly suffix: number;
}

/** The addresses of a reduction's result and of its working memory. */
export interface ReductionPlaces {
  readonly out: number;
  readonly scratch: number;
}

/** One part of a loop whose work is cut along a dimension: its indices of that dimension, `from` to `to - 1`. */
export interface Run {
  readonly split: Split;
  readonly part: Int;
  readonly from: Local<"i32">;
  readonly to: Local<"i32">;
}

/** Finds the first dimension from which on all dimensions are combined. */
export function suffixOf(reduced: readonly boolean[]): number {
  const lastKept = reduced.lastIndexOf(false);
  return lastKept + 1;
}

/**
 * Counts the bytes of working memory that a reduction needs: for doubles that cannot stay in a variable, and
 * for the partial results of parts.
 */
export function accumulatorBytes(reduction: Reduction, split: Split | undefined): number {
  if (isPartial(reduction, split)) return split!.parts * partialBytes(reduction);
  return isWide(reduction) && isInMemory(reduction.reduced) ? 8 * sizeOf(reduction.out.shape) : 0;
}

/** Counts the bytes of the partial results of one part: whole cache lines. */
function partialBytes(reduction: Reduction): number {
  return 64 * Math.ceil((isWide(reduction) ? 8 : 4) * sizeOf(reduction.out.shape) / 64);
}

function isWide({ fn, out }: Reduction): boolean {
  return out.dtype === "float32" && (fn === "sum" || fn === "prod");
}

function isInMemory(reduced: readonly boolean[]): boolean {
  const suffix = suffixOf(reduced);
  return suffix === reduced.length || reduced.slice(0, suffix).includes(true);
}

/** One reduction of a loop nest. */
export class Accumulator {
  /** The partial results as the loops walk through them. */
  readonly stream: Stream;
  readonly #wide: boolean;
  readonly #inMemory: boolean;
  readonly #partial: boolean;
  readonly #step: ScalarFn;
  readonly #start: number;
  readonly #dtype: "float32" | "int32";
  /** The partial result while all inner loops combine into it. */
  #total: Local<"f64"> | Local<"f32"> | Local<"i32"> | undefined;
  /** Four partial results of a maximum or minimum, whose order does not matter. */
  #lanes: Local<"v128"> | undefined;

  constructor(
    readonly context: CodeContext,
    readonly reduction: Reduction,
    readonly nest: Nest,
    readonly places: ReductionPlaces,
    readonly run?: Run,
  ) {
    this.#wide = isWide(reduction);
    this.#partial = isPartial(reduction, run?.split);
    this.#inMemory = this.#partial || isInMemory(reduction.reduced);
    this.#step = STEP[reduction.fn];
    this.#dtype = reduction.out.dtype === "int32" ? "int32" : "float32";
    this.#start = START[this.#dtype][reduction.fn];
    const width = this.#wide && this.#inMemory ? 8 : 4;
    const kept = nest.shape.map((n, d) => reduction.reduced[d] ? 1 : n);
    const strides = denseStrides(kept).map((s, d) => reduction.reduced[d] ? 0 : s * width);
    const base = this.#partial || width === 8 ? places.scratch : places.out;
    const stream = { base, strides };
    this.stream = this.#partial ? { ...stream, root: this.#rootOfPart() } : stream;
  }

  #rootOfPart() {
    const bytes = i32.mul(this.run!.part, partialBytes(this.reduction));
    return { name: `part ${this.places.scratch}`, bytes: this.context.f.let(bytes) };
  }

  /** Sets partial results in memory to their start, before all loops. */
  prepare(): void {
    if (!this.#inMemory) return;
    const { f } = this.context;
    const root = this.stream.root?.bytes ?? 0;
    f.loop(this.#elements(this.#wide ? 8 : 4), (i) => {
      const at = i32.add(i, root);
      if (this.#wide) f.store.f64(at, this.#start, this.stream.base);
      else storeLane(f, this.#place(at), constantLane(this.#dtype, this.#start));
    });
  }

  /** Returns the bounds of a loop over the elements that a part makes, `width` bytes each. */
  #elements(width: number): LoopBounds {
    const all = sizeOf(this.reduction.out.shape);
    if (!this.run || this.#partial) return { to: all * width, step: width };
    const { split, from, to } = this.run;
    const inner = width * all / this.nest.shape[split.dimension]!;
    return { from: i32.mul(from, inner), to: i32.mul(to, inner), step: width };
  }

  /** Loads the partial result into a variable, before the loops that all combine into it. */
  enter(pointers: Pointers): void {
    const { f } = this.context;
    const start = this.#inMemory ? this.#loadTotal(pointers) : this.#startTotal();
    this.#total = f.let(start as Expr) as unknown as Local<"f64">;
  }

  /** Writes the variable back, after the loops that all combine into it. */
  leave(pointers: Pointers): void {
    const { f } = this.context;
    const address = this.#pointer(pointers);
    if (!this.#wide) storeLane(f, this.#place(address), this.#total as Lane);
    else if (this.#inMemory) f.store.f64(address, this.#total as Expr<"f64">, this.stream.base);
    else f.store.f32(address, f32.demote(this.#total as Expr<"f64">), this.stream.base);
    this.#total = undefined;
  }

  /** Starts four partial results, before an innermost loop over four elements at once. */
  enterLanes(): void {
    if (!this.#total || this.#wide || this.#dtype === "int32") return;
    this.#lanes = this.context.f.let(constantVector(this.#dtype, this.#start));
  }

  /** Combines the four partial results, after that loop. */
  leaveLanes(): void {
    if (!this.#lanes) return;
    for (let lane = 0; lane < 4; lane++) {
      this.#addScalar(extractLane(this.#lanes, this.#dtype, lane));
    }
    this.#lanes = undefined;
  }

  /** Combines one element; `i` counts the innermost dimension in steps of 4. */
  scalar(value: Lane, pointers: Pointers, i: Int): void {
    if (this.#total) this.#addScalar(value);
    else this.#scalarInMemory(value, this.#address(pointers, i));
  }

  /** Combines four elements. */
  vector(value: Expr<"v128">, pointers: Pointers, i: Int): void {
    const { f } = this.context;
    if (this.#lanes) f.set(this.#lanes, this.#combine4(this.#lanes, value));
    else if (this.#total) {
      for (let lane = 0; lane < 4; lane++) this.#addScalar(extractLane(value, this.#dtype, lane));
    } else this.#vectorInMemory(value, f.let(i32.add(this.#address(pointers, i), 0)));
  }

  /** Converts doubles to floats, after all loops. */
  finish(): void {
    if (!this.#inMemory || !this.#wide || this.#partial) return;
    const { f } = this.context;
    const { scratch, out } = this.places;
    f.loop(this.#elements(4), (i) => {
      f.store.f32(i, f32.demote(f64.load(i32.shl(i, 1), scratch)), out);
    });
  }

  /** Combines the partial results of all parts, in their order. Needs a `run` of any part. */
  combine(): void {
    const { f } = this.context;
    const { scratch, out } = this.places;
    const bytes = partialBytes(this.reduction);
    const { parts } = this.run!.split;
    f.loop({ to: sizeOf(this.reduction.out.shape) * 4, step: 4 }, (i) => {
      const first = f.let(this.#wide ? i32.shl(i, 1) : i32.add(i, 0));
      const total = f.let(this.#startTotal());
      f.loop({ to: parts * bytes, step: bytes }, (part) => {
        const at = i32.add(first, part);
        const value = this.#wide
          ? this.#combineDoubles(total as Local<"f64">, f64.load(at, scratch))
          : this.#combine(total as Lane, loadLane(this.#place(at)));
        f.set(total, value);
      });
      const place = { dtype: this.#dtype, base: out, address: i };
      storeLane(f, place, this.#wide ? f32.demote(total as Expr<"f64">) : total as Lane);
    });
  }

  #startTotal(): Expr {
    return this.#wide ? f64.const(this.#start) : constantLane(this.#dtype, this.#start);
  }

  #loadTotal(pointers: Pointers): Expr {
    const address = this.#pointer(pointers);
    return this.#wide ? f64.load(address, this.stream.base) : loadLane(this.#place(address));
  }

  #addScalar(value: Lane): void {
    const { f } = this.context;
    if (this.#wide) {
      const total = this.#total as Local<"f64">;
      f.set(total, this.#combineWide(total, value));
    } else {
      const total = this.#total as Local<"f32">;
      f.set(total, this.#combine(total, value) as Expr<"f32">);
    }
  }

  #scalarInMemory(value: Lane, address: Int): void {
    const { f } = this.context;
    const at = f.let(i32.add(address, 0));
    if (this.#wide) {
      const before = f64.load(at, this.stream.base);
      f.store.f64(at, this.#combineWide(before, value), this.stream.base);
    } else storeLane(f, this.#place(at), this.#combine(loadLane(this.#place(at)), value));
  }

  #vectorInMemory(value: Expr<"v128">, at: Int): void {
    const { f } = this.context;
    const { base } = this.stream;
    if (!this.#wide) return f.store.v128(at, this.#combine4(v128.load(at, base), value), base);
    const high = i32x4.shuffle(value, value, [2, 3, 2, 3]);
    [value, high].forEach((half, k) => {
      const before = v128.load(at, base + 16 * k);
      const doubles = f64x2.promoteLowF32x4(half);
      const after = this.#step === "add" ? f64x2.add(before, doubles) : f64x2.mul(before, doubles);
      f.store.v128(at, after, base + 16 * k);
    });
  }

  #combine(x: Lane, y: Lane): Lane {
    return scalarCode(this.context, { fn: this.#step, dtype: this.#dtype, args: [x, y] });
  }

  #combine4(x: Expr<"v128">, y: Expr<"v128">): Expr<"v128"> {
    if (this.#dtype === "float32") return this.#step === "max" ? f32x4.max(x, y) : f32x4.min(x, y);
    return vectorCode(this.context, { fn: this.#step, dtype: "int32", args: [x, y] });
  }

  #combineWide(total: Expr<"f64">, value: Lane): Expr<"f64"> {
    return this.#combineDoubles(total, f64.promote(value as Expr<"f32">));
  }

  #combineDoubles(total: Expr<"f64">, value: Expr<"f64">): Expr<"f64"> {
    return this.#step === "add" ? f64.add(total, value) : f64.mul(total, value);
  }

  #place(address: Int) {
    return { dtype: this.#dtype, base: this.stream.base, address } as const;
  }

  #pointer(pointers: Pointers): Int {
    return pointerOf(this.stream, pointers, this.nest.suffix);
  }

  /** Computes the address of the partial result at index `i / 4` of the innermost dimension. */
  #address(pointers: Pointers, i: Int): Int {
    const last = this.nest.shape.length - 1;
    const pointer = pointerOf(this.stream, pointers, Math.max(0, last));
    const stride = this.stream.strides[last] ?? 0;
    return i32.add(i32.mul(i, stride / 4), pointer);
  }
}
