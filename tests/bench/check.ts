/** Checks that peers do the same work: the same losses from the same weights and inputs. */

import { PeerProcess } from "./peer_process.ts";
import type { Peer } from "./roster.ts";
import { checkValues, type WorkloadName, workloads } from "./workloads.ts";

/** Maximum difference of losses, relative to the larger. */
export const tolerance = 2e-4;

/** Finds the largest difference between two lists of losses, relative to the larger of each pair. */
export function largestGap(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Infinity;
  const gaps = a.map((x, i) => Math.abs(x - b[i]!) / Math.max(Math.abs(x), Math.abs(b[i]!), 1e-9));
  return Math.max(...gaps.map((gap) => Number.isNaN(gap) ? Infinity : gap));
}

async function lossesOf(peer: Peer, name: WorkloadName, file: string): Promise<number[]> {
  const process = await PeerProcess.start(peer);
  try {
    const { checkBatch } = workloads[name];
    await process.open(name === "w1" ? name : `${name}:${checkBatch}`);
    return await process.check(file);
  } finally {
    await process.close();
  }
}

/** Result of a comparison. */
export interface Checked {
  /** Lines of the report, one for each peer and workload. */
  readonly lines: string[];
  /** True if all peers that answered agree. */
  readonly ok: boolean;
}

/** Compares all peers with the last one of the roster in each workload. */
export async function checkPeers(
  peers: readonly Peer[],
  only: readonly WorkloadName[],
): Promise<Checked> {
  const lines: string[] = [], file = await Deno.makeTempFile({ suffix: ".bin" });
  let ok = true;
  for (const name of only) {
    await Deno.writeFile(file, new Uint8Array(checkValues(name).buffer));
    let reference: number[] | undefined;
    for (const peer of peers.filter(({ shares }) => shares[name]).toReversed()) {
      const line = (text: string) =>
        lines.push(`${name}: ${peer.name}${peer.setting ? ` (${peer.setting})` : ""} ${text}`);
      try {
        const losses = await lossesOf(peer, name, file);
        reference ??= losses;
        const gap = largestGap(reference, losses), complete = workloads[name].checkSteps * 3;
        const same = gap <= tolerance && losses.length === complete;
        ok &&= same;
        line(`${same ? "agrees" : "DIFFERS"}, largest gap ${gap.toExponential(1)}`);
      } catch (error) {
        ok = false;
        line(`did not answer: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  await Deno.remove(file);
  return { lines, ok };
}
