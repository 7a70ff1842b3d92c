/**
 * `deno task bench:quality`: how good the MNIST notebooks' digits are, over seeds, beside the book's network.
 *
 * Every run is the notebook itself in its kernel, with another seed: the steps of the preset
 * `minutes`, five draws of 10,000 digits measured, and on to the steps of `best`. Then the networks
 * of notebook 03 learn stacked digits. `--notebooks 03,04`, `--seeds 1,2,3`, `--steps 3000,8000`,
 * `--book 150,400` (seconds, one image at a time as in the book), `--stacked 1200` (seconds),
 * `--draws 5`, `--count 10000` choose; `--json FILE` keeps every number. `--data FOLDER` takes another
 * data set of the same format, such as Fashion-MNIST; on Debian `dataset-fashion-mnist` installs it
 * in `/usr/share/datasets/fashion-mnist`. `--quick` tries everything with short trainings and few
 * digits, in about three minutes. Without it each seed takes about 15 minutes for each notebook and
 * 20 for stacked digits on two cores, and five draws of 10,000 digits another minute and a half.
 */

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadMnist } from "../../../lib/data/mod.ts";
import { loadClassifier } from "../../../lib/metrics/mod.ts";
import { openJupyter } from "../../../notebooks/tasks/jupyter/mod.ts";
import { findNotebooks } from "../../../notebooks/tasks/paths.ts";
import { judgeBook } from "./book.ts";
import { type DrawsOptions, measureGenerator, measureReal } from "./draws.ts";
import { presetSteps, type Quality, runForQuality } from "./notebook_run.ts";
import { explanation, qualityTable } from "./quality_table.ts";
import { judgeStacked, MODES } from "./stacked.ts";

const log = (line: string) => console.error(line);

const BOOK = "the book's network";

/** Number of stacked digits that are drawn, as in the paper. */
const STACKED = 25_600;

/** Defaults of the options, and of those of a quick run. Without `steps`, those of the presets. */
const LONG = { seeds: "1,2,3,4,5", book: "150,400", stacked: "1200", draws: "5", count: "10000" };
const QUICK = { seeds: "1", steps: "20", book: "1", stacked: "1", draws: "2", count: "200" };

const numbers = (text: string | undefined) => text ? text.split(",").map(Number) : [];

async function runBook(
  seeds: readonly number[],
  seconds: readonly number[],
  options: DrawsOptions,
): Promise<Quality[]> {
  const found: Quality[] = [];
  for (const seed of seeds) {
    const judged = await judgeBook(options.mnist, {
      seed,
      batchSize: 1,
      seconds,
      measure: (artist) => measureGenerator(artist, { ...options, seed }),
    });
    judged.forEach(({ steps, draws }, i) => {
      const time = { seconds: seconds[i]!, liveShare: 0, peakMiB: 0, tensors: 0 };
      found.push({ notebook: BOOK, seed, steps, ...time, draws });
      log(`${BOOK}, seed ${seed}: ${steps} steps in ${seconds[i]} s`);
    });
  }
  return found;
}

/** Trains the networks of notebook 03 on stacked digits, and returns a line for each seed. */
async function runStacked(
  seeds: readonly number[],
  seconds: number,
  { mnist, classifier }: DrawsOptions,
): Promise<string[]> {
  const lines: string[] = [];
  for (const seed of seeds) {
    const options = { seed, seconds, count: STACKED, classifier };
    const { steps, found, divergence } = await judgeStacked(mnist, options);
    const line =
      `stacked digits, seed ${seed}: ${steps} steps in ${seconds} s, ${found} of ${MODES} ` +
      `modes in ${STACKED} images, Kullback-Leibler divergence ${divergence.toFixed(3)}`;
    log(line);
    lines.push(`- ${line}`);
  }
  return lines;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      quick: { type: "boolean", default: false },
      notebooks: { type: "string", default: "03,04" },
      seeds: { type: "string" },
      steps: { type: "string" },
      book: { type: "string" },
      stacked: { type: "string" },
      draws: { type: "string" },
      count: { type: "string" },
      data: { type: "string" },
      json: { type: "string" },
    },
  });
  const chosen = { ...values.quick ? QUICK : LONG, ...values };
  const seeds = numbers(chosen.seeds);
  const sizes = { draws: Number(chosen.draws), count: Number(chosen.count) };
  const [preset, epochs] = values.quick ? ["seconds", 1] as const : ["minutes", 10] as const;
  const dataFolder = values.data === undefined ? undefined : resolve(values.data);
  const mnist = await loadMnist(dataFolder === undefined ? {} : { folder: dataFolder });
  const found: Quality[] = [];
  const jupyter = await openJupyter({ log });
  for (const path of values.notebooks ? await findNotebooks(values.notebooks.split(",")) : []) {
    const name = path.split("/").at(-1)!;
    const totals = chosen.steps ? numbers(chosen.steps) : presetSteps(name);
    for (const seed of seeds) {
      const options = { seed, totals, preset, dataFolder, sizes, jupyter, log };
      found.push(...await runForQuality(name, options));
    }
  }
  const folder = "notebooks/out/classifier";
  const classifier = await loadClassifier(mnist, { folder, epochs });
  const second = await loadClassifier(mnist, { folder, epochs, network: "pooled" });
  const options = { classifier, second, mnist, seed: 1, ...sizes };
  if (chosen.book) found.push(...await runBook(seeds, numbers(chosen.book), options));
  const stacked = chosen.stacked ? await runStacked(seeds, Number(chosen.stacked), options) : [];
  const reference = await measureReal(options);
  if (values.json) {
    await Deno.writeTextFile(values.json, `${JSON.stringify({ found, stacked, reference })}\n`);
  }
  const notes = [explanation(sizes), ...stacked].join("\n");
  console.log(`${qualityTable(found, reference)}\n\n${notes}`);
}

if (import.meta.main) await main();
