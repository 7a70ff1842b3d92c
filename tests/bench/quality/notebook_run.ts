/** Runs the cells of a notebook with another seed, for two presets in one training. */

import { basename } from "node:path";
import type { Jupyter } from "../../../notebooks/tasks/jupyter/mod.ts";
import { textOf } from "../../../notebooks/tasks/notebook/nbformat.ts";
import { type Kernel, startKernel } from "../../notebooks/kernel.ts";
import { cellsOf, folder as cwd, isGallery } from "../../notebooks/notebook_cells.ts";
import type { Figures } from "./draws.ts";

/** Result of a notebook after a number of steps. */
export interface Quality {
  /** Name of the notebook. */
  readonly notebook: string;
  /** Seed of the notebook. */
  readonly seed: number;
  /** Number of training steps. */
  readonly steps: number;
  /** Seconds of training, including live display and checkpoints. */
  readonly seconds: number;
  /** Share of that time that the live figure took. */
  readonly liveShare: number;
  /** Largest resident memory of the kernel so far, in MiB. */
  readonly peakMiB: number;
  /** Number of tensors in TensorFlow.js after the training. */
  readonly tensors: number;
  /** Figures of each draw of digits. */
  readonly draws: readonly Figures[];
}

/** How a notebook is run and measured. */
export interface RunOptions {
  /** Seed of the notebook. */
  readonly seed: number;
  /** Numbers of steps after which the digits are measured, in rising order. */
  readonly totals: readonly number[];
  /** Preset of the notebook, for everything but the number of steps. */
  readonly preset: string;
  /** Path of the folder with other data than MNIST. */
  readonly dataFolder: string | undefined;
  /** Number of draws, and of images in a draw. */
  readonly sizes: { readonly draws: number; readonly count: number };
  /** Jupyter with Deno's kernel. */
  readonly jupyter: Jupyter;
  /** Receives lines about the progress. */
  readonly log: (line: string) => void;
}

/** Makes the code that the notebook's kernel runs afterwards. */
const askFor = (sizes: RunOptions["sizes"], seed: number) =>
  `{
  const { loadClassifier } = await import("../lib/metrics/mod.ts");
  const { measureGenerator } = await import("../tests/bench/quality/draws.ts");
  const facts = {
    steps: run.step,
    liveShare: game.drawingShare,
    peakMiB: Number(/VmHWM:\\s+(\\d+)/.exec(await Deno.readTextFile("/proc/self/status"))?.[1] ?? 0) / 1024,
    tensors: tf.memory().numTensors,
  };
  const epochs = preset.classifierEpochs;
  const folder = "out/classifier";
  const classifier = await loadClassifier(mnist, { folder, epochs });
  const second = await loadClassifier(mnist, { folder, epochs, network: "pooled" });
  const groups = typeof grouped === "undefined" ? {} : { groups: grouped.labels };
  const options = { classifier, second, mnist, seed: ${seed}, ...groups, ...${
    JSON.stringify(sizes)
  } };
  const draws = await measureGenerator(artist, options);
  console.log("QUALITY" + JSON.stringify({ ...facts, draws }));
}`;

/** Returns the numbers of steps of the presets `minutes` and `best` of a notebook. */
export function presetSteps(notebook: string): number[] {
  const source = cellsOf(notebook).join("\n");
  return ["minutes", "best"].map((preset) => {
    const steps = new RegExp(`\\b${preset}: \\{.*\\bsteps: ([\\d_]+)`).exec(source)?.[1];
    if (steps === undefined) throw new Error(`internal: ${notebook} has no steps of ${preset}`);
    return Number(steps.replaceAll("_", ""));
  });
}

/** Returns the code cells of a notebook without its gallery of failures, with another seed and other data. */
export function changedCells(
  notebook: string,
  { seed, dataFolder }: Pick<RunOptions, "seed" | "dataFolder">,
): string[] {
  const other = dataFolder === undefined ? "" : `{ folder: ${JSON.stringify(dataFolder)} }`;
  const place = `${dataFolder === undefined ? "mnist" : basename(dataFolder)}_${seed}`;
  return cellsOf(notebook, [
    ["const seed = 1;", `const seed = ${seed};`],
    ["loadMnist()", `loadMnist(${other})`],
    ["const folder = `out/", `const folder = \`out/quality/${place}/`], // runs side by side keep their own checkpoints
  ]).filter((source) => !isGallery(source));
}

async function execute(kernel: Kernel, code: string): Promise<string> {
  const { status, error, outputs } = await kernel.execute(code);
  if (status !== "ok") throw new Error(`${error?.ename}: ${error?.evalue} in:\n${code}`);
  return outputs.map((output) => output.output_type === "stream" ? textOf(output.text) : "").join(
    "",
  );
}

/** Trains the networks of a notebook to each of `totals` steps in one run, and measures them each time. */
export async function runForQuality(
  notebook: string,
  { seed, totals, preset, dataFolder, sizes, jupyter, log }: RunOptions,
): Promise<Quality[]> {
  const env = { ...jupyter.env, GAN_PRESET: preset };
  await using kernel = await startKernel({ ...jupyter, env }, { cwd });
  const cells = changedCells(notebook, { seed, dataFolder });
  const game = cells.findIndex((cell) => cell.includes("watch(run"));
  for (const cell of cells.slice(0, game)) await execute(kernel, cell);
  const found: Quality[] = [];
  let seconds = 0;
  for (const total of totals) {
    await execute(kernel, `preset.steps = ${total};`);
    const start = performance.now();
    await execute(kernel, cells[game]!);
    seconds += (performance.now() - start) / 1000;
    const said = /QUALITY(.*)/.exec(await execute(kernel, askFor(sizes, seed)))?.[1];
    if (said === undefined) throw new Error(`internal: ${notebook} said nothing of its quality`);
    found.push({ notebook, seed, seconds, ...JSON.parse(said) });
    log(`${notebook}, seed ${seed}: ${total} steps in ${seconds.toFixed(0)} s`);
  }
  return found;
}
