/** What a person sees of a run. */

import assert from "node:assert/strict";
import { TaskError } from "../../notebooks/tasks/errors.ts";
import type { Notebook } from "../../notebooks/tasks/notebook/nbformat.ts";
import { liveLine, progressOf } from "../../notebooks/tasks/run/progress.ts";
import type { RunEvent } from "../../notebooks/tasks/run/runner.ts";
import { clip, terminalLog } from "../../notebooks/tasks/terminal.ts";
import { notebookOf } from "./notebook_of.ts";

Deno.test("terminalLog() rewrites passing lines in a terminal", () => {
  let written = "";
  const write = (text: string) => void (written += text);
  const { line } = terminalLog({ write, isTerminal: true, columns: () => 10 });
  line("a passing line", true);
  line("then");
  line("stays");
  assert.equal(written, "a passin…\r\x1b[Kthen\nstays\n");
});

Deno.test("terminalLog() leaves passing lines out of a file, but for one in five seconds", () => {
  let written = "";
  let time = 0;
  const write = (text: string) => void (written += text);
  const { line } = terminalLog({ write, isTerminal: false, now: () => time });
  line("passing", true);
  line("stays");
  time = 4999;
  line("passing", true);
  time = 5000;
  line("long", true);
  time = 9000;
  line("passing", true);
  assert.equal(written, "stays\nlong\n");
});

Deno.test("clip() cuts by characters and takes the first line", () => {
  assert.equal(clip("one\ntwo", 10), "one");
  assert.equal(clip("one", 3), "one");
  assert.equal(clip("🙂🙂🙂🙂", 3), "🙂🙂…");
});

Deno.test("liveLine() is the last line, without colours and bars", () => {
  assert.equal(liveLine("a\nb\n"), "b");
  assert.equal(liveLine("[##--] \x1b[33m45 %\x1b[39m"), "45 %");
  assert.equal(liveLine("\n"), "");
});

Deno.test("progressOf() tells cell, heading or code, seconds and what the cell tells", () => {
  const notebook: Notebook = notebookOf("// note\n\nf();", "g();", "h();");
  const text = { cell_type: "markdown", metadata: {}, source: "words\n## Title `x`\n" } as const;
  notebook.cells.splice(1, 0, text);
  notebook.cells.splice(3, 0, { ...text, source: "no heading" });
  const lines: string[] = [];
  let time = 0;
  const line = (text: string, replaces = false) => void lines.push(`${replaces ? "~" : ""}${text}`);
  const listen = progressOf(notebook, { line }, () => time);
  const events: RunEvent[] = [
    { event: "alive" },
    { event: "cell", cell: 1 },
    { event: "live", text: "10 %" },
    { event: "live", text: "\n" },
    { event: "alive" },
    { event: "ran", cell: 1, failed: false },
    { event: "alive" },
    { event: "cell", cell: 2 },
    { event: "ran", cell: 2, failed: true },
    { event: "cell", cell: 3 },
  ];
  for (const event of events) {
    listen(event);
    time += 500;
  }
  assert.deepEqual(lines, [
    "~  cell 1 of 3    0.0 s  f();",
    "~  cell 1 of 3    0.5 s  10 %",
    "~  cell 1 of 3    1.0 s  10 %",
    "~  cell 1 of 3    1.5 s  10 %",
    "  cell 1 of 3    2.0 s  f();",
    "~  cell 2 of 3    0.0 s  Title `x`",
    "  cell 2 of 3    0.5 s  Title `x`  FAILED",
    "~  cell 3 of 3    0.0 s  h();",
  ]);
});

Deno.test("TaskError keeps its name in its subclasses' way", () => {
  assert.equal(String(new TaskError("x")), "TaskError: x");
});
