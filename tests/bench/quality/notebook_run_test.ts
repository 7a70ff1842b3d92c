/** The bench trains the notebooks for the steps of their presets, with other seeds and other data. */
import assert from "node:assert/strict";
import { changedCells, presetSteps } from "./notebook_run.ts";

Deno.test("presetSteps() reads the steps of minutes and best from a notebook", () => {
  for (const notebook of ["03_gan_mnist.ipynb", "04_conditional_gan_mnist.ipynb"]) {
    const [minutes, best] = presetSteps(notebook);
    assert(minutes! >= 1000 && minutes! < best!, `${minutes} and ${best}`);
  }
  assert.throws(() => presetSteps("01_gan_1010.ipynb"), /01_gan_1010.ipynb has no steps/);
});

Deno.test("changedCells() gives the cells of a notebook another seed, other data and a folder of their own", () => {
  for (const notebook of ["03_gan_mnist.ipynb", "04_conditional_gan_mnist.ipynb"]) {
    const usual = changedCells(notebook, { seed: 2, dataFolder: undefined }).join("\n");
    assert.match(usual, /const seed = 2;/);
    assert.match(usual, /loadMnist\(\)/);
    assert.match(usual, /const folder = `out\/quality\/mnist_2\/0[34]_/);
    const other = changedCells(notebook, { seed: 3, dataFolder: "/data/$&/clothes" }).join("\n");
    assert(other.includes('loadMnist({ folder: "/data/$&/clothes" })'));
    assert.match(other, /const folder = `out\/quality\/clothes_3\/0[34]_/);
  }
});
