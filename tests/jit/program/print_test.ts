/** Programs as text: all that they compute is in it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { fuse, simplify } from "../../../lib/jit/passes/mod.ts";
import { Builder, read } from "../../../lib/jit/program/builder.ts";
import { printProgram } from "../../../lib/jit/program/print.ts";
import type { Program } from "../../../lib/jit/program/program.ts";
import { changesOf } from "./changes.ts";
import { tracedPrograms } from "./random_equations.ts";

/** Throws if a change of the program cannot be seen in its text. */
function assertChangesShow(program: Program): void {
  const text = printProgram(program);
  for (const { field, program: changed } of changesOf(program)) {
    assert.notEqual(printProgram(changed), text, `${field} is not shown`);
  }
}

Deno.test("printProgram() shows every field of a traced program", () => {
  fc.assert(fc.property(tracedPrograms, assertChangesShow), { numRuns: 40 });
});

Deno.test("printProgram() shows every field of a program without views and of one with loops", () => {
  const check = (program: Parameters<typeof simplify>[0]) => {
    const simple = simplify(program);
    assertChangesShow(simple);
    assertChangesShow(fuse(simple));
  };
  fc.assert(fc.property(tracedPrograms, check), { numRuns: 40 });
});

Deno.test("changesOf() reads no constant for another one that holds the same", () => {
  const b = new Builder();
  const x = b.newVar("float32", [3]);
  const [one, same, other] = [1, 1, 2].map((n) => b.constant(Float32Array.of(n), "float32", []));
  const sum = [one!, same!, other!].reduce((a, c) => b.map("add", a, c), x);
  const { constants, equations } = b;
  const outputs = [read(sum)];
  const program = { inputs: [x], variables: [], constants, equations, outputs, assigns: [] };
  assertChangesShow(program);
  const changed = [...changesOf(program)].filter(({ field }) => field.endsWith(".source"));
  const sources = [x, one, same, other].length + equations.length;
  const reads = 2 * equations.length + 1;
  assert.equal(changed.length, reads * (sources - 1) - 2); // one for same, and same for one
});

/** A convolution of padded images, its largest values, and what an ordinary kernel makes of them. */
function images(): Program {
  const b = new Builder();
  const x = b.newVar("float32", [2, 5, 4, 1]);
  const padded = b.assemble([x], {
    begins: [[0, 1, 0, 0]],
    fill: -1,
    dtype: "float32",
    shape: [2, 6, 4, 1],
  });
  const filter = b.constant(Float32Array.of(1, -0, .1, 4), "float32", [2, 2, 1, 1]);
  const sizes = {
    ...{ batch: 2, inHeight: 6, inWidth: 4, inChannels: 1 },
    ...{ filterHeight: 2, filterWidth: 2, strideHeight: 2, strideWidth: 1 },
    ...{ dilationHeight: 1, dilationWidth: 1, padTop: 0, padLeft: 1 },
  };
  const result = { outHeight: 3, outWidth: 4, outChannels: 1 };
  const filtered = b.conv("conv2d", [padded, filter], { ...sizes, ...result });
  const pooled = b.pool("max", filtered, { ...sizes, ...result, inHeight: 3, outHeight: 1 });
  const top = b.newVar("int32", [2, 1, 4, 1]);
  b.kernel("TopK", [["x", pooled]], { attrs: { k: 1, sorted: true }, outs: [top] });
  const odd = b.map("eq", b.map("mod", top, 2), 1);
  const { constants, equations } = b;
  return { inputs: [x], variables: [], constants, equations, outputs: [read(odd)], assigns: [] };
}

Deno.test("printProgram() writes sizes, strides, padding, attributes and types", () => {
  assert.equal(
    printProgram(images()),
    `program (%0:f32[2, 5, 4, 1]) {
  %2:f32[2, 2, 1, 1] = constant 1, -0, 0.1, 4
  %1:f32[2, 6, 4, 1] = assemble %0 at [0, 1, 0, 0], else -1
  %3:f32[2, 3, 4, 1] = conv2d %1, %2, images [2, 6, 4, 1] windows [2, 2] strides [2, 1] dilations [1, 1] padding [0, 1] result [3, 4, 1]
  %4:f32[2, 1, 4, 1] = maxPool %3, images [2, 3, 4, 1] windows [2, 2] strides [2, 1] dilations [1, 1] padding [0, 1] result [1, 4, 1]
  %5:i32[2, 1, 4, 1] = kernel TopK(x: %4) {k: 1, sorted: true}
  %7:i32[2, 1, 4, 1] = mod %5, 2:i32
  %9:bool[2, 1, 4, 1] = eq %7, 1:i32
  return (%9)
}`,
  );
});

Deno.test("printProgram() gives large constants a checksum of all their values", () => {
  const text = (last: number) => {
    const b = new Builder();
    const value = b.constant(
      Float32Array.from({ length: 999 }, (_, i) => i < 998 ? i : last),
      "float32",
      [999],
    );
    const { constants, equations } = b;
    const outputs = [read(value)];
    return printProgram({ inputs: [], variables: [], constants, equations, outputs, assigns: [] });
  };
  assert.match(
    text(0),
    /= constant 0, 1, 2, 3, 4, 5, 6, 7, … \(999 values, checksum [0-9a-f]{16}\)/,
  );
  assert.notEqual(text(0), text(-0));
});
