/** Makes the text of the results: tables in markdown. */

import { cpus, totalmem } from "node:os";
import type { Result, StartUp } from "./rounds.ts";
import { type Peer, yardsticks as known } from "./roster.ts";
import { median, ratio, rounded } from "./statistics.ts";
import { type WorkloadName, workloads } from "./workloads.ts";

type Row = readonly (string | number)[];

/** Makes a markdown table, the first column aligned to the left and the others to the right. */
export function markdown(head: readonly string[], rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(" | ")} |`;
  const rule = line(head.map((_, column) => column === 0 ? "---" : "---:"));
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** Chooses the fastest of several settings of one peer. */
export function bestOfEachName(results: readonly Result[]): Result[] {
  return [...Map.groupBy(results, ({ peer }) => peer.name).values()].map((same) => fastest(same)!);
}

function fastest(results: readonly Result[]): Result | undefined {
  return results.toSorted((a, b) => median(a.times) - median(b.times))[0];
}

function label({ name, setting }: Peer): string {
  return setting ? `${name} (${setting})` : name;
}

function note(name: WorkloadName, { peer, times }: Result): string {
  const share = peer.shares[name]!, full = workloads[name].iterations;
  const parts = [`${times.length} × ${share.iterations.toLocaleString("en-US")}`];
  if (share.batch) parts.push(`batch ${share.batch}, scaled`);
  else if (share.iterations < full) parts.push("scaled");
  return parts.join(", ");
}

/**
 * Makes the table of a workload: medians, spread, and how many times faster than each peer for
 * comparison.
 */
export function workloadTable(name: WorkloadName, results: readonly Result[]): string {
  const shown = bestOfEachName(results);
  const yardsticks = known.flatMap((called) => {
    const best = fastest(shown.filter(({ peer }) => peer.yardstick === called));
    return best ? [{ called, times: best.times }] : [];
  });
  const rows = shown.map((result) => [
    label(result.peer),
    rounded(median(result.times)),
    `${rounded(Math.min(...result.times))} – ${rounded(Math.max(...result.times))}`,
    ...yardsticks.map(({ called, times }) =>
      called === "C"
        ? `${rounded(ratio(result.times, times))} × its time`
        : `${rounded(ratio(times, result.times))} × as fast`
    ),
    note(name, result),
  ]);
  const against = yardsticks.map(({ called }) => `against ${called}`);
  const head = [workloads[name].title, "median", "lowest – highest", ...against, "rounds"];
  return markdown(head, rows);
}

/** Describes our compiled steps. */
export function factsTable(all: readonly [WorkloadName, readonly Result[]][]): string {
  const rows = all.flatMap(([name, results]) =>
    bestOfEachName(results).filter(({ peer }) => peer.ours).flatMap(({ peer, facts }) =>
      Object.keys(facts).length === 0 ? [] : [[
        `${name}, ${label(peer)}`,
        ...["kernels", "loops", "tracingMs", "compileMs", "moduleBytes", "fallbacks", "blas"].map(
          (key) => typeof facts[key] === "number" ? rounded(facts[key]) : facts[key] ?? "",
        ),
      ]]
    )
  );
  if (rows.length === 0) return "";
  const head = ["compiled step", "kernels recorded", "loops", "calls until compiled, ms"];
  return markdown([...head, "of it compiling", "module bytes", "fallbacks", "library"], rows);
}

/** Makes the table of fresh processes for W1. */
export function startUpTable(startUps: readonly StartUp[]): string {
  const rows = startUps.map(({ peer, ready, first }) => [
    label(peer),
    rounded(median(ready)),
    rounded(median(first)),
    rounded(Math.min(...first)),
  ]);
  const head = ["fresh process, W1", "process and imports, ms", "15,000 iterations, ms", "lowest"];
  return markdown(head, rows);
}

/** Describes the machine and the versions. */
export function machine(titles: readonly string[]): string {
  const [cpu] = cpus(), memory = Math.round(totalmem() / 2 ** 30);
  const versions = [`Deno ${Deno.version.deno}`, `V8 ${Deno.version.v8}`, ...new Set(titles)];
  return `${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GiB, ${Deno.build.os} ` +
    `${Deno.build.arch}. ${versions.join(", ")}.`;
}
