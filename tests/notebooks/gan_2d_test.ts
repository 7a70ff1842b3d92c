/** Notebook 02 as readers use it: again, out of order, and with its exercises; its single games, and their means. */

import assert from "node:assert/strict";
import { type Kernel, startKernel } from "./kernel.ts";
import { cellsOf, type Change, folder, runCells, valueOf } from "./notebook_cells.ts";
import { areNear, sees, type Sight, testOrders, testSights } from "./sights.ts";
import { jupyterTest } from "./with_jupyter.ts";

const name = "02_gan_2d.ipynb";

testOrders(name, [
  ["iterations = 1_900", "iterations = 200"],
  ["i < 1_000", "i < 50"],
  ["i < 1_500", "i < 20"],
  ["0.75 * cloud.modes", "0"],
]);

/** A picture of the camera, as plain numbers. */
interface Picture {
  readonly surface: number[];
  readonly fake: number[];
  readonly pushes: number[];
}

/** A picture that survives JSON. */
const asPlain = (picture: string) =>
  `(({ surface, fake, pushes }) =>
    ({ surface: [...surface], fake: [...fake], pushes: [...pushes] }))(${picture})`;

const pairs = (values: readonly number[]) =>
  Array.from(
    { length: values.length / 2 },
    (_, i) => [values[2 * i]!, values[2 * i + 1]!] as const,
  );
const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** The share of answers that a figure shows in its palest colours: 3/11 to 8/11. */
const paleness = (surface: readonly number[]) =>
  surface.filter((answer) => Math.abs(answer - 0.5) < 5 / 22).length / surface.length;

/** How far points are from their middle at most. */
function widthOf(points: readonly number[]): number {
  const [x, y] = [meanOf(pairs(points).map(([x]) => x)), meanOf(pairs(points).map(([, y]) => y))];
  return Math.max(...pairs(points).map((point) => Math.hypot(point[0] - x, point[1] - y)));
}

/** The smallest cosine of the angle between an arrow and the mean arrow. */
function leastCosine(pushes: readonly number[]): number {
  const mean = [0, 1].map((axis) => meanOf(pairs(pushes).map((push) => push[axis]!)));
  return Math.min(
    ...pairs(pushes).map(([x, y]) =>
      (x * mean[0]! + y * mean[1]!) / Math.hypot(x, y) / Math.hypot(mean[0]!, mean[1]!)
    ),
  );
}

/** What the texts say of a game. */
interface Game {
  /** Modes found in each picture. */
  readonly found: number[];
  /** The share of good points in each picture. */
  readonly good: number[];
  /** D's losses on real and on generated points, and G's: means of the last 20 that were kept. */
  readonly losses: number[];
  /** All of them, D's two and G's. */
  readonly all: number[][];
  /** The last picture. */
  readonly last: Picture;
}

const GAME = `{
  found: movie.states.map(({ coverage }) => coverage.found),
  good: movie.states.map(({ coverage }) => coverage.good),
  losses: [D.history.real, D.history.fake, G.progress].map((all) =>
    all.slice(-20).reduce((a, b) => a + b) / 20),
  all: [D.history.real, D.history.fake, G.progress],
  last: ${asPlain("movie.states.at(-1)")},
}`;

const game = (what: string, changes: readonly Change[], check: (game: Game) => void): Sight => ({
  what,
  changes,
  last: "await movie.add",
  check: sees<Game>(GAME, check),
});

const WITHOUT: Change = ["newD({ penalty: penalty() });\nconst G", "newD();\nconst G"];

/** D's two lines of the live game, five times. */
const FIVE: Change = [
  "D.train(realBatch(), ones);\n  D.train(G.forward(noiseBatch()), zeros);\n  G.train(D, noiseBatch(), ones);\n  if",
  "for (let k = 0; k < 5; k++) {\n    D.train(realBatch(), ones);\n    " +
  "D.train(G.forward(noiseBatch()), zeros);\n  }\n  G.train(D, noiseBatch(), ones);\n  if",
];

/** Whether G's step left the surface as it was, and D's step the points; and whether each moved the other. */
const STEPS = `[
  camera.look(D, G).surface.every((answer, i) => answer === beforeG.surface[i]),
  beforeG.fake.every((place, i) => place === beforeD.fake[i]),
  beforeG.surface.some((answer, i) => answer !== beforeD.surface[i]),
  camera.look(D, G).fake.some((place, i) => place !== beforeG.fake[i]),
]`;

testSights(name, [
  {
    what: "before training: a nearly white surface, one heap, arrows alike",
    last: 'title: "Before training"',
    check: sees<Picture>(asPlain("camera.look(D, G)"), ({ surface, fake, pushes }) => {
      assert(surface.every((answer) => Math.abs(answer - 0.5) < 3 / 22), "three palest bands");
      assert(widthOf(fake) < 1, String(widthOf(fake)));
      assert(leastCosine(pushes) > 0.9, String(leastCosine(pushes)));
    }),
  },
  {
    what: "after 100 iterations: blue, orange and a border; the heap is left; arrows lead to blue",
    last: 'title: "After the first 100 iterations"',
    check: sees<[Picture, number[], number[]]>(
      `((picture) => [
        ${asPlain("picture")},
        [...D.forward(picture.fake)],
        [...D.forward(picture.fake.map((x, i) => x + 0.05 * picture.pushes[i]))],
      ])(camera.look(D, G))`,
      ([{ surface, fake }, here, along]) => {
        assert(Math.min(...surface) < 0.4 && Math.max(...surface) > 0.85);
        assert(widthOf(fake) > 1, String(widthOf(fake)));
        const bluer = along.filter((answer, i) => answer > here[i]!).length / here.length;
        assert(bluer > 0.95, `${bluer} of the arrows lead to a higher answer`);
      },
    ),
  },
  {
    what: "one step moves one player",
    last: 'title: "One step of G"',
    check: sees<boolean[]>(STEPS, (stays) => assert.deepEqual(stays, [true, true, true, true])),
  },
  {
    what: "the best D: a patient one is near it, ours is far off and pale",
    without: ["stepFigure"],
    last: "compareWithBest",
    check: sees<[number[], number[][]]>(
      "[compared.distances, compared.panels.map(({ surface }) => [...surface].filter(Number.isFinite))]",
      ([[ours, patient], [pale, , best]]) => {
        assert(ours! > 0.25 && patient! < 0.1, `${ours} ${patient}`);
        assert(paleness(pale!) > 3 * paleness(best!), `${paleness(pale!)} ${paleness(best!)}`);
      },
    ),
  },
  game("the game as it is", [], ({ found, good, losses, all, last }) => {
    assert.equal(Math.max(...found), 8);
    assert(found.some((modes, i) => modes < (found[i - 1] ?? 0)), "a mode is lost again");
    assert(good.at(-1)! > 2 * good[2]!, String(good)); // good points go on growing
    areNear(losses, [Math.LN2, Math.LN2, Math.LN2], 0.05);
    const [real, fake, generator] = all.map((values) => meanOf(values.slice(40, 60)));
    areNear([real!, fake!], [Math.LN2, Math.LN2], 0.06); // after 400 iterations D's are at ln 2
    assert(all[2]![0]! > 0.9 && generator! > losses[2]!, `${all[2]![0]} ${generator}`);
    assert(paleness(last.surface) > 0.7, `pale at the end: ${paleness(last.surface)}`);
  }),
  game("1. the grid", [["pointClouds.ring()", "pointClouds.grid()"]], ({ found, good }) => {
    assert.deepEqual([Math.max(...found), found.at(-1)], [15, 12]);
    areNear([good.at(-1)!], [0.53], 0.02);
  }),
  game("1. the moons", [["pointClouds.ring()", "pointClouds.moons()"]], ({ found }) => {
    assert.equal(Math.max(...found), 8);
    assert(found.at(-1)! < 8);
  }),
  game("1. the spiral", [["pointClouds.ring()", "pointClouds.spiral()"]], ({ found }) => {
    assert.equal(Math.max(...found), 7);
    assert(found.at(-1)! < 7);
  }),
  game("2. no penalty", [WITHOUT], ({ found, good, losses }) => {
    assert.equal(Math.max(...found), 7);
    const few = found.filter((modes) => modes >= 3 && modes <= 5);
    assert(few.length > found.length / 2, String(found));
    areNear([good.at(-1)!], [0.79], 0.02);
    areNear(losses, [0.55, 0.54, 1.3], 0.03);
  }),
  game("3. a strong penalty", [["weight: 0.1", "weight: 10"]], ({ found, good }) => {
    assert(found.slice(0, 7).every((modes) => modes <= 1), String(found)); // to iteration 801
    assert.equal(found.at(-1), 8);
    areNear([good.at(-1)!], [0.63], 0.02);
  }),
  game("4. D five times", [WITHOUT, FIVE], ({ found, good, losses }) => {
    assert.equal(found.at(-1), 3);
    areNear([good.at(-1)!], [0.97], 0.02);
    areNear([losses[2]!], [1.6], 0.08);
  }),
  {
    what: "five games and a slow G: penalties find all modes, their surfaces are pale",
    without: ["student", "stepFigure", "movie"],
    last: "const slow",
    check: sees<{ below: string; surface: number[] }[]>(
      "[...games, slow].map(({ below, surface }) => ({ below, surface: [...surface] }))",
      (games) => {
        const [bare, r1, penalty, hinge, batch, slow] = games.map(({ below, surface }) => {
          const [modes, good] = /^(\d) of 8, (\d+) %/.exec(below)!.slice(1).map(Number);
          return { modes: modes!, good: good!, pale: paleness(surface) };
        });
        assert.deepEqual([r1!.modes, penalty!.modes], [8, 8]);
        assert(bare!.modes < 6 && hinge!.modes < 6 && batch!.modes < 8);
        assert(Math.min(r1!.pale, penalty!.pale) > 2 * bare!.pale, JSON.stringify(games[0]!.below));
        assert(slow!.good < 50 && slow!.good < penalty!.good / 1.5, `${slow!.good}`);
      },
    ),
  },
  {
    what: "D trains alone: a cliff; two losses of G fade, the third grows, neighbours disagree",
    without: ["student", "stepFigure", "movie", "play("],
    last: "const [strongD",
    check: sees<[Record<string, number>[], number[][], number[]]>(
      "[rows, panels.map(({ surface }) => [...surface]), [...camera.look(strongD, stillG).pushes]]",
      ([[first, , last], surfaces, pushes]) => {
        assert(last!.nonSaturating! > 100 * first!.nonSaturating!);
        assert(last!.answer! < 1e-6 && last!.saturating! < 1e-6 && last!.squaredError! < 1e-6);
        const [start, early, late] = surfaces.map(paleness);
        assert(start === 1 && early! < 0.3 && late! < early! / 2, `${surfaces.map(paleness)}`);
        assert(leastCosine(pushes) < 0, String(leastCosine(pushes)));
      },
    ),
  },
  {
    what: "x·y: both at once spirals outwards, in turn goes round, with R1 inwards",
    without: ["student", "stepFigure", "movie", "play("],
    last: "const chase",
    check: sees<number[][]>(
      "[chase({ together: true }), chase(), chase({ gamma: 0.3 })]",
      (paths) => {
        const distances = paths.map((path) => pairs(path).map(([x, y]) => Math.hypot(x, y)));
        const [outwards, round, inwards] = distances;
        assert(outwards!.every((distance, i) => distance >= (outwards![i - 1] ?? 0)));
        areNear([outwards![0]!, outwards!.at(-1)!], [Math.SQRT2, 3], 0.05);
        assert(round!.every((distance) => Math.abs(distance - Math.SQRT2) < 0.1));
        assert(inwards!.at(-1)! < 0.15 && Math.max(...inwards!) < 1.6);
      },
    ),
  },
  {
    what: "it throws when too few modes were found",
    changes: [["iterations = 1_900", "iterations = 200"]],
    last: "play on",
    throws: /^G found \d of 8 modes: play on$/,
  },
]);

/** Cells that one seed of the five games needs. */
const NEEDED = ["const cloud", "const network", "const newD", "const penalty", "const camera"];

/** Plays the five games of a seed in the kernel; returns how many modes each found. */
async function modesOf(kernel: Kernel, seed: number): Promise<number[]> {
  const cells = cellsOf(name, [["new Random(1)", `new Random(${seed})`]]);
  const playing = ["const bare", "const withGradientPenalty", "const withBatch256"];
  const needed = [...NEEDED, "const play", ...playing];
  const some = cells.filter((cell) => needed.some((text) => cell.includes(text)));
  assert.equal(some.length, needed.length);
  assert.equal(await runCells(kernel, some), undefined);
  return await valueOf<number[]>(kernel, "games.map(({ below }) => parseInt(below))");
}

jupyterTest(`${name}: the means of eight seeds are those of the table`, async (jupyter) => {
  await using kernel = await startKernel(jupyter, { cwd: folder });
  assert.equal(await runCells(kernel, cellsOf(name).slice(0, 1)), undefined);
  const found: number[][] = [];
  for (let seed = 1; seed <= 8; seed++) found.push(await modesOf(kernel, seed));
  const means = [0, 1, 2, 3, 4].map((game) => meanOf(found.map((modes) => modes[game]!)));
  areNear(means, [4.5, 7.6, 7.8, 6.8, 6.3], 0.06);
});
