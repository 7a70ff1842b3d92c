/**
 * `deno task bench`: this project's compiled steps beside PyTorch, JAX, C, jax-js and eager
 * TensorFlow.js.
 *
 * `--quick` is a smoke run under a minute, `--check` compares losses only, `--rounds 9` and
 * `--only w2,w3` choose. PyTorch, JAX, OpenBLAS and the C loop live in `.venv-bench`, made on
 * first use.
 *
 * `--peers this,before` takes only those peers, here this project as it is and as it was at another
 * commit; nothing is installed for them. `--before REVISION` names that commit: by default the last one
 * where files have changed since, and the one before it where none has.
 */

import { parseArgs } from "node:util";
import { checkPeers } from "./check.ts";
import { checkOutBefore } from "./before.ts";
import { prepareEnvironment } from "./environment.ts";
import { type PeerGroup, peerGroups, roster, smokeRoster } from "./roster.ts";
import { measureStartUps, type Result, runWorkload } from "./rounds.ts";
import { factsTable, machine, startUpTable, workloadTable } from "./table.ts";
import { type WorkloadName, workloadNames } from "./workloads.ts";

interface BenchOptions {
  readonly quick: boolean;
  readonly check: boolean;
  readonly rounds: number;
  readonly only: readonly WorkloadName[];
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
      rounds: { type: "string" },
      only: { type: "string", default: workloadNames.join() },
      peers: { type: "string", default: peerGroups.filter((name) => name !== "before").join() },
      before: { type: "string" },
    },
  });
  const { quick, check, before } = values, rounds = Number(values.rounds ?? (quick ? 1 : 9));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`Cannot run the benchmark: expected --rounds from 1 on, got ${rounds}`);
  }
  const only = readNames("only", values.only, workloadNames);
  const groups = readNames("peers", values.peers, peerGroups);
  return { quick, check, rounds, only, groups, before };
}

const log = (line: string) => console.error(line);

async function main(): Promise<void> {
  const options = readOptions(Deno.args), { groups } = options;
  const environment = await prepareEnvironment(log, groups);
  await using before = groups.includes("before") ? await checkOutBefore(options.before) : undefined;
  const all = roster(environment, before).filter(({ group }) => groups.includes(group));
  const peers = options.quick ? smokeRoster(all) : all;
  if (options.check) {
    const { lines, ok } = await checkPeers(peers, options.only);
    console.log([...lines, ...environment.missing].join("\n"));
    Deno.exitCode = ok ? 0 : 1;
    return;
  }
  const absent = [...environment.missing], played: [WorkloadName, Result[]][] = [];
  for (const name of options.only) {
    const outcome = await runWorkload(name, peers, { rounds: options.rounds, log });
    absent.push(...outcome.absent);
    played.push([name, outcome.results]);
  }
  const startUps = options.only.includes("w1") && !options.quick
    ? await measureStartUps(peers, 5)
    : [];
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

if (import.meta.main) await main();
