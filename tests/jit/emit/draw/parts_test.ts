/** Random numbers that are drawn in parts: each is what its index says. */
import assert from "node:assert/strict";
import { drawParts } from "../../../../lib/jit/emit/draw/mod.ts";
import { scratchOf, stagesOf } from "../../../../lib/jit/emit/equation.ts";
import { denseAccess } from "../../../../lib/jit/program/access.ts";
import type { DType, Values } from "../../../../lib/jit/program/dtype.ts";
import type { Distribution, DrawEquation } from "../../../../lib/jit/program/equation.ts";
import { assertSame, type Order, ORDERS, runStages } from "../parts/run_stages.ts";
import { standardNumber, type State, wordsOf } from "./reference.ts";

const STATE: State = [0x24f319a1, -77, 12, 1];

function drawOf(distribution: Distribution, count: number, dtype: DType = "float32"): DrawEquation {
  const source = { id: 0, dtype: "int32", shape: [4] } as const;
  const parameters = dtype === "int32" ? [-500, 500] as const : [0, 1] as const;
  return {
    op: "draw",
    inputs: [{ source, ...denseAccess([4]) }],
    distribution,
    parameters,
    stream: 5,
    out: { id: 1, dtype, shape: [count] },
  };
}

function draw(equation: DrawEquation, order: Order): Values {
  const work = {
    inputs: new Map([[equation.inputs[0].source, STATE]]),
    results: [equation.out],
    scratch: scratchOf(equation, false),
    fillsLines: true,
    stages: (places: Parameters<typeof stagesOf>[1]) => stagesOf(equation, places),
  };
  return runStages(work, order)[0]!;
}

/** Draws in each order, which must give the same numbers. */
function drawAll(equation: DrawEquation): Values {
  const [first, ...others] = (Object.keys(ORDERS) as Order[]).map((order) => draw(equation, order));
  assertSame(others, others.map(() => first!), "another order");
  return first!;
}

Deno.test("uniform numbers in parts are the generator's words, bit for bit", () => {
  for (const count of [8191, 8192, 8193, 20_011, 300_000]) {
    const equation = drawOf("uniform", count);
    assert.equal(drawParts(equation) > 1, count > 8176, `${count} numbers`);
    drawAll(equation).forEach((number, i) => {
      if (count > 30_000 && i % 37 > 0) return;
      const word = wordsOf(i, 5, STATE)[Math.floor(i / 4) % 2]!;
      if (number !== (word >>> 8) * 2 ** -24) assert.fail(`${number} at ${i} of ${count}`);
    });
  }
});

Deno.test("normal numbers in parts are those of their index, within rounding", () => {
  for (const distribution of ["normal", "truncatedNormal"] as const) {
    drawAll(drawOf(distribution, 20_011)).forEach((number, i) => {
      if (i % 7 > 0) return;
      const exact = standardNumber(i, { distribution, stream: 5 }, STATE);
      if (!(Math.abs(number - exact) < 2e-6)) assert.fail(`${number} at ${i}, expected ${exact}`);
    });
  }
});

Deno.test("whole numbers in parts are those of a draw of one part", () => {
  for (const distribution of ["uniform", "normal", "truncatedNormal"] as const) {
    const small = drawAll(drawOf(distribution, 4000, "int32"));
    const large = drawAll(drawOf(distribution, 40_000, "int32"));
    assertSame([large.slice(0, 4000)], [small], distribution);
    assert(new Set(large).size > 500, "numbers of all parts");
  }
});

Deno.test("a draw of nothing has one part, which writes nothing", () => {
  const equation = drawOf("normal", 0);
  assert.equal(drawParts(equation), 1);
  assert.equal(drawAll(equation).length, 0);
});
