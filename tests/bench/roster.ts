/** Lists the peers: how each is started, and its part of each workload in a round. */

import { join } from "node:path";
import type { Before } from "./before.ts";
import { type Environment, peersFolder } from "./environment.ts";
import type { PeerCommand } from "./peer_process.ts";
import type { WorkloadName } from "./workloads.ts";

/** Part of a workload in a round of a peer. */
export interface Share {
  /** Number of iterations in a round. */
  readonly iterations: number;
  /** Number of rows in a batch if smaller than the workload's; times are scaled by the difference. */
  readonly batch?: number;
  /** Maximum number of rounds. */
  readonly rounds?: number;
}

/** Groups of peers for `--peers`. */
export const peerGroups = ["this", "before", "c", "torch", "jax", "jax-js", "tfjs"] as const;

/** Group of peers. */
export type PeerGroup = typeof peerGroups[number];

/** Names of the peers with which ratios are computed. */
export const yardsticks = [
  "before",
  "before with OpenBLAS",
  "PyTorch",
  "JAX",
  "eager",
  "C",
] as const;

/** Peer with which ratios are computed. */
export type Yardstick = typeof yardsticks[number];

/** Peer that takes part. */
export interface Peer extends PeerCommand {
  /** Group of the peer. */
  readonly group: PeerGroup;
  /** Name in the table. Of several peers with one name, the fastest is shown. */
  readonly name: string;
  /** Setting that distinguishes it from others with the same name. */
  readonly setting?: string;
  /** Name in ratios, if others are compared with it. Of several with one name, the fastest counts. */
  readonly yardstick?: Yardstick;
  /** True if it belongs to this project. */
  readonly ours?: boolean;
  /** Parts of the workloads. */
  readonly shares: Readonly<Partial<Record<WorkloadName, Share>>>;
}

/** Makes the command of a TypeScript peer. */
export const denoCommand = (file: string, folder: string = peersFolder): string[] => [
  Deno.execPath(),
  "run",
  "-A",
  "--no-check",
  "--config",
  join(folder, "../../../deno.json"),
  join(folder, file),
];

/** Lists the numbers of threads at which a peer is measured: its best is shown. */
export function threadCounts(cores: number = navigator.hardwareConcurrency): number[] {
  return [...new Set([1, 2, cores])].filter((count) => count <= cores);
}

const threadsText = (count: number) => `${count} thread${count === 1 ? "" : "s"}`;

/** Lists the peers of this project at this commit or an earlier one. */
function ours(blas: string | undefined, before?: Before): Peer[] {
  const who = before ? `before (${before.name})` : "this project";
  const folder = before && join(before.folder, "tests", "bench", "peers");
  const shares = {
    w1: { iterations: 15_000 },
    w2: { iterations: 60 },
    w3: { iterations: 4 },
    w4: { iterations: 8 }, // R1 is computed at every 4th step
  };
  const group: PeerGroup = before ? "before" : "this";
  const command = denoCommand("compiled.ts", folder);
  const peer = (name: string, env: Record<string, string>, more: Partial<Peer> = {}): Peer => ({
    ...{ command, group, ours: true, shares, name: `${who}, ${name}`, env, ...more },
  });
  const yardstick = (name: Yardstick) => before ? { yardstick: name } : {};
  const [one, none] = [{ JIT_THREADS: "1" }, { GAN_BLAS: "none" }];
  const plain = [
    peer("jit", none, yardstick("before")),
    peer("jit on one thread", { ...none, ...one }),
    peer("jit without the classes", none, {
      command: [...command, "--bare"],
      shares: { w1: shares.w1 },
    }),
  ];
  if (!blas) return plain;
  const { w1: _, ...images } = shares;
  const products = yardstick("before with OpenBLAS"), library = { GAN_BLAS: blas };
  return [
    ...plain,
    peer("jit with OpenBLAS", library, { setting: "default", shares: images, ...products }),
    peer("jit with OpenBLAS on one thread", { ...library, ...one }, { shares: images }),
  ];
}

function pytorch(python: string | undefined): Peer[] {
  if (!python) return [];
  const script = [python, "-W", "ignore", join(peersFolder, "torch_peer.py")];
  const images = { w2: { iterations: 100 }, w3: { iterations: 10 }, w4: { iterations: 12 } };
  return threadCounts().flatMap((threads): Peer[] => {
    const count = String(threads), command = [...script, "--threads", count];
    const env = { OMP_NUM_THREADS: count, MKL_NUM_THREADS: count };
    const setting = threadsText(threads);
    const peer = { group: "torch", yardstick: "PyTorch", setting, env } as const;
    return [
      {
        ...peer,
        name: "PyTorch, eager",
        command,
        shares: { w1: { iterations: 1_500 }, ...images },
      },
      {
        ...{ ...peer, name: "PyTorch, eager, fused Adam", shares: images },
        command: [...command, "--adam", "fused"],
      },
    ];
  });
}

function jax(python: string | undefined): Peer[] {
  if (!python) return [];
  const script = [python, join(peersFolder, "jax_peer.py")];
  const images = { w2: { iterations: 100 }, w3: { iterations: 8 }, w4: { iterations: 8 } };
  return threadCounts().flatMap((threads): Peer[] => {
    const command = [...script, "--threads", String(threads)];
    const peer = { group: "jax", yardstick: "JAX", setting: threadsText(threads) } as const;
    return [
      { ...peer, name: "JAX, jit", command, shares: { w1: { iterations: 3_000 }, ...images } },
      {
        ...{ ...peer, name: "JAX, jit, all iterations in one scan" },
        ...{ command: [...command, "--scan"], shares: { w1: { iterations: 15_000 } } },
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

/** Lists all peers that are available. */
export function roster(environment: Environment, before?: Before): Peer[] {
  return [
    ...ours(environment.blas),
    ...(before ? ours(environment.blas, before) : []),
    ...cLoops(environment),
    ...pytorch(environment.torch),
    ...jax(environment.jax),
    {
      group: "jax-js",
      name: "jax-js, jit",
      command: denoCommand("jax_js.ts"),
      shares: { w1: { iterations: 750 }, w2: { iterations: 20 } },
    },
    {
      group: "tfjs",
      name: "TensorFlow.js, eager, cpu backend",
      yardstick: "eager",
      command: denoCommand("tfjs.ts"),
      shares: {
        w1: { iterations: 300 },
        w2: { iterations: 1 },
        w3: { iterations: 1, batch: 4, rounds: 2 },
      },
    },
  ];
}

/**
 * Shortens the roster for a smoke run: one setting per peer, a fifth of each part, and nothing that
 * takes seconds.
 */
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
