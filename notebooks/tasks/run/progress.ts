/** Tells of a notebook's run on the terminal: cell, title, seconds, and the live text of a long cell. */

import { withoutAnsi } from "../notebook/nbformat.ts";
import type { OutputMessage } from "../notebook/outputs.ts";
import type { TerminalLog } from "../terminal.ts";
import type { RunListener } from "./run_cells.ts";

/** Makes a listener that writes to a log; disposing it stops its clock. */
export function progressListener(cells: number, log: TerminalLog): RunListener & Disposable {
  const width = String(cells).length;
  let started = 0;
  let label = "";
  let live = "";
  let current = 0;
  let disposed = false;
  const line = (state: string) => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
    return `  cell ${String(current).padStart(width)} of ${cells} ${seconds} s  ${state}`;
  };
  const show = () => log.line(line(live || label), true);
  const clock = setInterval(() => current > 0 && show(), 1000);
  return {
    cellStarted(cell, title) {
      [started, label, live, current] = [Date.now(), title, "", cell];
      show();
    },
    cellOutput(_cell, message) {
      const text = liveText(message);
      if (text === undefined) return;
      live = text;
      show();
    },
    cellEnded(_cell, failed) {
      if (disposed) return; // a run that was stopped has said so
      log.line(line(failed ? `${label}  FAILED` : label));
      current = 0;
    },
    [Symbol.dispose]() {
      disposed = true;
      clearInterval(clock);
    },
  };
}

/** One line of what a running cell shows: of a live display, or the last line it printed. */
export function liveText({ type, content }: OutputMessage): string | undefined {
  if (type === "stream") return lastLine(String(content.text ?? ""));
  if (type !== "display_data" && type !== "update_display_data") return undefined;
  const transient = content.transient as { display_id?: unknown } | undefined;
  const text = (content.data as Record<string, unknown> | undefined)?.["text/plain"];
  // A display with an id is made to be updated: progress, mostly.
  return transient?.display_id === undefined || typeof text !== "string"
    ? undefined
    : lastLine(text);
}

function lastLine(text: string): string | undefined {
  const last = withoutAnsi(text).trim().split("\n").at(-1) ?? "";
  // A bar of characters says no more than the words after it, and takes the room of "… left".
  return last.replace(/^\[[#=-]+\] /, "") || undefined;
}
