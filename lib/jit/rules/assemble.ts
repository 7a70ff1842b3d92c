/**
 * Rules for kernels that put arrays into a larger one: concatenation, stacking, padding.
 * @module
 */
import { denseStrides } from "../program/access.ts";
import type { Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";
import {
  allFloat,
  type Call,
  input,
  inputList,
  listAttr,
  numberAttr,
  type RuleTable,
} from "./rule.ts";

/** The parts one after another along an axis. */
function joined(
  b: Builder,
  call: Call,
  { parts, axis }: { parts: readonly Var[]; axis: number },
): Var {
  const { dtype, shape } = call.outs[0]!;
  let at = 0;
  const begins = parts.map((part) => {
    const begin = shape.map((_, d) => d === axis ? at : 0);
    at += part.shape[axis]!;
    return begin;
  });
  return b.assemble(parts, { begins, dtype, shape });
}

function axisOf(call: Call, rank: number): number {
  const axis = numberAttr(call, "axis");
  return axis < 0 ? axis + rank : axis;
}

function concat(b: Builder, call: Call): Var | undefined {
  const parts = inputList(call);
  const { dtype, shape } = call.outs[0]!;
  if (parts.some((part) => part.dtype !== dtype)) return undefined;
  return joined(b, call, { parts, axis: axisOf(call, shape.length) });
}

function pack(b: Builder, call: Call): Var | undefined {
  const { dtype, shape } = call.outs[0]!;
  if (inputList(call).some((part) => part.dtype !== dtype)) return undefined;
  const axis = axisOf(call, shape.length);
  const single = shape.map((n, d) => d === axis ? 1 : n);
  return joined(b, call, { parts: inputList(call).map((part) => b.reshape(part, single)), axis });
}

function pad(b: Builder, call: Call): Var | undefined {
  const x = input(call, "x");
  const paddings = call.attrs["paddings"] as readonly (readonly [number, number])[];
  if (paddings.length !== x.shape.length) return undefined; // TensorFlow.js does not check it
  const begin = paddings.map(([before]) => before);
  const fill = numberAttr(call, "constantValue");
  return b.assemble([x], { begins: [begin], fill, ...call.outs[0]! });
}

/** Compares each index with every class; an index out of range is no class. */
function oneHot(b: Builder, call: Call): Var | undefined {
  const indices = input(call, "indices");
  const { dtype } = call.outs[0]!;
  if (indices.dtype !== "int32" || dtype === "bool") return undefined;
  const depth = numberAttr(call, "depth");
  const classes = b.constant(Int32Array.from({ length: depth }, (_, i) => i), "int32", [depth]);
  const isClass = b.map("eq", b.reshape(indices, [...indices.shape, 1]), classes);
  const [on, off] = ["onValue", "offValue"].map((key) => b.scalar(numberAttr(call, key), dtype));
  return b.map("select", isClass, on!, off!);
}

/** Whole factors by which the two middle dimensions grow. */
function factors(call: Call, small: readonly number[]): [number, number] | undefined {
  const { alignCorners, halfPixelCenters } = call.attrs;
  if (alignCorners || halfPixelCenters) return undefined;
  const [height, width] = listAttr(call, "size") as [number, number];
  const [rows, columns] = [height / small[1]!, width / small[2]!];
  return isExact(small[1]!, rows) && isExact(small[2]!, columns) ? [rows, columns] : undefined;
}

/** Whether the backend's own arithmetic finds every source as a whole division does. */
function isExact(length: number, factor: number): boolean {
  if (!Number.isInteger(factor)) return false;
  const ratio = length / (length * factor);
  return Array.from({ length: length * factor }, (_, i) => i)
    .every((i) => Math.min(length - 1, Math.floor(ratio * i)) === Math.floor(i / factor));
}

/** `[n, h, w, c]` upsampled is `[n, h, rows, w, columns, c]` with two dimensions that do not move. */
function upsample(b: Builder, call: Call): Var | undefined {
  const images = input(call, "images");
  const factor = images.dtype === "float32" && factors(call, images.shape);
  if (!factor) return undefined;
  const [n, h, w, c] = images.shape as [number, number, number, number];
  const [s0, s1, s2] = denseStrides(images.shape) as [number, number, number];
  const spread = b.view("upsample", images, {
    shape: [n, h, factor[0], w, factor[1], c],
    offset: 0,
    strides: [s0, s1, 0, s2, 0, 1],
  });
  return b.reshape(spread, call.outs[0]!.shape);
}

/** The gradient of upsampling adds up what came from one element. */
function upsampleGradient(b: Builder, call: Call): Var | undefined {
  const { alignCorners } = call.attrs;
  const [images, dy] = [input(call, "images"), input(call, "dy")];
  const [n, h, w, c] = images.shape as [number, number, number, number];
  const [rows, columns] = [dy.shape[1]! / h, dy.shape[2]! / w];
  if (!allFloat(dy) || alignCorners || !isExact(h, rows) || !isExact(w, columns)) return undefined;
  return b.reduce("sum", b.reshape(dy, [n, h, rows, w, columns, c]), [2, 4]);
}

/** Kernels that put arrays into a larger one. */
export const ASSEMBLY: RuleTable = {
  Concat: concat,
  OneHot: oneHot,
  Pack: pack,
  PadV2: pad,
  ResizeNearestNeighbor: upsample,
  ResizeNearestNeighborGrad: upsampleGradient,
};
