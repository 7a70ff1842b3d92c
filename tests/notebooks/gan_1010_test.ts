/** Notebook 01 as readers use it: again, out of order, with its exercises, and stopped by its own checks. */

import assert from "node:assert/strict";
import { areNear, sees, testOrders, testSights } from "./sights.ts";

const name = "01_gan_1010.ipynb";

testOrders(name, [
  ["steps(10_000,", "steps(500,"],
  ["steps(15_000,", "steps(500,"],
  ["realSpread[at]! / 5", "1"], // after 500 steps nothing has collapsed
]);

/** What the texts about the game speak of. */
interface Game {
  /** The output at the end of the game. */
  readonly output: number[];
  /** The iteration at which every number is first in its place, above .9 or below .1; -10 if never. */
  readonly inPlace: number;
  /** The losses on real and on generated samples and of G: means of the last 100. */
  readonly losses: number[];
  /** The same losses and the output at the iteration 1,000. */
  readonly early: number[];
  /** The losses at the iteration 4,000. */
  readonly middle: number[];
  /** The first loss of D that is drawn, its smallest one and the iteration of that. */
  readonly drawn: [first: number, least: number, iteration: number];
  /** The same of G, with its largest. */
  readonly drawnOfG: [first: number, most: number, iteration: number];
}

const GAME = `{
  output: [...G.outputs.at(-1)],
  inPlace: 10 * G.outputs.findIndex(([a, b, c, d]) => a > 0.9 && b < 0.1 && c > 0.9 && d < 0.1),
  losses: [D.history.real, D.history.fake, G.progress].map((all) =>
    all.slice(-100).reduce((a, b) => a + b) / 100),
  early: [D.history.real[99], D.history.fake[99], G.progress[99], ...G.outputs[99]],
  middle: [D.history.real[399], D.history.fake[399], G.progress[399]],
  drawn: [D.progress[0], Math.min(...D.progress), 5 * D.progress.indexOf(Math.min(...D.progress))],
  drawnOfG: [G.progress[0], Math.max(...G.progress),
    10 * G.progress.indexOf(Math.max(...G.progress))],
}`;

const THE_GAME = "for await (const _ of steps(iterations";

const game = (check: (game: Game) => void) => sees<Game>(GAME, check);

/** High, low, high, low. */
const isPattern = (output: readonly number[], high: number, low: number) =>
  output.every((value, i) => i % 2 ? value < low : value > high && value < 1);

testSights(name, [
  {
    what: "D alone: its loss falls, some stars stay high, and it tells real from random",
    last: "trainee.plotProgress",
    check: sees<[losses: number[], answers: number[]]>(
      "[trainee.progress, [...trainee.forward([...generate1010(data), ...generateRandom(20, data)])]]",
      ([losses, [real, ...others]]) => {
        const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
        areNear([mean(losses.slice(0, 100))], [0.23], 0.02); // a little below 1/4
        assert(mean(losses.slice(-200)) < mean(losses.slice(0, 200)) / 3);
        assert(Math.max(...losses.slice(-500)) > 0.25);
        assert(real! > 0.75, String(real));
        assert(others.filter((answer) => answer < real! / 1.5).length >= 3, String(others));
      },
    ),
  },
  {
    what: "the gradients of three losses at D = 0.01",
    last: "const lossesOfG",
    check: sees<number[][]>(
      `Object.values(lossesOfG).map((f) => [
        tf.grad(f)(tf.scalar(0.01)).dataSync()[0],
        tf.grad((x) => f(tf.sigmoid(x)))(logit).dataSync()[0],
      ])`,
      (gradients) => {
        areNear(gradients.map(([byAnswer]) => byAnswer!), [-1.01, -100, -1.98], 0.005);
        areNear(gradients.map(([, byLogit]) => byLogit!), [-0.01, -0.99, -0.0196], 0.00005);
      },
    ),
  },
  {
    what: "19 and 22 parameters, as the table of notebook 03 says",
    last: "const newG",
    check: sees<number[]>(
      "[newD(random), newG(random)].map(({ model }) => model.countParams())",
      (counts) => assert.deepEqual(counts, [19, 22]),
    ),
  },
  {
    what: "the game: four lines of counters",
    last: THE_GAME,
    check: (_, printed) => {
      const counters = [10_000, 20_000, 10_000, 30_000];
      assert.equal(printed, counters.map((count) => `counter = ${count}\n`).join(""));
    },
  },
  {
    what: "the game: losses leave 1/4, D is ahead around iteration 4,000, and they come back",
    last: THE_GAME,
    check: game(({ losses, early, middle, output, inPlace, drawn, drawnOfG }) => {
      areNear(losses, [0.25, 0.25, 0.25], 0.012); // the lines meet again at 1/4
      areNear(early.slice(0, 3), [0.25, 0.25, 0.25], 0.012); // by iteration 1,000 all are near 1/4
      areNear(early.slice(3), [0.66, 0.33, 0.36, 0.73], 0.02); // and G is as if untrained
      areNear(middle, [0.18, 0.19, 0.32], 0.01); // around iteration 4,000 D is ahead
      areNear(drawn.slice(0, 2), [0.39, 0.19], 0.005);
      areNear(drawnOfG.slice(0, 2), [0.14, 0.32], 0.005);
      areNear([drawn[2], drawnOfG[2]], [4_000, 4_000], 300);
      assert(isPattern(output, 0.95, 0.05), String(output)); // below the middle of the bands
      areNear([inPlace], [7_700], 150);
    }),
  },
  {
    what: "random input: real samples differ from each other, generated ones do not",
    last: "no collapse",
    check: sees<number[]>(
      "realSpread",
      (spread) => areNear(spread, [0.058, 0.029, 0.058, 0.029], 0.003),
    ),
  },
  {
    what: "going on changes little",
    last: "await live.update",
    check: game(({ losses }) => areNear(losses, [0.25, 0.25, 0.25], 0.012)),
  },
  {
    what: "1. stop halfway",
    changes: [["iterations = 15_000", "iterations = 4_000"]],
    last: THE_GAME,
    check: game(({ output, middle }) => {
      areNear(output, [0.75, 0.28, 0.65, 0.45], 0.02);
      assert(middle[0]! < 0.2 && middle[1]! < 0.2 && middle[2]! > 0.3, String(middle));
    }),
  },
  {
    what: "2. another loss",
    changes: [['const D = newD(random.split("D"))', 'const D = newD(random.split("D"), "bce")']],
    last: THE_GAME,
    check: game(({ losses, inPlace }) => {
      areNear(losses, [Math.LN2, Math.LN2, Math.LN2], 0.02);
      areNear([inPlace], [3_800], 100);
    }),
  },
  ...[2, 3, 4, 5].map((seed) => ({
    what: `3. another seed: ${seed}`,
    changes: [["new Random(1)", `new Random(${seed})`]] as const,
    without: ["trainee"],
    last: THE_GAME,
    check: game(({ output }) => assert(isPattern(output, 0.97, 0.03), String(output))),
  })),
  {
    what: "4. a faster D",
    changes: [[
      "loss,\n    optimizer: tf.train.sgd(0.01)",
      "loss,\n    optimizer: tf.train.sgd(0.1)",
    ]],
    last: THE_GAME,
    check: game(({ inPlace, drawnOfG }) => {
      areNear([inPlace], [1_600], 100);
      areNear([drawnOfG[1]], [0.62], 0.02);
    }),
  },
  {
    what: "it throws when the pattern was not learnt",
    changes: [["iterations = 15_000", "iterations = 4_000"]],
    last: "has not learnt",
    throws: /^G has not learnt 1-0-1-0 yet, it makes /,
  },
  {
    what: "it throws when a step by hand is not the step of train",
    changes: [["squaredDifference(answer, [[1]])", "squaredDifference(answer, 0)"]],
    last: "The two steps differ",
    throws: /^The two steps differ$/,
  },
]);
