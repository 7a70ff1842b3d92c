/** Notebooks 03 and 04 as readers use them: stopped in the middle, gone on with, and run again. */

import assert from "node:assert/strict";
import { writeClothes } from "./clothes.ts";
import { type Kernel, startKernel } from "./kernel.ts";
import { textOf } from "../../notebooks/tasks/notebook/nbformat.ts";
import { cellsOf, folder, isGallery } from "./notebook_cells.ts";
import { jupyterTest } from "./with_jupyter.ts";

/** The knobs of these tests: few images, few steps of small networks, a checkpoint at every fifth. */
interface Knobs {
  readonly images: string;
  readonly steps: number;
  readonly checkpoints: string;
  readonly resume?: boolean;
}

/** A notebook's cells up to the end of its game. */
function gameCells(name: string, { images, steps, checkpoints, resume = false }: Knobs): string[] {
  const cells = cellsOf(name);
  const game = cells.findIndex((cell) => cell.includes("watch(run"));
  assert(game > 0, `${name} has a game`);
  const replaced: [from: RegExp, to: string][] = [
    [/loadMnist\(\)/, `loadMnist({ folder: ${JSON.stringify(images)} })`],
    [/"minutes"\);/, '"seconds");'],
    [/(?<=seconds: .*steps: )\d+/, String(steps)],
    [/const folder = `out\/0\d_[^`]+`/, `const folder = ${JSON.stringify(checkpoints)}`],
    [/\{ folder \}\);/, "{ folder, saveEvery: 5 });"],
    [/const resume = false;/, `const resume = ${resume};`],
    [/= \[64, 16, 32/, "= [64, 16, 4"],
    [/attempt: 20,/, "attempt: 10,"],
  ];
  return cells.slice(0, game + 1).filter((cell) => !isGallery(cell)).map((cell) =>
    replaced.reduce((text, [from, to]) => text.replace(from, to), cell)
  );
}

async function runAll(kernel: Kernel, cells: readonly string[]): Promise<void> {
  for (const cell of cells) {
    const { status, error } = await kernel.execute(cell, { late: false });
    assert.equal(status, "ok", `${error?.evalue} in:\n${cell}`);
  }
}

/** What the kernel says of its run: the step, and a sum of all weights to the last bit. */
async function stateOf(kernel: Kernel): Promise<string> {
  const { outputs } = await kernel.execute(`console.log(JSON.stringify([
    run.step, ...[D, G, artist].map(({ model }) =>
      model.getWeights().map((weight) => [...weight.dataSync()].reduce((a, b) => a + b, 0))),
  ]));`);
  const [output] = outputs;
  assert(output?.output_type === "stream");
  return textOf(output.text).trim();
}

/** Has the game wait at step 10 until the stop button is pressed, and for longer than a time slice. */
const HOLD = `average.update();
  while (run.step >= 10 && !held.aborted) await new Promise((resolve) => setTimeout(resolve, 100));`;

/** Runs the game and presses the stop button as soon as a checkpoint is written on the way. */
async function interruptGame(kernel: Kernel, game: string, checkpoints: string): Promise<void> {
  assert(game.includes("average.update();"));
  const held = `const held = notebook.signal;\n${game.replace("average.update();", HOLD)}`;
  const running = kernel.execute(held);
  const isThere = (name: string) =>
    Deno.stat(`${checkpoints}/${name}`).then(() => true, () => false);
  while (!await isThere("000002")) await new Promise((resolve) => setTimeout(resolve, 20));
  await kernel.interrupt();
  const { status, error } = await running;
  assert.equal(status, "error");
  assert.match(`${error?.evalue}`, /Interrupted: the loop stopped/);
}

for (const name of ["03_gan_mnist.ipynb", "04_conditional_gan_mnist.ipynb"]) {
  jupyterTest(
    `${name} stopped and gone on with, in a new kernel too, ends bit-equal`,
    async (jupyter) => {
      const checkpoints = await Deno.makeTempDir({ prefix: "gan-notebooks-run-" });
      const states: string[] = [];
      try {
        const images = await writeClothes(checkpoints);
        const knobs: Knobs = { images, steps: 16, checkpoints: `${checkpoints}/stopped` };
        {
          await using kernel = await startKernel(jupyter, { cwd: folder });
          await runAll(kernel, gameCells(name, { ...knobs, checkpoints: `${checkpoints}/alone` }));
          states.push(await stateOf(kernel));
        }
        {
          await using kernel = await startKernel(jupyter, { cwd: folder });
          const cells = gameCells(name, knobs);
          const game = cells.at(-1)!;
          await runAll(kernel, cells.slice(0, -1));
          await interruptGame(kernel, game, knobs.checkpoints);
          const [step] = JSON.parse(await stateOf(kernel));
          assert(step >= 5 && step < 16, `stopped at step ${step}`);
        }
        await using kernel = await startKernel(jupyter, { cwd: folder });
        await runAll(kernel, gameCells(name, { ...knobs, resume: true }));
        states.push(await stateOf(kernel));
        assert.equal(states[1], states[0]);
      } finally {
        await Deno.remove(checkpoints, { recursive: true });
      }
    },
  );
}
