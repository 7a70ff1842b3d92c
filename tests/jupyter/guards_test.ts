/** Errors that nobody catches are printed and end nothing. */
import assert from "node:assert/strict";
import { guardErrors } from "../../lib/jupyter/guards.ts";

/** Calls a function; returns the lines that it printed to the error console. */
function printedBy(act: () => void): string[] {
  const lines: string[] = [];
  const before = console.error;
  console.error = (line: string) => void lines.push(line);
  try {
    act();
  } finally {
    console.error = before;
  }
  return lines;
}

Deno.test("guardErrors() prints an uncaught error and keeps the process, until it is removed", () => {
  const fail = () =>
    !globalThis.dispatchEvent(
      new ErrorEvent("error", { cancelable: true, error: new RangeError("late") }),
    );
  const remove = guardErrors();
  let isPrevented = false;
  const lines = printedBy(() => isPrevented = fail());
  remove();
  assert.equal(isPrevented, true);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^Uncaught error outside of a cell: .*RangeError: late/s);
  assert.deepEqual(printedBy(() => isPrevented = fail()), []);
  assert.equal(isPrevented, false);
});
