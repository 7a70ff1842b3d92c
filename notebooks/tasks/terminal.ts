/** Prints lines of progress on the terminal. Some lines are replaced by the next one. */

import process from "node:process";
import { TaskError } from "./errors.ts";

/** Function that writes a line. In a terminal, the next line overwrites it if `replaces` is true. */
export type Log = (text: string, replaces?: boolean) => void;

/** Outside a terminal, a line that would be overwritten is written only after this time without a line. */
const QUIET_MS = 5000;

/** Makes a log. In a terminal, lines that `replaces` marks are overwritten; elsewhere most of them are left out. */
export function terminalLog({
  write = writeError,
  isTerminal = Deno.stderr.isTerminal(),
  columns = () => process.stderr.columns || 80, // 0 where nobody set a size
  now = Date.now,
} = {}): Log {
  let passing = false;
  let lastLine = now();
  return (text, replaces = false) => {
    if (isTerminal) {
      write((passing ? "\r\x1b[K" : "") + (replaces ? clip(text, columns() - 1) : `${text}\n`));
      passing = replaces;
    } else if (!replaces || now() - lastLine >= QUIET_MS) {
      lastLine = now();
      write(`${text}\n`);
    }
  };
}

function writeError(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    throw new TaskError("Cannot go on: what reads the progress has ended (a broken pipe).");
  }
}

/** Cuts the first line of a text to at most `width` characters. */
export function clip(text: string, width: number): string {
  const letters = [...text.split("\n", 1).join()];
  return letters.length <= width ? letters.join("") : letters.slice(0, width - 1).join("") + "…";
}
