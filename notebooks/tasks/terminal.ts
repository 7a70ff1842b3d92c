/** Prints lines of progress on the terminal, some of which replace the one before. */

import process from "node:process";
import { TaskError } from "./errors.ts";

/** A writer of lines; one that `replaces` is overwritten by the next where a terminal shows it. */
export type Log = (text: string, replaces?: boolean) => void;

/** Where nobody rewrites lines (a log file), a passing line is written after this long a silence. */
const QUIET_MS = 5000;

/** Makes a log that rewrites passing lines in a terminal, and leaves out most of them elsewhere. */
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

/** Cuts the first line of a text to a width. */
export function clip(text: string, width: number): string {
  const letters = [...text.split("\n", 1).join()];
  return letters.length <= width ? letters.join("") : letters.slice(0, width - 1).join("") + "…";
}
