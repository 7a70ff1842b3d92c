/** Stages of one equation, run in a memory of their own with the parts in any order. */
import assert from "node:assert/strict";
import {
  ownAddress,
  type Scratch,
  scratchBytes,
  type Stage,
  type StepContext,
} from "../../../../lib/jit/emit/parts/stage.ts";
import type { EquationPlaces } from "../../../../lib/jit/emit/loop/memory.ts";
import { sizeOf } from "../../../../lib/jit/program/access.ts";
import { type Values, viewOf } from "../../../../lib/jit/program/dtype.ts";
import { bytesOf, type Var } from "../../../../lib/jit/program/equation.ts";
import { alignedBytes } from "../../../../lib/jit/program/gaps.ts";
import { type FunctionBuilder, ModuleBuilder } from "../../../../lib/jit/wasm/mod.ts";
import { instantiate, memoryOf } from "../../wasm/instance.ts";

/** The order of the parts of a stage, and the threads that do them. */
export const ORDERS = {
  "in order": { parts: (count: number) => upTo(count), thread: () => 0 },
  "in reverse": { parts: (count: number) => upTo(count).reverse(), thread: () => 1 },
  "two threads in turn": {
    parts: (
      count: number,
    ) => [...upTo(count).filter(isOdd), ...upTo(count).filter((i) => !isOdd(i))],
    thread: (turn: number) => turn % 2,
  },
} as const;

/** One of {@linkcode ORDERS}. */
export type Order = keyof typeof ORDERS;

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function isOdd(i: number): boolean {
  return i % 2 === 1;
}

/** An equation: its working memory, its stages, the values that it reads, and the results. */
export interface Work {
  readonly scratch: Scratch;
  readonly inputs: ReadonlyMap<Var, ArrayLike<number>>;
  readonly results: readonly Var[];
  /** True if results have room up to whole cache lines, which may be overwritten. */
  readonly fillsLines?: boolean;
  stages(places: EquationPlaces): readonly Stage[];
}

/** What memory holds where nothing was written: NaN as a float of any size. */
const UNTOUCHED = 0xff;
const THREADS = 2;
const GUARD = 64;

class Memory {
  /** A padded window may begin before its image. */
  #top = 65536;
  readonly places = new Map<Var, number>();
  readonly scratch: number;

  constructor(readonly work: Work) {
    for (const value of [...work.inputs.keys(), ...work.results]) {
      this.places.set(value, this.#take(bytesOf(value)));
    }
    this.scratch = this.#take(scratchBytes(work.scratch, THREADS));
  }

  get pages(): number {
    return Math.ceil(this.#top / 65536);
  }

  #take(bytes: number): number {
    const at = this.#top;
    this.#top += alignedBytes(bytes) + GUARD;
    return at;
  }

  /** The first byte of a thread's own memory, and the byte behind it. */
  own(thread: number): readonly [number, number] {
    const from = this.scratch + scratchBytes(this.work.scratch, thread);
    return [from, this.scratch + scratchBytes(this.work.scratch, thread + 1)];
  }
}

function contextOf(f: FunctionBuilder): StepContext {
  const missing = () => {
    throw new Error("not in this test");
  };
  return { f, imported: missing, kernel: missing, refuseIndex: missing, sgemm: undefined };
}

/**
 * Runs all parts of all stages and returns the results. Before each part a thread's own memory holds nothing
 * of use. Nothing may be written but the results, the shared memory and the thread's own memory.
 */
export function runStages(work: Work, order: Order): Values[] {
  const memory = new Memory(work);
  const stages = work.stages({
    layout: { addressOf: (value) => memory.places.get(value)!, constantOf: () => undefined },
    scratch: memory.scratch,
    own: (thread) => ownAddress(work.scratch, memory.scratch, thread),
  });
  const builder = new ModuleBuilder();
  const wasm = memoryOf(builder, memory.pages);
  stages.forEach((stage, index) => {
    const spec = {
      name: `${index}`,
      params: { part: "i32", thread: "i32" },
      export: true,
    } as const;
    builder.func(spec, (f, at) => {
      stage.emit(contextOf(f), stage.parts === 1 ? { ...at, part: 0 } : at);
    });
  });
  const exports = instantiate(builder, { memory: wasm });
  const bytes = new Uint8Array(wasm.buffer).fill(UNTOUCHED);
  const viewOfValue = (value: Var) => {
    const [at, size] = [memory.places.get(value)!, sizeOf(value.shape)];
    return viewOf(wasm.buffer as ArrayBuffer, { dtype: value.dtype, at, size });
  };
  for (const [value, values] of work.inputs) viewOfValue(value).set(values);
  runParts(stages, { exports, order, bytes, memory });
  assertUntouchedAround(bytes, memory);
  return work.results.map((value) => viewOfValue(value).slice());
}

function runParts(stages: readonly Stage[], { exports, order, bytes, memory }: {
  readonly exports: ReturnType<typeof instantiate>;
  readonly order: Order;
  readonly bytes: Uint8Array;
  readonly memory: Memory;
}): void {
  let turn = 0;
  stages.forEach((stage, index) => {
    const shared = bytes.subarray(memory.scratch, memory.own(0)[0]);
    const results = memory.work.results.map((value) => {
      const at = memory.places.get(value)!;
      return bytes.subarray(at, at + bytesOf(value));
    });
    const claims = [...results, ...(index === 0 ? [shared] : [])].map((region) =>
      new Claim(region)
    );
    for (const part of ORDERS[order].parts(stage.parts)) {
      const thread = ORDERS[order].thread(turn++);
      const run = () => {
        exports[index]!(part, thread);
        bytes.fill(UNTOUCHED, ...memory.own(thread));
        for (let other = 0; other < THREADS; other++) {
          const message = `${stage.name} on thread ${thread} writes into another's memory`;
          assertUntouched(bytes, ...memory.own(other), message);
        }
      };
      runTwice(claims, run, `part ${part} of ${stage.name} writes what another part writes too`);
    }
  });
}

/** The bytes of an array that some part of a stage has written. */
class Claim {
  readonly #values: Uint8Array;
  readonly #isTaken: Uint8Array;

  constructor(readonly region: Uint8Array) {
    this.#values = region.slice();
    this.#isTaken = new Uint8Array(region.length);
  }

  /** Takes the bytes that were written whatever was there before; false if one was taken already. */
  take(first: Uint8Array, second: Uint8Array): boolean {
    let isFree = true;
    for (let i = 0; i < first.length; i++) {
      if (first[i] !== second[i]) continue;
      if (this.#isTaken[i]) isFree = false;
      this.#isTaken[i] = 1;
      this.#values[i] = first[i]!;
    }
    this.region.set(this.#values);
    return isFree;
  }
}

/** Runs a part over two kinds of rubbish: what is the same afterwards was written by it. */
function runTwice(claims: readonly Claim[], run: () => void, message: string): void {
  const [first, second] = [UNTOUCHED, 0].map((rubbish) => {
    for (const { region } of claims) region.fill(rubbish);
    run();
    return claims.map(({ region }) => region.slice());
  });
  claims.forEach((claim, i) => assert(claim.take(first![i]!, second![i]!), message));
}

function assertUntouchedAround(bytes: Uint8Array, memory: Memory): void {
  const { places, work, scratch } = memory;
  const roomOf = (bytes: number) => work.fillsLines ? alignedBytes(bytes) : bytes;
  const taken = [
    ...[...places].map(([value, at]) => [at, roomOf(bytesOf(value))] as const),
    [scratch, alignedBytes(scratchBytes(work.scratch, THREADS))] as const,
  ];
  let end = 0;
  for (const [at, size] of taken) {
    assertUntouched(bytes, end, at, "memory between the arrays was written");
    end = at + size;
  }
  assertUntouched(bytes, end, bytes.length, "memory behind the arrays was written");
}

function assertUntouched(bytes: Uint8Array, from: number, to: number, message: string): void {
  const edge = Math.min(to, 4 * Math.ceil(from / 4));
  const words = new Int32Array(bytes.buffer, 4 * Math.ceil(from / 4), Math.max(0, to - edge) >> 2);
  let isUntouched = bytes.subarray(from, edge).every((byte) => byte === UNTOUCHED);
  for (let i = 0; i < words.length; i++) if (words[i] !== -1) isUntouched = false;
  for (let i = Math.max(edge, to - 3); i < to; i++) if (bytes[i] !== UNTOUCHED) isUntouched = false;
  assert(isUntouched, message);
}

/** Fails at the first number that differs, bit for bit but for the kinds of NaN. */
export function assertSame(
  found: readonly Values[],
  wanted: readonly Values[],
  what: string,
): void {
  assert.equal(found.length, wanted.length, what);
  wanted.forEach((values, k) => {
    const other = found[k]!;
    assert.equal(other.length, values.length, `${what}: length of result ${k}`);
    const at = values.findIndex((value, i) => !Object.is(value, other[i]));
    if (at < 0) return;
    assert.fail(`${what}: result ${k} is ${other[at]} at ${at}, expected ${values[at]}`);
  });
}
