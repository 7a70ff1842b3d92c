/** Follows a process that runs a notebook and tells of it in events; leaves nothing of it behind. */

import { TaskError } from "../errors.ts";
import type { CellPosition } from "../notebook/module.ts";
import type { ErrorOutput } from "../notebook/nbformat.ts";
import { kill, linesIn } from "../processes.ts";

/** One event of a run; cells are counted from 1. */
export type RunEvent =
  | { readonly event: "kernel"; readonly pid: number }
  | { readonly event: "cell"; readonly cell: number }
  | { readonly event: "live"; readonly text: string }
  | { readonly event: "ran"; readonly cell: number; readonly failed: boolean }
  | FailedEvent
  | { readonly event: "alive" }
  | { readonly event: "end" };

/** The event of a cell that failed, with the place that failed where the runner knows it. */
export interface FailedEvent {
  readonly event: "failed";
  readonly cell: number;
  readonly error: ErrorOutput;
  readonly place?: CellPosition;
}

/** A process to follow. */
export interface Runner {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Written to its standard input as one line of JSON; the input stays open as long as it is wanted. */
  readonly request?: object;
  /** A silence longer than this means that it hangs; by default there is no limit. */
  readonly silenceSeconds?: number;
}

/** Options of {@linkcode follow}. */
export interface FollowOptions {
  /** Takes the events, and "alive" every second. */
  readonly onEvent: (event: RunEvent) => void;
  /** Ends the process, and the kernel with it. */
  readonly signal?: AbortSignal | undefined;
}

/** An ended process has so long to end its kernel before both are killed. */
const END_MS = 800;

/** Runs a process until its "end" event. Throws a {@linkcode TaskError} where it ends without. */
export async function follow(
  { command: [program, ...args], env = {}, cwd, request = {}, silenceSeconds = Infinity }: Runner,
  { onEvent, signal }: FollowOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const piped = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const place = cwd === undefined ? {} : { cwd };
  const child = new Deno.Command(program, { args, env: { ...env }, ...place, ...piped }).spawn();
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const gone = new AbortController();
  let [kernel, last, heard] = [0, "", Date.now()];
  const read = async () => {
    for await (const line of linesIn(child.stdout, gone)) {
      if (!line.startsWith('{"event":')) continue; // what a cell writes past the console
      const event = JSON.parse(line) as RunEvent;
      heard = Date.now();
      if (event.event === "kernel") kernel = event.pid;
      if (event.event !== "alive") onEvent(event);
      if (event.event === "end") return resolve();
    }
    throw new TaskError(endText(program, { ...await child.status, last }));
  };
  const readErrors = async () => {
    for await (const line of linesIn(child.stderr, gone)) last = line.trim() || last;
  };
  const tick = () => {
    if (Date.now() - heard >= silenceSeconds * 1000) {
      throw new TaskError(`Cannot go on: ${program} has not answered for ${silenceSeconds} s.`);
    }
    onEvent({ event: "alive" });
  };
  const clock = setInterval(() => void Promise.try(tick).catch(reject), 1000);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const input = child.stdin.getWriter();
  const line = JSON.stringify(request) + "\n";
  input.write(new TextEncoder().encode(line)).catch(() => {}); // it says itself why it has ended
  const reading = [read().catch(reject), readErrors()];
  try {
    await over;
    kernel = 0; // it has ended its kernel itself
  } finally {
    clearInterval(clock);
    signal?.removeEventListener("abort", abort);
    input.close().catch(() => {}); // which asks it to end
    const timer = setTimeout(kill, END_MS, child.pid);
    await child.status;
    clearTimeout(timer);
    if (kernel > 0) kill(kernel);
    gone.abort();
    await Promise.allSettled(reading);
  }
}

function endText(
  program: string,
  { code, signal, last }: { code: number; signal: Deno.Signal | null; last: string },
): string {
  const why = signal === "SIGKILL" ? ", perhaps because the memory was full" : "";
  const how = signal ? `was ended by ${signal}${why}` : `ended with status ${code}`;
  const said = signal || last === "" ? "" : `: ${last.replace(/\.$/, "")}`;
  return `Cannot go on with the notebook: ${program} ${how}${said}.`;
}
