/** Notebook 01 as readers use it: again, out of order, with its exercises, and stopped by its own check. */

import assert from "node:assert/strict";
import { startKernel } from "./kernel.ts";
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

const name = "01_gan_1010.ipynb";

jupyterTest(
  "notebook 01 runs top to bottom, again, and in reverse",
  (jupyter) => runInAllOrders(jupyter, name),
);

jupyterTest("notebook 01 throws at its end when the pattern was not learnt", async (jupyter) => {
  await using kernel = await startKernel(jupyter, { cwd: folder });
  const cells = cellsOf(name, [["iterations = 15_000", "iterations = 4_000"]]);
  const error = await runCells(kernel, downTo(cells, "has not learnt"));
  assert.match(error ?? "no error", /^G has not learnt 1-0-1-0 yet, it makes /);
});

jupyterTest("notebook 01 throws when a step by hand is not the step of train", async (jupyter) => {
  await using kernel = await startKernel(jupyter, { cwd: folder });
  const cells = cellsOf(name, [[
    "squaredDifference(answer, [[1]])",
    "squaredDifference(answer, 0)",
  ]]);
  const error = await runCells(kernel, downTo(cells, "The two steps differ"));
  assert.equal(error, "The two steps differ");
});

/** What the texts of notebook 01 speak of. */
interface Sight {
  /** The output at the end of the game. */
  readonly output: number[];
  /** The iteration at which every number is first in its place, above .9 or below .1; -10 if never. */
  readonly inPlace: number;
  /** The losses on real and on generated samples and of G: means of the last 100. */
  readonly losses: number[];
  /** The same at the iteration 1,000 and 4,000. */
  readonly early: number[];
  /** The same at the iteration 4,000. */
  readonly middle: number[];
  /** G's largest loss. */
  readonly peak: number;
}

const SIGHT = `{
  output: [...G.outputs.at(-1)],
  inPlace: 10 * G.outputs.findIndex(([a, b, c, d]) => a > 0.9 && b < 0.1 && c > 0.9 && d < 0.1),
  losses: [D.history.real, D.history.fake, G.progress].map((all) =>
    all.slice(-100).reduce((a, b) => a + b) / 100),
  early: [D.history.real[99], D.history.fake[99], G.progress[99], ...G.outputs[99]],
  middle: [D.history.real[399], D.history.fake[399], G.progress[399]],
  peak: Math.max(...G.progress),
}`;

function isNear(values: readonly number[], expected: readonly number[], apart: number): void {
  expected.forEach((value, i) =>
    assert(Math.abs(values[i]! - value) <= apart, `${values} for ${expected}`)
  );
}

/** Each sentence of the notebook with a number, by what a reader changes. */
const SIGHTS: readonly (readonly [what: string, Change[], check: (sight: Sight) => void])[] = [
  ["as it is", [], ({ losses, early, middle, output, inPlace }) => {
    isNear(losses, [0.25, 0.25, 0.25], 0.012); // the lines meet again at 1/4
    isNear(early, [0.25, 0.25, 0.25], 0.012); // by iteration 1,000 all three are near 0.25
    isNear(early.slice(3), [0.66, 0.33, 0.36, 0.73], 0.02); // and G is as if untrained
    isNear(middle, [0.18, 0.19, 0.32], 0.01); // around iteration 4,000 D is ahead
    assert(output.every((v, i) => i % 2 ? v < 0.05 : v > 0.95 && v < 1), String(output));
    isNear([inPlace], [7_700], 150);
  }],
  ["1. stop halfway", [["iterations = 15_000", "iterations = 4_000"]], ({ output, middle }) => {
    isNear(output, [0.75, 0.28, 0.65, 0.45], 0.02);
    assert(middle[0]! < 0.2 && middle[1]! < 0.2 && middle[2]! > 0.3, String(middle));
  }],
  [
    "2. another loss",
    [['const D = newD(random.split("D"))', 'const D = newD(random.split("D"), "bce")']],
    ({ losses, inPlace }) => {
      isNear(losses, [Math.LN2, Math.LN2, Math.LN2], 0.02);
      isNear([inPlace], [3_800], 100);
    },
  ],
  [
    "3. another seed",
    [["new Random(1)", "new Random(2)"]],
    ({ output }) => assert(output.every((v, i) => i % 2 ? v < 0.03 : v > 0.97), String(output)),
  ],
  [
    "4. a faster D",
    [["loss,\n    optimizer: tf.train.sgd(0.01)", "loss,\n    optimizer: tf.train.sgd(0.1)"]],
    ({ inPlace, peak }) => {
      isNear([inPlace], [1_600], 100);
      isNear([peak], [0.62], 0.02);
    },
  ],
];

jupyterTest("notebook 01: texts and exercises say what happens", async (jupyter) => {
  await using kernel = await startKernel(jupyter, { cwd: folder });
  for (const [what, changes, check] of SIGHTS) {
    const game = downTo(cellsOf(name, changes), "for await (const _ of steps(iterations");
    assert.equal(await runCells(kernel, game), undefined, what);
    check(await valueOf<Sight>(kernel, SIGHT));
  }
});
