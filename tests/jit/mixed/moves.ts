/** Operations of random programs that only move numbers. */
import * as tf from "@tensorflow/tfjs";
import { along, type Build, keeping } from "./build.ts";
import { digit, float, number, small, worse } from "./values.ts";

/** Six sizes whose product is `size`, the first five being small. */
function sixFactors(size: number): number[] {
  let rest = size;
  const first = Array.from({ length: 5 }, () => {
    const divisor = [2, 3, 5].find((one) => rest > one && rest % one === 0) ?? 1;
    rest /= divisor;
    return divisor;
  });
  return [...first, rest];
}

/** Moves. */
export const MOVES: Readonly<Record<string, Build>> = {
  reverse: keeping(along((x, axis) => tf.reverse(x, axis))),
  "reverse of all": keeping((x) => x.rank === 0 ? x.clone() : tf.reverse(x)),
  concat: keeping(along((x, axis) => tf.concat([x, x], axis)), small),
  "concat of two": ({ a, b, p }) => {
    const [x, y] = [a, b].map(({ tensor }) => tf.reshape(float(tensor), [1, -1]));
    const same = x!.shape[1] === y!.shape[1];
    const tensor = tf.concat([x!, y!, x!], same ? p % 2 : 1);
    return { tensor, error: worse(a.error, b.error) };
  },
  stack: keeping((x, p) => x.rank > 5 ? x.clone() : tf.stack([x, x], p % (x.rank + 1)), small),
  transpose: keeping((x, p) => tf.transpose(x, x.shape.map((_, i) => (i + p) % x.rank))),
  "transpose of the last": keeping((x) => {
    if (x.rank < 2) return x.clone();
    const axes = x.shape.map((_, i) => i);
    return tf.transpose(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
  }),
  unstack: keeping(along((x, axis, p) => tf.unstack(x, axis)[p % x.shape[axis]!]!)),
  split: keeping(
    along((x, axis, p) => tf.split(x, [1, x.shape[axis]! - 1].filter(Boolean), axis).at(-(p % 2))!),
  ),
  slice: keeping((x, p) => {
    const begin = x.shape.map((n, d) => Math.min(n, (p >> d) % 3));
    return x.rank === 0
      ? x.clone()
      : tf.slice(x, begin, x.shape.map((n, d) => Math.ceil((n - begin[d]!) / (1 + p % 2))));
  }),
  stridedSlice: keeping((x, p) => {
    if (x.rank === 0) return x.clone();
    const strides = x.shape.map((_, d) => [1, 2, -1, 3, -2][(p + d) % 5]!);
    const begin = x.shape.map((n, d) => strides[d]! < 0 ? n - 1 : 0);
    return tf.stridedSlice(x, begin, [...x.shape], strides, 0, 2 ** x.rank - 1);
  }),
  pad: ({ a, p }) => {
    const x = small(number(a.tensor));
    const sides = x.shape.map((_, i): [number, number] => [(p >> i) % 2, (p + i) % 3]);
    return { tensor: x.rank === 0 ? x.clone() : tf.pad(x, sides, p % 3 - 1), error: a.error };
  },
  mirrorPad: keeping(
    along((x, axis, p) => {
      const sides = x.shape.map((n, i): [number, number] =>
        i === axis && n > 1 ? [1, p % 2] : [0, 0]
      );
      return tf.mirrorPad(x, sides, p % 2 ? "reflect" : "symmetric");
    }),
    small,
  ),
  gather: keeping(along((x, axis, p) => {
    const n = x.shape[axis]!;
    return tf.gather(x, tf.tensor([p % n, 0, n - 1, (7 * p) % n], [2, 2], "int32"), axis);
  })),
  "gather by number": ({ a, x }) => {
    const rows = tf.reshape(a.tensor, [-1]);
    if (rows.size === 0) return a;
    const numbers = tf.mod(tf.abs(digit(small(x))), tf.scalar(rows.size, "int32"));
    return { tensor: tf.gather(rows, tf.cast(numbers, "int32") as tf.Tensor1D), error: a.error };
  },
  gatherND: keeping(along((x, _, p) => {
    const rows = x.shape[0]!;
    return rows === 0
      ? x.clone()
      : tf.gatherND(number(x), tf.tensor2d([[p % rows], [0]], [2, 1], "int32"));
  })),
  tile: keeping((x, p) => tf.tile(x, x.shape.map((_, d) => 1 + (p >> d) % 2)), small),
  flatten: keeping((x) => tf.reshape(x, [-1])),
  squeeze: keeping((x) => tf.squeeze(x)),
  expandDims: keeping((x, p) => x.rank > 5 ? tf.squeeze(x) : tf.expandDims(x, p % (x.rank + 1))),
  "six dimensions": keeping((x) => tf.reshape(x, sixFactors(x.size))),
  broadcastTo: keeping((x, p) =>
    x.size > 300 || x.rank > 5 ? x.clone() : tf.broadcastTo(x, [1 + p % 3, ...x.shape])
  ),
  nothing: keeping((x) =>
    x.rank === 0
      ? x.clone()
      : tf.slice(x, x.shape.map(() => 0), x.shape.map((n, d) => d === 0 ? 0 : n))
  ),
};
