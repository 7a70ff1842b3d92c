/** Follows a process that runs a notebook and tells of it in events; leaves nothing of it behind. */

import { TaskError } from "../errors.ts";
import type { CellPosition } from "../notebook/module.ts";
import type { ErrorOutput } from "../notebook/nbformat.ts";
import { forEachLine } from "../processes.ts";

/** One event of a run; cells are counted from 1. */
export type RunEvent =
  | { readonly event: "kernel"; readonly pid: number }
  | { readonly event: "cell"; readonly cell: number }
  | { readonly event: "live"; readonly text: string }
  | { readonly event: "ran"; readonly cell: number; readonly failed: boolean }
  | FailedEvent
  | { readonly event: "alive" }
  | { readonly event: "end" };

/** The event of a cell that failed. */
export interface FailedEvent {
  readonly event: "failed";
  readonly cell: number;
  readonly error: ErrorOutput;
  /** The line that failed, where the runner knows it. */
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
  { command: [program, ...args], env = {}, cwd, request, silenceSeconds = Infinity }: Runner,
  { onEvent, signal }: FollowOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const piped = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const place = cwd === undefined ? {} : { cwd };
  const child = new Deno.Command(program, { args, env: { ...env }, ...place, ...piped }).spawn();
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const gone = new AbortController();
  let [kernel, last, heard] = [0, "", Date.now()];
  const take = (line: string) => {
    if (!line.startsWith('{"event":')) return; // what a cell writes past the console
    const event = JSON.parse(line) as RunEvent;
    heard = Date.now();
    if (event.event === "kernel") kernel = event.pid;
    if (event.event !== "alive") onEvent(event);
    if (event.event === "end") resolve();
  };
  const clock = setInterval(() => {
    if (Date.now() - heard >= silenceSeconds * 1000) {
      reject(new TaskError(`Cannot go on: ${program} has not answered for ${silenceSeconds} s.`));
    }
    Promise.try(onEvent, { event: "alive" } as const).catch(reject);
  }, 1000);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const input = child.stdin.getWriter();
  const line = request === undefined ? "" : JSON.stringify(request) + "\n";
  input.write(new TextEncoder().encode(line)).catch(() => {}); // it says itself why it has ended
  const lines = forEachLine(child.stdout, take, { until: gone.signal });
  const words = (line: string) => last = line.trim() || last;
  const errors = forEachLine(child.stderr, words, { until: gone.signal });
  Promise.all([child.status, lines]).then(
    ([status]) => reject(new TaskError(endText(program, { ...status, last }))),
    reject,
  );
  try {
    await over;
    kernel = 0; // it has ended its kernel itself
  } finally {
    clearInterval(clock);
    signal?.removeEventListener("abort", abort);
    await endAll(child, { input, kernel });
    gone.abort();
    await Promise.allSettled([lines, errors]);
  }
}

/** Ends a process by the end of its input, by force if it takes too long, and its kernel if it is left. */
async function endAll(
  child: Deno.ChildProcess,
  { input, kernel }: { input: WritableStreamDefaultWriter; kernel: number },
): Promise<void> {
  input.close().catch(() => {});
  const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
  await child.status;
  clearTimeout(timer);
  try {
    if (kernel > 0) Deno.kill(kernel, "SIGKILL");
  } catch {
    // it has ended, as it should
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
