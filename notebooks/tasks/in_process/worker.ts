/**
 * Runs the module of a notebook without Jupyter and saves the executed notebook. Its arguments are the module, the
 * notebook, and the file to save. It is a separate process, so that a notebook has new globals and its own working
 * folder, as in a kernel. It reports the run in events, as notebook_runner.py does.
 */

import { Console } from "node:console";
import type { Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { LISTENER, positionOf } from "../notebook/module.ts";
import { codeCells, type ErrorOutput, parseNotebook, printNotebook } from "../notebook/nbformat.ts";
import type { RunEvent } from "../run/runner.ts";
import { Outputs } from "./outputs.ts";

const [modulePath = "", notebookPath = "", executedPath = ""] = Deno.args;
const moduleUrl = pathToFileURL(modulePath).href;
const moduleText = Deno.readTextFileSync(modulePath);
const notebook = parseNotebook(Deno.readTextFileSync(notebookPath), notebookPath);
const cells = codeCells(notebook);
const outputs = new Outputs((text) => emit({ event: "live", text }));
let current = 0;
let isOver = false;

function errorOf(evalue: string, ename = "Error", traceback: string[] = []): ErrorOutput {
  return { output_type: "error", ename, evalue, traceback };
}

function startCell(number: number): void {
  if (current > 0) emit({ event: "ran", failure: null });
  current = number;
  outputs.cell = cells[number - 1];
  if (outputs.cell) outputs.cell.execution_count = number;
  emit({ event: "cell", cell: number });
}

function finish(error?: ErrorOutput): void {
  if (isOver) return;
  isOver = true;
  const text = error && [...error.traceback, error.evalue].join("\n").split(`${moduleUrl}:`)[1];
  const place = text ? positionOf(moduleText, parseInt(text)) : undefined;
  const failure = error ? { cell: Math.max(current, 1), ...place, error } : null;
  if (failure) cells[failure.cell - 1]?.outputs.push(failure.error);
  emit({ event: "ran", failure });
  emit({ event: "file", path: executedPath, text: printNotebook(notebook) });
  emit({ event: "end" });
}

function fail(thrown: unknown): never {
  finish(toErrorOutput(thrown));
  Deno.exit(1);
}

function emit(event: RunEvent): void {
  let bytes = new TextEncoder().encode(`\n${JSON.stringify(event)}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

/** Converts an error to an output. Leaves out the part of the stack below the module. */
function toErrorOutput(error: unknown): ErrorOutput {
  if (!(error instanceof Error)) return errorOf(Deno.inspect(error), "Uncaught");
  const cause = error.cause === undefined ? [] : [`Caused by ${Deno.inspect(error.cause)}`];
  const trace = (error.stack ?? "").replace(/\n.*in_process\/worker\.ts[^]*/, "").split("\n");
  return errorOf(error.message, error.name, [...trace, ...cause]);
}

/** The one part of a stream that a console needs. */
function streamTo(name: "stdout" | "stderr"): Writable {
  return { write: (text: string) => outputs.print(name, text) } as unknown as Writable;
}

for (const cell of cells) Object.assign(cell, { outputs: [], execution_count: null });
// Outside a kernel `Deno.jupyter` throws and cannot be redefined, so `Deno` itself is extended.
const value = Object.create(Deno, { jupyter: { value: outputs.toJupyter(), enumerable: true } });
Object.defineProperty(globalThis, "Deno", { value, configurable: true, enumerable: true });
const streams = { stdout: streamTo("stdout"), stderr: streamTo("stderr") };
Object.assign(console, new Console({ ...streams, colorMode: false, ignoreErrors: false }));
const listener = { cell: startCell, result: outputs.result.bind(outputs) };
Object.defineProperty(globalThis, LISTENER, { value: listener });
globalThis.addEventListener("unhandledrejection", (event) => fail(event.reason));
globalThis.addEventListener("error", (event) => fail(event.error));
globalThis.addEventListener("unload", () => { // a cell's own `Deno.exit` is a failure of the cell
  finish(errorOf(`Cannot go on with the notebook: its process ended with ${Deno.exitCode}`));
});
await import(moduleUrl).catch(fail);
// Late displays of the last cell, as a kernel would still send them.
await new Promise((resolve) => setTimeout(resolve, 20));
finish();
Deno.exit(0);
