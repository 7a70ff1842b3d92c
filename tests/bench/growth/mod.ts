/** Growth curves: speed, compilation and memory over sizes of a network, threads and recorded kernels. */

import { join } from "node:path";
import { resultsFolder, shortPath } from "../../../notebooks/tasks/paths.ts";
import { checkWork, type Print } from "../check.ts";
import type { Environment } from "../environment.ts";
import { denoCommand, type PeerGroup } from "../roster.ts";
import { machine, markdown } from "../table.ts";
import { type GrowthPeer, type Measurement, type MeasureOptions, measurePoint } from "./measure.ts";
import { growthPage } from "./page.ts";
import { growthPeers } from "./peers.ts";
import {
  checkUpdates,
  type CurveName,
  denseCheckValues,
  kernelPrograms,
  requestOf,
  sweepOf,
  threadsPoint,
  threadSteps,
} from "./points.ts";
import { type CurvePoint, sectionsOf } from "./report.ts";

/** Options of the growth curves. */
export interface GrowthOptions {
  /** Curves. */
  readonly only: readonly CurveName[];
  /** Groups of peers. */
  readonly groups: readonly PeerGroup[];
  /** True for a smoke run. */
  readonly quick: boolean;
  /** Number of rounds at each point. */
  readonly rounds: number;
  /** Receives lines of progress. */
  readonly log: (line: string) => void;
}

/** Measures curves, one point after the other. A point that several curves share is measured once. */
class Growth {
  readonly points: CurvePoint[] = [];
  readonly failures: string[] = [];
  readonly #known = new Map<string, Promise<Measurement[]>>();
  readonly #cores = navigator.hardwareConcurrency;

  constructor(readonly environment: Environment, readonly options: GrowthOptions) {}

  async measure(curve: CurveName): Promise<void> {
    if (curve === "threads") await this.#threads();
    else if (curve === "kernels") await this.#kernels();
    else {
      const { base, values } = sweepOf(curve, this.options.quick);
      const peers = this.#peers({ others: [...new Set([1, this.#cores])] });
      for (const x of values) {
        await this.#point(curve, x, () => this.#at(requestOf({ ...base, [curve]: x }), peers));
      }
    }
  }

  async #threads(): Promise<void> {
    for (const count of threadSteps(this.#cores)) {
      const peers = this.#peers({ own: count, others: [count] });
      await this.#point("threads", count, () => this.#at(requestOf(threadsPoint), peers));
    }
  }

  async #kernels(): Promise<void> {
    const command = denoCommand("growth.ts"), env = { GAN_BLAS: "none" };
    for (const [name, requests] of Object.entries(kernelPrograms(this.options.quick))) {
      for (const request of requests) {
        const [found] = await this.#tried(
          request,
          () => this.#at(request, [{ name, command, env, firstCalls: 3 }]),
        );
        const kernels = found?.facts.kernels;
        if (!found || typeof kernels !== "number") continue;
        this.points.push({ curve: "kernels", x: kernels, measurements: [found] });
        this.options.log(`kernels: ${name}, ${kernels}`);
      }
    }
  }

  #peers(threads: { readonly own?: number; readonly others: readonly number[] }): GrowthPeer[] {
    return growthPeers(this.environment, this.options.groups, threads);
  }

  #at(request: string, peers: readonly GrowthPeer[]): Promise<Measurement[]> {
    const key = JSON.stringify([request, peers]);
    const options: MeasureOptions = {
      rounds: this.options.rounds,
      ...this.options.quick ? { roundMs: 20, warmMs: 20 } : { roundMs: 60, warmMs: 1_000 },
    };
    const found = this.#known.get(key) ?? measurePoint(request, peers, options);
    this.#known.set(key, found);
    return found;
  }

  async #point(curve: CurveName, x: number, measure: () => Promise<Measurement[]>): Promise<void> {
    const measurements = await this.#tried(`${curve} ${x}`, measure);
    if (measurements.length > 0) this.points.push({ curve, x, measurements });
    this.options.log(`${curve}: ${x}`);
  }

  async #tried(what: string, measure: () => Promise<Measurement[]>): Promise<Measurement[]> {
    try {
      return await measure();
    } catch (error) {
      this.failures.push(`${what} is left out: ${error instanceof Error ? error.message : error}.`);
      return [];
    }
  }
}

/** Checks that the peers make the same training step: the same losses from the same weights and batches. */
export function checkGrowth(
  environment: Environment,
  { groups, print }: { readonly groups: readonly PeerGroup[]; readonly print: Print },
): Promise<boolean> {
  const point = { batch: 16, width: 64, depth: 4 },
    peers = growthPeers(environment, groups, { others: [1] });
  const work = { name: "growth", request: requestOf(point), values: denseCheckValues(point) };
  return checkWork({ ...work, losses: checkUpdates }, { peers, print });
}

/** Measures curves; prints their tables and writes their page. */
export async function runGrowth(environment: Environment, options: GrowthOptions): Promise<void> {
  const growth = new Growth(environment, options);
  for (const curve of options.only) await growth.measure(curve);
  const sections = sectionsOf(growth.points), facts = machine([]);
  const tables = sections.flatMap(({ tables }) => Object.entries(tables));
  const texts = tables.map(([title, { head, rows }]) => `${title}\n\n${markdown(head, rows)}`);
  console.log([facts, ...texts, ...growth.failures, ...environment.missing].join("\n\n"));
  const file = join(resultsFolder, "bench", "growth.html");
  await Deno.mkdir(join(resultsFolder, "bench"), { recursive: true });
  await Deno.writeTextFile(file, await growthPage(facts, sections));
  options.log(`The figures are in ${shortPath(file)}`);
}
