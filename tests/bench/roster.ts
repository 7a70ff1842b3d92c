/** Who takes part: how each peer is started, and how much of each workload a round asks of it. */

import { join } from "node:path";
import type { Before } from "./before.ts";
import { type Environment, peersFolder } from "./environment.ts";
import type { PeerCommand } from "./peer_process.ts";
import type { WorkloadName } from "./workloads.ts";

/** What a round asks of a peer. */
export interface Share {
  /** Iterations in one round. */
  readonly iterations: number;
  /** Rows in a batch where that is fewer than the workload's; times are scaled by the difference. */
  readonly batch?: number;
  /** At most this many rounds. */
  readonly rounds?: number;
}

/** The groups of peers that `--peers` chooses from. */
export const peerGroups = ["this", "before", "c", "torch", "jax", "tfjs"] as const;

/** A group of peers. */
export type PeerGroup = typeof peerGroups[number];

/** Those that ratios are computed against. */
export const yardsticks = ["before", "before with OpenBLAS", "PyTorch", "eager", "C"] as const;

/** One that ratios are computed against. */
export type Yardstick = typeof yardsticks[number];

/** One who takes part. */
export interface Peer extends PeerCommand {
  /** The group that it belongs to. */
  readonly group: PeerGroup;
  /** Its name in the table; of several with one name, the quickest is shown. */
  readonly name: string;
  /** The setting that tells it from others of its name. */
  readonly setting?: string;
  /** What ratios call it, if others are measured against it. */
  readonly yardstick?: Yardstick;
  /** Whether it is this project's. */
  readonly ours?: boolean;
  /** Its shares. */
  readonly shares: Readonly<Partial<Record<WorkloadName, Share>>>;
}

const deno = (file: string, folder = peersFolder) => [
  Deno.execPath(),
  "run",
  "-A",
  "--no-check",
  "--config",
  join(folder, "../../../deno.json"),
  join(folder, file),
];

/** This project's peers, as it is or as it was. */
function ours(blas: string | undefined, before?: Before): Peer[] {
  const who = before ? `before (${before.name})` : "this project";
  const folder = before && join(before.folder, "tests", "bench", "peers");
  const yardstick = (name: Yardstick) => before ? { yardstick: name } : {};
  const shares = {
    w1: { iterations: 15_000 },
    w2: { iterations: 60 },
    w3: { iterations: 4 },
    w4: { iterations: 8 }, // R1 comes at every 4th
  };
  const group: PeerGroup = before ? "before" : "this";
  const peer = { command: deno("compiled.ts", folder), group, ours: true, shares };
  const env = { GAN_BLAS: "none" };
  const plain: Peer = { ...peer, name: `${who}, jit`, env, ...yardstick("before") };
  const bare: Peer = {
    ...peer,
    name: `${who}, jit without the classes`,
    command: [...peer.command, "--bare"],
    env,
    shares: { w1: shares.w1 },
  };
  if (!blas) return [plain, bare];
  const threads = (count: string): Peer => ({
    ...peer,
    name: `${who}, jit with OpenBLAS`,
    setting: `${count} thread${count === "1" ? "" : "s"}`,
    ...yardstick("before with OpenBLAS"),
    env: { GAN_BLAS: blas, GAN_BLAS_THREADS: count },
    shares: { w2: shares.w2, w3: shares.w3, w4: shares.w4 },
  });
  return [plain, bare, threads("1"), threads("2")];
}

function pytorch(python: string | undefined): Peer[] {
  if (!python) return [];
  const script = [python, "-W", "ignore", join(peersFolder, "torch_peer.py")];
  const images = { w2: { iterations: 100 }, w3: { iterations: 10 }, w4: { iterations: 12 } };
  return ["1", "2"].flatMap((count): Peer[] => {
    const setting = `${count} thread${count === "1" ? "" : "s"}`;
    const env = { OMP_NUM_THREADS: count, MKL_NUM_THREADS: count };
    const command = [...script, "--threads", count];
    return [
      {
        group: "torch",
        name: "PyTorch, eager",
        setting,
        yardstick: "PyTorch",
        command,
        env,
        shares: { w1: { iterations: 1_500 }, ...images },
      },
      {
        group: "torch",
        name: "PyTorch, eager, fused Adam",
        setting,
        command: [...command, "--adam", "fused"],
        env,
        shares: images,
      },
    ];
  });
}

function cLoops({ loop, blas }: Environment): Peer[] {
  if (!loop) return [];
  const w1 = { iterations: 15_000 }, w2 = { iterations: 60 };
  const peer = { group: "c", command: [loop] } as const;
  const plain: Peer = { ...peer, name: "C loop", yardstick: "C", shares: { w1, w2 } };
  if (!blas) return [plain];
  const env = { OPENBLAS_NUM_THREADS: "1" };
  const command = [loop, blas];
  return [plain, { ...peer, name: "C loop with OpenBLAS", command, env, shares: { w2 } }];
}

/** Everyone who can take part here. */
export function roster(environment: Environment, before?: Before): Peer[] {
  return [
    ...ours(environment.blas),
    ...(before ? ours(environment.blas, before) : []),
    ...cLoops(environment),
    ...pytorch(environment.python),
    {
      group: "jax",
      name: "jax-js, jit",
      command: deno("jax.ts"),
      shares: { w1: { iterations: 750 }, w2: { iterations: 20 } },
    },
    {
      group: "tfjs",
      name: "TensorFlow.js, eager, cpu backend",
      yardstick: "eager",
      command: deno("tfjs.ts"),
      shares: {
        w1: { iterations: 300 },
        w2: { iterations: 1 },
        w3: { iterations: 1, batch: 4, rounds: 2 },
      },
    },
  ];
}

/** A smoke run: one setting of each peer, a fifth of each share, and nothing that takes seconds. */
export function smokeRoster(peers: readonly Peer[]): Peer[] {
  const names = peers.map(({ name }) => name);
  return peers.filter(({ name }, i) => names.indexOf(name) === i).map(smokeShares);
}

function smokeShares(peer: Peer): Peer {
  const shares = Object.entries(peer.shares)
    .filter(([, share]) => share.batch === undefined)
    .map(([name, share]) => {
      const iterations = Math.ceil(share.iterations / 5);
      return [name, { ...share, iterations }];
    });
  return { ...peer, shares: Object.fromEntries(shares) };
}
