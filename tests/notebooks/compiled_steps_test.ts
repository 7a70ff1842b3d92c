/** Notebook 05 as readers use it: again, out of order, with its exercises, and stopped by its own checks. */

import assert from "node:assert/strict";
import { type Kernel, startKernel } from "./kernel.ts";
import {
  cellsOf,
  type Change,
  downTo,
  folder,
  runCells,
  runInAllOrders,
  valueOf,
} from "./notebook_cells.ts";
import { jupyterTest } from "./with_jupyter.ts";

const name = "05_compiled_steps.ipynb";

jupyterTest(
  "notebook 05 runs top to bottom, again, and in reverse",
  (jupyter) => runInAllOrders(jupyter, name),
);

jupyterTest("notebook 05 throws at its end when a game has not learnt", async (jupyter) => {
  await using kernel = await startKernel(jupyter, { cwd: folder });
  const cells = cellsOf(name, [["steps(15_000,", "steps(4_000,"]]);
  const error = await runCells(kernel, downTo(cells, "have not learnt"));
  assert.equal(error, "20 of 20 games have not learnt 1-0-1-0 yet: play on");
});

jupyterTest("notebook 05 throws when the compiled step gives another loss", async (jupyter) => {
  await using kernel = await startKernel(jupyter, { cwd: folder });
  const cells = cellsOf(name, [["timed(jit(newStep()), ", "timed(jit(plain), "]]);
  const error = await runCells(kernel, downTo(cells, "The losses differ"));
  assert.equal(error, "The losses differ");
});

/** Makes a check of one expression in the kernel. */
function sees<Value>(expression: string, check: (value: Value) => void) {
  return async (kernel: Kernel) => check(await valueOf<Value>(kernel, expression));
}

/** What the texts say of the stages. */
interface Stages {
  readonly losses: readonly number[];
  readonly kernels: readonly string[];
  readonly products: number;
  readonly loops: number;
  readonly steps: number;
  readonly assigned: number;
  readonly names: readonly string[];
  readonly bytes: number;
}

const STAGES = `{
  losses, kernels,
  products: fused.split(" = matmul ").length - 1,
  loops: fused.split("  for [").length - 1,
  steps: compiled.explain().loops,
  assigned: fused.split(/^  variable /m).length - 1,
  names: new TextDecoder().decode(section).match(/[a-z]{3}[ -~]*/g),
  bytes: module.length,
}`;

/** The means and the deviations over the games, as in the table. */
const STATISTICS = `{ mean: [...mean.dataSync()], deviation: [...deviation], facts }`;

interface Statistics {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly facts: { readonly kernels: number; readonly loops: number };
}

function areNear(values: readonly number[], expected: readonly number[], apart: number): void {
  assert.equal(values.length, expected.length);
  const near = values.every((value, i) => Math.abs(value - expected[i]!) <= apart);
  assert(near, `${values} for ${expected}`);
}

const stages = (check: (stages: Stages) => void) => sees<Stages>(STAGES, check);
const statistics = (check: (statistics: Statistics) => void) => sees<Statistics>(STATISTICS, check);

/** The sentences of the notebook with a number, by what a reader changes and the last cell that is needed. */
const SIGHTS: readonly (readonly [
  what: string,
  Change[],
  last: string,
  check: (kernel: Kernel) => Promise<void>,
])[] = [
  [
    "the stages",
    [],
    "const parsed",
    stages(({ losses, kernels, products, loops, names }) => {
      assert(losses.every((loss, i) => i === 0 || loss < losses[i - 1]!), String(losses));
      areNear(losses, [0.29, 0.29, 0.29], 0.005);
      assert.deepEqual(kernels.slice(-8).filter((kernel) => kernel === "Add").length, 4);
      assert.equal(kernels.filter((kernel) => kernel === "BatchMatMul").length, 5);
      assert.deepEqual([products, loops], [5, 7]);
      assert(names.includes("run") && names.some((name) => name.startsWith("matmul 32x8x4")));
    }),
  ],
  [
    "what is fixed",
    [],
    "let factor",
    sees<number[]>("answers", (answers) => {
      assert(answers.length > 0 && answers.length < 64, String(answers.length));
      assert(answers.every((answer) => answer === 6), String(answers));
    }),
  ],
  [
    "what may change",
    [],
    "const draw",
    sees<[{ w: number; recordings: number }[], number[][]]>("[path, drawn]", ([path, drawn]) => {
      assert.deepEqual(path.map(({ recordings }) => recordings), [2, 3, 3, 3]);
      const factors = path.map(({ w }, i) => i === 0 ? w : w / path[i - 1]!.w);
      areNear(factors, [0.8 ** 3, 0.6 ** 3, 0.4 ** 3, 0.2 ** 3], 1e-5);
      assert.equal(new Set(drawn.map(String)).size, 4);
    }),
  ],
  [
    "the games begin with the weights of notebook 01",
    [],
    "const game =",
    sees<[number[], number[]]>(
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
  ],
  [
    "20 games",
    [],
    "have not learnt",
    statistics(({ mean, deviation, facts }) => {
      areNear(mean, [0.98, 0.02, 0.98, 0.02], 0.006);
      assert(deviation.every((value) => value < 0.01), String(deviation));
      areNear([facts.kernels], [230], 5);
      assert.equal(facts.loops, 44);
    }),
  ],
  [
    "1. a tiny batch",
    [["pairs = 16", "pairs = 1"]],
    "const parsed",
    stages(({ loops, names, bytes }) => {
      assert.deepEqual([loops, names], [0, ["run"]]);
      areNear([bytes], [6_400], 200);
    }),
  ],
  [
    "2. Adam",
    [["sgd(0.1);\n  return", "adam(0.01);\n  return"]],
    "const parsed",
    stages(({ kernels, steps, assigned }) =>
      assert.deepEqual([kernels.length, steps, assigned], [105, 14, 14])
    ),
  ],
  [
    "3. an argument instead of a closure",
    [
      ["(x: tf.Tensor) => x.mul(factor)", "(x: tf.Tensor, factor: number) => x.mul(factor)"],
      ["scale(three).dispose()", "scale(three, factor).dispose()"],
      ["scale(three).dataSync()", "scale(three, factor).dataSync()"],
    ],
    "let factor",
    sees<[number[], number]>("[answers, scale.explain().traces]", ([answers, traces]) => {
      assert.deepEqual([answers.length, new Set(answers).size, answers[0]], [100, 1, 30]);
      assert.equal(traces, 4);
    }),
  ],
  [
    "4. 100 games",
    [["games = 20", "games = 100"]],
    "have not learnt",
    statistics(({ mean }) => areNear(mean, [0.977, 0.017, 0.979, 0.0165], 0.001)),
  ],
  [
    "5. a faster D",
    [["steps(15_000,", "steps(4_000,"], ["[tf.train.sgd(0.01), ", "[tf.train.sgd(0.1), "]],
    "have not learnt",
    statistics(({ mean }) => areNear(mean, [0.98, 0.015, 0.98, 0.015], 0.004)),
  ],
];

/** Times are of no interest here. */
const FEWER_STEPS: readonly Change[] = [
  [
    "[timed(newStep(), 200), timed(jit(newStep()), 10_000)]",
    "[timed(newStep(), 5), timed(jit(newStep()), 100)]",
  ],
];

jupyterTest("notebook 05: texts and exercises say what happens", async (jupyter) => {
  await using kernel = await startKernel(jupyter, { cwd: folder });
  for (const [what, changes, last, check] of SIGHTS) {
    const cells = downTo(cellsOf(name, [...FEWER_STEPS, ...changes]), last);
    assert.equal(await runCells(kernel, cells), undefined, what);
    await check(kernel);
  }
});
