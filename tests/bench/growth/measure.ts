/** Measures the peers at one point of the growth curves, in fresh processes and interleaved rounds. */

import { type PeerCommand, PeerProcess } from "../peer_process.ts";
import { median } from "../statistics.ts";

/** Peer of the growth curves. */
export interface GrowthPeer extends PeerCommand {
  /** Name of its line. Of several peers with one name, the fastest is shown. */
  readonly name: string;
  /** Number of threads; undefined for the default. */
  readonly threads?: number;
  /** Number of calls until a step is compiled. */
  readonly firstCalls: number;
}

/** Measured peer at a point. */
export interface Measurement {
  /** Name of the peer. */
  readonly name: string;
  /** Number of threads; undefined for the default. */
  readonly threads: number | undefined;
  /** Milliseconds of the calls until the step is compiled. */
  readonly firstMs: number;
  /** Milliseconds of a step, the median of the rounds. */
  readonly stepMs: number;
  /** Facts that the peer reported at the end. */
  readonly facts: Readonly<Record<string, number | string>>;
}

/** Options of a measurement. */
export interface MeasureOptions {
  /** Number of rounds. */
  readonly rounds: number;
  /** Approximate milliseconds of a round. */
  readonly roundMs: number;
  /** Least milliseconds for which a peer runs before it is measured. */
  readonly warmMs: number;
}

interface Seat {
  readonly peer: GrowthPeer;
  readonly process: PeerProcess;
  readonly firstMs: number;
  readonly iterations: number;
  readonly times: number[];
}

/** Computes the number of iterations of a round from the time of one. */
export function iterationsFor(roundMs: number, stepMs: number): number {
  return Math.max(1, Math.min(5_000, Math.round(roundMs / Math.max(stepMs, 1e-4))));
}

/**
 * Runs a peer until its code is optimized and its threads have started, which needs some time and not some number of
 * calls. Returns the milliseconds of a step at the end.
 */
export async function warmUp(
  round: (iterations: number) => Promise<number>,
  warmMs: number,
): Promise<number> {
  let spent = 0, iterations = 2, stepMs = 0;
  while (spent < warmMs) {
    const ms = await round(iterations);
    spent += ms;
    stepMs = ms / iterations;
    iterations = iterationsFor(warmMs / 10, stepMs);
  }
  return stepMs;
}

async function takeSeat(
  { peer, process }: Pick<Seat, "peer" | "process">,
  request: string,
  { roundMs, warmMs }: MeasureOptions,
): Promise<Seat> {
  await process.open(request);
  const firstMs = await process.round(peer.firstCalls);
  const stepMs = await warmUp((iterations) => process.round(iterations), warmMs);
  return { peer, process, firstMs, iterations: iterationsFor(roundMs, stepMs), times: [] };
}

/** Measures all peers at the point that a request opens; closes their processes. */
export async function measurePoint(
  request: string,
  peers: readonly GrowthPeer[],
  options: MeasureOptions,
): Promise<Measurement[]> {
  const started = await Promise.all(
    peers.map(async (peer) => ({ peer, process: await PeerProcess.start(peer) })),
  );
  try {
    const seats: Seat[] = [];
    for (const one of started) seats.push(await takeSeat(one, request, options));
    for (let round = 0; round < options.rounds; round++) {
      for (const { process, iterations, times } of seats) {
        await new Promise((resolve) => setTimeout(resolve, 30)); // so that spinning threads go to sleep
        times.push(await process.round(iterations) / iterations);
      }
    }
    return await Promise.all(seats.map(async ({ peer, process, firstMs, times }) => ({
      ...{ name: peer.name, threads: peer.threads, firstMs, stepMs: median(times) },
      facts: await process.facts(),
    })));
  } finally {
    for (const { process } of started) await process.close();
  }
}

/** Chooses the fastest of several settings of one peer. */
export function bestOfEach(measurements: readonly Measurement[]): Measurement[] {
  return [...Map.groupBy(measurements, ({ name }) => name).values()].map((same) =>
    same.toSorted((a, b) => a.stepMs - b.stepMs)[0]!
  );
}
