/** Programs as text, as they are traced and after all passes. */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { simplify } from "../../../lib/jit/passes/mod.ts";
import { Builder } from "../../../lib/jit/program/builder.ts";
import { printProgram } from "../../../lib/jit/program/print.ts";
import { average, dense, softmax, type Stages, stagesOf, views } from "./programs.ts";

await tf.setBackend("cpu");

/** Compares both stages of a program with their texts. */
function assertTexts(
  stages: Stages,
  texts: { readonly traced: string; readonly fused: string },
): void {
  assert.equal(printProgram(stages.traced), texts.traced.trim());
  assert.equal(printProgram(stages.fused), texts.fused.trim());
}

Deno.test("simplify() and fuse() a dense layer: reshapes vanish, bias and sigmoid are one loop", () => {
  assertTexts(dense(), {
    traced: `
program (%0:f32[2, 4]) {
  %1:f32[4, 3] = variable 0
  %2:f32[3] = variable 1
  %3:f32[1, 2, 4] = reshape %0[1, 2, 4]
  %4:f32[1, 4, 3] = reshape %1[1, 4, 3]
  %5:f32[1, 2, 3] = matmul %3 %4
  %6:f32[2, 3] = reshape %5[2, 3]
  %7:f32[2, 3] = add %6, %2[2·0, 3·1]
  %8:f32[2, 3] = sigmoid %7
  return (%8)
}`,
    fused: `
program (%0:f32[2, 4]) {
  %1:f32[4, 3] = variable 0
  %2:f32[3] = variable 1
  %5:f32[1, 2, 3] = matmul %0[1, 2, 4] %1[1, 4, 3]
  for [2, 3] {
    t0 = add %5[2, 3], %2[2·0, 3·1]
    t1 = sigmoid t0
    %8:f32[2, 3] = t1
  }
  return (%8)
}`,
  });
});

Deno.test("simplify() and fuse() views of views: a slice, a transpose and two broadcasts become ways of reading", () => {
  assertTexts(views(), {
    traced: `
program (%0:f32[4, 3], %1:f32[2]) {
  %2:f32[2, 3] = slice %0[3 + 2·3, 3·1]
  %3:f32[3, 2] = transpose %2[3·1, 2·3]
  %5:f32[3, 2] = mul %3, 2
  %6:f32[1, 2] = reshape %1[1, 2]
  %7:f32[3, 2] = add %5, %6[3·0, 2·1]
  return (%7)
}`,
    fused: `
program (%0:f32[4, 3], %1:f32[2]) {
  for [3, 2] {
    t0 = mul %0[3 + 3·1, 2·3], 2
    t1 = add t0, %1[3·0, 2·1]
    %7:f32[3, 2] = t1
  }
  return (%7)
}`,
  });
});

Deno.test("simplify() and fuse() softmax: a loop for each reduction, and one that divides", () => {
  assertTexts(softmax(), {
    traced: `
program (%0:f32[8, 10]) {
  %1:f32[8] = max %0 over [1]
  %2:f32[8, 1] = reshape %1[8, 1]
  %3:f32[8, 10] = sub %0, %2[8·1, 10·0]
  %4:f32[8, 10] = exp %3
  %5:f32[8] = sum %4 over [1]
  %6:f32[8, 1] = reshape %5[8, 1]
  %7:f32[8, 10] = div %4, %6[8·1, 10·0]
  return (%7)
}`,
    fused: `
program (%0:f32[8, 10]) {
  for [8, 10] {
    %1:f32[8] = max %0 over [1]
  }
  for [8, 10] {
    t0 = sub %0, %1[8·1, 10·0]
    t1 = exp t0
    %4:f32[8, 10] = t1
    %5:f32[8] = sum t1 over [1]
  }
  for [8, 10] {
    t0 = div %4, %5[8·1, 10·0]
    %7:f32[8, 10] = t0
  }
  return (%7)
}`,
  });
});

Deno.test("simplify() and fuse() a moving average: one loop reads the old value, stores the new one and sums", () => {
  assertTexts(average(), {
    traced: `
program (%0:f32[6]) {
  %1:f32[6] = variable 0
  %3:f32[6] = mul %1, 0.9
  %5:f32[6] = mul %0, 0.1
  %6:f32[6] = add %3, %5
  %7:f32[6] = sub %6, %1
  %8:f32[6] = abs %7
  %9:f32[] = sum %8 over [0]
  variable 0 := %6
  return (%9)
}`,
    fused: `
program (%0:f32[6]) {
  %1:f32[6] = variable 0
  for [6] {
    t0 = mul %1, 0.9
    t1 = mul %0, 0.1
    t2 = add t0, t1
    t3 = sub t2, %1
    t4 = abs t3
    %6:f32[6] = t2
    %9:f32[] = sum t4 over [0]
  }
  variable 0 := %6
  return (%9)
}`,
  });
});

Deno.test("simplify() computes once what is written twice, views and constants between them", () => {
  const twice = stagesOf((x, y) => {
    const once = tf.exp(tf.mul(tf.reshape(x, [4, 2]), 2));
    const again = tf.exp(tf.mul(tf.reshape(x, [4, 2]), 2));
    return tf.add(tf.sub(once, y), again);
  }, [tf.zeros([8]), tf.zeros([4, 2])]);
  assert.equal(
    printProgram(simplify(twice.traced)).split("\n").filter((line) => line.includes("exp")).length,
    1,
  );
});

Deno.test("Builder.scalar() makes equal numbers one value, but not 0 and -0, or numbers of two types", () => {
  const b = new Builder();
  assert.equal(b.scalar(2), b.scalar(2));
  assert.equal(b.scalar(NaN), b.scalar(NaN));
  assert.notEqual(b.scalar(0), b.scalar(-0));
  assert.notEqual(b.scalar(1), b.scalar(1, "int32"));
  assert(Object.is(b.constants.find(({ out }) => out === b.scalar(-0))?.values[0], -0));
});
