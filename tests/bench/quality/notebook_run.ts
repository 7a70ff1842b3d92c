/** Runs a notebook's own cells with another seed, for two presets in one training. */

import { join } from "node:path";
import type { Jupyter } from "../../../notebooks/tasks/jupyter/mod.ts";
import { codeCells, parseNotebook, textOf } from "../../../notebooks/tasks/notebook/nbformat.ts";
import { projectRoot } from "../../../notebooks/tasks/paths.ts";
import { type Kernel, startKernel } from "../../notebooks/kernel.ts";

/** What a notebook found when it was at a number of steps. */
export interface Quality {
  /** The notebook's name. */
  readonly notebook: string;
  /** The seed of everything in it. */
  readonly seed: number;
  /** Steps that were trained. */
  readonly steps: number;
  /** Seconds of training, live display and checkpoints included. */
  readonly seconds: number;
  /** The share of them that the live figure took. */
  readonly liveShare: number;
  /** The largest resident memory of the kernel so far, in MiB. */
  readonly peakMiB: number;
  /** Tensors that TensorFlow.js holds after the training. */
  readonly tensors: number;
  /** What the judge found; of the shape of `Judgement`. */
  readonly verdict: Verdict;
}

/** The part of a judgement that the tables show. */
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

/** Code that a notebook's kernel is asked for afterwards. */
const ASK = `console.log("QUALITY" + JSON.stringify({
  steps: run.step,
  liveShare: game.drawingShare,
  peakMiB: Number(/VmHWM:\\s+(\\d+)/.exec(await Deno.readTextFile("/proc/self/status"))?.[1] ?? 0) / 1024,
  tensors: tf.memory().numTensors,
  verdict: (({ labels: _, ...rest }) => rest)(verdict),
}));`;

/** The cells of a notebook's code, with a seed of their own. */
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

/** Trains a notebook's networks to each of `totals` steps, in one go, and has its judge look at each. */
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
