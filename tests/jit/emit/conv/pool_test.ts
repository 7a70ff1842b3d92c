import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { ModuleBuilder } from "../../../../lib/jit/wasm/mod.ts";
import { instantiate, memoryOf } from "../../wasm/instance.ts";
import type { ConvGeometry, PoolKind } from "../../../../lib/jit/program/equation.ts";
import { emitPool, emitPoolGradient } from "../../../../lib/jit/emit/conv/pool.ts";

await tf.setBackend("cpu");

interface Case {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filter: [number, number];
  readonly strides: [number, number];
  readonly pad: "same" | "valid";
  readonly kind: PoolKind;
}

const cases: fc.Arbitrary<Case> = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 8 }),
  width: fc.integer({ min: 1, max: 8 }),
  channels: fc.integer({ min: 1, max: 9 }),
  filter: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pad: fc.constantFrom("same", "valid"),
  kind: fc.constantFrom("max", "avg"),
}).filter(({ height, width, filter: [rows, columns] }) => height >= rows && width >= columns);

function geometryOf(test: Case, outShape: readonly number[]): ConvGeometry {
  const [outHeight, outWidth] = outShape.slice(1) as [number, number];
  const pad = (size: number, out: number, filter: number, stride: number) =>
    test.pad === "valid" ? 0 : Math.floor(Math.max(0, (out - 1) * stride + filter - size) / 2);
  return {
    batch: test.batch,
    inHeight: test.height,
    inWidth: test.width,
    inChannels: test.channels,
    outHeight,
    outWidth,
    outChannels: test.channels,
    filterHeight: test.filter[0],
    filterWidth: test.filter[1],
    strideHeight: test.strides[0],
    strideWidth: test.strides[1],
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: pad(test.height, outHeight, test.filter[0], test.strides[0]),
    padLeft: pad(test.width, outWidth, test.filter[1], test.strides[1]),
  };
}

/** Pooling and its gradient by TensorFlow.js, for small integers with many ties, and by our code. */
function check(test: Case): void {
  const { batch, height, width, channels, filter, strides, pad, kind } = test;
  tf.tidy(() => {
    const integers = (shape: number[], seed: number) => {
      const size = shape.reduce((a, b) => a * b);
      const values = Float32Array.from(
        { length: size },
        (_, i) => (Math.imul(i + 1, seed) >>> 11) % 4,
      );
      return tf.tensor4d(values, shape as [number, number, number, number]);
    };
    const x = integers([batch, height, width, channels], 0x9e3779b1);
    const pool = (image: tf.Tensor) =>
      kind === "max"
        ? tf.maxPool(image as tf.Tensor4D, filter, strides, pad)
        : tf.avgPool(image as tf.Tensor4D, filter, strides, pad);
    const y = pool(x);
    const dy = integers(y.shape, 0x85ebca6b);
    const dx = tf.grad((image: tf.Tensor) => pool(image) as tf.Tensor)(x, dy);
    const geometry = geometryOf(test, y.shape);
    const found = compute(geometry, kind, { x: x.dataSync(), dy: dy.dataSync() });
    const near = (ours: Float32Array, theirs: ArrayLike<number>, what: string) =>
      ours.forEach((value, i) => {
        const message = `${what}[${i}] of ${JSON.stringify(test)}: ${value}, expected ${theirs[i]}`;
        assert.ok(Math.abs(value - (theirs[i] ?? NaN)) <= 2e-6, message);
      });
    near(found.y, y.dataSync(), "y");
    near(found.dx, dx.dataSync(), "dx");
  });
}

function compute(
  geometry: ConvGeometry,
  kind: PoolKind,
  operands: { readonly x: ArrayLike<number>; readonly dy: ArrayLike<number> },
): { readonly y: Float32Array; readonly dx: Float32Array } {
  const builder = new ModuleBuilder();
  const memory = memoryOf(builder, 1);
  const at = { x: 1024, y: 17408, dy: 33792, dx: 50176 };
  builder.func({ name: "run", export: true }, (f) => {
    emitPool(f, { geometry, kind, x: at.x, out: at.y });
    emitPoolGradient(f, { geometry, kind, x: at.x, y: at.y, dy: at.dy, out: at.dx });
  });
  const exports = instantiate(builder, { memory });
  const floats = new Float32Array(memory.buffer).fill(NaN);
  floats.set(operands.x, at.x / 4);
  floats.set(operands.dy, at.dy / 4);
  (exports.run as () => void)();
  const sizes = { y: operands.dy.length, dx: operands.x.length };
  assert.ok(Number.isNaN(floats[at.y / 4 + sizes.y]) && Number.isNaN(floats[at.dx / 4 + sizes.dx]));
  const slice = (name: "y" | "dx") => floats.slice(at[name] / 4, at[name] / 4 + sizes[name]);
  return { y: slice("y"), dx: slice("dx") };
}

Deno.test("emitPool() and emitPoolGradient() agree with TensorFlow.js, ties included", () => {
  fc.assert(fc.property(cases, check), { numRuns: 150 });
});

Deno.test("emitPool() passes over NaN in a maximum and keeps it in a mean", () => {
  const test = { batch: 1, height: 2, width: 2, channels: 1, pad: "valid", kind: "max" } as const;
  const geometry = geometryOf({ ...test, filter: [2, 2], strides: [2, 2] }, [1, 1, 1, 1]);
  const operands = { x: [1, NaN, 3, 2], dy: [5] };
  assert.deepEqual([...compute(geometry, "max", operands).y], [3]);
  assert.deepEqual([...compute(geometry, "max", operands).dx], [0, 0, 5, 0]);
  assert.deepEqual([...compute(geometry, "avg", operands).y], [NaN]);
});
