/**
 * Rules for kernels that only move elements: most become views, which cost nothing.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { denseStrides } from "../program/access.ts";
import type { Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";
import {
  axesAttr,
  axisAttr,
  type Call,
  input,
  listAttr,
  numberAttr,
  type Rule,
  type RuleTable,
} from "./rule.ts";

/** Makes the rule of a kernel that returns the same elements. */
function same(name: string): Rule {
  return (b, call) => b.reshape(input(call, name), call.outs[0]!.shape);
}

function fill(value: number): Rule {
  return (b, call) => filled(b, call, value);
}

function filled(b: Builder, call: Call, value: number): Var {
  const { shape, dtype } = call.outs[0]!;
  return b.broadcast(b.scalar(value, dtype), shape);
}

function fillKernel(b: Builder, call: Call): Var | undefined {
  const { value } = call.attrs;
  return typeof value === "number" || typeof value === "boolean"
    ? filled(b, call, Number(value))
    : undefined;
}

/**
 * Repeats a value: `[a, b]` repeated `[2, 3]` times is a view `[2, a, 3, b]` whose new dimensions have the
 * stride 0.
 */
function tile(b: Builder, call: Call): Var {
  const x = input(call, "x");
  const reps = listAttr(call, "reps");
  const strides = denseStrides(x.shape);
  const spread = b.view("tile", x, {
    shape: x.shape.flatMap((n, d) => [reps[d]!, n]),
    offset: 0,
    strides: x.shape.flatMap((_, d) => [0, strides[d]!]),
  });
  return b.reshape(spread, x.shape.map((n, d) => n * reps[d]!));
}

function slice(b: Builder, call: Call): Var {
  const x = input(call, "x");
  return b.slice(x, { begin: listAttr(call, "begin"), size: call.outs[0]!.shape });
}

function split(b: Builder, call: Call): Var[] {
  const x = input(call, "x");
  const axis = axisAttr(call, x.shape.length);
  let start = 0;
  return call.outs.map(({ shape }) => {
    const begin = x.shape.map((_, d) => d === axis ? start : 0);
    start += shape[axis]!;
    return b.slice(x, { begin, size: shape });
  });
}

function unpack(b: Builder, call: Call): Var[] {
  const value = input(call, "value");
  const axis = axisAttr(call, value.shape.length);
  const size = value.shape.map((n, d) => d === axis ? 1 : n);
  return call.outs.map(({ shape }, i) => {
    const begin = value.shape.map((_, d) => d === axis ? i : 0);
    return b.reshape(b.slice(value, { begin, size }), shape);
  });
}

/** Cuts a box out of a value; TensorFlow.js itself turns the masks into the box. */
function stridedSlice(b: Builder, call: Call): Var {
  const x = input(call, "x");
  const [begin, end, strides] = ["begin", "end", "strides"].map((key) => listAttr(call, key));
  const masks = ["beginMask", "endMask", "ellipsisMask", "newAxisMask", "shrinkAxisMask"]
    .map((key) => numberAttr(call, key)) as [number, number, number, number, number];
  const box = tf.slice_util.sliceInfo([...x.shape], begin!, end!, strides!, ...masks);
  const size = tf.slice_util.computeOutShape(box.begin, box.end, box.strides);
  const sliced = b.slice(x, { begin: box.begin, size, steps: box.strides });
  return b.reshape(sliced, call.outs[0]!.shape);
}

function reverse(b: Builder, call: Call): Var {
  const x = input(call, "x");
  const flipped = new Set(axesAttr(call, "dims", x.shape.length));
  return b.slice(x, {
    begin: x.shape.map((n, d) => flipped.has(d) ? n - 1 : 0),
    size: x.shape,
    steps: x.shape.map((_, d) => flipped.has(d) ? -1 : 1),
  });
}

/** Rules for kernels that move elements, by the names of these kernels. */
export const MOVEMENT: RuleTable = {
  ExpandDims: same("input"),
  Fill: fillKernel,
  Identity: same("x"),
  OnesLike: fill(1),
  Reshape: same("x"),
  Reverse: reverse,
  Slice: slice,
  SplitV: split,
  StridedSlice: stridedSlice,
  Tile: tile,
  Transpose: (b, call) => b.transpose(input(call, "x"), listAttr(call, "perm")),
  Unpack: unpack,
  ZerosLike: fill(0),
};
