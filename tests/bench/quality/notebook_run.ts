/** Runs the cells of a notebook with another seed, for two presets in one training. */

import { join } from "node:path";
import type { Jupyter } from "../../../notebooks/tasks/jupyter/mod.ts";
import { codeCells, parseNotebook, textOf } from "../../../notebooks/tasks/notebook/nbformat.ts";
import { projectRoot } from "../../../notebooks/tasks/paths.ts";
import { type Kernel, startKernel } from "../../notebooks/kernel.ts";

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
  /** Result of the judge, in the form of `Judgement`. */
  readonly verdict: Verdict;
}

/** Part of a judgement that the tables show. */
export interface Verdict {
  readonly samples: number;
  readonly classifierAccuracy: number;
  readonly accuracy?: { readonly overall: number; readonly ofLabel: readonly number[] };
  readonly modes: {
    readonly generated: readonly number[];
    readonly distance: { readonly generated: number; readonly real: number };
  };
  readonly frechet: { readonly generated: number; readonly real: number; readonly noise: number };
  readonly coverage: {
    readonly generated: { readonly precision: number; readonly recall: number };
    readonly real: { readonly precision: number; readonly recall: number };
  };
}

/** Code that the notebook's kernel runs afterwards. */
const ASK = `console.log("QUALITY" + JSON.stringify({
  steps: run.step,
  liveShare: game.drawingShare,
  peakMiB: Number(/VmHWM:\\s+(\\d+)/.exec(await Deno.readTextFile("/proc/self/status"))?.[1] ?? 0) / 1024,
  tensors: tf.memory().numTensors,
  verdict: (({ labels: _, ...rest }) => rest)(verdict),
}));`;

/** Returns the code cells of a notebook, with another seed. */
function cellsOf(notebook: string, seed: number): string[] {
  const path = join(projectRoot, "notebooks", notebook);
  const cells = codeCells(parseNotebook(Deno.readTextFileSync(path), notebook));
  const folder = `out/quality/${notebook}_${seed}`; // runs side by side keep their own checkpoints
  return cells.map(({ source }) =>
    textOf(source)
      .replace("const seed = 1;", `const seed = ${seed};`)
      .replace(/folder: `out\/0[34]_[^`]+`/, `folder: "${folder}"`)
  );
}

async function execute(kernel: Kernel, code: string): Promise<string> {
  const { status, error, outputs } = await kernel.execute(code);
  if (status !== "ok") throw new Error(`${error?.ename}: ${error?.evalue} in:\n${code}`);
  return outputs.map((output) => output.output_type === "stream" ? textOf(output.text) : "").join(
    "",
  );
}

/** Trains the networks of a notebook to each of `totals` steps in one run, and judges them each time. */
export async function runForQuality(
  notebook: string,
  { seed, totals, jupyter, log }: {
    readonly seed: number;
    readonly totals: readonly number[];
    readonly jupyter: Jupyter;
    readonly log: (line: string) => void;
  },
): Promise<Quality[]> {
  await using kernel = await startKernel(jupyter, { cwd: join(projectRoot, "notebooks") });
  const cells = cellsOf(notebook, seed);
  const game = cells.findIndex((cell) => cell.includes("watch(run"));
  const judging = cells.findIndex((cell) => cell.includes("judge.measure("));
  for (const cell of cells.slice(0, game)) await execute(kernel, cell);
  const found: Quality[] = [];
  let seconds = 0;
  for (const total of totals) {
    await execute(kernel, `preset.steps = ${total}; preset.promised = ${notebook < "04" ? 1 : 0};`);
    const start = performance.now();
    await execute(kernel, cells[game]!);
    seconds += (performance.now() - start) / 1000;
    for (const cell of cells.slice(game + 1, judging + 1)) await execute(kernel, cell);
    const said = /QUALITY(.*)/.exec(await execute(kernel, ASK))?.[1];
    if (said === undefined) throw new Error(`internal: ${notebook} said nothing of its quality`);
    found.push({ notebook, seed, seconds, ...JSON.parse(said) });
    log(`${notebook}, seed ${seed}: ${total} steps in ${seconds.toFixed(0)} s`);
  }
  return found;
}
