/** Lists the peers of the growth curves. */

import { join } from "node:path";
import { type Environment, peersFolder } from "../environment.ts";
import { denoCommand, type PeerGroup } from "../roster.ts";
import type { GrowthPeer } from "./measure.ts";

/** Names of this project's lines. */
export const ownNames = { blas: "this project, OpenBLAS", plain: "this project, WebAssembly" };

/** Lists this project's peers with a number of threads; undefined for the default. */
export function ownPeers({ blas }: Pick<Environment, "blas">, threads?: number): GrowthPeer[] {
  const count: Record<string, string> = threads === undefined
    ? {}
    : { JIT_THREADS: String(threads) };
  const peer = (name: string, library: string): GrowthPeer => ({
    ...{ name, command: denoCommand("growth.ts"), env: { ...count, GAN_BLAS: library } },
    ...{ firstCalls: 3, ...threads === undefined ? {} : { threads } },
  });
  return [...blas ? [peer(ownNames.blas, blas)] : [], peer(ownNames.plain, "none")];
}

/** Lists PyTorch and JAX with a number of threads. */
export function otherPeers(
  { torch, jax }: Pick<Environment, "torch" | "jax">,
  threads: number,
): GrowthPeer[] {
  const count = String(threads);
  const script = (name: string) => [join(peersFolder, name), "--threads", count];
  const env = { OMP_NUM_THREADS: count, MKL_NUM_THREADS: count };
  const both: (GrowthPeer | undefined)[] = [
    torch === undefined ? undefined : {
      ...{ name: "PyTorch, fused Adam", threads, env, firstCalls: 1 },
      command: [torch, "-W", "ignore", ...script("torch_peer.py"), "--adam", "fused"],
    },
    jax === undefined ? undefined : {
      ...{ name: "JAX, jit", threads, firstCalls: 1 },
      command: [jax, ...script("jax_peer.py")],
    },
  ];
  return both.filter((peer) => peer !== undefined);
}

/** Lists all peers of some groups; PyTorch and JAX with each number of threads. */
export function growthPeers(
  environment: Environment,
  groups: readonly PeerGroup[],
  threads: { readonly own?: number; readonly others: readonly number[] },
): GrowthPeer[] {
  const kept = {
    torch: groups.includes("torch") ? environment.torch : undefined,
    jax: groups.includes("jax") ? environment.jax : undefined,
  };
  return [
    ...groups.includes("this") ? ownPeers(environment, threads.own) : [],
    ...threads.others.flatMap((count) => otherPeers(kept, count)),
  ];
}
