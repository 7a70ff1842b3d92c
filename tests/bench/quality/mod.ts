/**
 * `deno task bench:quality`: how good the MNIST notebooks' digits are, over seeds, beside the book's network.
 *
 * Every run is the notebook itself in its kernel, with another seed: 3,000 steps, five draws of
 * 10,000 digits measured, and on to 8,000. `--notebooks 03,04`, `--seeds 1,2,3`, `--steps 3000,8000`,
 * `--book 150,400` (seconds, one image at a time as in the book), `--draws 5`, `--count 10000` choose;
 * `--json FILE` keeps every number. `--quick` tries everything with short trainings and few digits, in
 * two or three minutes. Without it the trainings take more than an hour, and five draws of 10,000 digits
 * another minute and a half after each, on two cores.
 */

import { parseArgs } from "node:util";
import { loadMnist } from "../../../lib/data/mod.ts";
import { loadClassifier } from "../../../lib/metrics/mod.ts";
import { openJupyter } from "../../../notebooks/tasks/jupyter/mod.ts";
import { findNotebooks } from "../../../notebooks/tasks/paths.ts";
import { judgeBook } from "./book.ts";
import { type DrawsOptions, measureGenerator, measureReal } from "./draws.ts";
import { type Quality, runForQuality } from "./notebook_run.ts";
import { explanation, qualityTable } from "./quality_table.ts";

const log = (line: string) => console.error(line);

const BOOK = "the book's network";

/** Defaults of the options, and of those of a quick run. */
const LONG = {
  seeds: "1,2,3,4,5",
  steps: "3000,8000",
  book: "150,400",
  draws: "5",
  count: "10000",
};
const QUICK = { seeds: "1", steps: "20", book: "1", draws: "2", count: "200" };

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

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      quick: { type: "boolean", default: false },
      notebooks: { type: "string", default: "03,04" },
      seeds: { type: "string" },
      steps: { type: "string" },
      book: { type: "string" },
      draws: { type: "string" },
      count: { type: "string" },
      json: { type: "string" },
    },
  });
  const chosen = { ...values.quick ? QUICK : LONG, ...values };
  const [seeds, totals] = [numbers(chosen.seeds), numbers(chosen.steps)];
  const sizes = { draws: Number(chosen.draws), count: Number(chosen.count) };
  const [preset, epochs] = values.quick ? ["seconds", 1] as const : ["minutes", 10] as const;
  const found: Quality[] = [];
  using jupyter = await openJupyter({ log });
  for (const path of values.notebooks ? await findNotebooks(values.notebooks.split(",")) : []) {
    const name = path.split("/").at(-1)!;
    for (const seed of seeds) {
      found.push(...await runForQuality(name, { seed, totals, preset, sizes, jupyter, log }));
    }
  }
  const mnist = await loadMnist();
  const folder = "notebooks/out/classifier";
  const classifier = await loadClassifier(mnist, { folder, epochs });
  const second = await loadClassifier(mnist, { folder, epochs, network: "pooled" });
  const options = { classifier, second, mnist, seed: 1, ...sizes };
  if (chosen.book) found.push(...await runBook(seeds, numbers(chosen.book), options));
  const reference = await measureReal(options);
  if (values.json) {
    await Deno.writeTextFile(values.json, `${JSON.stringify({ found, reference })}\n`);
  }
  console.log(`${qualityTable(found, reference)}\n\n${explanation(sizes)}`);
}

if (import.meta.main) await main();
