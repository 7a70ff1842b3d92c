/**
 * Streams: how a loop nest walks through one array, and the pointers that its loops share.
 * @module
 */
import { type FunctionBuilder, i32, type Int, type Local } from "../../wasm/mod.ts";

/** An array that a loop nest walks through; strides in bytes, one for each dimension. */
export interface Stream {
  /** The address of the element at index 0. */
  readonly base: number;
  readonly strides: readonly number[];
}

/** What is added to a stream's base inside some outer loops, shared by streams that walk alike. */
export type Pointers = ReadonlyMap<string, Int>;

/** The pointers outside all loops. */
export function rootPointers(streams: readonly Stream[]): Pointers {
  return new Map(streams.map((stream) => [keyOf(stream, 0), rootOf(stream)]));
}

/** The pointers inside one more loop, with counter `i`. */
export function stepPointers(
  f: FunctionBuilder,
  { streams, pointers, depth, i }: {
    readonly streams: readonly Stream[];
    readonly pointers: Pointers;
    readonly depth: number;
    readonly i: Local<"i32">;
  },
): Pointers {
  const inner = new Map<string, Int>();
  for (const stream of streams) {
    const key = keyOf(stream, depth + 1);
    if (inner.has(key)) continue;
    const outer = pointers.get(keyOf(stream, depth))!;
    const stride = stream.strides[depth]!;
    inner.set(key, stride === 0 ? outer : f.let(i32.add(i32.mul(i, stride), outer)));
  }
  return inner;
}

/** The pointer of a stream inside `depth` loops. */
export function pointerOf(stream: Stream, pointers: Pointers, depth: number): Int {
  const pointer = pointers.get(keyOf(stream, depth));
  if (pointer === undefined) throw new Error("internal: a stream has no pointer");
  return pointer;
}

/** The constant part of a stream's addresses, which instructions take as their offset. */
export function offsetOf(stream: Stream): number {
  return isReversed(stream) ? 0 : stream.base;
}

/** Offsets of instructions cannot be negative in sum, so a stream that goes back has none. */
function isReversed({ strides }: Stream): boolean {
  return strides.some((stride) => stride < 0);
}

function rootOf(stream: Stream): Int {
  return isReversed(stream) ? stream.base : 0;
}

function keyOf(stream: Stream, depth: number): string {
  const root = isReversed(stream) ? `${stream.base}:` : "";
  return root + stream.strides.slice(0, depth).join();
}
