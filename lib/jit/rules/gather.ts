/**
 * Rules for kernels that pick slices by index, add up slices by index, or find the index of an extreme value.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { sizeOf } from "../program/access.ts";
import type { Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";
import { cast } from "./elementwise.ts";
import { axisAttr, type Call, input, numberAttr, type Rule, type RuleTable } from "./rule.ts";

/** Picks slices of `x` along one axis; embeddings are the rows of a table. Each batch has its own indices. */
function gather(b: Builder, call: Call): Var | undefined {
  const [x, indices] = [input(call, "x"), input(call, "indices")];
  if (indices.dtype !== "int32") return undefined;
  const axis = axisAttr(call, x.shape.length);
  const { collectGatherOpShapeInfo: shapeInfo } = tf.backend_util.segment_util;
  const batchDims = call.attrs["batchDims"] as number | undefined ?? 0;
  const { batchSize } = shapeInfo(info(x), info(indices), axis, batchDims);
  const slices = grouped(b, x, axis);
  const count = sizeOf(indices.shape) / batchSize;
  if (batchSize === 1) return b.gather(slices, b.reshape(indices, [count]));
  const groups = slices.shape[0]!;
  const lists = b.reshape(indices, [batchSize, 1, count]);
  const repeated = b.broadcast(lists, [batchSize, groups / batchSize, count]);
  return b.gather(slices, b.reshape(repeated, [groups, count]));
}

function info({ shape, dtype }: Var): tf.TensorInfo {
  return { dataId: {}, shape: [...shape], dtype };
}

/** Picks slices by one index for each of the first dimensions; a place outside becomes the index -1. */
function gatherNd(b: Builder, call: Call): Var | undefined {
  const [x, indices] = [input(call, "params"), input(call, "indices")];
  if (indices.dtype !== "int32") return undefined;
  const depth = indices.shape.at(-1)!;
  const count = sizeOf(indices.shape) / depth;
  const table = b.reshape(indices, [count, depth]);
  let place = b.scalar(0, "int32");
  let isInside = b.scalar(1, "bool");
  for (const [d, length] of x.shape.slice(0, depth).entries()) {
    const index = b.slice(table, { begin: [0, d], size: [count, 1] });
    isInside = b.map(
      "and",
      isInside,
      b.map("and", b.map("ge", index, 0), b.map("lt", index, length)),
    );
    place = b.map("add", b.map("mul", place, length), index);
  }
  const list = b.map("select", isInside, place, b.scalar(-1, "int32"));
  const [slices, inner] = [x.shape.slice(0, depth), x.shape.slice(depth)].map(sizeOf);
  return b.gather(b.reshape(x, [1, slices!, inner!]), b.reshape(list, [count]));
}

/** Reshapes a value to `[groups, length, inner]` around one axis. */
function grouped(b: Builder, x: Var, axis: number): Var {
  const [groups, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)].map(sizeOf);
  return b.reshape(x, [groups!, x.shape[axis]!, inner!]);
}

/** Adds up the rows of each segment, as the gradient of a gather does. Rows with an unknown segment are left out. */
function segmentSum(b: Builder, call: Call): Var | undefined {
  const [x, ids] = [input(call, "x"), input(call, "segmentIds")];
  if (ids.dtype !== "int32" || ids.shape.length !== 1) return undefined;
  const rows = grouped(b, cast(b, x, "float32"), 0);
  return b.segmentSum(rows, ids, numberAttr(call, "numSegments"));
}

const WORST = {
  float32: { max: -Infinity, min: Infinity },
  int32: { max: -(2 ** 31), min: 2 ** 31 - 1 },
} as const;

/**
 * Finds the first index of the largest or smallest element along an axis. As in the backend, NaN is
 * ignored, unless it is the first element: then the index is 0.
 */
function extreme(fn: "max" | "min"): Rule {
  return (b, call) => {
    const given = input(call, "x");
    const x = given.dtype === "bool" ? cast(b, given, "int32") : given;
    const dtype = x.dtype === "int32" ? "int32" : "float32";
    const axis = axisAttr(call, x.shape.length);
    const isNan = b.map("ne", x, x);
    const known = b.map("select", isNan, b.scalar(WORST[dtype][fn], dtype), x);
    const best = b.reduce(fn, known, [axis], true);
    const indices = Int32Array.from({ length: x.shape[axis]! }, (_, i) => i);
    const index = b.constant(indices, "int32", x.shape.map((n, d) => d === axis ? n : 1));
    const places = b.map("select", b.map("eq", x, best), index, b.scalar(2 ** 31 - 1, "int32"));
    const first = b.reduce("min", places, [axis], true);
    const begin = x.shape.map(() => 0);
    const head = b.slice(isNan, { begin, size: first.shape });
    return b.map("select", head, b.scalar(0, "int32"), first);
  };
}

/** The rules, by the names of their kernels. */
export const GATHERS: RuleTable = {
  GatherNd: gatherNd,
  GatherV2: gather,
  ArgMax: extreme("max"),
  ArgMin: extreme("min"),
  UnsortedSegmentSum: segmentSum,
};
