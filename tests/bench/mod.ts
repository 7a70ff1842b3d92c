/**
 * `deno task bench`: this project's compiled steps beside PyTorch, JAX, C, jax-js and eager
 * TensorFlow.js.
 *
 * `--quick` is a smoke run under a minute, `--check` compares losses only, `--rounds 9` and
 * `--only w2,w3` choose. PyTorch, JAX, OpenBLAS and the C loop live in `.venv-bench`, made on
 * first use.
 *
 * `--growth` measures curves over the sizes of a network, threads and recorded kernels instead, beside PyTorch and
 * JAX, and writes their figures to `notebooks/out/bench/growth.html`. Its curves for `--only` are `batch`, `width`,
 * `depth`, `threads` and `kernels`.
 *
 * `--peers this,before` takes only those peers, here this project as it is and as it was at another
 * commit; nothing is installed for them. `--before REVISION` names that commit: by default the last one
 * where files have changed since, and the one before it where none has.
 */

import { parseArgs } from "node:util";
import { checkPeers } from "./check.ts";
import { checkOutBefore } from "./before.ts";
import { type Environment, prepareEnvironment } from "./environment.ts";
import { checkGrowth, runGrowth } from "./growth/mod.ts";
import { curveNames } from "./growth/points.ts";
import { type PeerGroup, peerGroups, roster, smokeRoster } from "./roster.ts";
import { measureStartUps, type Result, runWorkload } from "./rounds.ts";
import { factsTable, machine, startUpTable, workloadTable } from "./table.ts";
import { type WorkloadName, workloadNames } from "./workloads.ts";

interface BenchOptions {
  readonly quick: boolean;
  readonly check: boolean;
  readonly growth: boolean;
  readonly rounds: number;
  readonly only: string | undefined;
  readonly groups: readonly PeerGroup[];
  readonly before: string | undefined;
}

/** Reads a list of names from a fixed set. */
export function readNames<Name extends string>(
  option: string,
  text: string,
  names: readonly Name[],
): Name[] {
  const wanted = text.split(",");
  const unknown = wanted.find((name) => !names.includes(name as Name));
  if (unknown === undefined) return names.filter((name) => wanted.includes(name));
  throw new RangeError(
    `Cannot run the benchmark: expected --${option} of ${names.join(", ")}, got ${unknown}`,
  );
}

function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      growth: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
      peers: { type: "string", default: peerGroups.filter((name) => name !== "before").join() },
      before: { type: "string" },
    },
  });
  const { quick, check, growth, only, before } = values;
  const rounds = Number(values.rounds ?? (quick ? 1 : growth ? 5 : 9));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`Cannot run the benchmark: expected --rounds from 1 on, got ${rounds}`);
  }
  const groups = readNames("peers", values.peers, peerGroups);
  return { quick, check, growth, rounds, only, groups, before };
}

const log = (line: string) => console.error(line);

const print = (line: string) => console.log(line);

/** Reports if all peers of a check agree. */
function report(ok: boolean, { missing }: Environment): void {
  missing.forEach(print);
  Deno.exitCode = ok ? 0 : 1;
}

async function growthCurves(environment: Environment, options: BenchOptions): Promise<void> {
  const only = readNames("only", options.only ?? curveNames.join(), curveNames);
  if (options.check) {
    return report(await checkGrowth(environment, { groups: options.groups, print }), environment);
  }
  await runGrowth(environment, { ...options, only, log });
}

async function workloadTables(environment: Environment, options: BenchOptions): Promise<void> {
  const { groups, rounds } = options;
  const only = readNames("only", options.only ?? workloadNames.join(), workloadNames);
  await using before = groups.includes("before") ? await checkOutBefore(options.before) : undefined;
  const all = roster(environment, before).filter(({ group }) => groups.includes(group));
  const peers = options.quick ? smokeRoster(all) : all;
  if (options.check) return report(await checkPeers(only, { peers, print }), environment);
  const absent = [...environment.missing], played: [WorkloadName, Result[]][] = [];
  for (const name of only) {
    const outcome = await runWorkload(name, peers, { rounds, log });
    absent.push(...outcome.absent);
    played.push([name, outcome.results]);
  }
  const startUps = only.includes("w1") && !options.quick ? await measureStartUps(peers, 5) : [];
  const titles = played.flatMap(([, results]) => results.map(({ title }) => title));
  const parts = [
    machine(titles),
    ...played.map(([name, results]) => workloadTable(name, results)),
    factsTable(played),
    startUps.length > 0 ? startUpTable(startUps) : "",
    absent.join("\n"),
  ];
  console.log(parts.filter((part) => part !== "").join("\n\n"));
}

async function main(): Promise<void> {
  const options = readOptions(Deno.args);
  const environment = await prepareEnvironment(log, options.groups);
  await (options.growth ? growthCurves : workloadTables)(environment, options);
}

if (import.meta.main) await main();
