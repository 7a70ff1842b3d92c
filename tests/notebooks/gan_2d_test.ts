/** Notebook 02 as readers use it: again, out of order, and with its exercises. */

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

const name = "02_gan_2d.ipynb";

jupyterTest(
  "notebook 02 runs top to bottom, again, and in reverse",
  (jupyter) => runInAllOrders(jupyter, name),
);

/** What the texts of notebook 02 say of a game. */
interface Sight {
  /** Modes found in each picture. */
  readonly found: number[];
  /** The share of good points in each picture. */
  readonly good: number[];
  /** D's losses on real and on generated points, and G's: means of the last 20 that were kept. */
  readonly losses: number[];
}

const SIGHT = `{
  found: movie.states.map(({ coverage }) => coverage.found),
  good: movie.states.map(({ coverage }) => coverage.good),
  losses: [D.history.real, D.history.fake, G.progress].map((all) =>
    all.slice(-20).reduce((a, b) => a + b) / 20),
}`;

const isNear = (value: number, expected: number, apart: number) =>
  assert(Math.abs(value - expected) <= apart, `${value} for ${expected}`);

const WITHOUT: Change = ["newD({ penalty: penalty() });\nconst G", "newD();\nconst G"];

/** D's two lines of the live game, five times. */
const FIVE: Change = [
  "D.train(realBatch(), ones);\n  D.train(G.forward(noiseBatch()), zeros);\n  G.train(D, noiseBatch(), ones);\n  if",
  "for (let k = 0; k < 5; k++) {\n    D.train(realBatch(), ones);\n    " +
  "D.train(G.forward(noiseBatch()), zeros);\n  }\n  G.train(D, noiseBatch(), ones);\n  if",
];

/** Each exercise's answer. */
const SIGHTS: readonly (readonly [what: string, Change[], check: (sight: Sight) => void])[] = [
  ["as it is", [], ({ found, good, losses }) => {
    assert.equal(Math.max(...found), 8);
    assert(good.at(-1)! > 2 * good[2]!, String(good)); // good points go on growing
    losses.forEach((loss) => isNear(loss, Math.LN2, 0.05));
  }],
  ["1. the grid", [["pointClouds.ring()", "pointClouds.grid()"]], ({ found, good }) => {
    assert.equal(Math.max(...found), 15);
    assert.equal(found.at(-1), 12);
    isNear(good.at(-1)!, 0.53, 0.02);
  }],
  ["1. the moons", [["pointClouds.ring()", "pointClouds.moons()"]], ({ found }) => {
    assert.equal(Math.max(...found), 8);
    assert(found.at(-1)! < 8);
  }],
  ["1. the spiral", [["pointClouds.ring()", "pointClouds.spiral()"]], ({ found }) => {
    assert.equal(Math.max(...found), 7);
    assert(found.at(-1)! < 7);
  }],
  ["2. no penalty", [WITHOUT], ({ found, good, losses }) => {
    assert.equal(Math.max(...found), 7);
    const few = found.filter((modes) => modes >= 3 && modes <= 5);
    assert(few.length > found.length / 2, String(found));
    isNear(good.at(-1)!, 0.79, 0.02);
    [0.55, 0.54, 1.3].forEach((loss, i) => isNear(losses[i]!, loss, 0.03));
  }],
  ["3. a strong penalty", [["weight: 0.1", "weight: 10"]], ({ found, good }) => {
    assert(found.slice(0, 7).every((modes) => modes <= 1), String(found)); // to iteration 801
    assert.equal(found.at(-1), 8);
    isNear(good.at(-1)!, 0.63, 0.02);
  }],
  ["4. D five times", [WITHOUT, FIVE], ({ found, good, losses }) => {
    assert.equal(found.at(-1), 3);
    isNear(good.at(-1)!, 0.97, 0.02);
    isNear(losses[2]!, 1.6, 0.08);
  }],
];

jupyterTest(
  "notebook 02: the exercises have the answers that stand below them",
  async (jupyter) => {
    await using kernel = await startKernel(jupyter, { cwd: folder });
    for (const [what, changes, check] of SIGHTS) {
      const game = downTo(cellsOf(name, changes), "await movie.add");
      assert.equal(await runCells(kernel, game), undefined, what);
      check(await valueOf<Sight>(kernel, SIGHT));
    }
  },
);

/** What the second half says of single games. */
interface Games {
  readonly distances: [ours: number, patient: number];
  readonly below: Record<string, string>;
  readonly rows: Record<string, number>[];
}

const GAMES = `{
  distances: [ours.distance, patient.distance],
  below: Object.fromEntries(Object.entries({
    bare, withR1, withGradientPenalty, withHinge, withBatch256, slow,
  }).map(([name, { below }]) => [name, below])),
  rows,
}`;

/** Whether G's step left the surface as it was, and D's step the points. */
const STAYS = `[
  camera.look(D, G).surface.every((answer, i) => answer === beforeG.surface[i]),
  beforeG.fake.every((place, i) => place === beforeD.fake[i]),
]`;

/** Whether D's step moved the surface, and G's step the points. */
const MOVES = `[
  beforeG.surface.some((answer, i) => answer !== beforeD.surface[i]),
  camera.look(D, G).fake.some((place, i) => place !== beforeG.fake[i]),
]`;

jupyterTest(
  "notebook 02: one step moves one player, cures cure, and gradients vanish",
  async (jupyter) => {
    await using kernel = await startKernel(jupyter, { cwd: folder });
    const cells = cellsOf(name).filter((cell) => !cell.includes("movie"));
    const steps = downTo(cells, 'title: "One step of G"');
    assert.equal(await runCells(kernel, steps), undefined);
    assert.deepEqual(await valueOf(kernel, STAYS), [true, true]);
    assert.deepEqual(await valueOf(kernel, MOVES), [true, true]);
    assert.equal(await runCells(kernel, cells.slice(steps.length)), undefined);
    const { distances, below, rows } = await valueOf<Games>(kernel, GAMES);
    assert(distances[0] > 0.25 && distances[1] < 0.1, String(distances));
    const modes = (game: string) => parseInt(below[game]!);
    const good = (game: string) => Number(/, (\d+) %/.exec(below[game]!)![1]);
    assert.deepEqual([modes("withR1"), modes("withGradientPenalty")], [8, 8]);
    assert(modes("bare") < 6 && modes("withHinge") < 6 && modes("withBatch256") < 8);
    assert(good("slow") < good("withGradientPenalty") / 1.5, JSON.stringify(below));
    const [first, , last] = rows;
    assert(last!.nonSaturating! > 100 * first!.nonSaturating!);
    assert(last!.saturating! < 1e-6 && last!.squaredError! < 1e-6);
  },
);
