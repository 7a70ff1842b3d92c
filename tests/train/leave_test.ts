/** If a loop is left for any reason at any point, the step count and the networks agree. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { Discriminator, Generator, MovingAverage } from "../../lib/nn/mod.ts";
import { TrainingRun, type TrainingRunOptions } from "../../lib/train/mod.ts";
import { weightsOf } from "../nn/game.ts";
import { withFolder } from "./folders.ts";

interface GameOptions extends Partial<TrainingRunOptions> {
  /** Number of steps from one training of G to the next. */
  readonly every?: number;
}

/** Makes a game whose step has four parts; `at` is called after each of them. */
function newGame(folder: string, { every = 1, ...options }: GameOptions = {}) {
  const lines: string[] = [];
  const rng = new Random(1);
  const compile = false;
  const D = new Discriminator({ rng: rng.split("D"), compile, optimizer: tf.train.adam(0.01) });
  const G = new Generator({ rng: rng.split("G"), compile });
  const average = new MovingAverage(G.model);
  const noise = rng.split("noise");
  const parts = { networks: { D, G }, averages: { G: average }, states: { noise } };
  const warn = (line: string) => lines.push(line);
  const run = new TrainingRun(parts, { folder, saveEvery: 10, warn, ...options });
  const step = (i: number, at: (part: number) => void = () => {}) => {
    at(0);
    D.train([0.9, 0.1, 1, 0], [1]);
    at(1);
    D.train(G.forward([noise.uniform()]), [0]);
    at(2);
    if (i % every === 0) G.train(D, [noise.uniform()], [1]);
    at(3);
    average.update();
    at(4);
  };
  const everything = () =>
    JSON.stringify([D, G, average].map(weightsOf).concat(noise.state() as never));
  const train = async (total: number) => {
    for await (const i of run.steps(total)) step(i);
  };
  const isFinite = () => [D, G, average].every((n) => weightsOf(n).flat().every(Number.isFinite));
  const counts = () => [D.counter, G.counter, average.updates];
  return { D, G, run, step, train, everything, lines, isFinite, counts };
}

/** Points at which a step is left: before, between and after its parts. */
const PARTS = [0, 1, 2, 3, 4];

const TYPO = new TypeError("D.trian is not a function");

/** Runs a loop that is left in step `last` after `part` of it. */
async function leave(
  { run, step }: ReturnType<typeof newGame>,
  { by, last, part }: { readonly by: string; readonly last: number; readonly part: number },
): Promise<void> {
  for await (const i of run.steps(16)) {
    try {
      step(i, (at) => {
        if (i === last && at === part) throw TYPO;
      });
    } catch (error) {
      if (by === "break") break;
      throw error;
    }
  }
}

for (const by of ["break", "an error"]) {
  Deno.test(`a loop left by ${by} anywhere in a step can be continued as if it had not been left`, () =>
    withFolder(async (folder) => {
      const alone = newGame(`${folder}/alone`);
      await alone.train(16);
      for (const part of PARTS) {
        for (const last of [0, 14]) {
          const game = newGame(`${folder}/${part}-${last}`);
          const left = leave(game, { by, last, part });
          if (by === "break") await left;
          else await assert.rejects(left, TYPO);
          const { step } = game.run;
          assert.deepEqual(game.counts(), [2 * step, step, step], `part ${part} of step ${last}`);
          const isPart = part > 0 && (part < 4 || last === 0);
          assert.equal(step, isPart ? last - last % 10 : part === 0 ? last : last + 1);
          assert.equal(game.lines.length, isPart ? 1 : 0, game.lines.join());
          if (isPart) {
            assert.match(game.lines[0]!, /^Step \d+ was interrupted; the run is back at/);
          }
          await game.train(16);
          assert.equal(game.everything(), alone.everything());
        }
      }
    }));
}

Deno.test("a loop in which G learns at every third step may be left after any whole step", () =>
  withFolder(async (folder) => {
    for (const last of [4, 5, 6, 7]) {
      const game = newGame(`${folder}/${last}`, { every: 3 });
      await leave(game, { by: "break", last, part: 4 });
      assert.equal(game.run.step, last + 1);
      assert.deepEqual(game.lines, []);
      await game.train(12);
      assert.deepEqual(game.counts(), [24, 4, 12]);
    }
  }));

/** Makes the weights of a network non-finite, as an overflow in a step does. */
function spoil({ model }: { readonly model: tf.LayersModel }): void {
  tf.tidy(() => model.setWeights(model.getWeights().map((weight) => weight.mul(NaN))));
}

/** Numbers that may become non-finite in training, and the place where it is noticed. */
const SPOILT: Readonly<Record<string, (game: ReturnType<typeof newGame>) => void>> = {
  "weights of D": ({ D }) => spoil(D),
  "weights of G": ({ G }) => spoil(G),
  "the optimizer of D": ({ D }) => {
    const [moment] = (D.optimizer as unknown as {
      accumulatedFirstMoment: { variable: tf.Variable }[];
    }).accumulatedFirstMoment;
    moment!.variable.assign(tf.fill(moment!.variable.shape, Infinity));
  },
  "the learning rate": ({ D }) => {
    (D.optimizer as unknown as { learningRate: number }).learningRate = NaN;
  },
  "a loss": ({ D }) => D.history.real.push(NaN),
};

for (const [what, spoilIt] of Object.entries(SPOILT)) {
  Deno.test(`the last good state is restored if ${what} became non-finite at the step that is saved`, () =>
    withFolder(async (folder) => {
      const alone = newGame(`${folder}/alone`);
      await alone.train(30);
      for (const last of [19, 29]) { // where it is saved on the way, and at its end
        const game = newGame(`${folder}/${last}`);
        const cell = async () => {
          for await (const i of game.run.steps(30)) {
            game.step(i);
            if (i === last) spoilIt(game);
          }
        };
        await assert.rejects(cell, {
          name: "RangeError",
          message: new RegExp(
            `^Cannot continue after step ${last + 1}: expected finite numbers, got \\S+ in .*; ` +
              `the run is back at step ${last - 9}; try a smaller learning rate$`,
          ),
        });
        assert.deepEqual([game.run.step, game.D.counter], [last - 9, 2 * (last - 9)]);
        assert(game.isFinite());
        await game.train(30);
        assert.equal(game.everything(), alone.everything());
      }
    }));

  Deno.test(`the last good state is restored if ${what} became non-finite before an interrupt`, () =>
    withFolder(async (folder) => {
      const game = newGame(folder);
      const stop = new AbortController();
      const reason = new DOMException("Interrupted", "AbortError");
      const cell = async () => {
        for await (const i of game.run.steps(30, { signal: stop.signal, sliceMs: 0 })) {
          game.step(i);
          if (i !== 14) continue;
          spoilIt(game);
          stop.abort(reason);
        }
      };
      await assert.rejects(cell, reason);
      assert.deepEqual([game.run.step, game.D.counter, game.isFinite()], [10, 20, true]);
      assert.match(game.lines.at(-1)!, /^Cannot continue after step 15: .* is back at step 10; /);
      await game.train(30);
    }));
}

Deno.test("the last good state is restored also after the learning rate was changed", () =>
  withFolder(async (folder) => {
    const game = newGame(folder);
    await game.train(10);
    const optimizer = game.D.optimizer as unknown as { learningRate: number };
    optimizer.learningRate = 1e39; // more than float32 holds
    await assert.rejects(() => game.train(30), RangeError);
    assert.equal(game.run.step, 10);
    assert(game.isFinite());
    optimizer.learningRate = 0.001; // and the cell is run again
    await game.train(30);
    assert.equal(game.D.counter, 60);
    assert.equal(optimizer.learningRate, 0.001);
  }));

Deno.test("an interrupt leaves whole steps, which are saved", () =>
  withFolder(async (folder) => {
    const game = newGame(folder);
    const stop = new AbortController();
    const cell = async () => {
      for await (const i of game.run.steps(30, { signal: stop.signal, sliceMs: 0 })) {
        game.step(i);
        if (i === 14) stop.abort(new Error("enough"));
      }
    };
    await assert.rejects(cell, /enough/);
    assert.deepEqual(game.counts(), [30, 15, 15]);
    const again = newGame(folder);
    assert.equal(await again.run.resume(), 15);
    assert.equal(again.everything(), game.everything());
  }));

Deno.test("a run that begins with numbers that are not finite is refused, and nothing is written", () =>
  withFolder(async (folder) => {
    const game = newGame(`${folder}/out`);
    spoil(game.D);
    await assert.rejects(() => game.train(3), {
      name: "RangeError",
      message: /^Cannot save a checkpoint: expected finite numbers, got NaN in .* of D$/,
    });
    assert.deepEqual(
      [...Deno.readDirSync(folder)].flatMap((
        { name },
      ) => [...Deno.readDirSync(`${folder}/${name}`)]),
      [],
    );
  }));

Deno.test("a run has one loop at a time, and none while it is resumed", () =>
  withFolder(async (folder) => {
    const game = newGame(folder);
    for await (const i of game.run.steps(5)) {
      game.step(i);
      await assert.rejects(
        () => game.train(9),
        /^RangeError: Cannot run a training: .* one loop at a/,
      );
      await assert.rejects(
        () => game.run.resume(),
        /^RangeError: Cannot resume a training run: .*loop is running/,
      );
    }
    assert.deepEqual(game.counts(), [10, 5, 5]);
    await game.train(9);
    assert.deepEqual(game.counts(), [18, 9, 9]);
  }));
