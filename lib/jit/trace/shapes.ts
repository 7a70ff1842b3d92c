/**
 * The shapes and types of kernels' results, for recording a function without computing it.
 *
 * A kernel or a case that is not here is computed, and so is whatever it reads.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { sameShape } from "../program/access.ts";
import { isNumeric } from "../program/dtype.ts";

/** The shape and type of a tensor. */
export type TensorType = Pick<tf.TensorInfo, "shape" | "dtype">;

type Types = Readonly<Record<string, TensorType>>;
type Attrs = Readonly<Record<string, unknown>>;
type ShapeRule = (inputs: Types, attrs: Attrs) => TensorType | readonly TensorType[] | undefined;

/**
 * Computes the type of a kernel's result, or of its list of results; undefined if the kernel has to run to
 * know it.
 */
export function resultTypes(
  name: string,
  inputs: Types,
  attrs: Attrs,
): TensorType | readonly TensorType[] | undefined {
  const rule = RULES.get(name);
  if (!rule || !Object.values(inputs).every(({ dtype }) => isNumeric(dtype))) return undefined;
  return rule(inputs, attrs);
}

const isFloat = (...types: readonly (TensorType | undefined)[]): boolean =>
  types.every((type) => type?.dtype === "float32");

const float = (shape: readonly number[]): TensorType => ({ shape: [...shape], dtype: "float32" });

/** Makes the rule of a kernel whose result is like one of its inputs, which are all float32. */
function like(name: string): ShapeRule {
  return (inputs) => isFloat(...Object.values(inputs)) ? float(inputs[name]!.shape) : undefined;
}

function broadcast(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let d = 1; d <= rank; d++) {
    const [m, n] = [a[a.length - d] ?? 1, b[b.length - d] ?? 1];
    if (m !== n && m !== 1 && n !== 1) return undefined;
    shape.unshift(m === 1 ? n : m);
  }
  return shape;
}

function binary(result?: tf.DataType): ShapeRule {
  return ({ a, b }) => {
    const shape = a!.dtype === b!.dtype ? broadcast(a!.shape, b!.shape) : undefined;
    return shape && { shape, dtype: result ?? a!.dtype };
  };
}

/** Makes the rule of a kernel that combines elements along axes. */
function reduce(from: tf.DataType, to: tf.DataType = from): ShapeRule {
  return ({ x }, { axis, reductionIndices, keepDims }) => {
    if (x!.dtype !== from) return undefined;
    const axes = tf.util.parseAxisParam((axis ?? reductionIndices) as number | number[], x!.shape);
    const shape = keepDims
      ? x!.shape.map((n, d) => axes.includes(d) ? 1 : n)
      : x!.shape.filter((_, d) => !axes.includes(d));
    return { shape, dtype: to };
  };
}

/** Makes the rule of a kernel that converts elements of one type to another. */
function convert(from: tf.DataType, to: tf.DataType): ShapeRule {
  return ({ x }) => x!.dtype === from ? { shape: x!.shape, dtype: to } : undefined;
}

function oneHot({ indices }: Types, { depth, dtype }: Attrs): TensorType | undefined {
  return { shape: [...indices!.shape, depth as number], dtype: dtype as tf.DataType };
}

function product({ a, b }: Types, { transposeA, transposeB }: Attrs): TensorType | undefined {
  if (!isFloat(a, b) || a!.shape.length < 2 || b!.shape.length < 2) return undefined;
  const [left, right] = [a!.shape.slice(-2), b!.shape.slice(-2)];
  if (transposeA) left.reverse();
  if (transposeB) right.reverse();
  const batch = broadcast(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  return batch && left[1] === right[0] ? float([...batch, left[0]!, right[1]!]) : undefined;
}

/** Options that TensorFlow.js's own functions for windows take in this order. */
interface WindowAttrs {
  readonly filterSize: [number, number];
  readonly strides: [number, number];
  readonly dilations: [number, number] | null;
  readonly pad: number;
  readonly dimRoundingMode: "round";
  readonly dataFormat: "NHWC";
}

function convolution(isDepthwise: boolean): ShapeRule {
  return ({ x, filter }, attrs) => {
    if (!isFloat(x, filter)) return undefined;
    const { strides, dilations, pad, dimRoundingMode, dataFormat } =
      attrs as unknown as WindowAttrs;
    const info = tf.backend_util.computeConv2DInfo(
      x!.shape as [number, number, number, number],
      filter!.shape as [number, number, number, number],
      strides,
      dilations ?? [1, 1],
      pad,
      dimRoundingMode,
      isDepthwise,
      isDepthwise ? undefined : tf.backend_util.convertConv2DDataFormat(dataFormat),
    );
    return float(info.outShape);
  };
}

function pool({ x }: Types, attrs: Attrs): TensorType | undefined {
  if (!isFloat(x)) return undefined;
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as WindowAttrs;
  const shape = x!.shape as [number, number, number, number];
  const { outShape } = tf.backend_util.computePool2DInfo(
    shape,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  return sameShape(shape, outShape) ? undefined : float(outShape); // of one number: an alias
}

/** Makes the rule of a kernel that has the shape of its result among its attributes. */
function given(key: string): ShapeRule {
  return (inputs, attrs) =>
    isFloat(...Object.values(inputs)) ? float(attrs[key] as number[]) : undefined;
}

function fill(_: Types, { shape, value, dtype }: Attrs): TensorType | undefined {
  if (typeof value !== "number" || !isNumeric(String(dtype))) return undefined;
  return { shape: shape as number[], dtype: dtype as tf.DataType };
}

function cast({ x }: Types, attrs: Attrs): TensorType | undefined {
  const dtype = attrs["dtype"] as tf.DataType;
  const loses = isNumeric(dtype) && tf.util.hasEncodingLoss(x!.dtype, dtype);
  return loses ? { shape: x!.shape, dtype } : undefined; // otherwise an alias
}

function slice({ x }: Types, { begin, size }: Attrs): TensorType | undefined {
  const params = [begin, size] as [number[], number[]];
  const [from, counts] = tf.slice_util.parseSliceParams(x as tf.Tensor, ...params) as number[][];
  const fits = x!.shape.every((n, d) => {
    return from![d]! >= 0 && counts![d]! >= 0 && from![d]! + counts![d]! <= n;
  });
  return fits ? { shape: counts!, dtype: x!.dtype } : undefined;
}

function concat(inputs: Types, attrs: Attrs): TensorType | undefined {
  const [first, ...others] = Object.values(inputs);
  const axis = tf.util.parseAxisParam(attrs["axis"] as number, first!.shape)[0]!;
  const without = ({ shape }: TensorType) => shape.map((n, d) => d === axis ? -1 : n);
  const fits = others.length > 0 && // one alone is an alias
    [first!, ...others].every((part) =>
      part.dtype === first!.dtype && tf.util.sizeFromShape(part.shape) > 0 &&
      sameShape(without(part), without(first!))
    );
  if (!fits) return undefined;
  const total = others.reduce((sum, { shape }) => sum + shape[axis]!, first!.shape[axis]!);
  return { shape: first!.shape.map((n, d) => d === axis ? total : n), dtype: first!.dtype };
}

function pack(inputs: Types, attrs: Attrs): TensorType | undefined {
  const [first, ...others] = Object.values(inputs);
  const axis = attrs["axis"] as number;
  const fits = others.length > 0 && axis >= 0 && axis <= first!.shape.length &&
    others.every(({ shape, dtype }) => dtype === first!.dtype && sameShape(shape, first!.shape));
  return fits
    ? { shape: first!.shape.toSpliced(axis, 0, others.length + 1), dtype: first!.dtype }
    : undefined;
}

function split({ x }: Types, attrs: Attrs): TensorType[] {
  const axis = tf.util.parseAxisParam(attrs["axis"] as number, x!.shape)[0]!;
  const parts = attrs["numOrSizeSplits"] as number | number[];
  return tf.backend_util.prepareSplitSize(x as tf.Tensor, parts, axis).map((size) => ({
    shape: x!.shape.map((n, d) => d === axis ? size : n),
    dtype: x!.dtype,
  }));
}

function pad({ x }: Types, attrs: Attrs): TensorType | undefined {
  const paddings = attrs["paddings"] as [number, number][];
  return paddings.length === x!.shape.length
    ? { shape: x!.shape.map((n, d) => paddings[d]![0] + n + paddings[d]![1]), dtype: x!.dtype }
    : undefined;
}

function gather({ x, indices }: Types, attrs: Attrs): TensorType | undefined {
  const axis = tf.util.parseAxisParam(attrs["axis"] as number, x!.shape)[0]!;
  const batchDims = attrs["batchDims"] as number | undefined ?? 0;
  const fits = batchDims >= 0 && batchDims <= axis &&
    sameShape(x!.shape.slice(0, batchDims), indices!.shape.slice(0, batchDims));
  return fits
    ? { shape: x!.shape.toSpliced(axis, 1, ...indices!.shape.slice(batchDims)), dtype: x!.dtype }
    : undefined;
}

function gatherNd({ params, indices }: Types): TensorType | undefined {
  const [depth, ...counts] = indices!.shape.toReversed();
  return depth !== undefined && depth <= params!.shape.length
    ? { shape: [...counts.reverse(), ...params!.shape.slice(depth)], dtype: params!.dtype }
    : undefined;
}

function segmentSum({ x, segmentIds }: Types, attrs: Attrs): TensorType | undefined {
  return segmentIds!.shape.length === 1
    ? float([attrs["numSegments"] as number, ...x!.shape.slice(1)])
    : undefined;
}

function select({ t, e }: Types): TensorType | undefined {
  return t!.dtype === e!.dtype ? { shape: t!.shape, dtype: t!.dtype } : undefined;
}

function prelu({ x, alpha }: Types): TensorType | undefined {
  const shape = isFloat(x, alpha) ? broadcast(x!.shape, alpha!.shape) : undefined;
  return shape && float(shape);
}

function resize({ images }: Types, attrs: Attrs): TensorType | undefined {
  const [height, width] = attrs["size"] as [number, number];
  return isFloat(images) ? float([images!.shape[0]!, height, width, images!.shape[3]!]) : undefined;
}

function transpose({ x }: Types, attrs: Attrs): TensorType | undefined {
  const perm = attrs["perm"] as number[];
  return perm.length === x!.shape.length
    ? { shape: perm.map((d) => x!.shape[d]!), dtype: x!.dtype }
    : undefined;
}

function tile({ x }: Types, attrs: Attrs): TensorType | undefined {
  const reps = attrs["reps"] as number[];
  return reps.length === x!.shape.length
    ? { shape: x!.shape.map((n, d) => n * reps[d]!), dtype: x!.dtype }
    : undefined;
}

function sameType({ x }: Types): TensorType {
  return { shape: x!.shape, dtype: x!.dtype };
}

function group(names: string, rule: ShapeRule): [string, ShapeRule][] {
  return names.split(" ").map((name) => [name, rule]);
}

const RULES: ReadonlyMap<string, ShapeRule> = new Map([
  ...group("Add Sub Multiply RealDiv Maximum Minimum SquaredDifference Pow Mod", binary()),
  ...group(
    "Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr",
    binary("bool"),
  ),
  ...group(
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil ClipByValue Cos Cosh Cumsum Elu Erf Exp Expm1 Floor " +
      "FusedBatchNorm LeakyRelu Log Log1p Neg Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin " +
      "Sinh Softplus Sqrt Square Step Tan Tanh",
    like("x"),
  ),
  ...group("Softmax", like("logits")),
  ...group("EluGrad", like("y")),
  ...group("MaxPoolGrad AvgPoolGrad", like("input")),
  ...group("ResizeNearestNeighborGrad ResizeBilinearGrad", like("images")),
  ...group("Sum Mean Max Min Prod", reduce("float32")),
  ...group("ArgMax ArgMin", reduce("float32", "int32")),
  ...group("All Any", reduce("bool")),
  ...group("IsFinite IsInf IsNan", convert("float32", "bool")),
  ...group("LogicalNot", convert("bool", "bool")),
  ...group("OneHot", oneHot),
  ...group("BatchMatMul _FusedMatMul", product),
  ...group("Conv2D FusedConv2D", convolution(false)),
  ...group("DepthwiseConv2dNative", convolution(true)),
  ...group("Conv2DBackpropInput DepthwiseConv2dNativeBackpropInput", given("inputShape")),
  ...group("Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter", given("filterShape")),
  ...group("MaxPool AvgPool", pool),
  ...group("ResizeNearestNeighbor ResizeBilinear", resize),
  ...group("ZerosLike OnesLike", sameType),
  ...group("Fill", fill),
  ...group("Cast", cast),
  ...group("Slice", slice),
  ...group("SplitV", split),
  ...group("Concat", concat),
  ...group("Pack", pack),
  ...group("PadV2", pad),
  ...group("GatherNd", gatherNd),
  ...group("GatherV2", gather),
  ...group("UnsortedSegmentSum", segmentSum),
  ...group("Select", select),
  ...group("Prelu", prelu),
  ...group("Transpose", transpose),
  ...group("Tile", tile),
]);
