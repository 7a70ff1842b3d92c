/**
 * Code for fused loops: nests of counted loops, the innermost over four elements at once.
 * @module
 */
import { denseStrides } from "../../program/access.ts";
import { bytesPerElement, type DType } from "../../program/dtype.ts";
import type { LoopEquation, Operand } from "../../program/equation.ts";
import { Accumulator, accumulatorBytes, type Run, suffixOf } from "./accumulator.ts";
import { type Expr, i32, i32x4, type Int, type Local, type LoopBounds } from "../../wasm/mod.ts";
import { atMost, type CodeContext, type Part, runOfPart, type Stage } from "../parts/stage.ts";
import { isPartial, type Split, splitOf } from "./split.ts";
import {
  constantLane,
  constantVector,
  type EquationPlaces,
  loadLane,
  loadVector,
  splatLane,
  storeLane,
  storeVector,
} from "./memory.ts";
import { type Lane, scalarCode, vectorCode, withLane } from "./scalar.ts";
import {
  offsetOf,
  pointerOf,
  type Pointers,
  rootPointers,
  stepPointers,
  type Stream,
} from "./stream.ts";

/** Counts the bytes of working memory that a loop needs; its parts share them. */
export function loopScratch(loop: LoopEquation): number {
  const split = splitOf(loop);
  return loop.reductions.reduce((sum, reduction) => sum + accumulatorBytes(reduction, split), 0);
}

/** Returns the stages of a fused loop: its parts, then what they reduce together. */
export function loopStages(loop: LoopEquation, places: EquationPlaces): Stage[] {
  const split = splitOf(loop);
  const parts = split?.parts ?? 1;
  const name = `loop ${loop.shape.join("x")}`;
  const stage = {
    name,
    parts,
    emit: (context: CodeContext, { part }: Part) => {
      context.f.scope(() => new LoopCode(context, loop, places, split && { split, part }).emit());
    },
  };
  if (!loop.reductions.some((reduction) => isPartial(reduction, split))) return [stage];
  const combine = (context: CodeContext) => {
    context.f.scope(() =>
      new LoopCode(context, loop, places, { split: split!, part: 0 }).combine()
    );
  };
  return [stage, { name: `${name}, combined`, parts: 1, emit: combine }];
}

/** A read or a store. */
interface TypedStream extends Stream {
  readonly dtype: DType;
}

/** The number of elements that the body works on: one, or four at once. */
type Width = "scalar" | "vector";

class LoopCode {
  readonly #reads: readonly TypedStream[];
  readonly #stores: readonly TypedStream[];
  readonly #accumulators: readonly Accumulator[];
  readonly #streams: readonly Stream[];
  readonly #rank: number;
  readonly #suffix: number;
  /** The indices of the part that is written; undefined for all. */
  readonly #run: Run | undefined;

  constructor(
    readonly context: CodeContext,
    readonly loop: LoopEquation,
    readonly places: EquationPlaces,
    cutting?: { readonly split: Split; readonly part: Int },
  ) {
    const { shape, inputs, stores, reductions } = loop;
    if (cutting) {
      const { part, split: { dimension, size } } = cutting;
      const length = shape[dimension]!;
      this.#run = { ...cutting, ...runOfPart(context.f, { part, size, length }) };
    }
    this.#rank = shape.length;
    this.#suffix = reductions[0] ? suffixOf(reductions[0].reduced) : this.#rank;
    this.#reads = inputs.map((operand) => this.#readPort(operand));
    const dense = denseStrides(shape);
    this.#stores = stores.map(({ out }) => ({
      dtype: out.dtype,
      base: places.layout.addressOf(out),
      strides: dense.map((stride) => stride * bytesPerElement(out.dtype)),
    }));
    this.#accumulators = this.#makeAccumulators();
    this.#streams = [
      ...this.#reads,
      ...this.#stores,
      ...this.#accumulators.map(({ stream }) => stream),
    ];
  }

  emit(): void {
    this.#accumulators.forEach((accumulator) => accumulator.prepare());
    this.#nest(0, rootPointers(this.#streams));
    this.#accumulators.forEach((accumulator) => accumulator.finish());
  }

  /** Writes the code that combines the results of all parts. */
  combine(): void {
    this.#accumulators.forEach((accumulator) => accumulator.combine());
  }

  #makeAccumulators(): Accumulator[] {
    const nest = { shape: this.loop.shape, suffix: this.#suffix };
    let { scratch } = this.places;
    return this.loop.reductions.map((reduction) => {
      const out = this.places.layout.addressOf(reduction.out);
      const places = { out, scratch };
      const accumulator = new Accumulator(this.context, reduction, nest, places, this.#run);
      scratch += accumulatorBytes(reduction, this.#run?.split);
      return accumulator;
    });
  }

  #readPort({ source, offset, strides }: Operand): TypedStream {
    const width = bytesPerElement(source.dtype);
    const base = this.places.layout.constantOf(source)
      ? 0
      : this.places.layout.addressOf(source) + offset * width;
    return { dtype: source.dtype, base, strides: strides.map((stride) => stride * width) };
  }

  /** Writes the loops from dimension `depth` inwards. */
  #nest(depth: number, pointers: Pointers): void {
    const { f } = this.context;
    const combines = depth === this.#suffix && this.#accumulators.length > 0;
    if (combines) this.#accumulators.forEach((accumulator) => accumulator.enter(pointers));
    if (depth >= this.#rank - 1) this.#inner(pointers);
    else {
      f.loop(this.#bounds(depth), (i) => {
        const streams = this.#streams;
        this.#nest(depth + 1, stepPointers(f, { streams, pointers, depth, i }));
      });
    }
    if (combines) this.#accumulators.forEach((accumulator) => accumulator.leave(pointers));
  }

  #bounds(depth: number): LoopBounds {
    const run = this.#run;
    if (run?.split.dimension === depth) return { from: run.from, to: run.to };
    return { to: this.loop.shape[depth]! };
  }

  /** Writes the innermost loop: four elements at once, then the rest one by one. */
  #inner(pointers: Pointers): void {
    const { f } = this.context;
    const length = this.loop.shape.at(-1) ?? 1;
    const vectors = length - length % 4;
    // The counter counts bytes of 4-byte elements, the most common address.
    if (vectors > 0) {
      const invariant = this.#invariants(pointers, "vector");
      this.#accumulators.forEach((accumulator) => accumulator.enterLanes());
      f.loop(
        this.#innerBounds({ from: 0, to: vectors, step: 4 }),
        (i) => this.#body({ width: "vector", pointers, i, invariant }),
      );
      this.#accumulators.forEach((accumulator) => accumulator.leaveLanes());
    }
    if (length > vectors) {
      const invariant = this.#invariants(pointers, "scalar");
      f.loop(
        this.#innerBounds({ from: vectors, to: length, step: 1 }),
        (i) => this.#body({ width: "scalar", pointers, i, invariant }),
      );
    }
  }

  /** Returns the bounds of the innermost loop in bytes: those of the part, if this dimension is cut. */
  #innerBounds({ from, to, step }: {
    readonly from: number;
    readonly to: number;
    readonly step: number;
  }): LoopBounds {
    const run = this.#run?.split.dimension === this.#rank - 1 ? this.#run : undefined;
    if (!run) return { from: 4 * from, to: 4 * to, step: 4 * step };
    // Runs begin at multiples of four elements, so only the last one has single elements: those after all vectors.
    const { f } = this.context;
    const first = from === 0 ? f.let(i32.shl(run.from, 2)) : 4 * from;
    return { from: first, to: f.let(i32.shl(atMost(run.to, to), 2)), step: 4 * step };
  }

  /** Reads what does not change along the innermost dimension, before its loop. */
  #invariants(pointers: Pointers, width: Width): (Lane | undefined)[] {
    return this.#reads.map((port, k) => {
      const { source, offset } = this.loop.inputs[k]!;
      const constant = this.places.layout.constantOf(source)?.[offset];
      if (constant !== undefined) {
        return width === "vector"
          ? constantVector(port.dtype, constant)
          : constantLane(port.dtype, constant);
      }
      if ((port.strides[this.#rank - 1] ?? 0) !== 0) return undefined;
      const lane = loadLane({
        ...port,
        base: offsetOf(port),
        address: this.#pointer(port, pointers),
      });
      return this.#named(width === "vector" ? splatLane(port.dtype, lane) : lane);
    });
  }

  #body({ width, pointers, i, invariant }: {
    readonly width: Width;
    readonly pointers: Pointers;
    readonly i: Local<"i32">;
    readonly invariant: readonly (Lane | undefined)[];
  }): void {
    const values = this.#reads.map((port, k) =>
      invariant[k] ?? this.#named(this.#load(port, { width, pointers, i }))
    );
    for (const { fn, args, dtype } of this.loop.body) {
      const application = { fn, dtype, args: args.map((arg) => values[arg]!) };
      const code = width === "vector" ? vectorCode : scalarCode;
      values.push(this.#named(code(this.context, application)));
    }
    this.loop.stores.forEach(({ value }, k) => {
      this.#store(this.#stores[k]!, values[value]!, { width, pointers, i });
    });
    this.loop.reductions.forEach(({ value }, k) => {
      const accumulator = this.#accumulators[k]!;
      if (width === "vector") accumulator.vector(values[value] as Expr<"v128">, pointers, i);
      else accumulator.scalar(values[value]!, pointers, i);
    });
  }

  #load(port: TypedStream, at: { width: Width; pointers: Pointers; i: Local<"i32"> }): Lane {
    const place = { dtype: port.dtype, base: offsetOf(port), address: this.#address(port, at) };
    if (at.width === "scalar") return loadLane(place);
    const stride = port.strides[this.#rank - 1]!;
    return stride === bytesPerElement(port.dtype) ? loadVector(place) : this.#gather(place, stride);
  }

  /** Loads four elements that do not lie side by side. */
  #gather(place: { dtype: DType; base: number; address: Int }, stride: number): Expr<"v128"> {
    const first = this.context.f.let(i32.add(place.address, 0));
    let vector: Expr<"v128"> | undefined;
    for (let lane = 0; lane < 4; lane++) {
      const address = stride < 0 ? i32.add(first, lane * stride) : first;
      const base = stride < 0 ? place.base : place.base + lane * stride;
      vector = withLane(vector, loadLane({ ...place, base, address }) as Expr<"f32">, lane);
    }
    return place.dtype === "bool" ? i32x4.ne(vector!, 0) : vector!;
  }

  #store(
    port: TypedStream,
    value: Lane,
    at: { width: Width; pointers: Pointers; i: Local<"i32"> },
  ): void {
    const { f } = this.context;
    const place = { dtype: port.dtype, base: offsetOf(port), address: this.#address(port, at) };
    if (at.width === "vector") storeVector(f, place, value as Expr<"v128">);
    else storeLane(f, place, value);
  }

  /** Computes the address of element `i / 4` of the innermost dimension. */
  #address(port: TypedStream, { pointers, i }: { pointers: Pointers; i: Local<"i32"> }): Int {
    const stride = port.strides[this.#rank - 1] ?? 0;
    const steps = stride % 4 === 0 ? i32.mul(i, stride / 4) : i32.mul(i32.shrU(i, 2), stride);
    return i32.add(steps, this.#pointer(port, pointers));
  }

  #pointer(port: TypedStream, pointers: Pointers): Int {
    return pointerOf(port, pointers, Math.max(0, this.#rank - 1));
  }

  #named(lane: Lane): Lane {
    return this.context.f.let(lane as Expr) as Lane;
  }
}
