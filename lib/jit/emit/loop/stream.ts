/**
 * Streams: arrays that a loop nest walks through, and the pointers that its loops share.
 * @module
 */
import { type FunctionBuilder, i32, type Int, type Local } from "../../wasm/mod.ts";

/** An array that a loop nest walks through; strides in bytes, one for each dimension. */
export interface Stream {
  /** The address of the element at index 0. */
  readonly base: number;
  readonly strides: readonly number[];
  /** A number that is added to every address, and a name that no other such number has. */
  readonly root?: { readonly name: string; readonly bytes: Int };
}

/**
 * Numbers that the loops around a read or a store add to the base of its stream. Streams with equal
 * strides share one.
 */
export type Pointers = ReadonlyMap<string, Int>;

/** Returns the pointers of streams before the outermost loop. */
export function rootPointers(streams: readonly Stream[]): Pointers {
  return new Map(streams.map((stream) => [keyOf(stream, 0), rootOf(stream)]));
}

/** Computes the pointers inside the next loop, whose counter is `i`. */
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

/** Finds the pointer of a stream inside `depth` loops. */
export function pointerOf(stream: Stream, pointers: Pointers, depth: number): Int {
  const pointer = pointers.get(keyOf(stream, depth));
  if (pointer === undefined) throw new Error("internal: a stream has no pointer");
  return pointer;
}

/** Returns the constant part of a stream's addresses, which instructions take as their offset. */
export function offsetOf(stream: Stream): number {
  return isReversed(stream) ? 0 : stream.base;
}

/**
 * Tells whether a stream walks backwards: then its addresses have no constant part, since offsets are never
 * negative.
 */
function isReversed({ strides }: Stream): boolean {
  return strides.some((stride) => stride < 0);
}

function rootOf(stream: Stream): Int {
  return i32.add(isReversed(stream) ? stream.base : 0, stream.root?.bytes ?? 0);
}

function keyOf(stream: Stream, depth: number): string {
  const root = isReversed(stream) ? `${stream.base}:` : "";
  return `${root}${stream.root?.name ?? ""}:${stream.strides.slice(0, depth).join()}`;
}
