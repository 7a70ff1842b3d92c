/** Runs interleaved rounds: each peer in turn does a small part, repeatedly. */

import { PeerProcess } from "./peer_process.ts";
import type { Peer } from "./roster.ts";
import { batchSize, type WorkloadName, workloads } from "./workloads.ts";

/** Times of one peer for one workload. */
export interface Result {
  /** Peer. */
  readonly peer: Peer;
  /** Milliseconds for the workload's iterations, one number per round. */
  readonly times: number[];
  /** Facts that the peer reported after the rounds. */
  facts: Readonly<Record<string, number | string>>;
  /** Description that the peer gave at the start. */
  readonly title: string;
  /** Reason why the peer stopped, if it did. */
  failure?: string;
}

/** Options of the rounds. */
export interface RoundOptions {
  /** Number of rounds, without the warm-up. */
  readonly rounds: number;
  /** Receives lines of progress. */
  readonly log: (line: string) => void;
}

interface Seat {
  readonly process: PeerProcess;
  readonly result: Result;
}

const message = (error: unknown) => error instanceof Error ? error.message : String(error);
const rest = () => new Promise((resolve) => setTimeout(resolve, 30)); // so that spinning threads go to sleep

async function takeSeat(peer: Peer, name: WorkloadName): Promise<Seat> {
  const process = await PeerProcess.start(peer), batch = peer.shares[name]?.batch;
  await process.open(batch ? `${name}:${batch}` : name);
  return { process, result: { peer, times: [], facts: {}, title: process.title } };
}

/** Number of iterations of the warm-up: the first calls of a compiled step are eager. */
async function warmUp({ process, result }: Seat, name: WorkloadName): Promise<void> {
  const { iterations } = result.peer.shares[name]!;
  await process.round(result.peer.ours ? Math.max(iterations, 4) : iterations);
}

/** Runs one round of a peer. Returns milliseconds for the workload's iterations with a full batch. */
async function playRound({ process, result }: Seat, name: WorkloadName): Promise<number> {
  const { iterations, batch = batchSize } = result.peer.shares[name]!;
  const ms = await process.round(iterations);
  return ms / iterations * workloads[name].iterations * batchSize / batch;
}

async function play(seats: Seat[], name: WorkloadName, { rounds, log }: RoundOptions) {
  for (let round = 0; round <= rounds; round++) { // the first is the warm-up
    for (const seat of seats) {
      const { result } = seat, limit = result.peer.shares[name]!.rounds ?? rounds;
      if (result.failure || round > limit || (limit < rounds && round === 0)) continue;
      await rest();
      try {
        if (round === 0) await warmUp(seat, name);
        else result.times.push(await playRound(seat, name));
      } catch (error) {
        result.failure = message(error);
      }
    }
    log(`${name}: round ${round} of ${rounds}`);
  }
}

/** Runs one workload with all peers that take part in it. */
export async function runWorkload(
  name: WorkloadName,
  peers: readonly Peer[],
  options: RoundOptions,
): Promise<{ results: Result[]; absent: string[] }> {
  const seats: Seat[] = [], absent: string[] = [];
  for (const peer of peers.filter((one) => one.shares[name])) {
    try {
      seats.push(await takeSeat(peer, name));
    } catch (error) {
      absent.push(`${peer.name} is left out of ${name}: ${message(error)}.`);
    }
  }
  await play(seats, name, options);
  for (const { process, result } of seats) {
    if (result.peer.ours && !result.failure) result.facts = await process.facts();
    await process.close();
  }
  const results = seats.map((seat) => seat.result);
  for (const { peer, failure } of results) {
    if (failure) absent.push(`${peer.name} stopped in ${name}: ${failure}.`);
  }
  return { results: results.filter((result) => result.times.length > 0), absent };
}

/** Times of a fresh process. */
export interface StartUp {
  /** Peer. */
  readonly peer: Peer;
  /** Milliseconds from the start of the process until it is ready, including modules and libraries. */
  readonly ready: number[];
  /** Milliseconds of its first round by its own clock, including tracing and compilation. */
  readonly first: number[];
}

/** Measures W1 in fresh processes. */
export async function measureStartUps(peers: readonly Peer[], times: number): Promise<StartUp[]> {
  const startUps = peers.filter(({ shares }) => shares.w1?.iterations === 15_000)
    .map((peer): StartUp => ({ peer, ready: [], first: [] }));
  for (let round = 0; round < times; round++) {
    for (const { peer, ready, first } of startUps) {
      const start = performance.now(), process = await PeerProcess.start(peer);
      ready.push(performance.now() - start);
      const before = performance.now();
      await process.open("w1");
      await process.round(15_000);
      first.push(performance.now() - before);
      await process.close();
    }
  }
  return startUps;
}
