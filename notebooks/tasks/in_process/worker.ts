/**
 * Runs the module of a notebook without Jupyter; the first argument is the module's URL. What a kernel
 * would send goes to standard output as events. A process of its own, so that a notebook finds fresh
 * globals and its own folder, as in a kernel.
 */

import { Console } from "node:console";
import { Writable } from "node:stream";
import { LISTENER } from "../notebook/listener.ts";
import type { ErrorOutput } from "../notebook/nbformat.ts";
import { formatValue, makeDenoJupyter } from "./deno_jupyter.ts";
import { printEvent, type RunEvent } from "./messages.ts";

async function run(moduleUrl: string): Promise<never> {
  installGlobals();
  globalThis.addEventListener("unhandledrejection", (event) => fail(event.reason));
  globalThis.addEventListener("error", (event) => fail(event.error));
  try {
    await import(moduleUrl);
  } catch (error) {
    fail(error);
  }
  // Late displays of the last cell, as a kernel would still send them.
  await new Promise((resolve) => setTimeout(resolve, 20));
  emit({ event: "end" });
  Deno.exit(0);
}

function fail(error: unknown): never {
  emit({ event: "failed", error: toErrorOutput(error) });
  Deno.exit(1);
}

function installGlobals(): void {
  // Outside a kernel `Deno.jupyter` throws and cannot be redefined, so `Deno` itself is extended.
  const jupyter = makeDenoJupyter(sendMessage);
  const value = Object.create(Deno, { jupyter: { value: jupyter, enumerable: true } });
  Object.defineProperty(globalThis, "Deno", { value, configurable: true, enumerable: true });
  const streams = { stdout: streamTo("stdout"), stderr: streamTo("stderr") };
  Object.assign(console, new Console({ ...streams, colorMode: false }));
  let count = 0;
  const listener = {
    cell: (cell: number) => emit({ event: "cell", cell: count = cell }),
    result: async (result: unknown) => {
      if (result === undefined) return;
      const content = { data: await formatValue(result), metadata: {}, execution_count: count };
      sendMessage("execute_result", content);
    },
  };
  Object.defineProperty(globalThis, LISTENER, { value: listener });
}

function streamTo(name: "stdout" | "stderr"): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string, _encoding: string, done: () => void) {
      sendMessage("stream", { name, text: String(text) });
      done();
    },
  });
}

function sendMessage(type: string, content: Record<string, unknown>): void {
  emit({ event: "message", type, content });
}

const encoder = new TextEncoder();

function emit(event: RunEvent): void {
  let bytes = encoder.encode(printEvent(event));
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

function toErrorOutput(error: unknown): ErrorOutput {
  if (!(error instanceof Error)) {
    const evalue = Deno.inspect(error);
    return { output_type: "error", ename: "Uncaught", evalue, traceback: [] };
  }
  const cause = error.cause === undefined ? [] : [`Caused by ${Deno.inspect(error.cause)}`];
  const traceback = [...(error.stack ?? "").split("\n"), ...cause];
  return { output_type: "error", ename: error.name, evalue: error.message, traceback };
}

if (import.meta.main) await run(Deno.args[0] ?? "");
