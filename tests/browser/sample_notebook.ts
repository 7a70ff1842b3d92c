/** Makes a small notebook that uses everything that lib/jupyter shows. */

import { join } from "node:path";
import { projectRoot } from "../../notebooks/tasks/paths.ts";

/** Source of a title that must be shown as text. */
export const dangerousTitle = "</script><img src=x onerror=globalThis.wasRun=true> & <b>bold</b>";

/** Cell that shows a board of digits. */
export const playgroundCell = `import { playground } from "../../lib/jupyter/mod.ts";
import { digitPrograms } from "../../tests/jupyter/playground_parts.ts";
const { draw: _, ...programs } = await digitPrograms();
await playground("digits", { ...programs, sliders: 2, title: "A board" });`;

/** Cells of the notebook; the first starts it. */
export const sampleCells: readonly string[] = [
  `import * as tf from "@tensorflow/tfjs";
import { Figure, show, showTable, startNotebook } from "../../lib/jupyter/mod.ts";
const notebook = await startNotebook();`,
  `const line = (points: number) => new Figure(
  [{ type: "scatter", name: "sine", y: Float32Array.from({ length: points }, (_, i) => Math.sin(i / 9)) }],
  { title: { text: "A sine of " + points + " points" } },
);
line(100)`,
  `const shown = await show(line(10));
for (const points of [20, 40, 80]) await shown.update(line(points));`,
  `new Figure([{ type: "scatter", mode: "markers", name: "<i>a</i> <a href='x'>link</a>", y: [1, 2, 3] }], {
  title: { text: ${JSON.stringify(dangerousTitle)} },
  xaxis: { title: { text: "x < 1 && <u>y</u>" } },
})`,
  `for (let step = 0; step <= 20; step++) {
  notebook.onProgress({ step, steps: 20, elapsedMs: step * 40, done: step === 20 });
  await new Promise((resolve) => setTimeout(resolve, 60));
}`,
  `tf.tensor([[0.979, 0.016], [1, 123.4]])`,
  `Float64Array.from({ length: 250 }, (_, i) => Math.cos(i))`,
  `await showTable([{ network: "D", loss: 0.25, steps: 15000 }, { network: "<b>G</b>", loss: 0.2471, steps: 15000 }]);`,
  `await shown.update(line(33));`,
  playgroundCell,
];

/** Writes the notebook to a folder that git ignores; returns its path below the project's folder. */
export async function writeSample(name: string, cells: readonly string[]): Promise<string> {
  const notebook = {
    cells: cells.map((source, at) => ({
      cell_type: "code",
      id: `cell-${at}`,
      source,
      metadata: {},
      execution_count: null,
      outputs: [],
    })),
    metadata: {
      kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  const path = join("notebooks", "out", name);
  await Deno.mkdir(join(projectRoot, "notebooks", "out"), { recursive: true });
  await Deno.writeTextFile(join(projectRoot, path), JSON.stringify(notebook, null, 1));
  return path.replaceAll("\\", "/");
}
