/** Runs a process that runs a notebook and reports it in events. At the end, no process is left. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { TaskError } from "../errors.ts";
import type { ErrorOutput } from "../notebook/nbformat.ts";
import { writeWhole } from "../paths.ts";
import { kill } from "../processes.ts";

/** One event of a run; cells are counted from 1. */
export type RunEvent =
  | { readonly event: "kernel"; readonly pid: number }
  | { readonly event: "cell"; readonly cell: number }
  | { readonly event: "live"; readonly text: string }
  | { readonly event: "ran"; readonly failure: Failure | null }
  | { readonly event: "file"; readonly path: string; readonly text: string }
  | { readonly event: "alive" | "end" };

/** The cell that failed, and the line in it if the process knows it. */
export interface Failure {
  readonly cell: number;
  readonly line?: number;
  readonly error: ErrorOutput;
}

/** A process that runs a notebook. */
export interface Runner {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Written to its standard input as one line of JSON. The input is closed when the process should end. */
  readonly request?: object;
  /** Seconds without an event after which the process counts as hanging; by default there is no limit. */
  readonly silenceSeconds?: number;
}

/** Time in milliseconds that a process has to end its kernel, before both are killed. */
const END_MS = 800;

/**
 * Runs a process until its "end" event and writes the files that it sends. Returns the failure of a cell, if any.
 * Throws a {@linkcode TaskError} if the process ends without this event.
 */
export async function follow(
  { command: [program, ...args], env = {}, cwd, request = {}, silenceSeconds = Infinity }: Runner,
  { onEvent, signal }: { onEvent: (event: RunEvent) => void; signal?: AbortSignal | undefined },
): Promise<Failure | null> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { env: { ...process.env, ...env }, cwd });
  const exit = once(child, "exit");
  let [last, heard] = ["", Date.now()];
  let kernel: number | undefined;
  createInterface(child.stderr).on("line", (line) => last = line.trim() || last);
  child.stdin.on("error", () => {}); // it says itself why it has ended
  child.stdin.write(JSON.stringify(request) + "\n");
  const listen = async () => {
    let failure: Failure | null = null;
    for await (const line of createInterface(child.stdout)) {
      if (!line.startsWith('{"event":')) continue; // what a cell writes past the console
      const event = JSON.parse(line) as RunEvent;
      heard = Date.now();
      if (event.event === "kernel") kernel = event.pid;
      if (event.event === "ran") failure = event.failure;
      if (event.event === "file") await writeWhole(event.path, event.text);
      if (event.event !== "alive") onEvent(event);
      if (event.event === "end") return failure;
    }
    const [code, signal] = await exit;
    throw new TaskError(endText(program, { code, signal, last }));
  };
  const tick = () => {
    if (Date.now() - heard >= silenceSeconds * 1000) {
      throw new TaskError(`Cannot go on: ${program} has not answered for ${silenceSeconds} s.`);
    }
    onEvent({ event: "alive" });
  };
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  signal?.addEventListener("abort", () => reject(signal.reason));
  const clock = setInterval(() => void Promise.try(tick).catch(reject), 1000);
  try {
    const failure = await Promise.race([listen(), stopped]);
    kernel = undefined; // it has ended its kernel itself
    return failure;
  } finally {
    clearInterval(clock);
    child.stdin.end(); // which asks it to end
    const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
    await exit;
    clearTimeout(timer);
    if (kernel) kill(kernel);
    for (const stream of [child.stdout, child.stderr]) stream.destroy(); // others may hold them open
  }
}

function endText(
  program: string,
  { code, signal, last }: { code: number | null; signal: string | null; last: string },
): string {
  const why = signal === "SIGKILL" ? ", perhaps because the memory was full" : "";
  const how = signal ? `was ended by ${signal}${why}` : `ended with status ${code}`;
  const said = signal || last === "" ? "" : `: ${last.replace(/\.$/, "")}`;
  return `Cannot go on with the notebook: ${program} ${how}${said}.`;
}
