/** Values of random programs of all types, and how far each may be from plain TensorFlow.js's. */
import * as tf from "@tensorflow/tfjs";
import type { Input } from "../rule.ts";
import type { Tolerance } from "../trees.ts";

/**
 * The accepted classes of difference. Every value of a random program has one: that of its operation, or of
 * its operands where the operation only moves, compares or picks. All else must be the same number.
 *
 * Not compared, since the programs keep away from it (`differences_test.ts` shows each):
 * - products of int32 beyond 2^53: TensorFlow.js rounds them to a double before they wrap around,
 * - int32 beyond 2^24 as float32: TensorFlow.js keeps the last bits until the next operation,
 * - functions of one int32 whose values float32 does not hold: TensorFlow.js leaves floats in int32 tensors,
 * - truth values other than 0 and 1, which TensorFlow.js gives for sums and differences of truth values,
 * - weights of a convolution that are not finite where they meet the zeros around an image.
 */
export const CLASSES = {
  /** Moves, comparisons, choices, whole numbers, and each single operation that IEEE 754 rounds exactly. */
  exact: { relative: 0, absolute: 0 },
  /**
   * -0 is as good as 0: extremes, -0.5 rounded, and sums of products that begin with the first of them and not
   * with 0.
   */
  unsigned: { relative: 0, absolute: Number.MIN_VALUE },
  /**
   * Functions that JavaScript computes in double precision and a program in single: `exp`, `tanh`, `sin`, ...
   * The smallest numbers have few bits.
   */
  rounded: { relative: 5e-7, absolute: 2e-44 },
  /** Sums of those that cancel near 0: `elu`, `selu`, `erf`, `softplus`. */
  cancelled: { relative: 1e-6, absolute: 3e-7 },
  /** Sums of floats that are not negative, in another order and in single precision. */
  summed: { relative: 2e-5, absolute: 2e-44 },
} as const satisfies Readonly<Record<string, Tolerance>>;

/** A tensor of a program, and how far it may be from eager's. */
export interface Value {
  readonly tensor: tf.Tensor;
  readonly error: Tolerance;
}

/** The worse of two tolerances. */
export function worse(a: Tolerance, b: Tolerance): Tolerance {
  return {
    relative: Math.max(a.relative, b.relative),
    absolute: Math.max(a.absolute, b.absolute),
  };
}

/** Whether a value is the same number on both sides. */
export function isExact({ error: { relative, absolute } }: Value): boolean {
  return relative === 0 && absolute === 0;
}

/** NaN, infinities, signed zeros, the smallest and largest, ties, and whole numbers. */
// deno-fmt-ignore
const FLOATS = [
  0, -0, 1, -1, 2, -2, 3, 5, -7, 100, 0.5, -0.5, 1.5, 2.5, NaN, Infinity, -Infinity, 1e-40, -1e-40,
  1, 2, 3, -3, 4, 0.1, -0.3, 88, -104, 1e-7, 1e30, -3e38, 16777216,
];

/** Small numbers, the ends of int32, and where floats and products stop being exact. */
// deno-fmt-ignore
const INTS = [
  0, 1, -1, 2, -2, 3, 4, 5, -7, 9, 100, 0, 1, 46341, -65536, 16777217, 2147483647, -2147483648,
];

const LISTS = { float32: FLOATS, int32: INTS, bool: [0, 1] } as const;

/** A tensor of awkward values, the same for the same seed. */
export function awkwardTensor(shape: readonly number[], dtype: Input["dtype"], seed: number) {
  const values = LISTS[dtype];
  const size = tf.util.sizeFromShape([...shape]);
  const array = Float64Array.from({ length: size }, (_, i) => {
    const mixed = Math.imul(seed * 31 + i + 1, 0x9e3779b1) >>> 0;
    return values[(mixed >>> 12) % values.length]!;
  });
  const typed = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype].from(array);
  return tf.tensor(typed, [...shape], dtype);
}

/** The value as floats; a product, so that TensorFlow.js too rounds what comes from int32. */
export function float(x: tf.Tensor): tf.Tensor {
  return x.dtype === "int32" ? tf.mul(tf.cast(x, "float32"), 1) : tf.cast(x, "float32");
}

/** Whole numbers; of floats, those between -9 and 9. */
export function int(x: tf.Tensor): tf.Tensor {
  if (x.dtype !== "float32") return tf.cast(x, "int32");
  return tf.cast(tf.clipByValue(tf.where(tf.isNaN(x), tf.zerosLike(x), x), -9, 9), "int32");
}

/** Truth values. */
export function bool(x: tf.Tensor): tf.Tensor {
  return x.dtype === "bool" ? x : tf.greater(x, tf.scalar(0, x.dtype));
}

/** Whole numbers whose products are exact in double precision. */
export function factor(x: tf.Tensor): tf.Tensor {
  const limit = tf.scalar(2 ** 26, "int32");
  return tf.minimum(tf.maximum(int(x), tf.neg(limit)), limit);
}

/** Whole numbers whose squares floats hold too. */
export function moderate(x: tf.Tensor): tf.Tensor {
  const limit = tf.scalar(2 ** 12, "int32");
  return tf.minimum(tf.maximum(int(x), tf.neg(limit)), limit);
}

/** Whole numbers from -9 to 9. */
export function digit(x: tf.Tensor): tf.Tensor {
  if (x.dtype === "float32") return int(x);
  return tf.minimum(tf.maximum(int(x), tf.scalar(-9, "int32")), tf.scalar(9, "int32"));
}

/** Whole numbers from -9 to 9, infinities and NaN as floats: their sums do not round. */
export function wild(x: tf.Tensor): tf.Tensor {
  if (x.dtype !== "float32") return float(digit(x));
  return tf.where(tf.isFinite(x), float(int(x)), x);
}

/** Numbers only: TensorFlow.js has few operations for truth values. */
export function number(x: tf.Tensor): tf.Tensor {
  return x.dtype === "bool" ? tf.cast(x, "int32") : x;
}

/** At most about 700 of the values. */
export function small(x: tf.Tensor): tf.Tensor {
  if (x.size <= 700) return x;
  return tf.slice(tf.reshape(x, [-1]), 0, 700);
}

/** Whether two shapes broadcast to something of moderate size. */
function fits(a: tf.Tensor, b: tf.Tensor): boolean {
  try {
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    return shape.length <= 6 &&
      tf.util.sizeFromShape(shape) <= Math.max(3000, a.size, b.size);
  } catch {
    return false;
  }
}

/** The second operand, or its first value where the shapes do not fit. */
export function fitted(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (fits(a, b)) return b;
  return b.size > 0 ? tf.slice(tf.reshape(b, [-1]), 0, 1) : tf.scalar(2, b.dtype as "float32");
}
