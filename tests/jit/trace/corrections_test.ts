/** Where TensorFlow.js itself is wrong, all calls agree on the right value. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../../lib/jit/mod.ts";

await tf.setBackend("cpu");

/** Throws unless every call, the first ones included, gives these values. */
function assertEveryCall(
  fn: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  want: { readonly shape: number[]; readonly values: ArrayLike<number> },
): void {
  for (const rehearse of [false, true]) {
    const step = jit(fn, { rehearse });
    for (let call = 0; call < 4; call++) {
      const result = step(x);
      assert.deepEqual(result.shape, want.shape);
      assert.deepEqual([...result.dataSync()], Array.from(want.values), `call ${call}`);
      result.dispose();
    }
    step.dispose();
  }
}

for (const alignCorners of [false, true]) {
  for (const size of [[8, 8], [6, 9], [7, 5], [2, 3]] as [number, number][]) {
    Deno.test(`jit() nearest resizing of [4,4] to [${size}], aligned ${alignCorners}: the gradient of each image`, () => {
      const x = tf.randomUniform([3, 4, 4, 2], -1, 1, "float32", 1) as tf.Tensor4D;
      const gradient = tf.grad((images: tf.Tensor) =>
        tf.image.resizeNearestNeighbor(images as tf.Tensor4D, size, alignCorners).square().sum()
      );
      const alone = tf.concat(tf.split(x, 3).map((image) => gradient(image)));
      const step = jit(gradient);
      for (let call = 0; call < 4; call++) {
        const result = step(x);
        const far = result.sub(alone).abs().max().dataSync()[0]!;
        assert(far < 1e-5, `call ${call}: ${far} from the gradients of single images`);
        result.dispose();
      }
      step.dispose();
    });
  }
}

const x = tf.tensor3d([...Array(24).keys()], [2, 3, 4]);
const at = (...index: number[]) => index[0]! * 12 + index[1]! * 4 + index[2]!;

Deno.test("jit() stridedSlice() with shrunk and new axes: what NumPy's x[...] gives", () => {
  const slice = (masks: {
    begin: number[];
    end: number[];
    strides: number[];
    beginMask?: number;
    endMask?: number;
    ellipsisMask?: number;
    newAxisMask?: number;
    shrinkAxisMask?: number;
  }) =>
  (a: tf.Tensor) =>
    tf.stridedSlice(
      a,
      masks.begin,
      masks.end,
      masks.strides,
      masks.beginMask,
      masks.endMask,
      masks.ellipsisMask,
      masks.newAxisMask,
      masks.shrinkAxisMask,
    );
  // x[1, ::2, 3]
  assertEveryCall(
    slice({
      begin: [1, 0, 3],
      end: [2, 3, 4],
      strides: [1, 2, 1],
      beginMask: 2,
      endMask: 2,
      shrinkAxisMask: 5,
    }),
    x,
    { shape: [2], values: [at(1, 0, 3), at(1, 2, 3)] },
  );
  // x[-1, 1, ::-1]
  assertEveryCall(
    slice({
      begin: [-1, 1, 0],
      end: [0, 2, 0],
      strides: [1, 1, -1],
      beginMask: 4,
      endMask: 4,
      shrinkAxisMask: 3,
    }),
    x,
    { shape: [4], values: [3, 2, 1, 0].map((c) => at(1, 1, c)) },
  );
  // x[0, newaxis, ::2, 1]
  assertEveryCall(
    slice({
      begin: [0, 0, 0, 1],
      end: [1, 0, 3, 2],
      strides: [1, 1, 2, 1],
      newAxisMask: 2,
      shrinkAxisMask: 9,
    }),
    x,
    { shape: [1, 2], values: [at(0, 0, 1), at(0, 2, 1)] },
  );
});

Deno.test("jit() bilinear resizing of images that are not square: the gradient has their shape", () => {
  const images = tf.randomUniform([2, 3, 5, 2], -1, 1, "float32", 2) as tf.Tensor4D;
  const resize = (x: tf.Tensor) => tf.image.resizeBilinear(x as tf.Tensor4D, [7, 4]).square().sum();
  const gradient = (x: tf.Tensor) => tf.grad(resize)(x);
  const slope = (direction: tf.Tensor) => {
    const [above, below] = [1e-2, -1e-2].map((h) =>
      resize(images.add(direction.mul(h))).dataSync()[0]!
    );
    return (above! - below!) / 2e-2;
  };
  const step = jit(gradient);
  for (let call = 0; call < 4; call++) {
    const direction = tf.randomUniform(images.shape, -1, 1, "float32", call);
    const found = step(images).mul(direction).sum().dataSync()[0]!;
    assert(
      Math.abs(found - slope(direction)) < 1e-2 * (1 + Math.abs(found)),
      `call ${call}: ${found}`,
    );
  }
  step.dispose();
});
