/** The Deno side of kernel_bridge.py: commands out, events in, one line of JSON each. */

import type { OutputMessage } from "../notebook/outputs.ts";

/** A running bridge. */
export interface Bridge {
  /** The process's id. */
  readonly pid: number;
  /** Resolves when the kernel answers, rejects with what the bridge wrote when it cannot start. */
  readonly ready: Promise<void>;
  /** Never resolves; rejects when the kernel or the bridge has ended. */
  readonly failed: Promise<never>;
  /** Whether the kernel or the bridge has ended. */
  readonly closed: boolean;
  /** Called for every message of the kernel's output channel, with the command that caused it. */
  onIopub: (id: number | null, message: OutputMessage) => void;
  /** Sends a command; its reply rejects when the kernel ends first. */
  send(command: Record<string, unknown>): { id: number; reply: Promise<Record<string, unknown>> };
  /** Closes the bridge's input, which ends the kernel, and waits for the process. */
  close(): Promise<void>;
}

/** What the bridge's process is started with. */
export interface BridgeOptions {
  /** The script and its arguments. */
  readonly args: readonly string[];
  /** Variables on top of the process's own. */
  readonly env: Readonly<Record<string, string>>;
}

interface Event {
  event: string;
  id?: number | null;
  type?: string;
  content?: Record<string, unknown>;
}

/** Starts the bridge with the given Python. */
export function openBridge(python: string, options: BridgeOptions): Bridge {
  return new ProcessBridge(python, options);
}

const ERROR_LINES = 12;

class ProcessBridge implements Bridge {
  readonly pid: number;
  readonly ready: Promise<void>;
  readonly failed: Promise<never>;
  closed = false;
  onIopub: Bridge["onIopub"] = () => {};
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #pending = new Map<number, (content: Record<string, unknown>) => void>();
  readonly #encoder = new TextEncoder();
  readonly #finished: Promise<void>;
  readonly #errors: string[] = [];
  #ids = 0;
  #setReady = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(python: string, { args, env }: BridgeOptions) {
    this.#process = new Deno.Command(python, {
      args: [...args],
      env: { ...env, PYTHONIOENCODING: "utf-8" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = this.#process.pid;
    this.#input = this.#process.stdin.getWriter();
    this.failed = new Promise((_, reject) => this.#fail = reject);
    this.failed.catch(() => {});
    const ready = new Promise<void>((resolve) => this.#setReady = resolve);
    this.ready = Promise.race([ready, this.failed]);
    this.ready.catch(() => {});
    this.#finished = this.#read();
  }

  send(command: Record<string, unknown>): { id: number; reply: Promise<Record<string, unknown>> } {
    const id = ++this.#ids;
    const reply = new Promise<Record<string, unknown>>((resolve) => this.#pending.set(id, resolve));
    const line = this.#encoder.encode(JSON.stringify({ ...command, id }) + "\n");
    this.#input.write(line).catch(() => {});
    return { id, reply: Promise.race([reply, this.failed]) };
  }

  async close(): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#finished;
  }

  async #read(): Promise<void> {
    const errors = this.#readErrors();
    await forEachLine(this.#process.stdout, (line) => this.#receive(JSON.parse(line)));
    await errors;
    await this.#process.status;
    this.#end("the kernel's bridge ended");
  }

  #readErrors(): Promise<void> {
    return forEachLine(this.#process.stderr, (line) => {
      this.#errors.push(line);
      if (this.#errors.length > ERROR_LINES) this.#errors.shift();
    });
  }

  #receive({ event, id, type, content = {} }: Event): void {
    if (event === "ready") this.#setReady();
    else if (event === "iopub") this.onIopub(id ?? null, { type: String(type), content });
    else if (event === "dead") this.#end("the kernel's process ended");
    else if (event === "reply" && typeof id === "number") {
      this.#pending.get(id)?.(content);
      this.#pending.delete(id);
    }
  }

  #end(reason: string): void {
    this.closed = true;
    const details = this.#errors.length > 0 ? `\n${this.#errors.join("\n")}` : "";
    this.#fail(new Error(`Cannot go on with the kernel: ${reason}${details}`));
  }
}

/** Reads a stream of UTF-8 to its end, a line at a time. */
export async function forEachLine(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line.replace(/\r$/, ""));
  }
  if (rest !== "") take(rest);
}
