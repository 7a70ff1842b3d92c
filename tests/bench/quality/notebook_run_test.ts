/** The bench trains the notebooks for the steps of their presets. */
import assert from "node:assert/strict";
import { presetSteps } from "./notebook_run.ts";

Deno.test("presetSteps() reads the steps of minutes and best from a notebook", () => {
  for (const notebook of ["03_gan_mnist.ipynb", "04_conditional_gan_mnist.ipynb"]) {
    const [minutes, best] = presetSteps(notebook);
    assert(minutes! >= 1000 && minutes! < best!, `${minutes} and ${best}`);
  }
  assert.throws(() => presetSteps("01_gan_1010.ipynb"), /01_gan_1010.ipynb has no steps/);
});
