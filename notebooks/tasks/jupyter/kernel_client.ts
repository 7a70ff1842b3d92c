/** Starts a Jupyter kernel and runs code in it, with the outputs as they come. */

import { fileURLToPath } from "node:url";
import { CellOutputs, DisplayRegistry, type OutputMessage } from "../notebook/outputs.ts";
import type { ErrorOutput, Output } from "../notebook/nbformat.ts";
import { type Bridge, openBridge } from "./bridge.ts";

/** What is needed to start Jupyter's programs: a Python that has jupyter_client, and the environment. */
export interface JupyterEnvironment {
  /** The Python executable. */
  readonly python: string;
  /** Variables that lead Jupyter to the Deno kernel, on top of the process's own. */
  readonly env: Readonly<Record<string, string>>;
}

/** How a kernel is started. */
export interface KernelOptions {
  /** The kernel's working folder. */
  readonly cwd: string;
  /** The kernelspec's name. */
  readonly kernelName?: string;
  /** How long the kernel may take to answer for the first time. */
  readonly startSeconds?: number;
  /**
   * How long a cell's outputs must have been quiet after the kernel's "idle" before the cell counts as
   * done. Newer Deno versions send outputs after "idle" as a rule, 2.8.1 now and then under load.
   */
  readonly settleMs?: number;
}

/** How one piece of code is run. */
export interface ExecuteOptions {
  /** Called for every message of the output channel that belongs to this code. */
  readonly onOutput?: (message: OutputMessage) => void;
}

/** What came of one piece of code. */
export interface Execution {
  /** "ok", "error" (the code threw) or "aborted". */
  readonly status: string;
  /** The outputs; later code may still update its displays. */
  readonly outputs: Output[];
  /** The n of [n]. */
  readonly executionCount: number | null;
  /** The error that ended it, from the outputs or, where the kernel showed none, from its reply. */
  readonly error?: ErrorOutput;
}

/** A running kernel. */
export interface Kernel extends AsyncDisposable {
  /** Runs code; resolves when it is done and its outputs have come. Rejects when the kernel dies. */
  execute(code: string, options?: ExecuteOptions): Promise<Execution>;
  /** What Jupyter's interrupt button does. */
  interrupt(): Promise<void>;
  /** Whether the kernel's process lives. */
  isAlive(): Promise<boolean>;
  /** Ends the kernel's process. */
  shutdown(): Promise<void>;
  /** The process id of the bridge, to end it by force. */
  readonly pid: number;
}

interface Running {
  readonly outputs: CellOutputs;
  readonly options: ExecuteOptions;
  readonly finish: (reply: Record<string, unknown>) => void;
  reply?: Record<string, unknown>;
  idle: boolean;
  done: boolean;
  timer?: ReturnType<typeof setTimeout>;
}

/** Starts a kernel; `await using kernel = await startKernel(…)` also ends it. */
export async function startKernel(
  jupyter: JupyterEnvironment,
  { cwd, kernelName = "deno", startSeconds = 60, settleMs = SETTLE_MS }: KernelOptions,
): Promise<Kernel> {
  const script = fileURLToPath(new URL("kernel_bridge.py", import.meta.url));
  const bridge = openBridge(jupyter.python, {
    args: [script, kernelName, cwd, String(startSeconds)],
    env: jupyter.env,
  });
  await bridge.ready;
  return new BridgedKernel(bridge, settleMs);
}

/** Long enough for every version that was tried. */
const SETTLE_MS = 250;

class BridgedKernel implements Kernel {
  readonly pid: number;
  readonly #bridge: Bridge;
  readonly #settleMs: number;
  readonly #displays = new DisplayRegistry();
  readonly #running = new Map<number, Running>();

  constructor(bridge: Bridge, settleMs: number) {
    this.pid = bridge.pid;
    this.#bridge = bridge;
    this.#settleMs = settleMs;
    bridge.onIopub = (id, message) => this.#receive(id, message);
  }

  async execute(code: string, options: ExecuteOptions = {}): Promise<Execution> {
    const { id, reply } = this.#bridge.send({ op: "execute", code });
    const outputs = new CellOutputs(this.#displays);
    const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
    const running: Running = { outputs, options, finish: resolve, idle: false, done: false };
    this.#running.set(id, running);
    running.reply = await reply;
    this.#finishWhenQuiet(running);
    // It stays known: what comes later still is, as in JupyterLab, the output of this code.
    const settled = await Promise.race([promise, this.#bridge.failed]);
    running.done = true;
    return toExecution(settled, outputs.list);
  }

  async interrupt(): Promise<void> {
    await this.#bridge.send({ op: "interrupt" }).reply;
  }

  async isAlive(): Promise<boolean> {
    if (this.#bridge.closed) return false;
    try {
      return (await this.#bridge.send({ op: "alive" }).reply).alive === true;
    } catch {
      return false;
    }
  }

  async shutdown(): Promise<void> {
    if (!this.#bridge.closed) await this.#bridge.send({ op: "shutdown" }).reply.catch(() => {});
    await this.#bridge.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #receive(id: number | null, message: OutputMessage): void {
    const running = id === null ? undefined : this.#running.get(id);
    if (!running) return;
    if (message.type === "status" && message.content.execution_state === "idle") {
      running.idle = true;
    } else {
      running.outputs.add(message);
      running.options.onOutput?.(message);
    }
    this.#finishWhenQuiet(running);
  }

  #finishWhenQuiet(running: Running): void {
    const { reply } = running;
    clearTimeout(running.timer);
    if (!reply || !running.idle || running.done) return;
    running.timer = setTimeout(() => running.finish(reply), this.#settleMs);
  }
}

function toExecution(reply: Record<string, unknown>, outputs: Output[]): Execution {
  const status = String(reply.status);
  const count = typeof reply.execution_count === "number" ? reply.execution_count : null;
  const shown = outputs.find((output) => output.output_type === "error");
  const error = shown ?? (status === "ok" ? undefined : errorOfReply(reply));
  const failed = error && status === "ok" ? "error" : status;
  return { status: failed, outputs, executionCount: count, ...(error ? { error } : {}) };
}

function errorOfReply(reply: Record<string, unknown>): ErrorOutput {
  return {
    output_type: "error",
    ename: String(reply.ename ?? "Error"),
    evalue: String(reply.evalue ?? ""),
    traceback: Array.isArray(reply.traceback) ? reply.traceback.map(String) : [],
  };
}
