/** Who takes part: how each peer is started, and how much of each workload a round asks of it. */

import { join } from "node:path";
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

/** One who takes part. */
export interface Peer extends PeerCommand {
  /** Its name in the table; of several with one name, the quickest is shown. */
  readonly name: string;
  /** The setting that tells it from others of its name. */
  readonly setting?: string;
  /** What ratios call it, if others are measured against it. */
  readonly yardstick?: "PyTorch" | "eager" | "C";
  /** Whether it is this project's. */
  readonly ours?: boolean;
  /** Its shares. */
  readonly shares: Readonly<Partial<Record<WorkloadName, Share>>>;
}

const deno = (file: string) => [
  Deno.execPath(),
  "run",
  "-A",
  "--no-check",
  join(peersFolder, file),
];

function ours(blas: string | undefined): Peer[] {
  const shares = {
    w1: { iterations: 15_000 },
    w2: { iterations: 60 },
    w3: { iterations: 4 },
    w4: { iterations: 8 }, // R1 comes at every 4th
  };
  const peer = { command: deno("compiled.ts"), ours: true, shares };
  const plain: Peer = { ...peer, name: "this project, jit", env: { GAN_BLAS: "none" } };
  const bare: Peer = {
    ...plain,
    name: "this project, jit without the classes",
    command: [...peer.command, "--bare"],
    shares: { w1: shares.w1 },
  };
  if (!blas) return [plain, bare];
  const threads = (count: string): Peer => ({
    ...peer,
    name: "this project, jit with OpenBLAS",
    setting: `${count} thread${count === "1" ? "" : "s"}`,
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
        name: "PyTorch, eager",
        setting,
        yardstick: "PyTorch",
        command,
        env,
        shares: { w1: { iterations: 1_500 }, ...images },
      },
      {
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
  const plain: Peer = { name: "C loop", yardstick: "C", command: [loop], shares: { w1, w2 } };
  if (!blas) return [plain];
  const env = { OPENBLAS_NUM_THREADS: "1" };
  return [plain, { name: "C loop with OpenBLAS", command: [loop, blas], env, shares: { w2 } }];
}

/** Everyone who can take part here. */
export function roster(environment: Environment): Peer[] {
  return [
    ...ours(environment.blas),
    ...cLoops(environment),
    ...pytorch(environment.python),
    {
      name: "jax-js, jit",
      command: deno("jax.ts"),
      shares: { w1: { iterations: 750 }, w2: { iterations: 20 } },
    },
    {
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
