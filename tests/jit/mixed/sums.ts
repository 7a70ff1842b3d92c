/** Operations of random programs that combine numbers: sums, extremes, products, convolutions. */
import * as tf from "@tensorflow/tfjs";
import { along, type Build, of, over, type Unary } from "./build.ts";
import { bool, CLASSES, digit, float, int, number, small, wild, worse } from "./values.ts";

/** Four dimensions out of any number, for images: `[batch, height, width, channels]`. */
function images(x: tf.Tensor, p: number): tf.Tensor4D {
  const flat = tf.reshape(wild(small(x)), [-1]);
  const [height, width, channels] = [2 + p % 3, 2 + (p >> 2) % 4, 1 + (p >> 4) % 3];
  const one = height * width * channels;
  const times = Math.ceil(one / Math.max(1, flat.size));
  const enough = flat.size === 0 ? tf.ones([one]) : tf.tile(flat, [times]);
  const batch = Math.min(3, Math.floor(enough.size / one));
  return tf.reshape(tf.slice(enough, 0, batch * one), [batch, height, width, channels]);
}

const PADS = ["valid", "same"] as const;

/** How a window moves over images. */
interface Windows {
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly pad: typeof PADS[number];
}

function windowsOf(p: number): Windows {
  return {
    rows: 1 + p % 2,
    columns: 1 + (p >> 1) % 2,
    stride: 1 + (p >> 3) % 2,
    pad: PADS[(p >> 2) % 2]!,
  };
}

/** A filter of any numbers; of finite ones where it meets the zeros around an image. */
function filterOf(y: tf.Tensor, { rows, columns, pad }: Windows, [channels, filters]: number[]) {
  const numbers = pad === "same" ? float(digit(small(y))) : wild(small(y));
  const [flat, size] = [tf.reshape(numbers, [-1]), rows * columns * channels! * filters!];
  const repeated = flat.size === 0 ? tf.ones([size]) : tf.tile(flat, [Math.ceil(size / flat.size)]);
  return tf.reshape(tf.slice(repeated, 0, size), [
    rows,
    columns,
    channels!,
    filters!,
  ]) as tf.Tensor4D;
}

/** A pooling of images. */
function pooled(fn: typeof tf.maxPool): Unary {
  return (x, p) => {
    const { rows, stride, pad } = windowsOf(p);
    return fn(images(x, p), [rows, 2], stride, pad);
  };
}

/** The largest or smallest; of 0 and -0 TensorFlow.js takes the first. */
function extreme(fn: Unary): Build {
  return ({ a, p }) => {
    const x = number(a.tensor);
    const error = x.dtype === "float32" ? worse(a.error, CLASSES.unsigned) : a.error;
    return { tensor: fn(x, p), error };
  };
}

/** Sums, extremes, products. */
export const SUMS: Readonly<Record<string, Build>> = {
  max: extreme(over((x, axes, keep) => tf.max(x, axes, keep))),
  min: extreme(over((x, axes, keep) => tf.min(x, axes, keep))),
  argMax: of(number, along((x, axis) => tf.argMax(x, axis))),
  argMin: of(number, along((x, axis) => tf.argMin(x, axis))),
  "sum of ints": of(int, over((x, axes, keep) => tf.sum(x, axes, keep))),
  "sum of truths": of(bool, over((x, axes, keep) => tf.sum(x, axes, keep))),
  "sum of floats that do not round": of(wild, over((x, axes, keep) => tf.sum(x, axes, keep))),
  "sum of floats": of(
    (x) => tf.abs(float(x)),
    over((x, axes, keep) => tf.sum(x, axes, keep)),
    CLASSES.summed,
  ),
  "prod of signs": of((x) => tf.sign(number(x)), over((x, axes, keep) => tf.prod(x, axes, keep))),
  mean: of(
    (x) => tf.abs(float(x)),
    over((x, axes, keep) => tf.mean(x, axes, keep)),
    CLASSES.summed,
  ),
  "mean of ints": of(
    (x) => tf.abs(digit(x)),
    over((x, axes, keep) => tf.mean(x, axes, keep)),
    CLASSES.summed,
  ),
  any: of(bool, over((x, axes, keep) => tf.any(x, axes, keep))),
  all: of(bool, over((x, axes, keep) => tf.all(x, axes, keep))),
  cumsum: of(int, along((x, axis, p) => tf.cumsum(x, axis, p % 2 === 0, p % 3 === 0))),
  oneHot: of(
    (x) => small(digit(x)),
    (x, p) => tf.oneHot(tf.cast(tf.reshape(x, [-1]), "int32"), 1 + p % 5),
  ),
  "product with its transpose": of((x) => small(wild(x)), (x) => {
    const columns = tf.reshape(x, [x.size, 1]);
    return x.size === 0 ? x.clone() : tf.matMul(columns, columns, true);
  }, CLASSES.unsigned),
  product: ({ x, y, p }) => {
    const [left, right] = [x, y].map((side) => {
      const flat = tf.reshape(wild(small(side)), [-1]);
      const inner = 1 + p % 5;
      const rows = Math.floor(flat.size / inner);
      return rows === 0
        ? tf.ones([1, inner])
        : tf.reshape(tf.slice(flat, 0, rows * inner), [rows, inner]);
    });
    return { tensor: tf.matMul(left!, right!, false, true), error: CLASSES.unsigned };
  },
  conv2d: ({ x, y, p }) => {
    const [image, windows] = [images(x, p), windowsOf(p)];
    const filter = filterOf(y, windows, [image.shape[3], 1 + p % 3]);
    const tensor = tf.conv2d(image, filter, windows.stride, windows.pad);
    return { tensor, error: CLASSES.unsigned };
  },
  depthwiseConv2d: ({ x, y, p }) => {
    const [image, windows] = [images(x, p), windowsOf(p)];
    const filter = filterOf(y, windows, [image.shape[3], 1 + p % 2]);
    const tensor = tf.depthwiseConv2d(image, filter, windows.stride, windows.pad);
    return { tensor, error: CLASSES.unsigned };
  },
  maxPool: of((x) => x, pooled(tf.maxPool)),
  avgPool: of((x) => tf.abs(wild(x)), pooled(tf.avgPool), CLASSES.rounded),
  unsortedSegmentSum: ({ x, p }) => {
    const flat = tf.reshape(float(digit(small(x))), [-1]);
    if (flat.size === 0) return { tensor: flat, error: CLASSES.exact };
    const numbers = tf.range(0, flat.size, 1, "int32").mod(tf.scalar(1 + p % 4, "int32"));
    const tensor = tf.unsortedSegmentSum(flat, tf.cast(numbers, "int32") as tf.Tensor1D, 1 + p % 5);
    return { tensor, error: CLASSES.exact };
  },
};
