/**
 * Rules for kernels that pick slices by number, add slices up by number, or find the number of an extreme.
 * @module
 */
import { sizeOf } from "../program/access.ts";
import type { Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";
import { cast } from "./elementwise.ts";
import {
  allFloat,
  axesAttr,
  type Call,
  input,
  listAttr,
  numberAttr,
  type Rule,
  type RuleTable,
} from "./rule.ts";

/** Slices of `x` along one axis; embeddings are the rows of a table. */
function gather(b: Builder, call: Call): Var | undefined {
  const [x, indices] = [input(call, "x"), input(call, "indices")];
  if (indices.dtype !== "int32" || call.attrs["batchDims"]) return undefined;
  const first = listAttr(call, "axis")[0]!;
  const list = b.reshape(indices, [sizeOf(indices.shape)]);
  return b.gather(grouped(b, x, first < 0 ? first + x.shape.length : first), list);
}

/** A value as `[groups, length, inner]` around one axis. */
function grouped(b: Builder, x: Var, axis: number): Var {
  const [groups, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)].map(sizeOf);
  return b.reshape(x, [groups!, x.shape[axis]!, inner!]);
}

/** The gradient of a gather; rows whose number is no segment's are left out, as the backend does. */
function segmentSum(b: Builder, call: Call): Var | undefined {
  const [x, ids] = [input(call, "x"), input(call, "segmentIds")];
  if (!allFloat(x) || ids.dtype !== "int32" || ids.shape.length !== 1) return undefined;
  return b.segmentSum(grouped(b, x, 0), ids, numberAttr(call, "numSegments"));
}

const WORST = {
  float32: { max: -Infinity, min: Infinity },
  int32: { max: -(2 ** 31), min: 2 ** 31 - 1 },
} as const;

/**
 * The first index of the largest or smallest element along an axis. As in the backend, which compares
 * each element with the best before it, NaN is passed over, unless it comes first: then it stays.
 */
function extreme(fn: "max" | "min"): Rule {
  return (b, call) => {
    const given = input(call, "x");
    const x = given.dtype === "bool" ? cast(b, given, "int32") : given;
    const dtype = x.dtype === "int32" ? "int32" : "float32";
    const axis = axesAttr(call, "axis", x.shape.length)[0]!;
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

/** Kernels that pick by number. */
export const GATHERS: RuleTable = {
  GatherV2: gather,
  ArgMax: extreme("max"),
  ArgMin: extreme("min"),
  UnsortedSegmentSum: segmentSum,
};
