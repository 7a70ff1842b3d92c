/** Random numbers that programs draw: the generator's words, and what they become. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Builder, read } from "../../../../lib/jit/program/builder.ts";
import type { DType, Values } from "../../../../lib/jit/program/dtype.ts";
import type { DrawEquation } from "../../../../lib/jit/program/equation.ts";
import { compileProgram } from "../../../../lib/jit/run/compile.ts";
import { Executable } from "../../../../lib/jit/run/executable.ts";
import { normalBelow, philox, standardNumber, type State, wordsOf } from "./reference.ts";

await tf.setBackend("cpu");

const STATE: State = [0xa4093822 | 0, 0x299f31d0, 5, 0];

type Numbers = Omit<DrawEquation, "op" | "inputs" | "out">;

interface Drawn {
  readonly count?: number;
  readonly dtype?: DType;
  readonly state?: State;
}

/** Draws numbers in a program of their own. */
function draw(
  numbers: Partial<Numbers>,
  { count = 1000, dtype = "float32", state = STATE }: Drawn = {},
): Values {
  const b = new Builder();
  const all: Numbers = { distribution: "uniform", parameters: [0, 1], stream: 0, ...numbers };
  const out = b.draw(all, { dtype, shape: [count] });
  const { constants, equations } = b;
  const program = {
    inputs: [b.noise!],
    variables: [],
    constants,
    equations,
    outputs: [read(out)],
    assigns: [],
  };
  const executable = new Executable({ ...compileProgram(program), variables: [], fallbacks: {} });
  executable.inputs[0]!.set(state);
  executable.run();
  const drawn = executable.outputs[0]!.slice();
  executable.dispose();
  return drawn;
}

function hex(words: readonly number[]): string {
  return words.map((word) => word.toString(16).padStart(8, "0")).join(" ");
}

Deno.test("the reference gives the known answers of Philox 4x32 with 10 rounds", () => {
  const ones = [-1, -1, -1, -1];
  const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
  assert.equal(hex(philox([0, 0, 0, 0], [0, 0])), "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
  assert.equal(hex(philox(ones, [-1, -1])), "408f276d 41c83b0e a20bc7c6 6d5451fd");
  assert.equal(
    hex(philox(pi, [0xa4093822, 0x299f31d0])),
    "d16cfe09 94fdcceb 5001e420 24126ea1",
  );
});

Deno.test("a draw's uniform numbers are the generator's words, bit for bit", () => {
  const states: State[] = [[0, 0, 0, 0], STATE, [-1, -1, -1, -1], [1, 2, 3, 4]];
  for (const state of states) {
    for (const stream of [0, 1, 77]) {
      const drawn = draw({ stream }, { state });
      drawn.forEach((number, i) => {
        const second = Math.floor(i / 4) % 2;
        assert.equal(number, (wordsOf(i, stream, state)[second]! >>> 8) * 2 ** -24);
      });
    }
  }
});

Deno.test("a draw of any size begins with the same numbers", () => {
  const all = draw({});
  for (const count of [1, 3, 4, 15, 16, 17, 999]) {
    assert.deepEqual(draw({}, { count }), all.slice(0, count));
  }
});

Deno.test("normal numbers are those of Box and Muller, within rounding", () => {
  const count = 100_000;
  const drawn = draw({ distribution: "normal", stream: 3 }, { count });
  drawn.forEach((number, i) => {
    const exact = standardNumber(i, { distribution: "normal", stream: 3 }, STATE);
    assert(Math.abs(number - exact) < 2e-6, `${number} at ${i}, expected ${exact}`);
  });
});

Deno.test("truncated normal numbers are the inverse of their distribution, within rounding", () => {
  const drawn = draw({ distribution: "truncatedNormal", stream: 9 }, { count: 5000 });
  drawn.forEach((number, i) => {
    const exact = standardNumber(i, { distribution: "truncatedNormal", stream: 9 }, STATE);
    assert(Math.abs(number - exact) < 2e-6, `${number} at ${i}, expected ${exact}`);
  });
});

/** The largest distance between the distribution of numbers and the expected one (Kolmogorov, Smirnov). */
function distance(numbers: Values, below: (x: number) => number): number {
  const sorted = numbers.slice().sort();
  let largest = 0;
  sorted.forEach((x, i) => {
    const expected = below(x);
    largest = Math.max(largest, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  });
  return largest;
}

const COUNT = 200_000;
/** Beyond it numbers of that distribution come once in 10,000 times; the seeds are fixed. */
const FAR = 2.23 / Math.sqrt(COUNT);

function moments(numbers: Values): { mean: number; deviation: number; correlation: number } {
  const list = Array.from(numbers);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  const centred = list.map((x) => x - mean);
  const variance = centred.reduce((sum, x) => sum + x * x, 0) / list.length;
  const next = centred.slice(1).reduce((sum, x, i) => sum + x * centred[i]!, 0) / list.length;
  return { mean, deviation: Math.sqrt(variance), correlation: next / variance };
}

function assertClose(actual: number, expected: number, tolerance: number): void {
  assert(Math.abs(actual - expected) < tolerance, `expected ${expected}, got ${actual}`);
}

Deno.test("uniform numbers fill their interval evenly, its end excluded", () => {
  const drawn = draw({ parameters: [-3, 5], stream: 1 }, { count: COUNT });
  assert(distance(drawn, (x) => (x + 3) / 8) < FAR);
  assert(drawn.every((x) => x >= -3 && x < 5));
  const { mean, deviation, correlation } = moments(drawn);
  assertClose(mean, 1, 0.02);
  assertClose(deviation, 8 / Math.sqrt(12), 0.02);
  assertClose(correlation, 0, 0.01);
});

Deno.test("uniform numbers never reach the end of their interval by rounding", () => {
  for (const [from, to] of [[1, 1 + 2 ** -22], [-1, 0], [5, 5], [2, 1], [0, 2 ** -149]] as const) {
    const drawn = draw({ parameters: [from, to] }, { count: 5000 });
    const [least, most] = [Math.min(from, to), Math.max(from, to)];
    const isInside = (x: number) => x >= least && x <= most && (from === to || x !== to);
    assert(drawn.every(isInside), `[${from}, ${to}): ${drawn.find((x) => !isInside(x))}`);
  }
});

Deno.test("normal numbers have their mean, deviation and distribution", () => {
  const drawn = draw({ distribution: "normal", parameters: [2, 3] }, { count: COUNT });
  assert(distance(drawn, (x) => normalBelow((x - 2) / 3)) < FAR);
  const { mean, deviation, correlation } = moments(drawn);
  assertClose(mean, 2, 0.03);
  assertClose(deviation, 3, 0.03);
  assertClose(correlation, 0, 0.01);
  assert(drawn.some((x) => x > 2 + 4 * 3) && drawn.some((x) => x < 2 - 4 * 3), "no tails");
});

Deno.test("truncated normal numbers stay within two deviations and have their distribution", () => {
  const drawn = draw({ distribution: "truncatedNormal", parameters: [1, 0.5] }, { count: COUNT });
  const [least, inside] = [normalBelow(-2), normalBelow(2) - normalBelow(-2)];
  assert(distance(drawn, (x) => (normalBelow((x - 1) / 0.5) - least) / inside) < FAR);
  assert(drawn.every((x) => x >= 0 && x <= 2));
  assertClose(moments(drawn).deviation, 0.5 * 0.8796, 0.005);
});

Deno.test("whole uniform numbers come equally often, from the first to the one before the end", () => {
  const drawn = draw({ parameters: [-2, 5] }, { count: 70_000, dtype: "int32" });
  const counts = new Map<number, number>();
  for (const x of drawn) counts.set(x, (counts.get(x) ?? 0) + 1);
  // Cut off towards 0, as TensorFlow.js does it, so that 0 stands for (-1, 1).
  assert.deepEqual([...counts.keys()].sort((a, b) => a - b), [-1, 0, 1, 2, 3, 4]);
  const surprise = [...counts].reduce((sum, [x, count]) => {
    const expected = x === 0 ? 20_000 : 10_000;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  assert(surprise < 25.7, `chi-squared ${surprise}`); // once in 10,000 for 5 degrees
});

Deno.test("whole uniform numbers use all 32 bits", () => {
  const drawn = draw({ parameters: [-(2 ** 31), 2 ** 31] }, { count: 1000, dtype: "int32" });
  drawn.forEach((x, i) => {
    const word = wordsOf(i, 0, STATE)[Math.floor(i / 4) % 2]!;
    assert.equal(x, word - 2 ** 31);
  });
});

Deno.test("whole normal numbers are rounded to the next", () => {
  const numbers = { distribution: "normal", parameters: [10, 4] } as const;
  const exact = draw(numbers, { count: 5000 });
  const rounded = draw(numbers, { count: 5000, dtype: "int32" });
  rounded.forEach((x, i) => assert(Math.abs(x - exact[i]!) <= 0.5001, `${exact[i]} became ${x}`));
  assert.equal(rounded.filter((x, i) => x === Math.floor(exact[i]! + 0.5)).length > 4990, true);
});

Deno.test("draws of other streams, calls and keys have nothing in common", () => {
  const others = [
    draw({}),
    draw({ stream: 1 }),
    draw({}, { state: [STATE[0], STATE[1], STATE[2] + 1, STATE[3]] }),
    draw({}, { state: [STATE[0], STATE[1], STATE[2], STATE[3] + 1] }),
    draw({}, { state: [STATE[0] + 1, STATE[1], STATE[2], STATE[3]] }),
    draw({}, { state: [STATE[0], STATE[1] + 1, STATE[2], STATE[3]] }),
  ].map((values) => Array.from(values));
  for (let i = 0; i < others.length; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [others[i]!, others[j]!];
      const product = a.reduce((sum, x, k) => sum + (x - .5) * (b[k]! - .5), 0) / a.length;
      assertClose(12 * product, 0, 0.13);
      assert(a.filter((x, k) => x === b[k]).length < 2);
    }
  }
});
