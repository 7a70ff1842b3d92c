/** What the process of a run without Jupyter tells the one that started it, a line each on standard output. */

import type { ErrorOutput } from "../notebook/nbformat.ts";

/** One event of a run. */
export type RunEvent =
  | { readonly event: "cell"; readonly cell: number }
  | { readonly event: "message"; readonly type: string; readonly content: Record<string, unknown> }
  | { readonly event: "failed"; readonly error: ErrorOutput }
  | { readonly event: "end" };

/** Sets events apart from what a cell may write to standard output by itself (Jupyter shows neither). */
const MARK = "\u0001notebook-run:";

/** An event as it is written. */
export function printEvent(event: RunEvent): string {
  return `\n${MARK}${JSON.stringify(event)}\n`;
}

/** The event in a line, or undefined for a line that a cell wrote. */
export function parseEvent(line: string): RunEvent | undefined {
  return line.startsWith(MARK) ? JSON.parse(line.slice(MARK.length)) as RunEvent : undefined;
}
