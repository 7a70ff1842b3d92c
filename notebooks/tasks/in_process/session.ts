/** Runs a notebook in a Deno process without Jupyter, and collects the outputs cell by cell. */

import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { forEachLine } from "../jupyter/bridge.ts";
import {
  configOf,
  findPlace,
  type NotebookModule,
  writeModule,
} from "../notebook/checked_module.ts";
import { CellOutputs, DisplayRegistry } from "../notebook/outputs.ts";
import type { CellPosition } from "../notebook/extract.ts";
import type { ErrorOutput } from "../notebook/nbformat.ts";
import type { ExecuteOptions, Execution, Session } from "../notebook/session.ts";
import { parseEvent, type RunEvent } from "./messages.ts";

/** Where the modules of notebooks are written. */
export interface InProcessOptions {
  /** The folder. */
  readonly folder?: string;
}

/** Starts a notebook without Jupyter; it runs on its own, `execute` follows it. */
export async function startInProcess(
  notebookPath: string,
  { folder }: InProcessOptions = {},
): Promise<Session> {
  const options = folder === undefined ? {} : { folder };
  const module = await writeModule(notebookPath, { ...options, runnable: true });
  return new InProcessSession(module, dirname(notebookPath));
}

type Ended = { readonly event: "exit"; readonly code: number };

class InProcessSession implements Session {
  readonly #module: NotebookModule;
  readonly #process: Deno.ChildProcess;
  readonly #displays = new DisplayRegistry();
  readonly #events: (RunEvent | Ended)[] = [];
  readonly #finished: Promise<void>;
  #wake = () => {};
  #cell = 0;
  #failedAt: CellPosition | undefined;

  constructor(module: NotebookModule, cwd: string) {
    this.#module = module;
    const worker = fileURLToPath(new URL("worker.ts", import.meta.url));
    const config = configOf(dirname(module.path));
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", config, worker, pathToFileURL(module.path).href],
      cwd,
      stdin: "null",
      stdout: "piped",
    }).spawn();
    this.#finished = this.#follow();
  }

  async execute(_code: string, { onOutput }: ExecuteOptions = {}): Promise<Execution> {
    this.#cell++;
    const outputs = new CellOutputs(this.#displays);
    const done = { outputs: outputs.list, executionCount: this.#cell };
    for (;;) {
      const event = await this.#next();
      if (event.event === "message") {
        outputs.add(event);
        onOutput?.(event);
      } else if (event.event === "failed") {
        const error = this.#inCells(event.error);
        outputs.add({ type: "error", content: { ...error } });
        return { ...done, status: "error", error };
      } else if (event.event === "exit") {
        throw new Error(`Cannot go on with the notebook: its process ended with ${event.code}`);
      } else if (event.event === "end" || event.cell > this.#cell) {
        return { ...done, status: "ok" };
      }
    }
  }

  /** Where the last error came from. */
  get failedAt(): CellPosition | undefined {
    return this.#failedAt;
  }

  #locate(text: string): CellPosition | undefined {
    return findPlace(text, [this.#module])?.position;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended by itself
    }
    await this.#finished;
  }

  /** The error with cells for lines of the module, and without the frames below it. */
  #inCells(error: ErrorOutput): ErrorOutput {
    const worker = error.traceback.findIndex((line) => line.includes("in_process/worker.ts"));
    const lines = worker < 0 ? error.traceback : error.traceback.slice(0, worker);
    const inCells = (text: string) =>
      text.replace(/file:\/\/[^\s)]+?:\d+:\d+/g, (url) => {
        const place = this.#locate(url);
        return place ? `cell ${place.cell} line ${place.line}` : url;
      });
    this.#failedAt = this.#locate([...lines, error.evalue].join("\n"));
    return { ...error, evalue: inCells(error.evalue), traceback: lines.map(inCells) };
  }

  async #follow(): Promise<void> {
    await forEachLine(this.#process.stdout, (line) => {
      const event = parseEvent(line);
      if (event) this.#push(event);
    });
    this.#push({ event: "exit", code: (await this.#process.status).code });
  }

  #push(event: RunEvent | Ended): void {
    this.#events.push(event);
    this.#wake();
  }

  async #next(): Promise<RunEvent | Ended> {
    for (;;) {
      const event = this.#events.shift();
      if (event) return event;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
