/** Shows the progress of a notebook's run on the terminal: cell, title, seconds, and a long cell's latest text. */

import { stripVTControlCharacters } from "node:util";
import { codeCells, type Notebook, textOf } from "../notebook/nbformat.ts";
import type { Log } from "../terminal.ts";
import type { RunEvent } from "./runner.ts";

/** Makes a function that writes the events of a run to a log. */
export function progressOf(notebook: Notebook, log: Log, now: () => number = Date.now) {
  const labels = labelsOf(notebook);
  const total = String(labels.length);
  let [current, started, live] = [0, 0, ""];
  return (event: RunEvent): void => {
    if (event.event === "cell") [current, started, live] = [event.cell, now(), ""];
    if (event.event === "live") live = liveLine(event.text) || live;
    if (current === 0) return;
    const seconds = ((now() - started) / 1000).toFixed(1).padStart(6);
    const cell = `  cell ${String(current).padStart(total.length)} of ${total} ${seconds} s  `;
    const label = labels[current - 1] ?? "";
    if (event.event === "ran") {
      log(cell + label + (event.failure ? "  FAILED" : ""));
      current = 0;
    } else log(cell + (live || label), true);
  };
}

/** Names each code cell after the heading just above it, or after its first line of code. */
function labelsOf(notebook: Notebook): string[] {
  return codeCells(notebook).map((cell) => {
    const before = notebook.cells[notebook.cells.indexOf(cell) - 1];
    const heading = before?.cell_type === "markdown" &&
      /^#+\s+(.+)$/m.exec(textOf(before.source))?.[1];
    return heading || (/^(?!\s*\/\/)\s*(\S.*)/m.exec(textOf(cell.source))?.[1] ?? "");
  });
}

/** Returns the last line of a text that a running cell shows. */
export function liveLine(text: string): string {
  const last = stripVTControlCharacters(text).trim().split("\n").at(-1) ?? "";
  // A bar of characters says no more than the words after it, and takes the room of "… left".
  return last.replace(/^\[[#=-]+\] /, "");
}
