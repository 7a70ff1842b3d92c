/** Tells of a notebook's run on the terminal: cell, title, seconds, and the live text of a long cell. */

import {
  type CodeCell,
  codeCells,
  type Notebook,
  textOf,
  withoutAnsi,
} from "../notebook/nbformat.ts";
import type { TerminalLog } from "../terminal.ts";
import type { RunEvent } from "./runner.ts";

/** Makes a listener that writes to a log. */
export function progressOf(
  notebook: Notebook,
  log: TerminalLog,
  now: () => number = Date.now,
): (event: RunEvent) => void {
  const cells = codeCells(notebook);
  let [started, label, live, current] = [0, "", "", 0];
  const line = (state: string, replaces = false) => {
    const seconds = ((now() - started) / 1000).toFixed(1).padStart(6);
    const number = String(current).padStart(String(cells.length).length);
    log.line(`  cell ${number} of ${cells.length} ${seconds} s  ${state}`, replaces);
  };
  return (event) => {
    if (event.event === "cell") {
      [started, label, live, current] = [
        now(),
        labelOf(notebook, cells[event.cell - 1]!),
        "",
        event.cell,
      ];
    } else if (event.event === "live") live = liveLine(event.text) || live;
    else if (event.event === "ran") {
      line(event.failed ? `${label}  FAILED` : label);
      current = 0;
    }
    if (current > 0) line(live || label, true);
  };
}

/** Returns the heading just above a cell, or its first line of code. */
export function labelOf({ cells }: Notebook, cell: CodeCell): string {
  const before = cells[cells.indexOf(cell) - 1];
  const heading = before?.cell_type === "markdown" &&
    /^#+\s+(.+)$/m.exec(textOf(before.source))?.[1];
  const lines = textOf(cell.source).split("\n").map((line) => line.trim());
  return heading || (lines.find((line) => line !== "" && !line.startsWith("//")) ?? "");
}

/** Returns the last line of what a running cell tells. */
export function liveLine(text: string): string {
  const last = withoutAnsi(text).trim().split("\n").at(-1) ?? "";
  // A bar of characters says no more than the words after it, and takes the room of "… left".
  return last.replace(/^\[[#=-]+\] /, "");
}
