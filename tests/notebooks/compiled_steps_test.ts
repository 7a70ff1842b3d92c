/** Notebook 05 as readers use it: again, out of order, with its exercises, and stopped by its own checks. */

import assert from "node:assert/strict";
import { areNear, sees, type Sight, testOrders, testSights } from "./sights.ts";

const name = "05_compiled_steps.ipynb";

testOrders(name, [["jit(newStep()), 10_000)", "jit(newStep()), 500)"]]);

/** What the texts say of the stages. */
interface Stages {
  readonly losses: readonly number[];
  readonly plain: readonly number[];
  readonly kernels: readonly string[];
  readonly traced: string;
  readonly fused: string;
  readonly start: readonly number[];
  readonly exported: readonly string[];
  readonly products: number;
  readonly loops: number;
  readonly steps: number;
  readonly assigned: number;
  readonly names: readonly string[];
  readonly bytes: number;
}

const STAGES = `((again) => ({
  losses, kernels, traced, fused,
  plain: [1, 2, 3].map(() => again(x, target).dataSync()[0]),
  start: [...module.slice(0, 8)],
  exported: WebAssembly.Module.exports(parsed).map(({ name }) => name),
  products: fused.split(" = matmul ").length - 1,
  loops: fused.split("  for [").length - 1,
  steps: compiled.explain().loops,
  assigned: fused.split(/^  variable /m).length - 1,
  names: new TextDecoder().decode(section).match(/[a-z]{3}[ -~]*/g),
  bytes: module.length,
}))(newStep())`;

/** The means and the deviations over the games, as in the table. */
const STATISTICS = `{ mean: [...mean.dataSync()], deviation: [...deviation], facts }`;

interface Statistics {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly facts: { readonly kernels: number; readonly loops: number };
}

const stages = (check: (stages: Stages) => void) => sees<Stages>(STAGES, check);
const statistics = (check: (statistics: Statistics) => void) => sees<Statistics>(STATISTICS, check);

/** The sentences of the notebook with a number, and its exercises. */
const SIGHTS: readonly Sight[] = [
  {
    what: "the stages",
    last: "const parsed",
    check: stages(({ losses, plain, kernels, traced, fused, products, loops, ...module }) => {
      areNear(losses, plain, 1e-6);
      assert(losses.every((loss, i) => i === 0 || loss < losses[i - 1]!), String(losses));
      areNear(losses, [0.29, 0.29, 0.29], 0.005);
      assert.deepEqual(kernels.slice(-8).filter((kernel) => kernel === "Add").length, 4);
      assert.equal(kernels.filter((kernel) => kernel === "BatchMatMul").length, 5);
      assert.deepEqual([products, loops], [5, 7]);
      const computing = kernels.filter((kernel) => !["Identity", "Reshape"].includes(kernel));
      const layer = ["BatchMatMul", "Add", "Sigmoid"];
      assert.deepEqual(computing.slice(0, 8), [...layer, ...layer, "SquaredDifference", "Mean"]);
      assert.equal(traced.split("= mul -0.1,").length - 1, 4); // the learning rate
      assert.match(fused, /for \[32, 8\] \{\n.*add.*\n.*sigmoid.*\n.*sub 1.*\n.*mul/); // the first loop
      assert.equal(fused.match(/mul 0\.03125/g)?.length, 1);
      const loopsOfFused = fused.split("  for [").slice(1);
      assert(loopsOfFused.slice(-4).every((loop) => loop.includes("mul -0.1")));
      assert.deepEqual(module.start, [0, ...new TextEncoder().encode("asm"), 1, 0, 0, 0]);
      assert.deepEqual(module.exported, ["run"]);
      const { names } = module;
      assert(names.includes("run") && names.some((name) => name.startsWith("matmul 32x8x4")));
    }),
  },
  {
    what: "what is fixed",
    last: "let factor",
    check: sees<number[]>("answers", (answers) => {
      assert(answers.length > 0 && answers.length < 64, String(answers.length));
      assert(answers.every((answer) => answer === 6), String(answers));
    }),
  },
  {
    what: "what may change",
    last: "const draw",
    check: sees<[{ w: number; recordings: number }[], number[][]]>(
      "[path, drawn]",
      ([path, drawn]) => {
        assert.deepEqual(path.map(({ recordings }) => recordings), [2, 3, 3, 3]);
        const factors = path.map(({ w }, i) => i === 0 ? w : w / path[i - 1]!.w);
        areNear(factors, [0.8 ** 3, 0.6 ** 3, 0.4 ** 3, 0.2 ** 3], 1e-5);
        assert.equal(new Set(drawn.map(String)).size, 4);
      },
    ),
  },
  {
    what: "the games begin with the weights of notebook 01",
    last: "const game =",
    check: sees<[number[], number[]]>(
      `(() => {
        const rng = new Random(2).split("G");
        const first = linear(1, 3, { activation: "sigmoid", rng });
        const last = linear(3, 4, { activation: "sigmoid", rng });
        const model = tf.sequential({ layers: [first, last] });
        const output = forward(latent, G).arraySync()[1][0];
        return [output, [...model.predict(tf.tensor2d([[0.5]])).dataSync()]];
      })()`,
      ([here, there]) => areNear(here, there, 1e-6),
    ),
  },
  {
    what: "20 games",
    last: "have not learnt",
    check: statistics(({ mean, deviation, facts }) => {
      areNear(mean, [0.98, 0.02, 0.98, 0.02], 0.006);
      assert(deviation.every((value) => value < 0.01), String(deviation));
      areNear([facts.kernels], [230], 5);
      assert.equal(facts.loops, 44);
    }),
  },
  {
    what: "1. a tiny batch",
    changes: [["pairs = 16", "pairs = 1"]],
    last: "const parsed",
    check: stages(({ loops, names, bytes }) => {
      assert.deepEqual([loops, names], [0, ["run"]]);
      areNear([bytes], [6_400], 200);
    }),
  },
  {
    what: "2. Adam",
    changes: [["sgd(0.1);\n  return", "adam(0.01);\n  return"]],
    last: "const parsed",
    check: stages(({ kernels, steps, assigned }) =>
      assert.deepEqual([kernels.length, steps, assigned], [105, 14, 14])
    ),
  },
  {
    what: "3. an argument instead of a closure",
    changes: [
      ["(x: tf.Tensor) => x.mul(factor)", "(x: tf.Tensor, factor: number) => x.mul(factor)"],
      ["scale(three).dispose()", "scale(three, factor).dispose()"],
      ["scale(three).dataSync()", "scale(three, factor).dataSync()"],
    ],
    last: "let factor",
    check: sees<[number[], number]>("[answers, scale.explain().traces]", ([answers, traces]) => {
      assert.deepEqual([answers.length, new Set(answers).size, answers[0]], [100, 1, 30]);
      assert.equal(traces, 4);
    }),
  },
  {
    what: "4. 100 games",
    changes: [["games = 20", "games = 100"]],
    last: "have not learnt",
    check: statistics(({ mean }) => areNear(mean, [0.977, 0.017, 0.979, 0.0165], 0.001)),
  },
  {
    what: "5. a faster D",
    changes: [["steps(15_000,", "steps(4_000,"], ["[tf.train.sgd(0.01), ", "[tf.train.sgd(0.1), "]],
    last: "have not learnt",
    check: statistics(({ mean }) => areNear(mean, [0.98, 0.015, 0.98, 0.015], 0.004)),
  },
  {
    what: "it throws when a game has not learnt",
    changes: [["steps(15_000,", "steps(4_000,"]],
    last: "have not learnt",
    throws: /^20 of 20 games have not learnt 1-0-1-0 yet: play on$/,
  },
  {
    what: "it throws when the compiled step gives another loss",
    changes: [["timed(jit(newStep()), ", "timed(jit(plain), "]],
    last: "The losses differ",
    throws: /^The losses differ$/,
  },
];

// Times are of no interest here.
testSights(name, SIGHTS, {
  always: [[
    "[timed(newStep(), 200), timed(jit(newStep()), 10_000)]",
    "[timed(newStep(), 5), timed(jit(newStep()), 100)]",
  ]],
});
