/**
 * `deno task bench`: this project's compiled steps beside PyTorch, C, jax-js and eager TensorFlow.js.
 *
 * `--quick` is a smoke run under a minute, `--check` compares losses only, `--rounds 9` and
 * `--only w2,w3` choose. PyTorch, OpenBLAS and the C loop live in `.venv-bench`, made on first use.
 */

import { parseArgs } from "node:util";
import { checkPeers } from "./check.ts";
import { prepareEnvironment } from "./environment.ts";
import { roster, smokeRoster } from "./roster.ts";
import { measureStartUps, type Result, runWorkload } from "./rounds.ts";
import { factsTable, machine, startUpTable, workloadTable } from "./table.ts";
import { type WorkloadName, workloadNames } from "./workloads.ts";

interface BenchOptions {
  readonly quick: boolean;
  readonly check: boolean;
  readonly rounds: number;
  readonly only: readonly WorkloadName[];
}

function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
    },
  });
  const { quick, check } = values, rounds = Number(values.rounds ?? (quick ? 1 : 9));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`Cannot run the benchmark: expected --rounds from 1 on, got ${rounds}`);
  }
  const wanted = values.only?.split(",") ?? workloadNames;
  const only = workloadNames.filter((name) => wanted.includes(name));
  return { quick, check, rounds, only };
}

const log = (line: string) => console.error(line);

async function main(): Promise<void> {
  const options = readOptions(Deno.args), environment = await prepareEnvironment(log);
  const peers = options.quick ? smokeRoster(roster(environment)) : roster(environment);
  if (options.check) {
    const { lines, ok } = await checkPeers(peers, options.only);
    console.log([...lines, ...environment.missing].join("\n"));
    Deno.exitCode = ok ? 0 : 1;
    return;
  }
  const absent = [...environment.missing], all: [WorkloadName, Result[]][] = [];
  for (const name of options.only) {
    const played = await runWorkload(name, peers, { rounds: options.rounds, log });
    absent.push(...played.absent);
    all.push([name, played.results]);
  }
  const startUps = options.only.includes("w1") && !options.quick
    ? await measureStartUps(peers, 5)
    : [];
  const titles = all.flatMap(([, results]) => results.map(({ title }) => title));
  const parts = [
    machine(titles),
    ...all.map(([name, results]) => workloadTable(name, results)),
    factsTable(all),
    startUps.length > 0 ? startUpTable(startUps) : "",
    absent.join("\n"),
  ];
  console.log(parts.filter((part) => part !== "").join("\n\n"));
}

if (import.meta.main) await main();
