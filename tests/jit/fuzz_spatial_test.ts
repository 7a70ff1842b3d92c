/** Convolutions and pooling of random geometry, forward and backward, jitted and eager side by side. */
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { compareWithEager } from "./compare.ts";
import { float, makeTensor, SUMS } from "./rule.ts";

const SEED = Number(Deno.env.get("JIT_FUZZ_SEED") ?? 1010);
const RUNS = Number(Deno.env.get("JIT_FUZZ_PROGRAMS") ?? 400) / 4;

/** Sizes of images and filters, how far a filter moves, and what stands around the image. */
interface Geometry {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly rows: number;
  readonly columns: number;
  readonly strides: readonly [number, number];
  readonly pad: "valid" | "same";
}

const small = (max: number) => fc.integer({ min: 1, max });
const geometry: fc.Arbitrary<Geometry> = fc.record({
  batch: small(3),
  height: small(9),
  width: small(9),
  channels: small(5),
  filters: small(6),
  rows: small(4),
  columns: small(4),
  strides: fc.tuple(small(3), small(3)),
  pad: fc.constantFrom("valid" as const, "same" as const),
}).filter(({ pad, height, width, rows, columns }) =>
  pad === "same" || (height >= rows && width >= columns)
);

type Operation = (x: tf.Tensor, f: tf.Tensor) => tf.Tensor;

/** Compares an operation on an image and a filter, and its gradients weighted unevenly. */
function compareGradients(fn: Operation, x: readonly number[], f: readonly number[]): void {
  const make = () => ({
    fn: (image: tf.Tensor, filter: tf.Tensor) => {
      const cost = (a: tf.Tensor, b: tf.Tensor) => {
        const y = fn(a, b);
        const weights = tf.linspace(0.5, 1.5, Math.max(y.size, 2)).slice(0, y.size);
        return tf.sum(tf.mul(y.flatten(), weights));
      };
      return { y: fn(image, filter), grads: tf.grads((a, b) => cost(a!, b!))([image, filter]) };
    },
  });
  compareWithEager(
    make,
    (call) => [makeTensor(float(x), 2 * call), makeTensor(float(f), 2 * call + 1)],
    { tolerance: SUMS, calls: 3 },
  );
}

const imageOf = ({ batch, height, width, channels }: Geometry) => [batch, height, width, channels];

const OPERATIONS: Record<string, (geometry: Geometry) => void> = {
  conv2d: (g) => {
    const fn: Operation = (x, f) =>
      tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, [...g.strides], g.pad);
    compareGradients(fn, imageOf(g), [g.rows, g.columns, g.channels, g.filters]);
  },
  conv2dTranspose: (g) => {
    // The image here is what comes out of a convolution of an image of these sizes.
    const side = (size: number, filter: number, stride: number) =>
      g.pad === "same" ? Math.ceil(size / stride) : Math.floor((size - filter) / stride) + 1;
    const height = side(g.height, g.rows, g.strides[0]);
    const width = side(g.width, g.columns, g.strides[1]);
    const shape: [number, number, number, number] = [g.batch, g.height, g.width, g.filters];
    const fn: Operation = (x, f) =>
      tf.conv2dTranspose(x as tf.Tensor4D, f as tf.Tensor4D, shape, [...g.strides], g.pad);
    compareGradients(fn, [g.batch, height, width, g.channels], [
      g.rows,
      g.columns,
      g.filters,
      g.channels,
    ]);
  },
  depthwiseConv2d: (g) => {
    const fn: Operation = (x, f) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, g.strides[0], g.pad);
    compareGradients(fn, imageOf(g), [g.rows, g.columns, g.channels, 1 + g.filters % 2]);
  },
  pooling: (g) => {
    const size: [number, number] = [g.rows, g.columns];
    const pool = g.filters % 2 === 0 ? tf.maxPool : tf.avgPool;
    const fn: Operation = (x, f) => tf.mul(pool(x as tf.Tensor4D, size, [...g.strides], g.pad), f);
    compareGradients(fn, imageOf(g), [g.channels]);
  },
};

for (const [name, compare] of Object.entries(OPERATIONS)) {
  Deno.test(`jit() ${name} of ${RUNS} random geometries: result and gradients as eager`, () => {
    fc.assert(fc.property(geometry, compare), { seed: SEED, numRuns: RUNS });
  });
}
