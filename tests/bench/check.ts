/** Checks that peers do the same work: the same losses from the same weights and inputs. */

import { type PeerCommand, PeerProcess } from "./peer_process.ts";
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

async function lossesOf(peer: PeerCommand, request: string, file: string): Promise<number[]> {
  const process = await PeerProcess.start(peer);
  try {
    await process.open(request);
    return await process.check(file);
  } finally {
    await process.close();
  }
}

/** Work whose losses are compared. */
export interface CheckedWork {
  /** Name in the report. */
  readonly name: string;
  /** Request that opens it. */
  readonly request: string;
  /** Parameters and inputs. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Number of losses that a peer answers. */
  readonly losses: number;
}

/** Peer that is checked. */
export interface CheckedPeer extends PeerCommand {
  /** Name in the report. */
  readonly name: string;
  /** Setting in the report. */
  readonly setting?: string;
}

/** Prints one line of a report. */
export type Print = (line: string) => void;

/**
 * Compares the losses of all peers with those of the last one, and prints a line for each. Returns
 * true if all answered and agree.
 */
export async function checkWork(
  { name, request, values, losses: complete }: CheckedWork,
  { peers, print }: { readonly peers: readonly CheckedPeer[]; readonly print: Print },
): Promise<boolean> {
  const file = await Deno.makeTempFile({ suffix: ".bin" });
  await Deno.writeFile(file, new Uint8Array(values.buffer));
  let ok = true, reference: number[] | undefined;
  for (const peer of peers.toReversed()) {
    const line = (text: string) =>
      print(`${name}: ${peer.name}${peer.setting ? ` (${peer.setting})` : ""} ${text}`);
    try {
      const losses = await lossesOf(peer, request, file);
      reference ??= losses;
      const gap = largestGap(reference, losses);
      const same = gap <= tolerance && losses.length === complete;
      ok &&= same;
      line(`${same ? "agrees" : "DIFFERS"}, largest gap ${gap.toExponential(1)}`);
    } catch (error) {
      ok = false;
      line(`did not answer: ${error instanceof Error ? error.message : error}`);
    }
  }
  await Deno.remove(file);
  return ok;
}

function workOf(name: WorkloadName): CheckedWork {
  const { checkBatch, checkSteps } = workloads[name];
  const request = name === "w1" ? name : `${name}:${checkBatch}`;
  return { name, request, values: checkValues(name), losses: checkSteps * 3 };
}

/** Compares all peers with the last one of the roster in each workload; returns true if they agree. */
export async function checkPeers(
  only: readonly WorkloadName[],
  { peers, print }: { readonly peers: readonly Peer[]; readonly print: Print },
): Promise<boolean> {
  let ok = true;
  for (const name of only) {
    const some = peers.filter(({ shares }) => shares[name]);
    ok = await checkWork(workOf(name), { peers: some, print }) && ok;
  }
  return ok;
}
