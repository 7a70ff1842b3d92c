/**
 * Code that puts arrays into a larger one.
 * @module
 */
import { denseAccess, denseStrides, elementAt, sizeOf } from "../program/access.ts";
import { bytesPerElement } from "../program/dtype.ts";
import type { AssembleEquation } from "../program/equation.ts";
import { type FunctionBuilder, i32, type Int, v128 } from "../wasm/mod.ts";
import { addressOfOperand, constantLane, type Layout, loadLane, storeLane } from "./loop/memory.ts";

/** Fills the gaps that the parts leave in the result, then copies each part to its place. */
export function emitAssemble(
  f: FunctionBuilder,
  { inputs, begins, fill, out }: AssembleEquation,
  layout: Layout,
): void {
  const width = bytesPerElement(out.dtype);
  const to = layout.addressOf(out);
  const covered = inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (covered < sizeOf(out.shape)) {
    const value = constantLane(out.dtype, fill);
    f.loop({ to: sizeOf(out.shape) * width, step: width }, (i) => {
      storeLane(f, { dtype: out.dtype, base: to, address: i }, value);
    });
  }
  const strides = denseStrides(out.shape).map((stride) => stride * width);
  inputs.forEach((part, k) => {
    const rows = joinRows({ shape: part.shape, strides, width });
    const from = addressOfOperand(layout, part);
    const begin = elementAt(denseAccess(out.shape), begins[k]!) * width;
    copyRows(f, { ...rows, width, from, to: to + begin }, [0, 0]);
  });
}

interface Rows {
  /** The dimensions that have loops of their own. */
  readonly shape: readonly number[];
  /** The bytes from one index to the next in the target, for each dimension. */
  readonly strides: readonly number[];
  /** The number of bytes that lie together in the part and in the result. */
  readonly bytes: number;
}

/** Joins the inner dimensions that lie without gaps in the target: they are copied in one go. */
function joinRows(
  { shape, strides, width }: {
    readonly shape: readonly number[];
    readonly strides: readonly number[];
    readonly width: number;
  },
): Rows {
  let inner = shape.length;
  let bytes = width;
  while (inner > 0 && (strides[inner - 1] === bytes || shape[inner - 1] === 1)) {
    bytes *= shape[--inner]!;
  }
  return { shape: shape.slice(0, inner), strides: strides.slice(0, inner), bytes };
}

/** A number of bytes that lie together, the width of their elements, and the addresses of source and target. */
export interface ByteRun {
  readonly bytes: number;
  readonly width: number;
  readonly from: number;
  readonly to: number;
}

type Copy = Rows & ByteRun;

/**
 * Writes a loop for each outer dimension, and copies the bytes inside; `at` has the present offsets of both
 * sides.
 */
function copyRows(f: FunctionBuilder, copy: Copy, at: readonly [from: Int, to: Int]): void {
  const [length, ...shape] = copy.shape;
  if (length === undefined) return copyBytes(f, copy, at);
  const [stride, ...strides] = copy.strides;
  const below = copy.bytes * sizeOf(shape);
  f.loop({ to: length }, (i) => {
    const from = f.let(i32.add(i32.mul(i, below), at[0]));
    const to = f.let(i32.add(i32.mul(i, stride!), at[1]));
    copyRows(f, { ...copy, shape, strides }, [from, to]);
  });
}

/** Copies consecutive bytes: sixteen at a time, then element by element. */
export function copyBytes(
  f: FunctionBuilder,
  { bytes, width, from, to }: ByteRun,
  [fromAt, toAt]: readonly [Int, Int],
): void {
  const most = bytes - bytes % 16;
  f.loop({ to: most, step: 16 }, (i) => {
    f.store.v128(i32.add(i, toAt), v128.load(i32.add(i, fromAt), from), to);
  });
  f.loop({ from: most, to: bytes, step: width }, (i) => {
    const dtype = width === 1 ? "bool" : "int32";
    const value = loadLane({ dtype, base: from, address: i32.add(i, fromAt) });
    storeLane(f, { dtype, base: to, address: i32.add(i, toAt) }, value);
  });
}
