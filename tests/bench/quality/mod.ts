/**
 * `deno task bench:quality`: how good the MNIST notebooks' digits are, over seeds, beside the book's network.
 *
 * Every run is the notebook itself in its kernel, with another seed: 3,000 steps, judged, and on to
 * 8,000. `--notebooks 03,04`, `--seeds 1,2,3`, `--steps 3000,8000`, `--book 150,400` (seconds, one image
 * at a time as in the book) choose; `--json FILE` keeps every number.
 */

import { parseArgs } from "node:util";
import { loadMnist } from "../../../lib/data/mod.ts";
import { Judge, loadClassifier } from "../../../lib/metrics/mod.ts";
import { openJupyter } from "../../../notebooks/tasks/jupyter/mod.ts";
import { findNotebooks } from "../../../notebooks/tasks/paths.ts";
import { judgeBook } from "./book.ts";
import { type Quality, runForQuality, type Verdict } from "./notebook_run.ts";
import { qualityTable } from "./quality_table.ts";

const log = (line: string) => console.error(line);

const BOOK = "the book's network";

const numbers = (text: string | undefined) => text ? text.split(",").map(Number) : [];

async function runBook(seeds: readonly number[], seconds: readonly number[]): Promise<Quality[]> {
  const mnist = await loadMnist();
  const classifier = await loadClassifier(mnist, { folder: "notebooks/out/classifier" });
  const judge = new Judge(classifier, mnist);
  const found: Quality[] = [];
  for (const seed of seeds) {
    const judged = await judgeBook(mnist, { seed, batchSize: 1, seconds, judge });
    judged.forEach(({ steps, verdict }, i) => {
      const time = { seconds: seconds[i]!, liveShare: 0, peakMiB: 0, tensors: 0 };
      const { labels: _, ...rest } = verdict;
      found.push({ notebook: BOOK, seed, steps, ...time, verdict: rest as unknown as Verdict });
      log(`${BOOK}, seed ${seed}: ${steps} steps in ${seconds[i]} s`);
    });
  }
  return found;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      notebooks: { type: "string", default: "03,04" },
      seeds: { type: "string", default: "1,2,3" },
      steps: { type: "string", default: "3000,8000" },
      book: { type: "string", default: "150,400" },
      json: { type: "string" },
    },
  });
  const [seeds, totals] = [numbers(values.seeds), numbers(values.steps)];
  const found: Quality[] = [];
  using jupyter = await openJupyter({ log });
  for (const path of values.notebooks ? await findNotebooks(values.notebooks.split(",")) : []) {
    const name = path.split("/").at(-1)!;
    for (const seed of seeds) {
      found.push(...await runForQuality(name, { seed, totals, jupyter, log }));
    }
  }
  if (values.book) found.push(...await runBook(seeds, numbers(values.book)));
  if (values.json) await Deno.writeTextFile(values.json, `${JSON.stringify(found)}\n`);
  console.log(qualityTable(found));
}

if (import.meta.main) await main();
