/** What a person sees of a run. */

import assert from "node:assert/strict";
import { liveText } from "../../notebooks/tasks/run/progress.ts";
import { clip, terminalLog } from "../../notebooks/tasks/terminal.ts";

Deno.test("terminalLog() rewrites passing lines in a terminal", () => {
  let written = "";
  const write = (text: string) => void (written += text);
  const { line } = terminalLog({ write, isTerminal: true, columns: () => 10 });
  line("a passing line", true);
  line("then");
  line("stays");
  assert.equal(written, "a passin…\r\x1b[Kthen\nstays\n");
});

Deno.test("terminalLog() leaves passing lines out of a file", () => {
  let written = "";
  const write = (text: string) => void (written += text);
  const { line } = terminalLog({ write, isTerminal: false });
  line("passing", true);
  line("stays");
  assert.equal(written, "stays\n");
});

Deno.test("clip() cuts by characters and takes the first line", () => {
  assert.equal(clip("one\ntwo", 10), "one");
  assert.equal(clip("🙂🙂🙂🙂", 3), "🙂🙂…");
});

Deno.test("liveText() is the last line that was printed, or the text of a display with an id", () => {
  const data = { "text/plain": "[##--] \x1b[33m45 %\x1b[39m" };
  const display = (transient: object) => ({
    type: "update_display_data",
    content: { data, transient },
  });
  assert.equal(liveText({ type: "stream", content: { text: "a\nb\n" } }), "b");
  assert.equal(liveText(display({ display_id: "bar" })), "45 %");
  assert.equal(liveText(display({})), undefined);
  assert.equal(liveText({ type: "status", content: {} }), undefined);
});
