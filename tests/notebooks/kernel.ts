/** One kernel for tests: runs pieces of code as the notebook runner runs cells, and is interrupted. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Jupyter } from "../../notebooks/tasks/jupyter/mod.ts";
import type { ErrorOutput, Output } from "../../notebooks/tasks/notebook/nbformat.ts";

/** What came of one piece of code. */
export interface Execution {
  /** "ok", or "error" if the code threw or the kernel died. */
  readonly status: string;
  /** The outputs; later code may still update its displays. */
  readonly outputs: Output[];
  /** The n of [n]. */
  readonly executionCount: number | null;
  /** The error that ended it. */
  readonly error?: ErrorOutput;
}

/** Options of `execute`. */
export interface ExecuteOptions {
  /** Called for every message of the kernel's output channel. */
  readonly onOutput?: (message: { readonly type: string }) => void;
  /** Waits for outputs that come after the code has ended, a quarter of a second; by default it does. */
  readonly late?: boolean;
}

/** A running kernel. */
export interface Kernel extends AsyncDisposable {
  /** Runs code; resolves when it is done and its outputs have come. */
  execute(code: string, options?: ExecuteOptions): Promise<Execution>;
  /** Does what Jupyter's interrupt button does. */
  interrupt(): Promise<void>;
  /** Says if the kernel's process lives. */
  isAlive(): Promise<boolean>;
}

interface Answer {
  readonly alive?: boolean;
  readonly error?: ErrorOutput | null;
  readonly count?: number | null;
  readonly outputs?: Readonly<Record<string, Output[]>>;
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Starts a kernel; `await using kernel = await startKernel(…)` also ends it. */
export async function startKernel(
  { python, env }: Jupyter,
  { cwd }: { readonly cwd: string },
): Promise<Kernel> {
  const args = [
    "-W",
    "ignore",
    path("kernel_session.py"),
    cwd,
    path("../../notebooks/tasks/python"),
  ];
  const child = spawn(python, args, {
    env: { ...process.env, ...env, PYTHONIOENCODING: "utf-8" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  const { promise: ready, resolve: setReady, reject: setFailed } = Promise.withResolvers<void>();
  const pending = new Map<number, (answer: Answer) => void>();
  const shown: Output[][] = [];
  let listen: ExecuteOptions["onOutput"];
  let ids = 0;
  const listening = async () => {
    for await (const line of createInterface(child.stdout)) {
      const { event, id, type, ...answer } = JSON.parse(line);
      if (event === "ready") setReady();
      else if (event === "message") listen?.({ type });
      else if (event === "answer") pending.get(id)?.(answer);
    }
  };
  const finished = listening().then(() => setFailed(new Error("the kernel's session has ended")));
  const send = (command: object): Promise<Answer> => {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    pending.set(++ids, resolve);
    child.stdin.write(JSON.stringify({ ...command, id: ids }) + "\n");
    return promise;
  };
  await ready;
  return {
    async execute(code, { onOutput, late = true } = {}) {
      listen = onOutput;
      const { error, count = null, outputs = {} } = await send({ op: "execute", code, late });
      for (const [at, list] of Object.entries(outputs)) {
        const known = shown[Number(at)] ??= [];
        known.splice(0, Infinity, ...list);
      }
      const status = error ? "error" : "ok";
      const mine = count === null && error ? [error] : shown.at(-1) ?? [];
      return { status, outputs: mine, executionCount: count, ...(error ? { error } : {}) };
    },
    interrupt: async () => void await send({ op: "interrupt" }),
    isAlive: async () => (await send({ op: "alive" })).alive === true,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await finished;
      await exit;
    },
  };
}
